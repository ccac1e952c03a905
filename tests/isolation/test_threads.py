"""Eight threads on a small pool, tenants alternating: no connection carries one tenant's view into the next unit."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy import select

from kit.planes import _listen
from kit.planes import engine_options
from kit.planes import planes
from kit.scope import Scope
from kit.scope import install_tripwire
from kit.settings import Settings
from kit.unit import session
from kit.unit import unit_of_work
from tests.isolation.models import Jar
from tests.isolation.world import World


@pytest.fixture
def small_pool(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two connections for everybody."""
    options = engine_options(settings.plane_url("sandbox")) | {"pool_size": 2, "max_overflow": 0, "pool_timeout": 30}
    engine = create_engine(options.pop("url"), **options)
    _listen(engine)
    install_tripwire(engine)
    monkeypatch.setitem(planes._engines, ("sandbox", "app"), engine)
    yield
    engine.dispose()


def seen_by(scope: Scope) -> set[tuple[str, str]]:
    with unit_of_work(scope, writes=False):
        return {tuple(row) for row in session(scope).execute(select(Jar.tenant_id, Jar.name))}


def test_no_unit_sees_another_tenant_when_threads_share_two_connections(world: World, small_pool: None) -> None:
    turns = [world.own, world.foreign] * 200
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(seen_by, turns))
    for scope, rows in zip(turns, seen, strict=True):
        assert {tenant for tenant, _ in rows} == {scope.tenant_id}
    assert {len(rows) for rows in seen[::2]} == {2}
    assert {len(rows) for rows in seen[1::2]} == {3}
