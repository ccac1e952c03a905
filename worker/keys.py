"""Rows by a list of keys: one JSON parameter, so that the statement stays the same however many are asked for.

A list of pairs written into an IN makes PostgreSQL compare every row of the table with every pair; from a list that is
joined it goes by the primary key.
"""

from typing import Any

import orjson
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class among(FunctionElement[Any]):  # noqa: N801 - reads as the SQL operator it stands for
    """The row's (tenant_id, id) is one of the keys in a JSON parameter made by `keys`."""

    inherit_cache = True
    name = "among"


@compiles(among)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    tenant_id, row_id, keys = (compiler.process(part, **kw) for part in element.clauses)
    pairs = f"SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each({keys})"  # noqa: S608 - compiled parts
    return f"({tenant_id}, {row_id}) IN ({pairs})"


@compiles(among, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    tenant_id, row_id, keys = (compiler.process(part, **kw) for part in element.clauses)
    return f"({tenant_id}, {row_id}) IN ({_pairs(keys)})"


class found_first(among):  # noqa: N801 - as above
    """Like `among`, and not left to the planner: the rows are found by their keys before any other condition is looked at.

    A planner that believes there are none in the state asked for reads the table, and compares each row with each key.
    """

    inherit_cache = True
    name = "found_first"


@compiles(found_first, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    table = next(iter(element.clauses)).table.name
    keys = compiler.process(list(element.clauses)[2], **kw)
    rows = f"SELECT one.ctid FROM {table} AS one WHERE (one.tenant_id, one.id) IN ({_pairs(keys)})"  # noqa: S608 - metadata and compiled parts
    return f"{table}.ctid = ANY(ARRAY({rows}))"


def _pairs(keys: str) -> str:
    return f"SELECT pair->>0, pair->>1 FROM jsonb_array_elements(CAST({keys} AS jsonb)) AS pair"  # noqa: S608 - compiled parts


def is_among(table: Any, parameter: str = "keys") -> Any:
    """A condition on a table of tenants' rows; the parameter takes what `keys` returns."""
    return among(table.c.tenant_id, table.c.id, bindparam(parameter, type_=Text))


def is_found_first(table: Any, parameter: str = "keys") -> Any:
    """`is_among` for a statement with other conditions on the same rows."""
    return found_first(table.c.tenant_id, table.c.id, bindparam(parameter, type_=Text))


def keys(pairs: Any) -> str:
    """(tenant id, id) pairs as the parameter `is_among` takes."""
    return orjson.dumps([list(pair) for pair in pairs]).decode()
