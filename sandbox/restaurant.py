"""Who the other actors of a sandbox are. They act through the services everybody uses, and never as the partner itself."""

from dataclasses import replace
from typing import Any

from domain.orders.delivering import STATUSES as COURIER_STATUSES
from domain.orders.service import update_delivery
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Actor
from kit.scope import Scope

KITCHEN = Actor("staff", "simulated_kitchen")
COURIER = Actor("system", "simulated_courier")
GUEST = Actor("guest", "simulated_guest")
RIDER = {"name": "Rui Almeida", "phone": "+15005550006", "vehicle": "bicycle", "lat": None, "lng": None}
ALONE = ("requested", "cancelled")  # nobody is on the way yet, or any more


def acting(scope: Scope, actor: Actor) -> Scope:
    """The same tenant with another actor: its events name that actor, and are no partner's own."""
    return replace(scope, actor=actor, application_id=None)


def move_courier(scope: Scope, *, order_id: str, status: str) -> Document:
    """Let the courier of an order reach a delivery status; an earlier one than known changes nothing.

    Raises NotFound, also for a status that does not exist, Invalid (422) for an order that is not delivered,
    InvalidTransition (409).
    """
    if status not in COURIER_STATUSES:
        raise NotFound(f"There is no delivery status {status}; there are {', '.join(COURIER_STATUSES)}.")
    rider: dict[str, Any] = {} if status in ALONE else {"courier": RIDER}
    return update_delivery(acting(scope, COURIER), order_id=order_id, status=status, **rider).document
