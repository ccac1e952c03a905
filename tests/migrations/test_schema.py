"""Migrations against the models, on the database the suite runs on."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import inspect

from kit.clock import Instant
from kit.planes import owner_engine
from kit.settings import PLANE_NAMES
from kit.settings import Settings
from migrations.generate import COMPARISON
from migrations.generate import metadatas
from migrations.generate import write
from migrations.roles import MigrationError
from migrations.upgrade import HERE
from migrations.upgrade import check_heads
from migrations.upgrade import family_of
from migrations.upgrade import upgrade_all


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """Settings of three SQLite planes that do not exist yet."""
    return Settings(home=tmp_path)


@pytest.mark.parametrize("plane", PLANE_NAMES)
def test_migrated_schema_equals_the_models(settings: Settings, plane: str) -> None:
    engine = owner_engine(settings, plane)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={**COMPARISON, "target_metadata": metadatas()})
        differences = compare_metadata(context, metadatas()[family_of(plane)])
    engine.dispose()
    assert differences == []


def test_upgrade_changes_nothing_when_planes_are_current(settings: Settings) -> None:
    assert upgrade_all(settings) == []
    check_heads(settings)


def test_upgrade_names_the_planes_it_changed_when_they_were_empty(empty: Settings) -> None:
    assert upgrade_all(empty) == ["control", "sandbox", "production"]


def test_check_names_the_plane_when_one_is_behind(empty: Settings) -> None:
    upgrade_all(empty)
    (empty.home / "production.sqlite3").unlink()
    with pytest.raises(MigrationError, match=r"^production database is at revision None, this checkout needs "):
        check_heads(empty)


def test_upgrade_says_which_database_when_a_file_is_damaged(empty: Settings) -> None:
    (empty.home / "sandbox.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(MigrationError, match=r"^sandbox database \(sqlite:////.*\): file is not a database$"):
        upgrade_all(empty)


def test_upgrade_leaves_no_table_behind_when_it_fails(empty: Settings) -> None:
    engine = owner_engine(empty, "sandbox")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tenant_state (tenant_id TEXT)")  # a migration will meet this name
    with pytest.raises(MigrationError, match="tenant_state"):
        upgrade_all(empty)
    assert inspect(engine).get_table_names() == ["tenant_state"]
    engine.dispose()


def test_upgrade_refuses_when_two_roles_of_a_plane_are_one(empty: Settings) -> None:
    url = "postgresql+psycopg://one@127.0.0.1:1/sandbox"
    shared = replace(empty, sandbox_url=url, sandbox_owner_url=url, sandbox_ops_url=url)
    with pytest.raises(MigrationError, match=r"^sandbox plane: .* must name three different roles$"):
        upgrade_all(shared)


def test_upgrade_hides_the_password_when_a_server_is_away(empty: Settings) -> None:
    away = replace(empty, control_url="postgresql+psycopg://u:hush@127.0.0.1:1/control?connect_timeout=2")
    with pytest.raises(MigrationError, match=r"^control database \(postgresql\+psycopg://u:\*\*\*@") as caught:
        upgrade_all(away)
    assert "hush" not in str(caught.value)


def test_generator_writes_grants_after_a_new_table(tmp_path: Path) -> None:
    versions = tmp_path / "versions"
    shutil.copytree(HERE / "plane" / "versions", versions)
    grown = MetaData()
    for table in metadatas()["plane"].tables.values():
        table.to_metadata(grown)
    Table("gift_cards", grown, Column("tenant_id", String(40), primary_key=True), Column("bought_at", Instant))
    Table(
        "gift_uses", grown, Column("tenant_id", String(40), primary_key=True),
        Column("expires_on", Integer, primary_key=True), postgresql_partition_by="RANGE (expires_on)",
    )  # fmt: skip

    text = write("plane", grown, "gift cards", versions).read_text()

    assert 'secure(op, "gift_cards")' in text
    assert [line.strip() for line in text.splitlines() if "partition(" in line] == ['partition(op, "gift_uses")']
    assert 'postgresql_partition_by="RANGE (expires_on)"' in text
    assert 'sa.Column("bought_at", sa.BigInteger(), nullable=True)' in text
