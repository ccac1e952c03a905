"""Every known way to reach rows with SQLAlchemy, each as a function of an open unit and the world.

A vector returns what it read (names, counts) or nothing; the tests say what must come of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import literal_column
from sqlalchemy import select
from sqlalchemy import table
from sqlalchemy import text
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.exc import SAWarning
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm import aliased
from sqlalchemy.orm import joinedload
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.util import identity_key

from accounts.people.models import Person
from kit.planes import planes
from kit.scope import Scope
from kit.scope import TenantViolation
from kit.unit import Unit
from kit.unit import unit_of_work
from tests.isolation.models import Jar
from tests.isolation.models import Shelf
from tests.isolation.models import jar_tags
from tests.isolation.models import jars
from tests.isolation.world import World

OWN = ["own one", "own two"]
Run = Callable[[Unit, Scope], Any]  # the open unit of the own tenant, and the foreign scope


@dataclass(frozen=True)
class Vector:
    """`expected` is what the vector reads, or the exception that must stop it (a tuple where databases differ)."""

    name: str
    run: Run
    expected: Any


def names(result: Any) -> list[str]:
    return sorted(result.scalars(), key=str)


def foreign_key(foreign: Scope) -> tuple[str, str]:
    return foreign.tenant_id, "jar_2"


def foreign_jar(foreign: Scope) -> Jar:
    """A foreign row as an object that claims to come from the database."""
    jar = Jar(tenant_id=foreign.tenant_id, id="jar_2", shelf_id="shelf_0", name="hit")
    make_transient_to_detached(jar)
    return jar


def shelf(unit: Unit, *options: Any) -> Shelf:
    statement = Shelf.owned_by(unit.scope).where(Shelf.id == "shelf_0").options(*options)
    return unit.session.execute(statement).unique().scalar_one()


def get_own(unit: Unit, _: Scope) -> str:
    return unit.session.get(Jar, (unit.scope.tenant_id, "jar_0")).name


def many_to_many(unit: Unit, _: Scope) -> list[str]:
    jar = unit.session.get(Jar, (unit.scope.tenant_id, "jar_0"))
    return sorted({tag.name for tag in jar.tags})


def orm_update(unit: Unit, _: Scope) -> int:
    return unit.session.execute(update(Jar).values(name="hit")).rowcount


def orm_delete(unit: Unit, _: Scope) -> int:
    return unit.session.query(Jar).delete()


def bulk_by_key(unit: Unit, foreign: Scope) -> None:
    unit.session.execute(update(Jar), [{"tenant_id": foreign.tenant_id, "id": "jar_2", "name": "hit"}])


def bulk_mappings(unit: Unit, foreign: Scope) -> None:
    unit.session.bulk_update_mappings(Jar, [{"tenant_id": foreign.tenant_id, "id": "jar_2", "name": "hit"}])


def insert_foreign(unit: Unit, foreign: Scope) -> None:
    unit.session.execute(insert(Jar).values(tenant_id=foreign.tenant_id, id="new", shelf_id="shelf_0", name="hit"))


def add_foreign(unit: Unit, foreign: Scope) -> None:
    unit.session.add(Jar(tenant_id=foreign.tenant_id, shelf_id="shelf_0", name="hit"))


def add_own(unit: Unit, _: Scope) -> list[str]:
    unit.session.add(Jar(shelf_id="shelf_0", name="own three"))
    return names(unit.session.execute(select(Jar.name)))


def change_tenant(unit: Unit, foreign: Scope) -> None:
    jar = unit.session.get(Jar, (unit.scope.tenant_id, "jar_0"))
    jar.id, jar.tenant_id = "moved", foreign.tenant_id


def merge_foreign(unit: Unit, foreign: Scope) -> None:
    unit.session.merge(Jar(tenant_id=foreign.tenant_id, id="jar_2", shelf_id="shelf_0", name="hit"))


def alias_select(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(aliased(Jar).name)))


def subquery(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(select(Jar.name).subquery().c.name)))


def common_table(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(select(Jar.name).cte().c.name)))


def foreign_exists(unit: Unit, _: Scope) -> bool:
    other = aliased(Jar)
    return bool(names(unit.session.execute(select(Jar.name).where(exists().where(other.id == "jar_2")))))


def union_all(unit: Unit, _: Scope) -> list[str]:
    both = select(Jar.name).where(Jar.id == "jar_0").union_all(select(Jar.name).where(Jar.id != "jar_0"))
    return names(unit.session.execute(both))


def textual_entity(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(Jar.name).from_statement(text(f"SELECT name FROM {jars.name}"))))


def bare_connection(unit: Unit, _: Scope) -> list[str]:
    with planes.engine("sandbox").connect() as connection:
        return names(connection.execute(select(jars.c.name)))


def cross_tenant_key(unit: Unit, _: Scope) -> None:
    unit.session.add(Jar(shelf_id="shelf_2", name="hangs on a foreign shelf"))


def without_tenant(unit: Unit, _: Scope) -> list[str]:
    with Session(bind=planes.engine("production")) as session:
        return names(session.execute(select(Jar.name)))


def literal_source(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(literal_column("name")).select_from(text(jars.name))))


def outcome(vector: Vector, world: World) -> Any:
    """What the vector read, or the exception that stopped it."""
    try:
        with unit_of_work(world.own) as unit:
            return vector.run(unit, world.foreign)
    except (RuntimeError, SQLAlchemyError, SAWarning) as error:
        return error


PUBLISHED = [
    Vector("select", lambda u, _: names(u.session.execute(select(Jar).with_only_columns(Jar.name))), OWN),
    Vector("get own", get_own, "own one"),
    Vector("get foreign", lambda u, f: u.session.get(Jar, foreign_key(f)), None),
    Vector("lazy", lambda u, _: sorted(jar.name for jar in shelf(u).jars), OWN),
    Vector("selectin", lambda u, _: sorted(jar.name for jar in shelf(u, selectinload(Shelf.jars)).jars), OWN),
    Vector("joined", lambda u, _: sorted(jar.name for jar in shelf(u, joinedload(Shelf.jars)).jars), OWN),
    Vector("many-to-many", many_to_many, OWN),
    Vector("ORM update", orm_update, 2),
    Vector("ORM delete", orm_delete, 2),
    Vector("bulk update by primary key", bulk_by_key, TenantViolation),
    Vector("bulk_update_mappings", bulk_mappings, TenantViolation),
    Vector("insert() naming a foreign tenant", insert_foreign, TenantViolation),
    Vector("add foreign", add_foreign, TenantViolation),
    Vector("add own", add_own, ["own one", "own three", "own two"]),
    Vector("change tenant_id", change_tenant, TenantViolation),
    Vector("merge foreign", merge_foreign, TenantViolation),
    Vector("text()", lambda u, _: names(u.session.execute(text(f"SELECT name FROM {jars.name}"))), TenantViolation),
    Vector("Core table select", lambda u, _: names(u.session.execute(select(jars.c.name))), TenantViolation),
    Vector("column select", lambda u, _: names(u.session.execute(select(Jar.name))), OWN),
    Vector("count", lambda u, _: u.session.scalar(select(func.count()).select_from(Jar)), 2),
    Vector("aliased", alias_select, OWN),
    Vector("subquery", subquery, OWN),
    Vector("CTE", common_table, OWN),
    Vector("EXISTS", foreign_exists, False),
    Vector("UNION ALL", union_all, OWN),
    Vector("from_statement(text)", textual_entity, TenantViolation),
    Vector("connection.execute(select)", lambda u, _: names(u.connection.execute(select(jars.c.name))), TenantViolation),
    Vector(
        "connection.execute(text)",
        lambda u, _: names(u.connection.execute(text(f"SELECT name FROM {jars.name}"))),
        TenantViolation,
    ),
    Vector(
        "exec_driver_sql", lambda u, _: names(u.connection.exec_driver_sql(f"SELECT name FROM {jars.name}")), TenantViolation
    ),
    Vector("engine.connect", bare_connection, TenantViolation),
    Vector("Core update", lambda u, _: u.session.execute(update(jars).values(name="hit")).rowcount, TenantViolation),
    Vector("association table", lambda u, _: names(u.session.execute(select(jar_tags.c.tag_id))), TenantViolation),
    Vector("literal select_from(text)", literal_source, TenantViolation),
    Vector("cross-tenant foreign key", cross_tenant_key, IntegrityError),
    Vector("sandbox sees production", lambda u, _: [n for n in names(u.session.execute(select(Jar.name))) if "live" in n], []),
    Vector("no tenant", without_tenant, TenantViolation),
    Vector("legacy Query.count", lambda u, _: u.session.query(Jar).count(), 2),
    Vector(
        "legacy Query EXISTS",
        lambda u, _: u.session.scalar(select(u.session.query(Jar).filter(Jar.id == "jar_2").exists())),
        False,
    ),
]


def core_beside_entity(unit: Unit, _: Scope) -> list[str]:
    other = jars.alias()
    return names(unit.session.execute(select(other.c.name).join_from(Shelf, other, Shelf.id == other.c.shelf_id)))


def core_in_subquery(unit: Unit, _: Scope) -> list[str]:
    name = select(jars.c.name).where(jars.c.id == "jar_2").limit(1).scalar_subquery()
    return names(unit.session.execute(select(name).select_from(Shelf)))


def lightweight_table(unit: Unit, _: Scope) -> list[str]:
    light = table(jars.name, column("name"))
    return names(unit.session.execute(select(light.c.name).join_from(Shelf, light, Shelf.id == "shelf_0")))


def literal_subquery(unit: Unit, _: Scope) -> list[str]:
    literal = literal_column(f"(SELECT max(name) FROM {jars.name} WHERE id = 'jar_2')")
    return names(unit.session.execute(select(literal).select_from(Shelf)))


def suffix(unit: Unit, _: Scope) -> list[str]:
    return names(unit.session.execute(select(Jar.name).suffix_with(f"UNION ALL SELECT name FROM {jars.name}")))


def written_operator(unit: Unit, _: Scope) -> list[str]:
    joined = Shelf.name.op(f"|| (SELECT max(name) FROM {jars.name} WHERE id = 'jar_2') ||")("")
    return names(unit.session.execute(select(joined)))


def update_joined(unit: Unit, _: Scope) -> int:
    statement = update(Jar).where(Shelf.id == "shelf_2").values(name="hit")
    return unit.session.execute(statement, execution_options={"synchronize_session": False}).rowcount


def core_strategy(unit: Unit, _: Scope) -> None:
    unit.session.execute(update(Jar).values(name="hit"), execution_options={"dml_strategy": "core_only"})


def give_away(unit: Unit, foreign: Scope) -> None:
    unit.session.execute(update(Jar).where(Jar.id == "jar_0").values(tenant_id=foreign.tenant_id, id="given"))


def give_away_by_parameter(unit: Unit, foreign: Scope) -> None:
    unit.session.execute(update(Jar).where(Jar.name == "own one"), {"tenant_id": foreign.tenant_id, "id": "given"})


def other_bind(unit: Unit, _: Scope) -> list[str]:
    production = {"bind": planes.engine("production")}
    return names(unit.session.execute(select(Jar.name), bind_arguments=production))


def after_a_failed_flush(unit: Unit, foreign: Scope) -> list[str]:
    try:
        with unit.session.begin_nested():
            unit.session.add(Jar(shelf_id="shelf_none", name="fails"))
            unit.session.flush()
    except SQLAlchemyError:
        return names(unit.connection.execute(select(jars.c.name)))
    return []


def delete_detached(unit: Unit, foreign: Scope) -> None:
    unit.session.delete(foreign_jar(foreign))


def refresh_detached(unit: Unit, foreign: Scope) -> str:
    jar = foreign_jar(foreign)
    unit.session.add(jar)
    unit.session.refresh(jar)
    return jar.name


def change_detached(unit: Unit, foreign: Scope) -> None:
    jar = foreign_jar(foreign)
    unit.session.add(jar)
    jar.name = "changed"


def identity_map(unit: Unit, foreign: Scope) -> bool:
    names(unit.session.execute(select(Jar.name)))
    return identity_key(Jar, foreign_key(foreign)) in unit.session.identity_map


OUR_OWN = [
    Vector("Core table beside an entity", core_beside_entity, TenantViolation),
    Vector("Core table in a subquery", core_in_subquery, TenantViolation),
    Vector("lightweight table()", lightweight_table, TenantViolation),
    Vector("literal_column subquery", literal_subquery, TenantViolation),
    Vector("suffix_with", suffix, TenantViolation),
    Vector("hand-written operator", written_operator, TenantViolation),
    Vector("UPDATE joined to another entity", update_joined, TenantViolation),
    Vector("UPDATE with dml_strategy core_only", core_strategy, TenantViolation),
    Vector("UPDATE that sets tenant_id", give_away, TenantViolation),
    Vector("UPDATE that sets tenant_id by parameter", give_away_by_parameter, TenantViolation),
    Vector("another engine by bind_arguments", other_bind, OWN),
    Vector("session.connection()", lambda u, _: names(u.session.connection().execute(select(jars.c.name))), TenantViolation),
    Vector("session.get_bind()", lambda u, _: names(u.session.get_bind().execute(select(jars.c.name))), TenantViolation),
    Vector("Core select after a failed flush", after_a_failed_flush, TenantViolation),
    Vector("delete a detached foreign row", delete_detached, TenantViolation),
    Vector("refresh a detached foreign row", refresh_detached, (TenantViolation, InvalidRequestError)),
    Vector("change a detached foreign row", change_detached, TenantViolation),
    Vector("identity map", identity_map, False),
    Vector("control plane model", lambda u, _: u.session.execute(select(Person)).all(), TenantViolation),
]
BY_NAME = {vector.name: vector for vector in (*PUBLISHED, *OUR_OWN)}
