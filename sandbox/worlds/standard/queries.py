"""Registered statements of the worlds: what later parts need to know of the orders, and sums written at the end."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update

from accounts.logs.models import RequestLog
from accounts.webhooks.models import Subscription
from domain.campaigns.models import Campaign
from domain.campaigns.models import PromoCode
from domain.campaigns.models import PromoUse
from domain.locations.models import Location
from domain.orders.models import Order
from domain.reviews.models import Review
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.json_sql import one_of

locations: Any = Location.__table__
orders: Any = Order.__table__
reviews: Any = Review.__table__
promos: Any = PromoCode.__table__
uses: Any = PromoUse.__table__
campaigns: Any = Campaign.__table__
subscriptions: Any = Subscription.__table__
logs: Any = RequestLog.__table__
FACTS = (
    "id", "number", "customer_id", "location_id", "currency", "total_minor", "tip_minor", "tax_minor",
    "tax_included_minor", "paid_minor", "deposit_applied_minor", "refunded_minor", "created_at", "updated_at",
)  # fmt: skip


def _completed(is_unreviewed: bool) -> Any:
    facts = as_document(fields_of(*[orders.c[name] for name in FACTS]))
    conditions = [orders.c.tenant_id == TENANT, orders.c.status == "completed", orders.c.customer_id.is_not(None)]
    if is_unreviewed:
        review = select(reviews.c.id).where(reviews.c.tenant_id == TENANT, reviews.c.order_id == orders.c.id)
        conditions.append(~review.correlate(orders).exists())
    return select(facts).where(*conditions).order_by(orders.c.updated_at, orders.c.id)


def _count_uses() -> Any:
    count = (
        select(func.count())
        .select_from(uses)
        .where(uses.c.tenant_id == TENANT, uses.c.promo_id == promos.c.id, uses.c.released_at.is_(None))
        .correlate(promos)
        .scalar_subquery()
    )
    return update(promos).where(promos.c.tenant_id == TENANT).values(used_count=count)


def _count_redemptions() -> Any:
    offered = (
        select(promos.c.id)
        .where(promos.c.tenant_id == TENANT, promos.c.campaign_id == campaigns.c.id)
        .correlate(campaigns)
    )
    count = (
        select(func.count())
        .select_from(uses)
        .where(uses.c.tenant_id == TENANT, uses.c.redeemed_at.is_not(None), uses.c.promo_id.in_(offered))
        .correlate(campaigns)
        .scalar_subquery()
    )
    return update(campaigns).where(campaigns.c.tenant_id == TENANT).values(redeemed=count)


def _known_logs() -> Any:
    return select(logs.c.id).where(logs.c.tenant_id == TENANT, one_of(logs.c.id, bindparam("ids", type_=Text)))


completed = registered_read("worlds.completed", _completed, example=(True,))
order_facts = registered_read(
    "worlds.order_facts",
    lambda: (
        select(orders.c.id, orders.c.status, orders.c.created_at, orders.c.updated_at).where(
            orders.c.tenant_id == TENANT, orders.c.created_at < bindparam("before", type_=BigInteger)
        )
    ),
)
open_place = registered_write(
    "worlds.open_place",
    lambda: (
        update(locations)
        .where(locations.c.tenant_id == TENANT, locations.c.id == bindparam("location_id", type_=Text))
        .values(is_active=true())
    ),
)
count_uses = registered_write("worlds.count_uses", _count_uses)
count_redemptions = registered_write("worlds.count_redemptions", _count_redemptions)
endpoints = registered_read(
    "worlds.endpoints",
    lambda: (
        select(subscriptions.c.id, subscriptions.c.url)
        .where(subscriptions.c.tenant_id == TENANT, subscriptions.c.application_id == bindparam("application_id", type_=Text))
        .order_by(subscriptions.c.created_at, subscriptions.c.id)
    ),
)
known_logs = registered_read("worlds.known_logs", _known_logs)
