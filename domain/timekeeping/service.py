"""Doing what has become due: on the jump of a sandbox clock, in order and each at its own instant; else by a worker.

A handler is `(scope, object_id) -> None`. It runs in the transaction that deletes its timer, so it is done exactly once,
and it looks first whether there is still anything to do: what a timer waits for may have happened otherwise.
"""

from collections.abc import Callable
from dataclasses import replace

from domain.bookings import service as bookings
from domain.campaigns.alerts import send_alert_step
from domain.campaigns.sending import send_step
from domain.campaigns.sending import start_scheduled
from domain.carts.service import expire_cart
from domain.guestbook.moving import move_merged
from domain.guestbook.segmenting import evaluate_guest
from domain.guestbook.segmenting import refresh_segment
from domain.integrations.syncing import run_sync
from domain.locations import service as locations
from domain.loyalty import service as loyalty
from domain.menus import service as menus
from domain.orders import service as orders
from domain.payments import service as payments
from domain.timers.service import Due
from domain.timers.service import drop_timer
from domain.timers.service import next_due
from kit.scope import SYSTEM
from kit.scope import Scope
from kit.unit import standing_at
from kit.unit import tenant_now_us

Handler = Callable[[Scope, str], None]
HANDLERS: dict[str, Handler] = {
    "customer.merge": move_merged,
    "segment.daily": refresh_segment,
    "segment.evaluate": evaluate_guest,
    "segment.refresh": refresh_segment,
    "alert.send": send_alert_step,
    "campaign.send": send_step,
    "campaign.start": start_scheduled,
    "cart.expire": expire_cart,
    "hold.expire": bookings.expire_hold,
    "integration.sync": run_sync,
    "item.return": menus.return_item,
    "loyalty.expire": loyalty.expire_membership,
    "menu.document": menus.step_upload,
    "modifier.return": menus.return_modifier,
    "order.start": orders.start_scheduled,
    "order.acceptance": orders.expire_acceptance,
    "payment.confirm": payments.confirm_pending,
    "reservation.deposit": bookings.settle_deposit,
    "reservation.no_show": bookings.call_no_show,
    "store.resume": locations.resume_store,
    "table.unlock": locations.release_lock,
}
MOST_AT_ONCE = 2_000


def fire_passed(scope: Scope) -> list[str]:
    """Do, in order, what the tenant's clock has passed, each at its own instant; return the objects' ids.

    For the jump of a sandbox clock. What is left after 2,000 of them is done by a worker.
    """
    until_us = tenant_now_us(scope)
    done: list[str] = []
    while len(done) < MOST_AT_ONCE:
        due = next_due(scope, until_us=until_us, on_tenants_clock=True)
        if due is None or due.due_at is None:
            break
        with standing_at(scope, due.due_at):
            fire(scope, due)
        done.append(due.object_id)
    return done


def fire(scope: Scope, due: Due) -> None:
    """Do one timer or task that this transaction has locked. The clock did it, whoever moved the clock."""
    # Dropped first: a handler may set its own timer again.
    drop_timer(scope, kind=due.kind, object_id=due.object_id)
    HANDLERS[due.kind](replace(scope, actor=SYSTEM), due.object_id)
