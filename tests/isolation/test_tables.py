"""A walk over the tables: the tenant leads every key, and PostgreSQL forces row security on each table."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import UniqueConstraint
from sqlalchemy import create_engine
from sqlalchemy import inspect
from sqlalchemy import make_url

from api.process import MODELS
from kit.planes import Environment
from kit.planes import UnsafeDatabase
from kit.planes import check_roles
from kit.planes import db
from kit.planes import engine_options
from kit.planes import owner_engine
from kit.planes import planes
from kit.settings import Settings
from tests.support.postgres import SUPERUSER

TABLES = db.metadatas["plane"].sorted_tables if MODELS else []
MEMBERS = {
    "member_of_owner": "CREATE ROLE member_of_owner LOGIN IN ROLE sandbox_owner",
    "member_of_superuser": f"CREATE ROLE member_of_superuser LOGIN IN ROLE {SUPERUSER}",
}


def names(table: Any) -> str:
    return str(table.name)


@pytest.mark.parametrize("table", TABLES, ids=names)
def test_primary_key_starts_with_the_tenant(table: Any) -> None:
    assert next(iter(table.primary_key.columns.keys())) == "tenant_id"


@pytest.mark.parametrize("table", TABLES, ids=names)
def test_foreign_keys_tie_tenant_to_tenant(table: Any) -> None:
    keys = [key for key in table.constraints if isinstance(key, ForeignKeyConstraint)]
    pairs = [[(element.parent.name, element.column.name) for element in key.elements] for key in keys]
    assert [pair for pair in pairs if pair[0] != ("tenant_id", "tenant_id")] == []


@pytest.mark.parametrize("table", TABLES, ids=names)
def test_unique_keys_start_with_the_tenant(table: Any) -> None:
    constraints = [key for key in table.constraints if isinstance(key, UniqueConstraint)]
    unique = [index for index in table.indexes if index.unique]
    assert [str(key.name) for key in (*constraints, *unique) if key.columns[0].name != "tenant_id"] == []


@pytest.mark.parametrize("plane", Environment)
def test_database_holds_the_same_keys_as_the_models(app: Flask, settings: Settings, plane: str) -> None:
    engine = owner_engine(settings, plane)
    found = {table.name: inspect(engine).get_pk_constraint(table.name)["constrained_columns"][0] for table in TABLES}
    unique = [index for table in TABLES for index in inspect(engine).get_indexes(table.name) if index["unique"]]
    engine.dispose()
    assert set(found.values()) == {"tenant_id"}
    assert [index["name"] for index in unique if index["column_names"][0] != "tenant_id"] == []


@pytest.mark.postgresql
def test_no_view_shows_tables_past_row_security(connect: Callable[[str], Any]) -> None:
    views = "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    assert connect("owner").execute(views).fetchall() == []


@pytest.mark.postgresql
def test_roles_are_accepted_as_installed(app: Flask, settings: Settings) -> None:
    check_roles(settings)


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("role", "message"),
    [
        (SUPERUSER, "superuser or has BYPASSRLS"),
        ("sandbox_owner", "belongs to the serving role"),
        ("member_of_owner", "belongs to the serving role"),
        ("member_of_superuser", "superuser or has BYPASSRLS"),
    ],
)
def test_start_is_refused_when_the_serving_role_is_not_bound(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, role: str, message: str
) -> None:
    url = make_url(settings.sandbox_url).set(username=role)
    with psycopg.connect(host=str(url.query["host"]), user=SUPERUSER, dbname=url.database, autocommit=True) as connection:
        existing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for member, statement in MEMBERS.items():
            if member not in existing:
                connection.execute(statement)
                connection.execute(f"GRANT CONNECT ON DATABASE sandbox TO {member}")
    engine = create_engine(**engine_options(url.render_as_string(hide_password=False)))
    monkeypatch.setitem(planes._engines, ("sandbox", "app"), engine)
    with pytest.raises(UnsafeDatabase, match=rf"^sandbox plane, role app: .*{message}"):
        check_roles(settings)
    engine.dispose()
