"""PostgreSQL alone: its policies hold when every guard of ours is gone, and the ops role has no restaurant table."""

from collections.abc import Callable
from typing import Any

import pytest
from psycopg.errors import ForeignKeyViolation
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from kit.planes import Environment
from kit.unit import cross_tenant_unit
from tests.isolation.guards import GUARDS
from tests.isolation.guards import removed
from tests.isolation.models import jars
from tests.isolation.vectors import BY_NAME
from tests.isolation.vectors import outcome
from tests.isolation.world import MARKER
from tests.isolation.world import World

pytestmark = pytest.mark.postgresql
Connect = Callable[[str], Any]
ORM_GUARDS = sorted(set(GUARDS) - {"planes"})


@pytest.mark.compliance("ASVS 5.0 8.4.1")
@pytest.mark.parametrize("name", BY_NAME)
def test_policies_hold_alone_when_all_our_guards_are_removed(world: World, name: str) -> None:
    before = world.foreign_rows()
    with removed(*ORM_GUARDS):
        seen = outcome(BY_NAME[name], world)
    assert MARKER not in repr(seen)
    assert world.foreign_rows() == before


def test_bare_connection_sees_nothing_when_no_tenant_is_set(world: World, connect: Connect) -> None:
    assert connect("app").execute(f"SELECT name FROM {jars.name}").fetchall() == []


def test_bare_connection_sees_own_rows_when_its_tenant_is_set(world: World, connect: Connect) -> None:
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (world.own.tenant_id,))
    assert connection.execute(f"SELECT name FROM {jars.name} ORDER BY name").fetchall() == [("own one",), ("own two",)]
    hit = connection.execute(f"UPDATE {jars.name} SET name = 'hit' WHERE tenant_id = %s", (world.foreign.tenant_id,))
    assert hit.rowcount == 0
    connection.rollback()
    assert connection.execute(f"SELECT name FROM {jars.name}").fetchall() == []


@pytest.mark.parametrize(
    ("row", "error"),
    [(("foreign", "new", "shelf_0"), InsufficientPrivilege), (("own", "new", "shelf_2"), ForeignKeyViolation)],
    ids=["foreign row", "own row on a foreign shelf"],
)
def test_bare_insert_is_refused(world: World, connect: Connect, row: tuple[str, str, str], error: type[Exception]) -> None:
    tenant, jar, shelf = row
    connection = connect("app")
    connection.execute("SELECT set_config('app.tenant_id', %s, true)", (world.own.tenant_id,))
    values = (getattr(world, tenant).tenant_id, jar, shelf, "x")
    with pytest.raises(error):
        connection.execute(f"INSERT INTO {jars.name} (tenant_id, id, shelf_id, name) VALUES (%s, %s, %s, %s)", values)


@pytest.mark.parametrize("table", ["orders", "guests", "payments", "menu_items", "inboxes"])
def test_operations_cannot_read_restaurant_tables(world: World, table: str) -> None:
    operations = cross_tenant_unit(Environment.SANDBOX, reason="test")
    with pytest.raises(ProgrammingError, match="permission denied"), operations as unit:
        unit.connection.execute(text(f"SELECT count(*) FROM {table}"))


def test_operations_cross_tenants_on_delivery_tables(world: World) -> None:
    with cross_tenant_unit(Environment.SANDBOX, reason="test") as unit:
        found = {row[0] for row in unit.connection.execute(text("SELECT tenant_id FROM tenant_state"))}
    assert {world.own.tenant_id, world.foreign.tenant_id} <= found
