"""One standard world, built once for every test that only looks at it, and the rows of its tables."""

from collections.abc import Callable
from collections.abc import Iterator
from functools import cache
from typing import Any

import orjson
import psycopg
import pytest
from flask import Flask
from sqlalchemy import JSON
from sqlalchemy import Boolean
from sqlalchemy import make_url

from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import unit_of_work
from sandbox import service
from sandbox.building import BUILD
from sandbox.building import build_part
from sandbox.building import build_world
from tests.support.timers import drop_timers

Rows = list[dict[str, Any]]
Table = Callable[[type], Rows]


def rows_of(scope: Scope, model: Any) -> Rows:
    """Every row of a tenant in one table, JSON read, in the order of its key."""
    columns = [column for column in model.__table__.c if column.name != "tenant_id"]
    names = ", ".join(column.name for column in columns)
    key = ", ".join(column.name for column in model.__table__.primary_key if column.name != "tenant_id")
    with unit_of_work(scope, writes=False) as unit:
        mark = "?" if unit.dialect == "sqlite" else "%s"
        cursor = unit.cursor()
        cursor.execute(
            f'SELECT {names} FROM {model.__tablename__} WHERE tenant_id = {mark} ORDER BY {key}', (scope.tenant_id,)
        )
        found = cursor.fetchall()
    return [{column.name: _read(column, value) for column, value in zip(columns, row, strict=True)} for row in found]


def _read(column: Any, value: Any) -> Any:
    if isinstance(column.type, JSON) and isinstance(value, str):
        return orjson.loads(value)
    return bool(value) if isinstance(column.type, Boolean) and value is not None else value


def analyze(settings: Settings) -> None:
    """Tell PostgreSQL how large its tables are, as a running server notices by itself."""
    url = make_url(settings.plane_url("sandbox", "owner"))
    if url.get_backend_name() == "postgresql":
        with psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True) as owner:
            owner.execute("ANALYZE")


@pytest.fixture(autouse=True)
def nothing_is_left_to_build(app: Flask) -> Iterator[None]:
    """A worker of another test would build the whole world."""
    yield
    drop_timers(BUILD)


@pytest.fixture(scope="session")
def world(app: Flask, settings: Settings) -> Scope:
    """A tenant that holds the standard world of seed 7. For reading only."""
    scope = Scope(Environment.SANDBOX, new_id("tnt"), application_id="app_world")
    with unit_of_work(scope):
        service.provision(scope, profile="standard", is_frozen=True)
    build_part(scope)
    analyze(settings)
    build_world(scope)
    return scope


@pytest.fixture(scope="session")
def table(world: Scope) -> Table:
    """Reads a table of the standard world, once."""
    return cache(lambda model: rows_of(world, model))
