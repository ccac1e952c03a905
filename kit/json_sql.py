"""JSON documents built by the database: one expression, rendered for SQLite and for PostgreSQL.

On SQLite a document is put together as text. Whatever is JSON already (a stored JSON column, a nested list) is spliced in
as it stands, because SQLite would parse and print it again at every level: a page of orders costs a third more that way.
"""

from typing import Any

from sqlalchemy import JSON
from sqlalchemy import ColumnElement
from sqlalchemy import Text
from sqlalchemy import cast
from sqlalchemy import literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class json_object(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """JSON object from alternating keys and values, in both dialects."""

    inherit_cache = True
    name = "json_object"


class json_list(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """JSON array of one column's JSON values; empty array for no rows. Order comes from an ordered subquery."""

    inherit_cache = True
    name = "json_list"


class id_list(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """JSON array of one text column; empty array for no rows."""

    inherit_cache = True
    name = "id_list"


class as_json(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """A JSON column or a subquery that yields JSON, embedded as JSON rather than as a string."""

    inherit_cache = True
    name = "as_json"


class as_bool(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """A boolean column as JSON true or false (SQLite stores 1 and 0)."""

    inherit_cache = True
    name = "as_bool"


@compiles(json_object)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    parts = list(element.clauses)
    pairs = [(key.name[1:-1], value, compiler.process(value, **kw)) for key, value in zip(parts[::2], parts[1::2], strict=True)]
    plain = ", ".join(f"'{name}', {sql}" for name, value, sql in pairs if not _is_json(value))
    spliced = [(name, sql) for name, value, sql in pairs if _is_json(value)]
    if not spliced:
        return f"json_object({plain})"
    # What ends in a plain value ends in exactly one brace. An object cannot be left open any cheaper.
    opened = f"rtrim(json_object({plain}), '}}') || '," if plain else "'{"
    values = " || ',".join(f"\"{name}\":' || coalesce({sql}, 'null')" for name, sql in spliced)
    return f"({opened}{values} || '}}')"


@compiles(json_object, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_build_object({compiler.process(element.clauses, **kw)})"


@compiles(json_list)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"('[' || coalesce(group_concat({compiler.process(element.clauses, **kw)}, ','), '') || ']')"


@compiles(id_list)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


@compiles(json_list, "postgresql")
@compiles(id_list, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"coalesce(json_agg({compiler.process(element.clauses, **kw)}), '[]'::json)"


@compiles(as_json)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return str(compiler.process(element.clauses, **kw))


@compiles(as_bool)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"iif({compiler.process(element.clauses, **kw)}, 'true', 'false')"


@compiles(as_bool, "postgresql")
def _(element: Any, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


class one_of(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it is
    """`column` is one of the ids in a JSON array parameter: one statement, however many are asked for."""

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


def fields_of(*columns: Any, **named: Any) -> ColumnElement[Any]:
    """A JSON object of columns under their own names, plus named expressions. JSON and boolean columns stay typed."""
    parts: list[Any] = []
    for name, value in [*((column.name, column) for column in columns), *named.items()]:
        parts += [literal_column(f"'{name}'"), _typed(value)]
    return json_object(*parts)


def as_document(expression: Any) -> Any:
    """The selected column of a document statement: JSON text, whatever the database's JSON type."""
    return cast(expression, Text).label("document")


def _typed(value: Any) -> Any:
    kind = getattr(value, "type", None)
    if isinstance(kind, JSON):
        return as_json(value)
    if getattr(kind, "__visit_name__", "") == "boolean" and not isinstance(value, as_bool):
        return as_bool(value)
    return value


def _is_json(value: Any) -> bool:
    return isinstance(value, json_object | json_list | as_json | as_bool)
