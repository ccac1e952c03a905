"""Two tenants that share every id, and a third set of rows in the other plane. Foreign rows carry a marker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import make_url
from sqlalchemy import select

from kit.documents import append
from kit.planes import owner_engine
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import unit_of_work
from tests.isolation.models import METADATA
from tests.isolation.models import Jar
from tests.isolation.models import Shelf
from tests.isolation.models import Tag
from tests.isolation.models import jar_tags
from tests.support.postgres import SUPERUSER

MARKER = "STRANGER"


@dataclass(frozen=True)
class World:
    """`own` acts; `foreign` is another tenant of the same plane, `elsewhere` the same tenant id in the other plane."""

    own: Scope
    foreign: Scope
    elsewhere: Scope
    settings: Settings

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """The sandbox plane seen past every guard: SQLite's file, or PostgreSQL's superuser."""
        engine = owner_engine(outside_settings(self.settings), "sandbox")
        with engine.begin() as connection:
            yield connection
        engine.dispose()

    def foreign_rows(self) -> list[tuple[Any, ...]]:
        """Every row of the foreign tenant, as they are now."""
        with self.outside() as connection:
            return [
                tuple(row)
                for table in METADATA.sorted_tables
                for row in connection.execute(
                    select(table).where(table.c.tenant_id == self.foreign.tenant_id).order_by(*table.primary_key)
                )
            ]


def outside_settings(settings: Settings) -> Settings:
    """Settings whose owner of the sandbox plane is a superuser, whom row-level security does not bind."""
    if not settings.sandbox_url:
        return settings
    url = make_url(settings.sandbox_owner_url).set(username=SUPERUSER)
    return replace(settings, sandbox_owner_url=url.render_as_string(hide_password=False))


def plant(scope: Scope, names: list[str]) -> None:
    with unit_of_work(scope) as unit:
        append(scope, Shelf, [{"id": f"shelf_{n}", "name": name} for n, name in enumerate(names)])
        append(scope, Jar, [{"id": f"jar_{n}", "shelf_id": "shelf_0", "name": name} for n, name in enumerate(names)])
        append(scope, Tag, [{"id": f"tag_{n}", "name": name} for n, name in enumerate(names)])
        mark = "?" if unit.dialect == "sqlite" else "%s"
        unit.cursor().executemany(
            f"INSERT INTO {jar_tags.name} (tenant_id, jar_id, tag_id) VALUES ({mark}, {mark}, {mark})",
            [(scope.tenant_id, "jar_0", tag) for tag in (*(f"tag_{n}" for n in range(len(names))), names[0])],
        )
