"""Listeners: webhook endpoints whose deliveries a client on a developer's machine fetches. Sandbox only.

A listener is an endpoint like any other, at an address that is never resolved, so deliveries, attempts, retries, replays
and the portal treat it like one. It belongs to one machine of one application, keeps its signing secret, counts against no
plan and survives a reset. What waits for its client is kept by sandbox.listeners.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.applications.service import Side
from accounts.applications.service import lock_application
from accounts.webhooks.models import LISTENER
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import delete_endpoint
from accounts.webhooks.service import get_endpoint
from accounts.webhooks.service import list_endpoints
from accounts.webhooks.service import secret_of
from accounts.webhooks.service import update_endpoint
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment

HOST = "https://listen.sandbox.invalid/"
MOST = 20  # of one application; every one of them gets every event while it listens
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class OpenedListener:
    """A listener that receives from now on. The secret stays the same for as long as the listener exists."""

    endpoint: WebhookEndpoint
    secret: str
    is_new: bool


def address_of(application_id: str, machine: str) -> str:
    """The address of one machine's listener: always the same, and nobody else's."""
    return HOST + hashlib.sha256(f"listener:{application_id}:{machine}".encode()).hexdigest()[:32]


def is_listener(url: str) -> bool:
    """Tell whether webhooks to a URL wait for a client to fetch them."""
    return url.startswith(HOST) and len(url) > len(HOST)


def checked_machine(name: str) -> str:
    """A machine's name, trimmed. Raises Invalid (422)."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        message = f"1 to {LONGEST_NAME} printable characters"
        raise Invalid(f"The machine's name must have {message}.", errors=[FieldError("machine", "invalid_value", message)])
    return name


def open_listener(side: Side, *, machine: str, event_types: Iterable[str], api_version: str) -> OpenedListener:
    """Let one machine's listener receive from now on; it is made when there is none, and keeps its secret otherwise.

    It sees what the credential that opened it last may see. Deliveries held for it go out. Raises NotFound outside the
    sandbox, Invalid (422) for a bad name or type or a listener too many, PlanRequired and Forbidden like create_endpoint.
    """
    if side.environment != Environment.SANDBOX or side.made_by != LISTENER:
        raise NotFound
    machine = checked_machine(machine)
    url = address_of(side.application_id, machine)
    lock_application(side.application_id)
    own = [endpoint for endpoint in list_endpoints(side) if endpoint.made_by == LISTENER]
    known = next((endpoint for endpoint in own if endpoint.url == url), None)
    if known is not None:
        endpoint = update_endpoint(
            side, endpoint_id=known.id, event_types=event_types, state="enabled", api_version=api_version
        )
        return OpenedListener(endpoint, secret_of(endpoint), is_new=False)
    if len(own) >= MOST:
        raise Invalid(f"{MOST} machines have a listener of this application; remove one first.")
    made = create_endpoint(
        side, url=url, event_types=event_types, description=f"tableport listen on {machine}", api_version=api_version
    )
    return OpenedListener(made.endpoint, secret_of(made.endpoint), is_new=True)


def remove_listener(side: Side, *, endpoint_id: str) -> None:
    """Remove a listener; what was still waiting for it is given up. Raises NotFound, also for any other endpoint."""
    if get_endpoint(side, endpoint_id=endpoint_id).made_by != LISTENER:
        raise NotFound
    delete_endpoint(side, endpoint_id=endpoint_id)
