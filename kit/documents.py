"""The fast door to tenant data: statements registered at import, run on the driver, and JSON documents built in SQL.

A registered statement is a SQLAlchemy Core construct, so both databases render it, but it is compiled once and then costs
what the driver costs. Its tenant predicate is checked when it is first built, and only the scope can fill the tenant
parameter. `append` is the matching door for new rows. Everything that reads an aggregate for the outside (a response, an
event body) reads its document here, so the two cannot differ. Decision record: docs/adr/0006.
"""

from collections.abc import Callable
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import CTE
from sqlalchemy import JSON
from sqlalchemy import BinaryExpression
from sqlalchemy import BindParameter
from sqlalchemy import BooleanClauseList
from sqlalchemy import ColumnClause
from sqlalchemy import Delete
from sqlalchemy import FromClause
from sqlalchemy import Insert
from sqlalchemy import Join
from sqlalchemy import Select
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import Update
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import operators
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import FromGrouping

from kit.clock import Instant
from kit.clock import to_us
from kit.scope import Scope
from kit.scope import TenantViolation
from kit.scope import is_table
from kit.scope import is_textual
from kit.unit import Unit
from kit.unit import current

Document = dict[str, Any]
JsonColumn = JSON().with_variant(JSONB(), "postgresql")
TENANT = bindparam("tenant_id", type_=Text)
DIALECTS = {"sqlite": sqlite.dialect(paramstyle="qmark"), "postgresql": postgresql.psycopg.dialect()}
_registry: dict[str, "Registered"] = {}


