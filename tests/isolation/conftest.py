"""Fixtures of the isolation tests: their tables, their world, bare connections."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask

from kit.planes import Environment
from kit.planes import owner_engine
from kit.scope import Scope
from kit.settings import Settings
from migrations.roles import roles_of
from migrations.roles import secure
from tests.isolation.models import METADATA
from tests.isolation.world import MARKER
from tests.isolation.world import World
from tests.isolation.world import plant


@pytest.fixture(scope="package")
def tables(app: Flask, settings: Settings) -> Iterator[None]:
    """The tables of tests.isolation.models on both data planes, secured like every other."""
    for plane in Environment:
        engine = owner_engine(settings, plane)
        with engine.begin() as connection:
            METADATA.create_all(connection)
            op = Operations(MigrationContext.configure(connection, opts={"roles": roles_of(settings, plane)}))
            for name in METADATA.tables:
                secure(op, name)
        engine.dispose()
    yield
    for plane in Environment:
        engine = owner_engine(settings, plane)
        METADATA.drop_all(engine)
        engine.dispose()


@pytest.fixture
def world(tables: None, settings: Settings, new_scope: Callable[..., Scope]) -> World:
    """Own rows `own one` and `own two`; the foreign tenant has the same ids and more, each name with the marker."""
    own, foreign = new_scope(), new_scope()
    world = World(own, foreign, replace(own, environment=Environment.PRODUCTION), settings)
    plant(own, ["own one", "own two"])
    plant(foreign, [f"{MARKER} one", f"{MARKER} two", f"{MARKER} three"])
    plant(world.elsewhere, [f"{MARKER} live one", f"{MARKER} live two", f"{MARKER} live three"])
    return world
