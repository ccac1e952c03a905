"""Webhook endpoints: where an application wants its events in one environment.

An endpoint lives on the control plane; accounts.webhooks.sync carries each change to the planes after the commit. The
signing secret is shown when it is made or rotated and is otherwise kept sealed, and so are the values of headers; a
private key is never shown.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from accounts.applications.service import Side
from accounts.applications.service import ensure_on
from accounts.applications.service import lock_application
from accounts.applications.service import plan_now
from accounts.audit import service as audit
from accounts.plans.catalog import API_VERSION
from accounts.plans.catalog import tier_of
from accounts.plans.limits import ensure_room
from accounts.webhooks.models import LISTENER
from accounts.webhooks.models import UNCOUNTED
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.options import DEFAULTS
from accounts.webhooks.options import Options
from accounts.webhooks.options import checked_description
from accounts.webhooks.options import checked_options
from accounts.webhooks.options import checked_signature
from accounts.webhooks.options import checked_types
from accounts.webhooks.sync import BEYOND_PLAN
from accounts.webhooks.sync import BY_OWNER
from accounts.webhooks.sync import QUIETLY
from accounts.webhooks.sync import sync_endpoint
from accounts.webhooks.urls import checked_url
from accounts.webhooks.warnings import forget_warning
from accounts.webhooks.warnings import tell_of_disabling
from kit.clock import now
from kit.crypto import signing_key
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

OVERLAP = timedelta(hours=24)  # both secrets sign after a rotation


@dataclass(frozen=True, slots=True)
class IssuedEndpoint:
    """A new endpoint and its signing secret, which is shown now and never again; none where a public key does instead."""

    endpoint: WebhookEndpoint
    secret: str | None


def create_endpoint(
    side: Side, *, url: str, event_types: Iterable[str], description: str = "", exclude_own: bool = False,
    api_version: str = API_VERSION, signature: str = "v1", options: Options | None = None,
) -> IssuedEndpoint:  # fmt: skip
    """Add an endpoint. event_types: types and families from the catalogue, or ["*"] for all the plan and the scopes allow.

    exclude_own: leave out events this application caused itself. api_version: the dated version its bodies are printed in,
    one its caller knows to exist. signature: v1 or v1a. Raises Invalid (422) for a bad URL, type or option, PlanRequired
    (403) for a type or an endpoint beyond the plan, Forbidden (403) for a type whose scope the creator lacks or a reading role.
    """
    ensure_on(side, "webhooks.write")
    tier, at = tier_of(side.plan_tier), now()
    asked = checked_options({**DEFAULTS, **(options or {})})
    endpoint = WebhookEndpoint(
        id=new_id("we"), application_id=side.application_id, environment=side.environment,
        url=checked_url(url, environment=side.environment), description=checked_description(description),
        event_types=checked_types(tier, side.scopes, event_types), api_version=api_version, exclude_own=exclude_own,
        scopes=sorted(side.scopes), state="enabled", made_by=side.made_by, needs_sync=True, version=1, created_at=at,
        updated_at=at, header_names=[],
    )  # fmt: skip
    keys, secret = _new_keys(endpoint, checked_signature(signature))
    for name, value in {**keys, **_columns(endpoint, asked)}.items():
        setattr(endpoint, name, value)
    lock_application(side.application_id)
    if side.made_by not in UNCOUNTED:
        ensure_room(tier_of(plan_now(side)), "max_endpoints", used=count_endpoints(side), noun="webhook endpoints")
    control().session.add(endpoint)
    _note(side, "endpoint.created", endpoint, {"url": endpoint.url, "event_types": endpoint.event_types})
    _sync_after_commit(endpoint)
    return IssuedEndpoint(endpoint, secret)


def list_endpoints(side: Side) -> list[WebhookEndpoint]:
    """The endpoints of this environment, oldest first."""
    query = _endpoints_of(side).order_by(WebhookEndpoint.created_at, WebhookEndpoint.id)
    return list(control().session.scalars(query))


def get_endpoint(side: Side, *, endpoint_id: str) -> WebhookEndpoint:
    """One endpoint of this environment. Raises NotFound, also for another application's or a deleted one."""
    endpoint: WebhookEndpoint | None = control().session.scalar(
        _endpoints_of(side).where(WebhookEndpoint.id == endpoint_id)
    )
    if endpoint is None:
        raise NotFound
    return endpoint


def count_endpoints(side: Side, *, state: str | None = None) -> int:
    """How many endpoints of the side count against its plan; those in one state, when it is given."""
    query = select(func.count()).where(
        WebhookEndpoint.application_id == side.application_id, WebhookEndpoint.environment == side.environment,
        WebhookEndpoint.deleted_at.is_(None), WebhookEndpoint.made_by.not_in(UNCOUNTED),
        *((WebhookEndpoint.state == state,) if state else ()),
    )  # fmt: skip
    return int(control().session.scalar(query))


