"""Registered statements of erasing: what is overwritten about a guest, and which events tell about the guest.

A column that may hold words about a guest stands here; a test fills every text column and looks for what is left.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import not_
from sqlalchemy import null
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from domain.bookings.models import Reservation
from domain.bookings.models import WaitlistEntry
from domain.campaigns.models import PromoUse
from domain.campaigns.models import SmsAlert
from domain.carts.models import Cart
from domain.carts.models import CartLine
from domain.guestbook.sql import without_value
from domain.guests.models import Guest
from domain.integrations.models import Mapping
from domain.loyalty.models import LoyaltyMembership
from domain.loyalty.models import MembershipCustomer
from domain.loyalty.models import PointsTransaction
from domain.loyalty.models import Reward
from domain.loyalty.models import RewardRedemption
from domain.orders.models import Order
from domain.orders.models import OrderLine
from domain.payments.models import Payment
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import JsonColumn
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.json_sql import one_of
from kit.outbox import EventRow

ERASED = "•••"
FOLIO = "folio"  # a guest's account in the books of a hotel
guests = Guest.__table__
orders, order_lines, payments = Order.__table__, OrderLine.__table__, Payment.__table__
reservations, waitlist, reviews = Reservation.__table__, WaitlistEntry.__table__, Review.__table__
carts, cart_lines, alerts = Cart.__table__, CartLine.__table__, SmsAlert.__table__
cards, holders, ledger = LoyaltyMembership.__table__, MembershipCustomer.__table__, PointsTransaction.__table__
rewards, redemptions, promo_uses = Reward.__table__, RewardRedemption.__table__, PromoUse.__table__
mappings = Mapping.__table__
events = EventRow.__table__


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _named(table: Any) -> Any:
    return one_of(table.c.customer_id, _text("customer_ids"))


def _ids(table: Any, *conditions: Any) -> Any:
    """Ids of a table's rows that belong to those who are erased."""
    return select(table.c.id).where(table.c.tenant_id == TENANT, *(conditions or (_named(table),)))


def _of_theirs(table: Any) -> Any:
    return or_(table.c.order_id.in_(_ids(orders)), table.c.reservation_id.in_(_ids(reservations)))


def _held_cards() -> Any:
    """Cards an erased guest holds or held; one that others hold too is told about like the rest."""
    return select(holders.c.membership_id).where(holders.c.tenant_id == TENANT, _named(holders))


def _empty() -> Any:
    return bindparam("empty_object", type_=JsonColumn)


def _hidden(column: Any) -> Any:
    """A text that an answer promises when there is one."""
    return case((column.is_not(None), ERASED), else_=null())


_THEIR_CARTS = or_(_named(carts), carts.c.order_id.in_(_ids(orders)))
# noun: (table, whose rows, what they hold from then on)
OVERWRITTEN: dict[str, tuple[Table, Any, dict[Any, Any]]] = {
    "orders": (orders, _named(orders), {
        **dict.fromkeys(("notes", "allergy_notes", "reason_detail"), null()),
        "metadata": _empty(),
        "fulfillment": without_value(orders.c.fulfillment, "address"),
        "cancellation_request": without_value(orders.c.cancellation_request, "reason_detail"),
    }),
    "order_lines": (
        order_lines, order_lines.c.order_id.in_(_ids(orders)), dict.fromkeys(("guest_name", "notes", "reason"), null()),
    ),
    "payments": (payments, _of_theirs(payments), {"payer_label": null()}),
    "reservations": (reservations, _named(reservations), {
        **dict.fromkeys(("contact_name", "contact_phone", "contact_email", "special_request", "memo"), null()),
        "cancel": without_value(reservations.c.cancel, "reason"),
    }),
    "waitlist_entries": (
        waitlist, or_(_named(waitlist), waitlist.c.reservation_id.in_(_ids(reservations))),
        dict.fromkeys(("contact_name", "contact_phone", "contact_email", "notes"), null()),
    ),
    "reviews": (reviews, _named(reviews), {
        "author_name": null(), "comment": null(), "response_text": _hidden(reviews.c.response_text),
    }),
    "cart_lines": (
        cart_lines, cart_lines.c.cart_id.in_(_ids(carts, _THEIR_CARTS)), dict.fromkeys(("guest_name", "notes"), null()),
    ),
    "carts": (carts, _THEIR_CARTS, {
        **dict.fromkeys(("customer", "notes", "allergy_notes"), null()),
        "metadata": _empty(), "fulfillment": without_value(carts.c.fulfillment, "address"),
    }),
    "sms_alerts": (alerts, _named(alerts), {"text": ERASED}),
    "points_transactions": (ledger, ledger.c.membership_id.in_(_held_cards()), {"note": null()}),
}  # fmt: skip


