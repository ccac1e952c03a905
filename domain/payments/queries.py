"""Registered statements of payments and refunds: documents, lists, locks and changes."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from domain.payments.models import Payment
from domain.payments.models import Refund
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.newest import newest_first

payments = Payment.__table__
refunds = Refund.__table__
BOUNDS = ("created_from_us", "created_to_us")


def _document(table: Any) -> Any:
    own = [column for column in table.c if column.name != "tenant_id"]
    return as_document(fields_of(*own, refs=as_json(refs_of(table.c.id, table))))


def _one(table: Any) -> Any:
    return select(_document(table)).where(table.c.tenant_id == TENANT, table.c.id == bindparam("row_id", type_=Text))


def _list(table: Any, filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = select(_document(table)).where(
        table.c.tenant_id == TENANT, *(_condition(table, name) for name in filters)
    )
    return newest_first(statement, table.c.created_at, table.c.id, is_continued=is_continued)


def _condition(table: Any, name: str) -> Any:
    if name == "created_from_us":
        return table.c.created_at >= bindparam(name, type_=BigInteger)
    if name == "created_to_us":
        return table.c.created_at < bindparam(name, type_=BigInteger)
    if name == "ref":
        return is_called(table.c.id, table)
    return table.c[name] == bindparam(name, type_=Text)


def _money_of_order() -> Any:
    """The payments of an order that brought money, the latest first."""
    brought = payments.c.status.in_(("confirmed", "partially_refunded"))
    mine = (payments.c.tenant_id == TENANT, payments.c.order_id == bindparam("order_id", type_=Text), brought)
    return select(_document(payments)).where(*mine).order_by(payments.c.created_at.desc(), payments.c.id.desc())


def _change() -> Any:
    return (
        update(payments)
        .where(payments.c.tenant_id == TENANT, payments.c.id == bindparam("row_id", type_=Text))
        .values(
            status=bindparam("new_status", type_=Text), decline_code=bindparam("new_decline_code", type_=Text),
            refunded_minor=bindparam("new_refunded_minor", type_=BigInteger), version=payments.c.version + 1,
            updated_at=bindparam("changed_at", type_=BigInteger),
        )
    )  # fmt: skip


payment = registered_read("payments.one", lambda: _one(payments))
locked_payment = registered_read("payments.locked", lambda: _one(payments).with_for_update())
payment_list = registered_read(
    "payments.listed",
    lambda filters, is_continued: _list(payments, filters, is_continued),
    example=(("order_id", "reservation_id", "status", "method", "ref", *BOUNDS), True),
)
payments_of = registered_read("payments.of_order", _money_of_order)
change_payment = registered_write("payments.change", _change)
refund = registered_read("refunds.one", lambda: _one(refunds))
refund_list = registered_read(
    "refunds.listed",
    lambda filters, is_continued: _list(refunds, filters, is_continued),
    example=(("payment_id", "order_id", "status", "ref", *BOUNDS), True),
)