def update_endpoint(
    side: Side, *, endpoint_id: str, url: str | None = None, event_types: Iterable[str] | None = None,
    description: str | None = None, exclude_own: bool | None = None, state: str | None = None, api_version: str | None = None,
    options: Options | None = None,
) -> WebhookEndpoint:  # fmt: skip
    """Change what is given; None leaves a field. state: enabled or disabled. Raises like create_endpoint, and NotFound."""
    ensure_on(side, "webhooks.write")
    endpoint = _locked(side, endpoint_id)
    changes = _columns(endpoint, checked_options(options or {}))
    if url is not None:
        changes["url"] = _new_url(side, endpoint, url)
    if side.made_by == LISTENER:
        changes["scopes"] = sorted(side.scopes)  # of the credential that listens now
    if event_types is not None:
        changes["event_types"] = checked_types(tier_of(side.plan_tier), side.scopes, event_types)
    if description is not None:
        changes["description"] = checked_description(description)
    if exclude_own is not None:
        changes["exclude_own"] = exclude_own
    if api_version is not None:
        changes["api_version"] = api_version
    if state is not None:
        changes |= _state(side, state, endpoint)
    changes = {name: value for name, value in changes.items() if getattr(endpoint, name) != value}
    if changes:
        apply_changes(endpoint, **changes)
        _note(side, "endpoint.updated", endpoint, _told(endpoint, changes))
        if changes.get("state") == "enabled":
            forget_warning(endpoint)  # the planes begin anew as well
    return endpoint


def enable_endpoint(side: Side, *, endpoint_id: str) -> WebhookEndpoint:
    """Let a disabled endpoint receive again; deliveries held for it go out. Repeating it changes nothing."""
    return update_endpoint(side, endpoint_id=endpoint_id, state="enabled")


def delete_endpoint(side: Side, *, endpoint_id: str) -> None:
    """Remove an endpoint; what was still waiting for it is given up. Raises NotFound, Forbidden."""
    ensure_on(side, "webhooks.write")
    endpoint = _locked(side, endpoint_id)
    apply_changes(endpoint, deleted_at=now(), state="disabled", header_names=[], sealed_headers=None)
    _note(side, "endpoint.deleted", endpoint, {"url": endpoint.url})


def rotate_secret(side: Side, *, endpoint_id: str) -> str | None:
    """Give an endpoint a new key and return its new signing secret, if its scheme has one; else read its public key.

    The old key signs too for 24 hours. Raises NotFound, Forbidden.
    """
    ensure_on(side, "webhooks.write")
    endpoint = _locked(side, endpoint_id)
    return _rotate(side, endpoint, endpoint.signature)


def change_signature(side: Side, *, endpoint_id: str, signature: str) -> str | None:
    """Sign in another scheme, with a new key: v1 or v1a. The same scheme again changes nothing and returns None.

    Otherwise like rotate_secret. Raises Invalid (422) for an unknown scheme and for a listener, whose client knows v1 only.
    """
    ensure_on(side, "webhooks.write")
    endpoint = _locked(side, endpoint_id)
    if checked_signature(signature) == endpoint.signature:
        return None
    if endpoint.made_by == LISTENER:
        message = "a listener of the command-line client signs with v1"
        raise Invalid(f"This endpoint is {message}.", errors=[FieldError("signature", "invalid_value", message)])
    return _rotate(side, endpoint, signature)


def secret_of(endpoint: WebhookEndpoint) -> str:
    """The signing secret of a listener's endpoint, whose client verifies with it. No other secret is shown twice."""
    if endpoint.made_by != LISTENER:
        raise NotFound
    return vault.box.open(endpoint.sealed_secret, *_place(endpoint, "secret"))


def disable_endpoint(*, endpoint_id: str, reason: str) -> None:
    """Stop an endpoint that stopped working (the platform's own step). Repeating it, or an unknown id, changes nothing.

    reason: for people and event webhook.endpoint.disabled, e.g. gone_410 or no_success_for_5_days.
    """
    session = control().session
    application_id = session.scalar(select(WebhookEndpoint.application_id).where(WebhookEndpoint.id == endpoint_id))
    if application_id is None:
        return
    application = lock_application(application_id)  # the same order of locks as every other change
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    endpoint: WebhookEndpoint = session.scalar(query.execution_options(populate_existing=True))
    if endpoint.deleted_at is not None or endpoint.state == "disabled":
        return
    apply_changes(endpoint, state="disabled", disabled_reason=reason)
    audit.record(
        organisation_id=application.organisation_id, person_id=None, action="endpoint.disabled", target=endpoint.id,
        details={"reason": reason},
    )  # fmt: skip
    if reason not in QUIETLY:
        tell_of_disabling(endpoint, application)
    forget_warning(endpoint)