def _overwrite(noun: str) -> Any:
    table, whose, values = OVERWRITTEN[noun]
    changed = {"version": table.c.version + 1, "updated_at": _big("changed_at")} if "version" in table.c else {}
    return update(table).where(table.c.tenant_id == TENANT, whose).values({**values, **changed})


def _lone_cards() -> Any:
    """Cards of those who are erased that nobody holds who is left."""
    left = select(guests.c.id).where(guests.c.tenant_id == TENANT, guests.c.deleted_at.is_(None))
    others = (
        select(holders.c.id)
        .where(holders.c.tenant_id == TENANT, holders.c.membership_id == cards.c.id, holders.c.customer_id.in_(left))
        .correlate(cards)
    )
    held = (cards.c.id.in_(_held_cards()), cards.c.deleted_at.is_(None), not_(exists(others)))
    return select(cards.c.id).where(cards.c.tenant_id == TENANT, *held).order_by(cards.c.id)


def _touched() -> Any:
    """Ids of everything that is or was theirs."""
    on_cards = [_ids(table, table.c.membership_id.in_(_held_cards())) for table in (ledger, redemptions)]
    used = or_(_named(promo_uses), promo_uses.c.order_id.in_(_ids(orders)))
    return union_all(
        *(_ids(table) for table in (orders, reservations, waitlist, reviews)), _ids(payments, _of_theirs(payments)),
        _ids(carts, _THEIR_CARTS), _held_cards(), *on_cards, _ids(promo_uses, used),
    )  # fmt: skip


def _offered() -> Any:
    """Ids of the rewards of their programs: that somebody can pay one is told as something about the reward."""
    programs = select(cards.c.program_id).where(cards.c.tenant_id == TENANT, cards.c.id.in_(_held_cards()))
    return _ids(rewards, rewards.c.program_id.in_(programs))


def _told() -> Any:
    """Events about certain objects, in the order of their ids."""
    about = (events.c.tenant_id == TENANT, one_of(events.c.object_id, _text("object_ids")))
    row = as_document(fields_of(events.c.id, events.c.type, events.c.object_id, events.c.body))
    return select(row).where(*about, events.c.id > _text("after_id")).order_by(events.c.id).limit(_big("rows"))


touched = registered_read("guestbook.touched", _touched)
offered = registered_read("guestbook.offered", _offered)
lone_cards = registered_read("guestbook.lone_cards", _lone_cards)
told = registered_read("guestbook.told", _told)
forget_folios = registered_write(
    "guestbook.forget_folios",
    lambda: delete(mappings).where(
        mappings.c.tenant_id == TENANT, mappings.c.kind == FOLIO, one_of(mappings.c.object_id, _text("customer_ids"))
    ),
)
overwrite = registered_write("guestbook.overwrite", _overwrite, example=("orders",))
retell = registered_write(
    "guestbook.retell",
    lambda: (
        update(events)
        .where(events.c.tenant_id == TENANT, events.c.id == _text("event_id"))
        .values(body=bindparam("body", type_=JsonColumn))
    ),
)
