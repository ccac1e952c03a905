"""Registered statements of promo codes and their uses."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.campaigns.models import PromoCode
from domain.campaigns.models import PromoUse
from domain.locations.models import Location
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.newest import newest_first

promos = PromoCode.__table__
uses = PromoUse.__table__
locations = Location.__table__
FILTERS = ("campaign_id", "is_active")


def _document() -> Any:
    """`type` repeats `kind`: a printed value asks there whether it is a percentage."""
    columns = [column for column in promos.c if column.name != "tenant_id"]
    return as_document(fields_of(*columns, type=promos.c.kind, refs=as_json(refs_of(promos.c.id, promos))))


def _is_promo() -> Any:
    return promos.c.id == bindparam("promo_id", type_=Text)


def _is_code() -> Any:
    return promos.c.code == bindparam("code", type_=Text)


def _judged(has_customer: bool) -> Any:
    """What decides whether a code may be used, with how often a customer has used it."""
    spent = (
        select(func.count())
        .select_from(uses)
        .where(
            uses.c.tenant_id == TENANT, uses.c.promo_id == promos.c.id, uses.c.released_at.is_(None),
            uses.c.customer_id == bindparam("customer_id", type_=Text),
        )
        .correlate(promos)
        .scalar_subquery()
    )  # fmt: skip
    columns = [column for column in promos.c if column.name not in ("tenant_id", "description")]
    document = fields_of(*columns, customer_uses=spent if has_customer else literal_column("0"))
    return select(as_document(document)).where(promos.c.tenant_id == TENANT, _is_code())


def _listed(filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = select(_document()).where(promos.c.tenant_id == TENANT, *(_condition(name) for name in filters))
    return newest_first(statement, promos.c.created_at, promos.c.id, is_continued=is_continued)


def _condition(name: str) -> Any:
    if name == "ref":
        return is_called(promos.c.id, promos)
    return promos.c[name] == bindparam(name, type_=promos.c[name].type)


def _insert() -> Any:
    """Write a code unless it exists; returns its id only when it was written. location_ids: JSON text."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in promos.c if column.name != "tenant_id"}
    return (
        insert(promos)
        .values(tenant_id=TENANT, **values)
        .on_conflict_do_nothing(index_elements=[promos.c.tenant_id, promos.c.code])
        .returning(promos.c.id)
    )


def _count_use() -> Any:
    """One more use, if the code is on and not used up. The row stays locked, so what is counted next is final."""
    is_left = or_(promos.c.max_uses.is_(None), promos.c.used_count < promos.c.max_uses)
    return (
        update(promos)
        .where(promos.c.tenant_id == TENANT, _is_promo(), promos.c.is_active.is_(True), is_left)
        .values(
            used_count=promos.c.used_count + 1, version=promos.c.version + 1,
            updated_at=bindparam("changed_at", type_=BigInteger),
        )
        .returning(promos.c.code, promos.c.per_customer)
    )  # fmt: skip


def _uncount_use() -> Any:
    return (
        update(promos)
        .where(promos.c.tenant_id == TENANT, _is_promo())
        .values(
            used_count=promos.c.used_count - 1, version=promos.c.version + 1,
            updated_at=bindparam("changed_at", type_=BigInteger),
        )
    )  # fmt: skip


def _add_use() -> Any:
    """Write a use unless the order has this code already; returns its id only when it was written."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in uses.c if column.name != "tenant_id"}
    return (
        insert(uses)
        .values(tenant_id=TENANT, **values)
        .on_conflict_do_nothing(index_elements=[uses.c.tenant_id, uses.c.order_id, uses.c.promo_id])
        .returning(uses.c.id)
    )


def _mark_uses(column: str) -> Any:
    """Put the instant into the order's open uses, once."""
    return (
        update(uses)
        .where(
            uses.c.tenant_id == TENANT, uses.c.order_id == bindparam("order_id", type_=Text), uses.c[column].is_(None),
            uses.c.released_at.is_(None),
        )
        .values({column: bindparam("marked_at", type_=BigInteger)})
        .returning(uses.c.id, uses.c.promo_id)
    )  # fmt: skip


by_code = registered_read(
    "promos.by_code", lambda: select(_document()).where(promos.c.tenant_id == TENANT, _is_code())
)
by_id = registered_read("promos.by_id", lambda: select(_document()).where(promos.c.tenant_id == TENANT, _is_promo()))
judged = registered_read("promos.judged", _judged, example=(True,))
listed = registered_read("promos.listed", _listed, example=((*FILTERS, "ref"), True))
location_ids = registered_read(
    "promos.location_ids", lambda: select(locations.c.id).where(locations.c.tenant_id == TENANT)
)
insert_promo = registered_write("promos.insert", _insert)
count_use = registered_write("promos.count_use", _count_use)
uncount_use = registered_write("promos.uncount_use", _uncount_use)
add_use = registered_write("promos.add_use", _add_use)
mark_uses = registered_write("promos.mark_uses", _mark_uses, example=("released_at",))
uses_of_customer = registered_read(
    "promos.uses_of_customer",
    lambda: (
        select(func.count())
        .select_from(uses)
        .where(
            uses.c.tenant_id == TENANT, uses.c.promo_id == bindparam("promo_id", type_=Text),
            uses.c.customer_id == bindparam("customer_id", type_=Text), uses.c.released_at.is_(None),
        )
    ),
)  # fmt: skip
