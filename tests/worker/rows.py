"""Subscriptions and events for delivery tests. Each opens its own unit of work."""

from collections.abc import Callable
from typing import Any

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import Subscription
from kit.clock import from_us
from kit.clock import now_us
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.documents import append
from kit.ids import new_id
from kit.outbox import Event
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work

NewScope = Callable[..., Scope]  # what the fixture new_scope is


class TagAdded(Event):
    """A public event whose object has no schema of its own."""

    type = "customer.tag.added"


class OrderRejected(Event):
    """A public event of another scope."""

    type = "order.rejected"


def create_subscription(scope: Scope, url: str, **values: Any) -> tuple[str, str]:
    """An enabled endpoint for every customer event, one minute old. Returns (endpoint id, secret)."""
    endpoint_id = values.pop("id", None) or new_id("we")
    secret = signing_secret()
    row = {
        "id": endpoint_id, "application_id": new_id("app"), "url": url, "event_types": ["*"], "api_version": "2026-11-01",
        "scopes": ["customers:read"], "retry_schedule": [5, 30, 180], "sealed_secret": seal(scope, endpoint_id, secret),
        "created_at": from_us(now_us() - 60_000_000),
    }  # fmt: skip
    with unit_of_work(scope):
        append(scope, Subscription, [row | values])
    return endpoint_id, secret


def seal(scope: Scope, endpoint_id: str, secret: str) -> str:
    return vault.box.seal(secret, scope.environment, scope.tenant_id, "subscriptions", endpoint_id, "secret")


def create_events(scope: Scope, count: int = 1, **values: Any) -> list[str]:
    """Committed customer.tag.added events. Returns their ids in order."""
    with unit_of_work(scope):
        return [record(scope, TagAdded(object={"id": new_id("cus"), "tag": "vip"}, **values)).id for _ in range(count)]


def deliveries(scope: Scope) -> list[Delivery]:
    """The tenant's deliveries, oldest first."""
    with unit_of_work(scope, writes=False):
        return list(session(scope).scalars(Delivery.owned_by(scope).order_by(Delivery.id)))


def attempts(scope: Scope) -> list[DeliveryAttempt]:
    """The tenant's attempts, oldest first."""
    with unit_of_work(scope, writes=False):
        return list(session(scope).scalars(DeliveryAttempt.owned_by(scope).order_by(DeliveryAttempt.id)))


def change_delivery(scope: Scope, **values: Any) -> None:
    """Set columns on all of the tenant's deliveries, as if time had passed."""
    with unit_of_work(scope):
        for row in session(scope).scalars(Delivery.owned_by(scope)):
            for name, value in values.items():
                setattr(row, name, value)
