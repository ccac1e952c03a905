"""Registered statements of campaigns, their audience and their recipients, and of SMS alerts."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from domain.campaigns.models import Campaign
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoCode
from domain.campaigns.models import SmsAlert
from domain.guests.models import Guest
from domain.guests.models import GuestContact
from domain.guests.models import SegmentMembership
from domain.guests.sql import consent_status
from domain.notifications.models import OutgoingMessage
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list
from kit.newest import newest_first

campaigns = Campaign.__table__
recipients = CampaignRecipient.__table__
promos = PromoCode.__table__
alerts = SmsAlert.__table__
guests = Guest.__table__
contacts = GuestContact.__table__
memberships = SegmentMembership.__table__
messages = OutgoingMessage.__table__
FILTERS = ("status", "channel", "segment_id")
COUNTERS = ("recipients", "sent", "suppressed", "failed", "clicked", "redeemed")


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _codes() -> Any:
    rows = (
        select(fields_of(promos.c.id, promos.c.code).label("doc"))
        .where(promos.c.tenant_id == TENANT, promos.c.campaign_id == campaigns.c.id)
        .order_by(promos.c.code)
        .correlate(campaigns)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _document() -> Any:
    columns = [column for column in campaigns.c if column.name not in ("tenant_id", "reached_to")]
    refs = as_json(refs_of(campaigns.c.id, campaigns))
    return as_document(fields_of(*columns, promo_codes=_codes(), refs=refs))


def _is_campaign() -> Any:
    return and_(campaigns.c.tenant_id == TENANT, campaigns.c.id == _text("campaign_id"))


def _listed(filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = select(_document()).where(campaigns.c.tenant_id == TENANT, *(_condition(name) for name in filters))
    return newest_first(statement, campaigns.c.created_at, campaigns.c.id, is_continued=is_continued)


def _condition(name: str) -> Any:
    return is_called(campaigns.c.id, campaigns) if name == "ref" else campaigns.c[name] == _text(name)


def _address(kind: str) -> Any:
    """The first phone number or e-mail address of a guest."""
    return (
        select(contacts.c.value)
        .where(contacts.c.tenant_id == TENANT, contacts.c.guest_id == guests.c.id, contacts.c.kind == kind)
        .order_by(contacts.c.position, contacts.c.id)
        .limit(1)
        .correlate(guests)
        .scalar_subquery()
    )


def _readable() -> Any:
    return and_(guests.c.tenant_id == TENANT, guests.c.deleted_at.is_(None), guests.c.merged_into_id.is_(None))


def _in_segment() -> Any:
    return exists(
        select(memberships.c.id)
        .where(memberships.c.tenant_id == TENANT, memberships.c.segment_id == _text("segment_id"))
        .where(memberships.c.guest_id == guests.c.id)
        .correlate(guests)
    )


def _audience(kind: str, is_continued: bool) -> Any:
    """The next guests of an audience in the order of their ids, each held so that no consent changes meanwhile.

    kind: segment (parameter segment_id), guest (customer_id) or all.
    """
    document = fields_of(guests.c.id, guests.c.consents, phone=_address("phone"), email=_address("email"))
    statement = select(as_document(document)).where(_readable())
    if kind == "segment":
        statement = statement.where(_in_segment())
    elif kind == "guest":
        statement = statement.where(guests.c.id == _text("customer_id"))
    if is_continued:
        statement = statement.where(guests.c.id > _text("after_id"))
    return statement.order_by(guests.c.id).limit(_big("rows")).with_for_update(read=True, of=guests)


def _sms_reach() -> Any:
    """How many guests of a segment there are, and how many of them allow text messages and have a number."""
    is_granted = consent_status(guests.c.consents, "sms_marketing") == "granted"
    has_phone = exists(
        select(contacts.c.id)
        .where(contacts.c.tenant_id == TENANT, contacts.c.guest_id == guests.c.id, contacts.c.kind == "phone")
        .correlate(guests)
    )
    counted = select(func.count(), func.count().filter(and_(is_granted, has_phone)))
    return counted.select_from(guests).where(_readable(), _in_segment())


def _fail_undelivered() -> Any:
    """Turn recipients into failed ones whose message did not leave."""
    refused = (
        select(messages.c.reason)
        .where(messages.c.tenant_id == TENANT, messages.c.id == recipients.c.message_id)
        .correlate(recipients)
        .scalar_subquery()
    )
    failed = select(messages.c.id).where(
        messages.c.tenant_id == TENANT, messages.c.campaign_id == _text("campaign_id"), messages.c.status != "sent"
    )
    return (
        update(recipients)
        .where(
            recipients.c.tenant_id == TENANT, recipients.c.campaign_id == _text("campaign_id"),
            recipients.c.status == "sent", recipients.c.message_id.in_(failed),
        )
        .values(status="failed", reason=refused)
        .returning(recipients.c.id)
    )  # fmt: skip


def _add_counts(names: tuple[str, ...]) -> Any:
    """Add to counters of a campaign (parameters add_<name>)."""
    values: dict[str, Any] = {name: campaigns.c[name] + bindparam(f"add_{name}", type_=Integer) for name in names}
    values |= {"version": campaigns.c.version + 1, "updated_at": _big("changed_at")}
    return update(campaigns).where(_is_campaign()).values(values).returning(campaigns.c.id)


def _click() -> Any:
    """Note the first click of a recipient the campaign was sent to."""
    return (
        update(recipients)
        .where(
            recipients.c.tenant_id == TENANT, recipients.c.campaign_id == _text("campaign_id"),
            recipients.c.customer_id == _text("customer_id"), recipients.c.status == "sent",
            recipients.c.clicked_at.is_(None),
        )
        .values(clicked_at=_big("clicked_at"))
        .returning(recipients.c.id)
    )  # fmt: skip


def _recipient_document() -> Any:
    return as_document(fields_of(*[column for column in recipients.c if column.name not in ("tenant_id", "campaign_id")]))


def _recipients(has_status: bool, is_continued: bool) -> Any:
    statement = select(_recipient_document()).where(
        recipients.c.tenant_id == TENANT, recipients.c.campaign_id == _text("campaign_id")
    )
    if has_status:
        statement = statement.where(recipients.c.status == _text("status"))
    if is_continued:
        statement = statement.where(recipients.c.customer_id > _text("after_id"))
    return statement.order_by(recipients.c.customer_id).limit(_big("rows"))


one = registered_read("campaigns.one", lambda: select(_document()).where(_is_campaign()))
listed = registered_read("campaigns.listed", _listed, example=((*FILTERS, "ref"), True))
audience = registered_read("campaigns.audience", _audience, example=("segment", True))
sms_reach = registered_read("campaigns.sms_reach", _sms_reach)
fail_undelivered = registered_write("campaigns.fail_undelivered", _fail_undelivered)
add_counts = registered_write("campaigns.add_counts", _add_counts, example=(COUNTERS,))
click = registered_write("campaigns.click", _click)
recipient = registered_read(
    "campaigns.recipient",
    lambda: select(_recipient_document()).where(
        recipients.c.tenant_id == TENANT, recipients.c.campaign_id == _text("campaign_id"),
        recipients.c.customer_id == _text("customer_id"),
    ),
)  # fmt: skip
recipient_list = registered_read("campaigns.recipients", _recipients, example=(True, True))
alert = registered_read(
    "campaigns.alert",
    lambda: select(
        as_document(fields_of(*[column for column in alerts.c if column.name not in ("tenant_id", "reached_to")]))
    ).where(alerts.c.tenant_id == TENANT, alerts.c.id == _text("alert_id")),
)
