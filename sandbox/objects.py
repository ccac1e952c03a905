"""The objects of a tenant by kind: one by its id, the newest, or one that is made because there is none."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager

from accounts.exports.service import get_export
from domain.bookings.service import get_hold
from domain.bookings.service import get_reservation
from domain.campaigns.promo_codes import get_promo_code
from domain.campaigns.service import get_campaign
from domain.guests.merging import get_merge
from domain.guests.segments import get_segment
from domain.guests.service import get_guest
from domain.integrations.service import get_integration
from domain.integrations.syncing import get_run
from domain.locations.service import get_location
from domain.locations.service import read_table
from domain.loyalty.service import get_member
from domain.loyalty.service import get_program
from domain.loyalty.service import get_reward
from domain.menus.service import get_item
from domain.menus.service import get_menu
from domain.menus.service import read_modifier
from domain.notifications.service import get_notice
from domain.orders.service import get_order
from domain.payments.service import get_payment
from domain.reviews.service import get_review
from kit.documents import Document
from kit.scope import Scope
from kit.unit import current
from sandbox import queries
from sandbox.making import MAKERS

APPLICATIONS = ("export",)  # kinds that belong to one application
# The table, and how one is read.
_KINDS: dict[str, tuple[str, Callable[[Scope, str], Document]]] = {
    "location": ("locations", lambda s, id_: get_location(s, location_id=id_)),
    "item": ("menu_items", lambda s, id_: get_item(s, item_id=id_)),
    "menu": ("menus", lambda s, id_: get_menu(s, menu_id=id_)),
    "modifier": ("modifiers", lambda s, id_: read_modifier(s, modifier_id=id_)),
    "table": ("dining_tables", lambda s, id_: read_table(s, table_id=id_)),
    "customer": ("guests", lambda s, id_: get_guest(s, guest_id=id_)),
    "order": ("orders", lambda s, id_: get_order(s, order_id=id_)),
    "payment": ("payments", lambda s, id_: get_payment(s, payment_id=id_)),
    "reservation": ("reservations", lambda s, id_: get_reservation(s, reservation_id=id_)),
    "hold": ("holds", lambda s, id_: get_hold(s, hold_id=id_)),
    "review": ("reviews", lambda s, id_: get_review(s, review_id=id_)),
    "campaign": ("campaigns", lambda s, id_: get_campaign(s, campaign_id=id_)),
    "promo_code": ("promo_codes", lambda s, code: get_promo_code(s, code=code)),
    "segment": ("segments", lambda s, id_: get_segment(s, segment_id=id_)),
    "loyalty_program": ("loyalty_programs", lambda s, id_: get_program(s, program_id=id_)),
    "loyalty_reward": ("loyalty_rewards", lambda s, id_: get_reward(s, reward_id=id_)),
    "membership": ("memberships", lambda s, id_: get_member(s, member_id=id_)),
    "integration": ("integrations", lambda s, id_: get_integration(s, integration_id=id_)),
    "sync_run": ("integration_runs", lambda s, id_: get_run(s, run_id=id_)),
    "notification": ("staff_notifications", lambda s, id_: get_notice(s, notice_id=id_)),
    "customer_merge": ("guest_merges", lambda s, id_: get_merge(s, merge_id=id_)),
    "export": ("export_jobs", lambda s, id_: get_export(s, export_id=id_)),
}


def own_object(scope: Scope, *, kind: str, object_id: str | None = None) -> Document:
    """One object of the tenant: the named one, else the newest, else one that is made. Records no events.

    Raises NotFound for an id that is not the tenant's, and what a service says when none can be made.
    """
    table, read = _KINDS[kind]
    if object_id is not None:
        return read(scope, object_id)
    newest = queries.newest.row(scope, table, kind in APPLICATIONS, application_id=scope.application_id or "")
    if newest is not None:
        return read(scope, newest[0])
    with _without_events(scope):
        return MAKERS[kind](scope, lambda needed: own_object(scope, kind=needed))


def newest_id(scope: Scope, *, kind: str) -> str | None:
    """The id of the newest object of a kind, or None."""
    row = queries.newest.row(scope, _KINDS[kind][0], False)
    return None if row is None else str(row[0])


@contextmanager
def _without_events(scope: Scope) -> Iterator[None]:
    """Take back what is recorded inside: what was made is not what happened."""
    memo = current(scope).memo
    recorded = len(memo.get("events", ()))
    yield
    del memo.get("events", [])[recorded:]
