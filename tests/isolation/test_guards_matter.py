"""Each guard taken away: the vectors it holds get through. Row-level security is off here, or nothing would."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam
from sqlalchemy import select

from kit import documents
from kit.documents import Registered
from kit.documents import append
from kit.unit import _open
from kit.unit import unit_of_work
from tests.isolation.guards import GUARDS
from tests.isolation.guards import removed
from tests.isolation.guards import row_security_off
from tests.isolation.models import Jar
from tests.isolation.models import jars
from tests.isolation.vectors import BY_NAME
from tests.isolation.vectors import outcome
from tests.isolation.world import MARKER
from tests.isolation.world import World

ALONE = [
    ("criterion", "column select"),
    ("criterion", "select"),
    ("criterion", "count"),
    ("criterion", "subquery"),
    ("criterion", "EXISTS"),
    ("criterion", "legacy Query.count"),
    ("criterion", "legacy Query EXISTS"),
    ("criterion", "aliased"),
    ("criterion", "CTE"),
    ("criterion", "UNION ALL"),
    ("criterion", "ORM update"),
    ("criterion", "ORM delete"),
    ("text refusal", "from_statement(text)"),
    ("text refusal", "literal_column subquery"),
    ("text refusal", "suffix_with"),
    ("text refusal", "hand-written operator"),
    ("table refusal", "Core table beside an entity"),
    ("table refusal", "Core table in a subquery"),
    ("table refusal", "lightweight table()"),
    ("write refusal", "insert() naming a foreign tenant"),
    ("write refusal", "UPDATE with dml_strategy core_only"),
    ("write refusal", "UPDATE that sets tenant_id"),
    ("write refusal", "UPDATE that sets tenant_id by parameter"),
    ("flush guard", "add foreign"),
    ("flush guard", "change tenant_id"),
    ("flush guard", "delete a detached foreign row"),
    ("flush guard", "change a detached foreign row"),
    ("core refusal", "Core update"),
    ("load guard", "refresh a detached foreign row"),
    ("flush end", "Core select after a failed flush"),
    ("statement tripwire", "connection.execute(select)"),
    ("statement tripwire", "connection.execute(text)"),
    ("statement tripwire", "engine.connect"),
    ("statement tripwire", "session.get_bind()"),
    ("statement tripwire", "no tenant"),
    ("driver tripwire", "exec_driver_sql"),
    ("planes", "sandbox sees production"),
]
TOGETHER = [
    (("write refusal", "statement tripwire"), "bulk update by primary key"),
    (("bulk refusal", "statement tripwire"), "bulk_update_mappings"),
    (("criterion", "load guard", "flush guard"), "merge foreign"),
    (("criterion", "load guard"), "lazy"),
    (("criterion", "load guard"), "selectin"),
    (("criterion", "load guard"), "joined"),
    (("criterion", "load guard"), "many-to-many"),
    (("core refusal", "text refusal"), "text()"),
    (("core refusal", "table refusal"), "Core table select"),
    (("core refusal", "table refusal"), "association table"),
    (("core refusal", "text refusal"), "literal select_from(text)"),
    (("connection refusal", "statement tripwire"), "session.connection()"),
    (("own bind", "statement tripwire"), "another engine by bind_arguments"),
]


@pytest.fixture(autouse=True)
def bare(world: World) -> Iterator[None]:
    with row_security_off(world.settings):
        yield


def leaks(world: World, vector: str) -> bool:
    """Whether the vector reads a foreign row, counts one or changes one."""
    before, expected = world.foreign_rows(), BY_NAME[vector].expected
    seen = outcome(BY_NAME[vector], world)
    is_miscount = not isinstance(seen, Exception) and not isinstance(expected, type | tuple) and seen != expected
    return is_miscount or MARKER in repr(seen) or world.foreign_rows() != before


@pytest.mark.parametrize(("guard", "vector"), ALONE)
def test_vector_gets_through_when_its_guard_is_removed(world: World, guard: str, vector: str) -> None:
    with removed(guard):
        assert leaks(world, vector)


@pytest.mark.parametrize(("guards", "vector"), TOGETHER)
def test_vector_gets_through_only_when_all_its_guards_are_removed(world: World, guards: tuple[str, ...], vector: str) -> None:
    for last in guards:
        with removed(*(guard for guard in guards if guard != last)):
            assert not leaks(world, vector)
    with removed(*guards):
        assert leaks(world, vector)


def test_every_guard_is_shown_to_matter() -> None:
    assert {guard for guard, _ in ALONE} | {guard for guards, _ in TOGETHER for guard in guards} == set(GUARDS)


def test_a_registered_read_without_predicate_gets_through_when_the_check_is_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "require_tenant_predicate", lambda *_: None)
    everything = Registered("everything", lambda: select(jars.c.name))
    with unit_of_work(world.own):
        assert f"{MARKER} one" in {name for (name,) in everything.rows(world.own)}


def test_a_foreign_row_is_appended_when_the_stamp_is_removed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = world.foreign_rows()
    monkeypatch.setattr(documents, "_stamped", lambda _scope, row: row)
    with unit_of_work(world.own):
        append(world.own, Jar, [{"tenant_id": world.foreign.tenant_id, "id": "new", "shelf_id": "shelf_0", "name": "x"}])
    assert len(world.foreign_rows()) == len(before) + 1


def test_a_registered_read_crosses_tenants_when_the_unit_is_not_compared(
    world: World, monkeypatch: pytest.MonkeyPatch, named: Registered
) -> None:
    monkeypatch.setattr(documents, "current", lambda _: _open.get()["plane"])
    with unit_of_work(world.own):
        assert named.row(world.foreign, id="jar_2") == (f"{MARKER} three",)


@pytest.fixture
def named() -> Registered:
    return Registered(
        "named",
        lambda: select(jars.c.name).where(jars.c.tenant_id == documents.TENANT, jars.c.id == bindparam("id")),
    )


@pytest.mark.postgresql
def test_bare_sql_reads_foreign_rows_when_row_security_is_off(world: World, connect: Callable[[str], Any]) -> None:
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (world.own.tenant_id,))
    assert len(connection.execute(f"SELECT name FROM {jars.name} WHERE name LIKE '{MARKER}%'").fetchall()) >= 3
