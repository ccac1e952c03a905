"""Registered writes that change whose rows are: one statement per table that names a guest.

Whoever adds a table with a foreign key to guests adds it to MOVED, or says in LEFT why it stays; a test walks the keys.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import not_
from sqlalchemy import select
from sqlalchemy import update

from domain.bookings.models import Reservation
from domain.bookings.models import WaitlistEntry
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoUse
from domain.campaigns.models import SmsAlert
from domain.carts.models import Cart
from domain.integrations.models import Mapping
from domain.loyalty.models import MembershipCustomer
from domain.notifications.models import OutgoingMessage
from domain.orders.models import Order
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import registered_write

recipients = CampaignRecipient.__table__
mappings = Mapping.__table__
# noun of moved_counts: table
MOVED: dict[str, Table] = {
    "orders": Order.__table__,
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


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _move_folios() -> Any:
    """Give up to `rows` of the accounts hotels keep for one guest to another; returns the ids."""
    chosen = (
        select(mappings.c.id)
        .where(mappings.c.tenant_id == TENANT, mappings.c.kind == "folio", mappings.c.object_id == _text("victim_id"))
        .order_by(mappings.c.id)
        .limit(_big("rows"))
    )
    moved = update(mappings).where(mappings.c.tenant_id == TENANT, mappings.c.id.in_(chosen))
    return moved.values(object_id=_text("victor_id")).returning(mappings.c.id)


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


move = registered_write("guestbook.move", _move, example=("campaign_recipients",))
move_folios = registered_write("guestbook.move_folios", _move_folios)
