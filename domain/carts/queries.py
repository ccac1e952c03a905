"""Registered statements of carts."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from domain.carts.models import Cart
from domain.carts.models import CartLine
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import json_list

carts = Cart.__table__
lines = CartLine.__table__


def _lines() -> Any:
    columns = [column for column in lines.c if column.name not in ("tenant_id", "cart_id")]
    rows = (
        select(fields_of(*columns).label("doc"))
        .where(lines.c.tenant_id == TENANT, lines.c.cart_id == carts.c.id)
        .order_by(lines.c.position)
        .correlate(carts)
        .subquery()
    )
    return as_json(select(json_list(rows.c.doc)).select_from(rows).scalar_subquery())


def _document() -> Any:
    columns = [column for column in carts.c if column.name != "tenant_id"]
    return select(as_document(fields_of(*columns, lines=_lines()))).where(
        carts.c.tenant_id == TENANT, carts.c.id == bindparam("cart_id", type_=Text)
    )


one = registered_read("carts.one", _document)
clear_lines = registered_write(
    "carts.clear_lines",
    lambda: delete(lines).where(lines.c.tenant_id == TENANT, lines.c.cart_id == bindparam("cart_id", type_=Text)),
)
