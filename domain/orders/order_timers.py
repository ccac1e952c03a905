"""Which timers an order has: one that hands a scheduled order to the kitchen, one that ends a channel's waiting.

A timer that lost its purpose is left alone: its handler finds nothing to do. Dropping it here could wait for a handler that
waits for the order.
"""

from domain.locations.service import get_location
from domain.orders.machine import is_channel_order
from domain.timers.service import set_timer
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

START, ACCEPTANCE = "order.start", "order.acceptance"
ACCEPTANCE_US = 690 * 1_000_000
MINUTE_US = 60_000_000


def set_order_timers(scope: Scope, *, order: Document) -> None:
    """Set the timer the order's status calls for, if any. For orders that are new or were written without a service.

    scheduled: at the wanted instant less the location's preparation time. pending, sold by a channel: 690 s from now.
    """
    if order["status"] == "scheduled":
        prep_us = get_location(scope, location_id=order["location_id"])["prep_minutes"] * MINUTE_US
        wanted_us = order["fulfillment"]["requested_at"] or order["created_at"]
        set_timer(scope, kind=START, object_id=order["id"], due_at_us=wanted_us - prep_us)
    elif order["status"] == "pending" and is_channel_order(order):
        set_timer(scope, kind=ACCEPTANCE, object_id=order["id"], due_at_us=tenant_now_us(scope) + ACCEPTANCE_US)
