"""The fast door: registered statements stay in their tenant, and one that would not is refused when it is built."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from sqlalchemy import bindparam
from sqlalchemy import column
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import table
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from kit.documents import TENANT
from kit.documents import Registered
from kit.documents import append
from kit.scope import Scope
from kit.scope import TenantViolation
from kit.unit import side_transaction
from kit.unit import unit_of_work
from tests.isolation.models import Jar
from tests.isolation.models import jars
from tests.isolation.models import shelves
from tests.isolation.world import MARKER
from tests.isolation.world import World

j, s = jars.alias("j"), shelves.alias("s")
own_jars = j.c.tenant_id == TENANT
own_shelves = s.c.tenant_id == TENANT
bare_subquery = select(s.c.id).where(s.c.name == "x")

REFUSED: dict[str, Callable[[], Any]] = {
    "select": lambda: select(j.c.name),
    "select of a column named like it": lambda: select(j.c.name).where(j.c.id == TENANT),
    "join": lambda: select(j.c.name).join_from(j, s, s.c.id == j.c.shelf_id).where(own_jars),
    "left join whose ON binds the left side": lambda: select(j.c.name).join_from(j, s, own_jars & own_shelves, isouter=True),
    "full join whose ON binds both": lambda: select(j.c.name).join_from(j, s, own_jars & own_shelves, full=True),
    "second table in WHERE": lambda: select(j.c.name).where(own_jars, s.c.id == j.c.shelf_id),
    "IN subquery": lambda: select(j.c.name).where(own_jars, j.c.shelf_id.in_(bare_subquery)),
    "scalar subquery": lambda: select(j.c.name, bare_subquery.scalar_subquery()).where(own_jars),
    "subquery in FROM": lambda: select(bare_subquery.subquery().c.id),
    "CTE": lambda: select(bare_subquery.cte().c.id),
    "second half of a union": lambda: select(s.c.id).where(own_shelves).union_all(bare_subquery),
    "EXISTS": lambda: select(j.c.name).where(own_jars, exists().where(s.c.id == "x")),
    "correlated to a table that is not bound": lambda: select(s.c.name).where(
        exists().where(own_jars, j.c.shelf_id == s.c.id).correlate(s)
    ),
    "correlated to a table of no outer level": lambda: select(j.c.name).where(
        own_jars, exists().where(s.c.name == "x").correlate(s), exists(select(s.c.id).where(own_shelves))
    ),
    "correlated in FROM": lambda: select(select(s.c.id).correlate(s).subquery().c.id).select_from(s).where(own_shelves),
    "hidden behind OR": lambda: select(j.c.name).where(or_(own_jars, j.c.id == "x")),
    "negated": lambda: select(j.c.name).where(~own_jars),
    "not equal": lambda: select(j.c.name).where(j.c.tenant_id != TENANT),
    "other parameter": lambda: select(j.c.name).where(j.c.tenant_id == bindparam("tenant")),
    "constant tenant": lambda: select(j.c.name).where(j.c.tenant_id == "tnt_1"),
    "alias of an alias": lambda: select(j.alias("again").c.name),
    "lightweight table()": lambda: select(table(jars.name, column("name")).c.name),
    "text()": lambda: select(j.c.name).where(own_jars, text("1 = 1 OR 1 = 1")),
    "suffix": lambda: select(j.c.name).where(own_jars).suffix_with("UNION ALL SELECT name FROM isolation_jars"),
    "update": lambda: update(jars).values(name="x"),
    "update from another table": lambda: (
        update(jars).where(jars.c.tenant_id == TENANT, shelves.c.id == jars.c.shelf_id).values(name="x")
    ),
    "update with a subquery value": lambda: (
        update(jars).where(jars.c.tenant_id == TENANT).values(name=select(s.c.name).scalar_subquery())
    ),
    "update that sets the tenant": lambda: update(jars).where(jars.c.tenant_id == TENANT).values(tenant_id=bindparam("to")),
    "delete": lambda: delete(jars).where(jars.c.id == "x"),
    "delete using another table": lambda: delete(jars).where(jars.c.tenant_id == TENANT, shelves.c.id == jars.c.shelf_id),
    "insert": lambda: insert(jars).values(id="x", name="y"),
    "insert for a constant tenant": lambda: insert(jars).values(tenant_id="tnt_1", id="x"),
    "insert from select": lambda: insert(jars).from_select(["tenant_id", "id"], select(j.c.tenant_id, j.c.id)),
    "upsert that sets the tenant": lambda: (
        upsert(jars).values(tenant_id=TENANT, id="x").on_conflict_do_update(index_elements=["id"], set_={"tenant_id": "y"})
    ),
}  # fmt: skip
ACCEPTED: dict[str, Callable[[], Any]] = {
    "join bound in ON": lambda: select(j.c.name).join_from(s, j, own_jars & (j.c.shelf_id == s.c.id)).where(own_shelves),
    "left join bound in ON": lambda: select(s.c.name).join_from(s, j, own_jars, isouter=True).where(own_shelves),
    "correlated subquery": lambda: select(
        func.coalesce(select(func.count()).where(own_jars, j.c.shelf_id == s.c.id).correlate(s).scalar_subquery(), 0)
    ).where(own_shelves),
    "IN constants": lambda: select(j.c.name).where(own_jars, j.c.id.in_(("jar_0", "jar_1")), j.c.name != bindparam("not")),
}  # fmt: skip


@pytest.mark.parametrize("build", REFUSED.values(), ids=REFUSED)
def test_statement_is_refused_when_a_table_is_not_bound(build: Callable[[], Any]) -> None:
    with pytest.raises(TenantViolation):
        Registered("refused", build).statement()


@pytest.mark.parametrize(
    ("name", "rows"),
    [("join bound in ON", 2), ("left join bound in ON", 4), ("correlated subquery", 2), ("IN constants", 2)],
)
def test_statement_reads_only_own_rows_when_every_table_is_bound(world: World, name: str, rows: int) -> None:
    with unit_of_work(world.own):
        seen = Registered(name, ACCEPTED[name]).rows(world.own, **({"not": "x"} if name == "IN constants" else {}))
    assert len(seen) == rows
    assert MARKER not in repr(seen)


def test_append_is_refused_when_a_row_names_another_tenant(world: World) -> None:
    row = {"tenant_id": world.foreign.tenant_id, "id": "new", "shelf_id": "shelf_0", "name": "x"}
    with pytest.raises(TenantViolation, match="another tenant"), unit_of_work(world.own):
        append(world.own, Jar, [row])
    assert "new" not in repr(world.foreign_rows())


@pytest.mark.parametrize("field", ["foreign", "elsewhere"])
def test_unit_of_another_scope_is_refused(world: World, field: str) -> None:
    named = Registered("named", lambda: select(j.c.name).where(own_jars))
    other: Scope = getattr(world, field)
    with unit_of_work(world.own):
        with pytest.raises(RuntimeError, match="belongs to another tenant"):
            named.rows(other)
        with pytest.raises(RuntimeError, match="belongs to another tenant"):
            append(other, Jar, [{"id": "new", "shelf_id": "shelf_0", "name": "x"}])


def test_tenant_parameter_cannot_be_overridden(world: World) -> None:
    named = Registered("named", lambda: select(j.c.name).where(own_jars))
    with unit_of_work(world.own):
        assert sorted(named.rows(world.own, tenant_id=world.foreign.tenant_id)) == [("own one",), ("own two",)]


def test_side_transaction_sees_its_own_tenant_only(world: World) -> None:
    named = Registered("named", lambda: select(j.c.name).where(own_jars))
    with unit_of_work(world.own, writes=False), side_transaction(world.foreign):
        assert len(named.rows(world.foreign)) == 3
        with pytest.raises(RuntimeError, match="belongs to another tenant"):
            named.rows(world.own)


def test_scope_cannot_be_switched(world: World) -> None:
    with pytest.raises(FrozenInstanceError):
        world.own.tenant_id = world.foreign.tenant_id  # type: ignore[misc]
