"""Registered writes that change whose rows are: one statement per table that names a guest, and what erasing overwrites.

Whoever adds a table with a foreign key to guests adds it to MOVED, or says in LEFT why it stays; a test walks the keys.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import not_
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import update

from domain.bookings.models import Reservation
from domain.bookings.models import WaitlistEntry
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoUse
from domain.campaigns.models import SmsAlert
from domain.carts.models import Cart
from domain.guestbook.sql import without_address
from domain.loyalty.models import MembershipCustomer
from domain.menus.sql import one_of
from domain.notifications.models import OutgoingMessage
from domain.orders.models import Order
from domain.orders.models import OrderLine
from domain.payments.models import Payment
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import JsonColumn
from kit.documents import registered_write
from kit.outbox import EventRow

orders, order_lines, payments = Order.__table__, OrderLine.__table__, Payment.__table__
events = EventRow.__table__
recipients = CampaignRecipient.__table__
# noun of moved_counts: table
MOVED: dict[str, Table] = {
    "orders": orders,
    "reservations": Reservation.__table__,
    "memberships": MembershipCustomer.__table__,
    "reviews": Review.__table__,
    "waitlist_entries": WaitlistEntry.__table__,
    "carts": Cart.__table__,
    "promo_uses": PromoUse.__table__,
    "sms_alerts": SmsAlert.__table__,
    "messages": OutgoingMessage.__table__,
    "campaign_recipients": recipients,
}
# A guest has one row per campaign: where the other has it already, the row stays with the victim.
ONCE_PER = {"campaign_recipients": "campaign_id"}
LEFT = {
    "guests": "merged_into_id is how a victim finds its victor",
    "guest_contacts": "lists are not combined, and a victim's contacts lead to its victor",
    "guest_socials": "lists are not combined",
    "guest_dates": "lists are not combined",
    "guest_addresses": "lists are not combined",
    "guest_tags": "lists are not combined",
    "consent_changes": "the victor's consents stand",
    "guest_duplicates": "forgotten when the guests are merged",
    "segment_memberships": "forgotten when the guests are merged",
    "guest_merges": "names the victor of that time",
}
TELLING = ("customer.created", "customer.updated", "customer.deleted")  # events that show a whole guest
ERASED_TEXTS: dict[str, tuple[str, ...]] = {
    "orders": ("notes", "allergy_notes", "reason_detail"),
    "reservations": ("contact_name", "contact_phone", "contact_email", "special_request", "memo"),
    "waitlist_entries": ("contact_name", "contact_phone", "contact_email", "notes"),
    "reviews": ("author_name",),
    "carts": ("customer", "notes", "allergy_notes"),
}


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _versioned(table: Any) -> dict[str, Any]:
    return {"version": table.c.version + 1, "updated_at": _big("changed_at")} if "version" in table.c else {}


def _move(noun: str) -> Any:
    """Give up to `rows` of one guest's rows to another; returns the ids."""
    table: Any = MOVED[noun]
    chosen = select(table.c.id).where(table.c.tenant_id == TENANT, table.c.customer_id == _text("victim_id"))
    if noun in ONCE_PER:
        other = table.alias("other")
        same = other.c[ONCE_PER[noun]] == table.c[ONCE_PER[noun]]
        theirs = select(other.c.id).where(other.c.tenant_id == TENANT, other.c.customer_id == _text("victor_id"), same)
        chosen = chosen.where(not_(exists(theirs.correlate(table))))
    chosen = chosen.order_by(table.c.id).limit(_big("rows"))
    return (
        update(table)
        .where(table.c.tenant_id == TENANT, table.c.id.in_(chosen))
        .values(customer_id=_text("victor_id"), **_versioned(table))
        .returning(table.c.id)
    )


def _of_erased(table: Any) -> tuple[Any, ...]:
    return table.c.tenant_id == TENANT, one_of(table.c.customer_id, _text("customer_ids"))


def _of_erased_orders(table: Any) -> tuple[Any, ...]:
    theirs = select(orders.c.id).where(*_of_erased(orders))
    return table.c.tenant_id == TENANT, table.c.order_id.in_(theirs)


def _overwrite(noun: str) -> Any:
    table: Any = MOVED[noun]
    values: dict[str, Any] = dict.fromkeys(ERASED_TEXTS[noun], null())
    if noun in ("orders", "carts"):
        values["fulfillment"] = without_address(table.c.fulfillment)
    return update(table).where(*_of_erased(table)).values(**values, **_versioned(table))


def _erase_events() -> Any:
    """The outbox keeps what happened and when, and of a guest who was erased nothing else."""
    about = (events.c.object_id == _text("customer_id"), events.c.type.in_(TELLING))
    return update(events).where(events.c.tenant_id == TENANT, *about).values(body=bindparam("body", type_=JsonColumn))


move = registered_write("guestbook.move", _move, example=("campaign_recipients",))
overwrite = registered_write("guestbook.overwrite", _overwrite, example=("orders",))
overwrite_lines = registered_write(
    "guestbook.overwrite_lines",
    lambda: update(order_lines).where(*_of_erased_orders(order_lines)).values(guest_name=None, notes=None),
)
overwrite_payers = registered_write(
    "guestbook.overwrite_payers",
    lambda: update(payments).where(*_of_erased_orders(payments)).values(payer_label=None, **_versioned(payments)),
)
erase_events = registered_write("guestbook.erase_events", _erase_events)
