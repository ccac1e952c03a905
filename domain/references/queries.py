"""Registered statements of references, and the parts other capabilities put into theirs."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import select

from domain.references.models import Reference
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import fields_of
from kit.json_sql import json_list

references = Reference.__table__


def refs_of(object_id: Any, table: Any) -> Any:
    """SQL: the JSON list [{product, type, id}] of the names an object has. object_id: a column of the outer `table`."""
    rows = (
        select(fields_of(references.c.product, type=references.c.noun, id=references.c.value).label("doc"))
        .where(references.c.tenant_id == TENANT, references.c.object_id == object_id)
        .order_by(references.c.id)
        .correlate(table)
        .subquery()
    )
    return select(json_list(rows.c.doc)).select_from(rows).scalar_subquery()


def is_called(object_id: Any, table: Any) -> Any:
    """SQL condition: the object has the name in parameter `ref` (`product:type:id`)."""
    return exists(
        select(references.c.id)
        .where(references.c.tenant_id == TENANT, references.c.id == bindparam("ref", type_=Text))
        .where(references.c.object_id == object_id)
        .correlate(table)
    )


object_of = registered_read(
    "references.object_of",
    lambda: select(references.c.object_id).where(
        references.c.tenant_id == TENANT, references.c.id == bindparam("ref", type_=Text)
    ),
)
names_of = registered_read(
    "references.names_of",
    lambda: (
        select(references.c.product, references.c.noun, references.c.value)
        .where(references.c.tenant_id == TENANT, references.c.object_id == bindparam("object_id", type_=Text))
        .order_by(references.c.id)
    ),
)
