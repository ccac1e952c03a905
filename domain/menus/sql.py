"""SQL that menu statements share: lists of ids as one JSON parameter, and arrays of ids as JSON.

One parameter for all ids means one statement shape however many are asked.
"""

from typing import Any

from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from kit.documents import as_json


class id_list(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """JSON array of one text column; empty array for no rows."""

    inherit_cache = True
    name = "id_list"


@compiles(id_list)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(id_list, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"coalesce(json_agg({compiler.process(element.clauses, **kw)}), '[]'::json)"


class one_of(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """`column` is one of the ids in a JSON array parameter."""

    inherit_cache = True
    name = "one_of"


@compiles(one_of)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, ids = element.clauses
    column, ids = compiler.process(column, **kw), compiler.process(ids, **kw)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - compiled expressions only


@compiles(one_of, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    column, ids = element.clauses
    column, ids = compiler.process(column, **kw), compiler.process(ids, **kw)
    return f"{column} = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST({ids} AS jsonb))))"


def text_param(name: str) -> Any:
    """A text parameter."""
    return bindparam(name, type_=Text)


def part(statement: Any) -> Any:
    """A scalar subquery that yields JSON, embedded as JSON."""
    return as_json(statement.scalar_subquery())


def sold_at(table: Any) -> Any:
    """The row belongs to the location asked for, or to all."""
    return or_(table.c.location_id.is_(None), table.c.location_id == text_param("location_id"))
