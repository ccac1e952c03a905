"""Every registered statement of the application, run for an empty tenant with the ids of a full one."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Boolean
from sqlalchemy import Integer
from sqlalchemy import select
from sqlalchemy.sql import visitors

from api.process import MODELS
from kit.clock import Instant
from kit.documents import Registered
from kit.documents import registered
from kit.ids import new_id
from kit.json_sql import one_of
from kit.planes import Environment
from kit.planes import db
from kit.planes import owner_engine
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import unit_of_work
from sandbox.service import provision
from tests.isolation.world import outside_settings

REGISTRY = registered() if MODELS else []
NUMBERS = (0, 2**62)
INTEGRITY = (sqlite3.IntegrityError, psycopg.IntegrityError)


class RolledBackError(Exception):
    """Ends a unit without a trace."""


@dataclass(frozen=True)
class Stranger:
    """A tenant with the whole sandbox world."""

    scope: Scope
    settings: Settings

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row the tenant owns in the plane, read past every guard."""
        engine = owner_engine(outside_settings(self.settings), "sandbox")
        with engine.connect() as connection:
            found = {
                table.name: [tuple(row) for row in connection.execute(_owned(table, self.scope))]
                for table in db.metadatas["plane"].sorted_tables
            }
        engine.dispose()
        return found


def _owned(table: Any, scope: Scope) -> Any:
    return select(table).where(table.c.tenant_id == scope.tenant_id).order_by(*table.primary_key)


@pytest.fixture(scope="module")
def stranger(app: Flask, settings: Settings) -> Stranger:
    scope = Scope(Environment.SANDBOX, new_id("tnt"), application_id=new_id("app"))
    with unit_of_work(scope):
        provision(scope)
    return Stranger(scope, settings)


@pytest.fixture(scope="module")
def before(stranger: Stranger) -> dict[str, list[tuple[Any, ...]]]:
    """The full tenant's rows as they were made, and as they have to stay."""
    return stranger.rows()


@pytest.fixture(scope="module")
def known_ids(before: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """One id of each table that has rows (the second column of every key)."""
    tables = db.metadatas["plane"].tables
    places = {name: list(tables[name].c.keys()).index("id") for name in before if "id" in tables[name].c}
    return [before[name][0][place] for name, place in places.items() if before[name]]


def parameters(statement: Registered, known: list[str]) -> Iterator[dict[str, Any]]:
    """Values by bind name: each known id for text, both ends of the range for numbers."""
    built = statement.statement(*statement.example)
    everything = list(visitors.iterate(built))
    nodes = [node for node in everything if isinstance(node, BindParameter)]
    types = {node.key: node.type for node in nodes if node.value is None and not node.unique and node.key != "tenant_id"}
    for column, value in (getattr(built, "_values", None) or {}).items():
        if getattr(value, "key", None) in types:
            types[value.key] = built.table.c[getattr(column, "name", column)].type
    # The second argument of one_of is a JSON list as text.
    lists = {bind.key for node in everything if isinstance(node, one_of) for bind in list(node.clauses)[1:]}
    types |= {name: JSON() for name in types.keys() & lists}
    sets = [
        {name: _value(name, kind, identifier, number) for name, kind in types.items()}
        for identifier, number in product(known, NUMBERS)
    ]
    yield from {repr(values): values for values in sets}.values()  # most statements take no number: each set once


def _value(name: str, kind: Any, identifier: str, number: int) -> Any:
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, JSON) or name.endswith("_ids"):
        return f'["{identifier}"]'
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger):
        return min(number, 500)
    if isinstance(kind, BigInteger | Instant) or name.endswith("_us"):
        return number
    return identifier[: getattr(kind, "length", None)]


def results(statement: Registered, scope: Scope, known: list[str]) -> list[tuple[Any, ...]]:
    """All rows of all parameter sets; nothing stays written. Reads share a transaction, each write has its own."""
    rows: list[tuple[Any, ...]] = []
    sets = list(parameters(statement, known))
    is_read = statement.statement(*statement.example).is_select
    for together in [sets] if is_read else [[values] for values in sets]:
        try:
            with unit_of_work(scope):
                for values in together:
                    rows += statement.rows(scope, *statement.example, **values)
                raise RolledBackError
        except (RolledBackError, *INTEGRITY):
            continue
    return rows


@pytest.mark.parametrize("statement", REGISTRY, ids=lambda statement: statement.name)
def test_statement_gives_nothing_foreign_when_it_is_handed_foreign_ids(
    stranger: Stranger, before: dict[str, list[tuple[Any, ...]]], known_ids: list[str], new_scope: Callable[..., Scope],
    statement: Registered,
) -> None:  # fmt: skip
    rows = results(statement, new_scope(), known_ids)
    is_read = statement.statement(*statement.example).is_select
    assert not is_read or [identifier for identifier in known_ids if identifier in repr(rows)] == []
    assert stranger.rows() == before


def test_ids_lead_their_owner_to_rows(stranger: Stranger, known_ids: list[str]) -> None:
    found = [statement.name for statement in REGISTRY if results(statement, stranger.scope, known_ids)]
    assert len(known_ids) >= 15
    assert len(found) >= 20, found