def apply_changes(endpoint: WebhookEndpoint, **changes: Any) -> None:
    """Set columns, move the version, and have the planes follow after the commit."""
    for name, value in changes.items():
        setattr(endpoint, name, value)
    endpoint.version += 1
    endpoint.updated_at = now()
    endpoint.needs_sync = True
    _sync_after_commit(endpoint)


def _sync_after_commit(endpoint: WebhookEndpoint) -> None:
    control().after_commit.append(partial(sync_endpoint, endpoint.id))


def _endpoints_of(side: Side) -> Any:
    return select(WebhookEndpoint).where(
        WebhookEndpoint.application_id == side.application_id, WebhookEndpoint.environment == side.environment,
        WebhookEndpoint.deleted_at.is_(None),
    )  # fmt: skip


def _locked(side: Side, endpoint_id: str) -> WebhookEndpoint:
    lock_application(side.application_id)
    query = _endpoints_of(side).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    endpoint: WebhookEndpoint | None = control().session.scalar(query.execution_options(populate_existing=True))
    if endpoint is None:
        raise NotFound
    return endpoint


def _new_url(side: Side, endpoint: WebhookEndpoint, url: str) -> str:
    """The address an endpoint moves to. A listener stays where it is: it is no endpoint a plan counts."""
    if endpoint.made_by == LISTENER and url.strip() != endpoint.url:
        message = "cannot be changed: this endpoint is a listener of the command-line client"
        raise Invalid(f"The webhook URL {message}.", errors=[FieldError("url", "invalid_value", message)])
    return checked_url(url, environment=side.environment)


def _state(side: Side, state: str, endpoint: WebhookEndpoint) -> dict[str, Any]:
    if state not in ("enabled", "disabled"):
        message = "enabled or disabled"
        raise Invalid(f"The state is {message}.", errors=[FieldError("state", "invalid_value", message)])
    if state == endpoint.state:
        return {}
    if state == "enabled" and endpoint.disabled_reason == BEYOND_PLAN:
        used = count_endpoints(side, state="enabled")
        ensure_room(tier_of(plan_now(side)), "max_endpoints", used=used, noun="webhook endpoints that receive")
    return {"state": state, "disabled_reason": None if state == "enabled" else BY_OWNER}


def _rotate(side: Side, endpoint: WebhookEndpoint, signature: str) -> str | None:
    keys, secret = _new_keys(endpoint, signature)
    previous = {"sealed_previous_secret": endpoint.sealed_secret, "previous_secret_expires_at": now() + OVERLAP}
    apply_changes(endpoint, **previous, **keys)
    _note(side, "endpoint.secret_rotated", endpoint, {"signature": signature})
    return secret


def _new_keys(endpoint: WebhookEndpoint, signature: str) -> tuple[dict[str, Any], str | None]:
    """Columns with a new key for one scheme, and what of it is shown once: a secret that both sides hold, or nothing."""
    private, public = (signing_secret(), None) if signature == "v1" else signing_key()
    sealed = vault.box.seal(private, *_place(endpoint, "secret"))
    columns = {"signature": signature, "sealed_secret": sealed, "public_key": public}
    return columns, private if public is None else None


def _columns(endpoint: WebhookEndpoint, asked: dict[str, Any]) -> dict[str, Any]:
    """Checked options as columns. Headers that are the same already are left as they are sealed."""
    columns = {name: value for name, value in asked.items() if name != "headers"}
    if "headers" in asked and asked["headers"] != _headers_of(endpoint):
        text = json.dumps(asked["headers"], separators=(",", ":"))
        columns["header_names"] = sorted(asked["headers"])
        columns["sealed_headers"] = vault.box.seal(text, *_place(endpoint, "headers")) if asked["headers"] else None
    return columns


def _headers_of(endpoint: WebhookEndpoint) -> dict[str, str]:
    if endpoint.sealed_headers is None:
        return {}
    headers: dict[str, str] = json.loads(vault.box.open(endpoint.sealed_headers, *_place(endpoint, "headers")))
    return headers


def _place(endpoint: WebhookEndpoint, column: str) -> tuple[str, ...]:
    return ("control", endpoint.application_id, "webhook_endpoints", endpoint.id, column)


def _told(endpoint: WebhookEndpoint, changes: dict[str, Any]) -> dict[str, Any]:
    """What the audit trail tells of changed columns: of headers the names, of filters not what they compare with."""
    told = {name: value for name, value in changes.items() if not name.startswith("sealed_")}
    if "sealed_headers" in changes:
        told["header_names"] = endpoint.header_names
    if "filters" in told:
        told["filters"] = [f"{one['field']} {one['operator']}" for one in told["filters"]]
    return told


def _note(side: Side, action: str, endpoint: WebhookEndpoint, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=side.organisation_id, person_id=side.person_id, action=action, target=endpoint.id,
        details={"environment": side.environment, "actor": side.actor.id, **details},
    )  # fmt: skip