class Registered:
    """One statement family. `build(*shape)` returns the Core statement for a shape (filters used, sort, counts)."""

    def __init__(
        self, name: str, build: Callable[..., Any], example: tuple[Any, ...] = (), *, is_write: bool = False
    ) -> None:
        self.name = name
        self.is_write = is_write
        self.example = example  # a shape the isolation test can run
        self._build = build
        self._compiled: dict[tuple[str, tuple[Any, ...]], tuple[str, list[str] | None, dict[str, Any]]] = {}

    def statement(self, *shape: Any) -> Any:
        """The checked Core statement of one shape. Raises TenantViolation when its tenant predicate is missing."""
        statement = self._build(*shape)
        require_tenant_predicate(statement, self.name)
        return statement

    def rows(self, scope: Scope, *shape: Any, **params: Any) -> list[tuple[Any, ...]]:
        """Run in the scope's open transaction and fetch all rows. Parameters are driver values (instants as integers)."""
        unit = current(scope)
        if self.is_write:
            unit.require_writes()
        unit.flush()
        sql, order, defaults = self._for(unit.dialect, shape)
        values = {**defaults, **params, "tenant_id": scope.tenant_id}
        cursor = unit.cursor()
        try:
            cursor.execute(sql, values if order is None else [values[name] for name in order])
            return cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()

    def row(self, scope: Scope, *shape: Any, **params: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        rows = self.rows(scope, *shape, **params)
        return rows[0] if rows else None

    def document(self, scope: Scope, *shape: Any, **params: Any) -> Document | None:
        """The first row's first column as a JSON document, or None."""
        row = self.row(scope, *shape, **params)
        return None if row is None else orjson.loads(row[0])

    def documents(self, scope: Scope, *shape: Any, **params: Any) -> list[Document]:
        """Every row's first column as a JSON document."""
        return [orjson.loads(row[0]) for row in self.rows(scope, *shape, **params)]

    def _for(self, dialect: str, shape: tuple[Any, ...]) -> tuple[str, list[str] | None, dict[str, Any]]:
        key = (dialect, shape)
        if key not in self._compiled:
            statement = self.statement(*shape)
            for node in visitors.iterate(statement):
                if isinstance(node, BindParameter):
                    node.required = False  # values come later; rendering IN lists now would demand them all
            compiled = statement.compile(dialect=DIALECTS[dialect], compile_kwargs={"render_postcompile": True})
            order = list(compiled.positiontup) if compiled.positional else None
            self._compiled[key] = (str(compiled), order, dict(compiled.params))
        return self._compiled[key]


def registered_read(name: str, build: Callable[..., Any], example: tuple[Any, ...] = ()) -> Registered:
    """Register a SELECT. Call at module level of a capability's queries.py."""
    return _register(Registered(name, build, example))


def registered_write(name: str, build: Callable[..., Any], example: tuple[Any, ...] = ()) -> Registered:
    """Register an UPDATE, DELETE or INSERT … ON CONFLICT; with RETURNING its rows come back from `rows`."""
    return _register(Registered(name, build, example, is_write=True))


def _register(statement: Registered) -> Registered:
    if statement.name in _registry:
        raise ValueError(f"{statement.name} is registered twice")
    _registry[statement.name] = statement
    return statement


def registered() -> Iterable[Registered]:
    """Every registered statement, for the test that runs each with a foreign tenant."""
    return list(_registry.values())


def require_tenant_predicate(statement: Any, name: str) -> None:
    """Check that each table a statement touches is bound to the scope's tenant at the level that names it.

    A subquery names its outer tables with .correlate(...); those must be bound at an enclosing level. Raises
    TenantViolation, also for SQL written as text and for a write that sets the tenant.
    """
    _check(statement, name, frozenset())


def _check(node: Any, name: str, enclosing: frozenset[Any]) -> None:
    if is_textual(node):
        raise TenantViolation(f"{name}: textual SQL cannot be bound to a tenant")
    tables, bound, correlated = _level(node, name)
    if loose := tables - bound - (correlated & enclosing):
        raise TenantViolation(f"{name}: {next(iter(loose))} is not bound to the scope's tenant")
    for child in node.get_children():
        # What stands in FROM cannot be correlated to its own level, and a CTE not to any. (A function is a FromClause too.)
        is_source = isinstance(child, FromClause) and not isinstance(child, FunctionElement)
        _check(child, name, frozenset() if isinstance(child, CTE) else enclosing if is_source else enclosing | bound)


def _level(node: Any, name: str) -> tuple[set[Any], set[Any], set[Any]]:
    """(tables, those bound to the tenant, those declared as an outer level's) of one node of a statement."""
    if isinstance(node, Select):
        froms = node.get_final_froms()
        bound = _bound_tables(node.whereclause) | {t for source in froms for t in _bound_in_joins(source)}
        return {t for source in froms for t in _tables(source)}, bound, set(node._correlate)  # noqa: SLF001 - no accessor
    if isinstance(node, Update | Delete):
        _refuse_new_tenant(getattr(node, "_values", None), name)
        return {node.table, *_tables_of_columns(node)}, _bound_tables(node.whereclause), set()
    if isinstance(node, Insert):
        named = {getattr(column, "name", column): value for column, value in (node._values or {}).items()}  # noqa: SLF001 - no accessor
        _refuse_new_tenant(getattr(node._post_values_clause, "update_values_to_set", None), name)  # noqa: SLF001 - no accessor
        is_bound = getattr(named.get("tenant_id"), "key", "") == "tenant_id"
        return {node.table}, {node.table} if is_bound else set(), set()
    return set(), set(), set()


def _refuse_new_tenant(values: Any, name: str) -> None:
    if any(getattr(column, "key", column) == "tenant_id" for column in values or ()):
        raise TenantViolation(f"{name}: a write may not set the tenant")


def _tables_of_columns(node: Any) -> Iterable[Any]:
    """Tables of the columns an UPDATE or DELETE names outside subqueries: SQLAlchemy adds them as FROM or USING."""
    for child in node.get_children():
        if isinstance(child, ColumnClause) and child.table is not None:
            yield child.table
        elif not isinstance(child, Select):
            yield from _tables_of_columns(child)


def _tables(source: Any) -> Iterable[Any]:
    if isinstance(source, Join):
        yield from _tables(source.left)
        yield from _tables(source.right)
    elif isinstance(source, FromGrouping):
        yield from _tables(source.element)
    elif is_table(source):
        yield source


def _bound_in_joins(source: Any) -> set[Any]:
    """Tables an ON clause binds. An outer join keeps its left rows whatever ON says, so it binds the right side only."""
    if isinstance(source, FromGrouping):
        return _bound_in_joins(source.element)
    if not isinstance(source, Join):
        return set()
    here = set() if source.full else _bound_tables(source.onclause)
    if source.isouter:
        here &= set(_tables(source.right))
    return here | _bound_in_joins(source.left) | _bound_in_joins(source.right)


def _bound_tables(clause: Any) -> set[Any]:
    """Tables whose tenant_id equals the tenant parameter in a conjunction (never inside OR or NOT)."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        return set().union(*(_bound_tables(part) for part in clause.clauses))
    if isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
        left, right = clause.left, clause.right
        is_tenant = isinstance(right, BindParameter) and right.key == "tenant_id"
        if is_tenant and isinstance(left, ColumnClause) and left.name == "tenant_id":
            return {left.table}
    return set()


Columns = list[tuple[str, Callable[[Any], Any] | None, Any]]  # name, encoder (None: as it is), default
_appends: dict[tuple[str, type, bool], tuple[str, Columns]] = {}
_changes: dict[tuple[Any, ...], str] = {}
MANY, BATCH = 20, 500  # how many rows are inserted as JSON, and how many of them by one statement


def append(scope: Scope, model: type[Any], rows: list[dict[str, Any]]) -> None:
    """Insert new rows of one table for the scope's tenant in its open transaction.

    Rows are column→value; absent columns take the model's plain default (also an empty list or object), else NULL.
    Raises TenantViolation for a row that names another tenant, KeyError for an unknown column.
    """
    if rows:
        insert_rows(current(scope), model, [_stamped(scope, row) for row in rows])


def _stamped(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    if row.get("tenant_id", scope.tenant_id) != scope.tenant_id:
        raise TenantViolation("a row of another tenant was appended")
    return {**row, "tenant_id": scope.tenant_id}


def insert_rows(unit: Unit, model: type[Any], rows: list[dict[str, Any]], *, skips_known: bool = False) -> None:
    """Insert rows that name their tenant themselves. For `append` and worker.operations, which check them.

    skips_known: leave out rows whose key, or another unique one, is there already.
    """
    unit.require_writes()
    unit.flush()
    # PostgreSQL takes many rows as JSON: a statement a row costs it several times the row, and COPY is refused under RLS.
    is_many = unit.dialect == "postgresql" and len(rows) >= MANY
    key = (unit.dialect, model, is_many)
    if key not in _appends:
        _appends[key] = _insert_of(model.__table__, unit.dialect, is_many)
    sql, columns = _appends[key]
    sql += " ON CONFLICT DO NOTHING" if skips_known else ""
    values = [_values(columns, row) for row in rows]
    cursor = unit.cursor()
    try:
        if is_many:
            names = [str(name) for name, _, _ in columns]
            for start in range(0, len(values), BATCH):
                batch = [dict(zip(names, row, strict=True)) for row in values[start : start + BATCH]]
                cursor.execute(sql, (orjson.dumps(batch).decode(),))
        else:
            cursor.executemany(sql, values)
    finally:
        cursor.close()


def change_rows(
    unit: Unit, model: type[Any], rows: list[dict[str, Any]], *, keys: tuple[str, ...], columns: tuple[str, ...],
    cleared: tuple[str, ...] = (),
) -> set[tuple[str, str]]:  # fmt: skip
    """Set columns of many rows of one table, each found by all of its keys. For worker.operations, which checks the table.

    rows: key and column values, instants as microseconds. cleared: columns that become NULL. Returns (tenant id, id) of the
    rows that were found.
    """
    unit.require_writes()
    unit.flush()
    key = (unit.dialect, model, keys, columns, cleared)
    if key not in _changes:
        _changes[key] = _change_of(model.__table__, *key[2:], dialect=unit.dialect)
    # Sorted, so that writers who meet on some of the rows take them in one order.
    rows = sorted(rows, key=lambda row: (row["tenant_id"], row["id"]))
    cursor = unit.cursor()
    try:
        if unit.dialect == "postgresql":
            cursor.execute(_changes[key], (orjson.dumps(rows).decode(),))
            return set(cursor.fetchall())
        found = set()
        for row in rows:
            cursor.execute(_changes[key], [row[name] for name in (*columns, *keys)])
            if cursor.rowcount:
                found.add((row["tenant_id"], row["id"]))
        return found
    finally:
        cursor.close()


def _change_of(
    table: Table, keys: tuple[str, ...], columns: tuple[str, ...], cleared: tuple[str, ...], *, dialect: str
) -> str:
    nothing = [f"{name} = NULL" for name in cleared]
    if dialect == "sqlite":
        values, places = ", ".join([*(f"{name} = ?" for name in columns), *nothing]), " AND ".join(f"{name} = ?" for name in keys)
        return f"UPDATE {table.name} SET {values} WHERE {places}"  # noqa: S608 - metadata names only
    kinds = ", ".join(f"{name} {table.c[name].type.compile(DIALECTS[dialect])}" for name in (*keys, *columns))
    values = ", ".join([*(f"{name} = v.{name}" for name in columns), *nothing])
    places = " AND ".join(f"t.{name} = v.{name}" for name in keys)
    return (
        f"UPDATE {table.name} AS t SET {values} FROM jsonb_to_recordset(%s::jsonb) AS v({kinds})"  # noqa: S608 - metadata names only
        f" WHERE {places} RETURNING t.tenant_id, t.id"
    )


def _values(columns: Columns, row: dict[str, Any]) -> list[Any]:
    values, known = [], 0
    for name, encode, default in columns:
        if name in row:
            known += 1
            values.append(row[name] if encode is None else encode(row[name]))
        else:
            values.append(default)
    if known != len(row):
        raise KeyError(f"unknown column {next(iter(row.keys() - {name for name, _, _ in columns}))}")
    return values


def _insert_of(table: Table, dialect: str, is_many: bool) -> tuple[str, Columns]:
    columns: Columns = []
    for column in table.columns:
        is_json = isinstance(column.type, JSON)
        encode = _encode_json if is_json and not is_many else _encode if isinstance(column.type, Instant) else None
        default = _plain_default(column, is_json)
        columns.append((column.name, encode, default if encode is None else encode(default)))
    marks = ["?" if dialect == "sqlite" else "%s::jsonb" if isinstance(one.type, JSON) else "%s" for one in table.columns]
    names = ", ".join(name for name, _, _ in columns)
    values = f"VALUES ({', '.join(marks)})"
    if is_many:
        values = f"SELECT {names} FROM jsonb_populate_recordset(NULL::{table.name}, %s::jsonb)"  # noqa: S608 - metadata names only
    return f"INSERT INTO {table.name} ({names}) {values}", columns


def _plain_default(column: Any, is_json: bool) -> Any:
    """A column's default that is the same for every row: a constant, or the empty list or object of a JSON column."""
    if column.default is None:
        return None
    if column.default.is_scalar:
        return column.default.arg
    return column.default.arg(None) if is_json and column.default.is_callable else None


def _encode(value: Any) -> Any:
    return to_us(value) if isinstance(value, datetime) else value


def _encode_json(value: Any) -> Any:
    return None if value is None else orjson.dumps(value).decode()
