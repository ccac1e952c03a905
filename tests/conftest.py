"""What every test may ask for. Each xdist worker has its own home, planes and Redis, so tests never share rows.

Tests isolate themselves by tenant: `scope` is a new sandbox tenant, `new_scope` makes more. Nothing is rolled back.
"""

import os
from collections.abc import Callable
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import make_url

from api.limits import limiter
from api.requestlog import request_log
from bootstrap import create_app
from kit.clock import now
from kit.documents import append
from kit.ids import new_id
from kit.planes import Environment
from kit.planes import planes
from kit.scope import Scope
from kit.scope import TenantState
from kit.settings import Settings
from kit.unit import unit_of_work
from tests.contract import pending
from tests.support import promises
from tests.support.chromium import find_chromium
from tests.support.planes import running_services

DATABASES = ("sqlite", "postgresql")
STANDS_ON_A_DATABASE = {"settings", "pytestconfig"}  # fixtures; the second says which one to whatever starts its own


def pytest_addoption(parser: pytest.Parser) -> None:
    default = os.environ.get("TABLEPORT_TEST_DATABASE", "sqlite")
    parser.addoption("--database", choices=DATABASES, default=default, help="database the suite runs on")


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {config.getoption('--database')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep each database's own tests to its run, those of no database to the first, and browser tests to where one is."""
    is_second = config.getoption("--database") == "postgresql"
    left_out = {"once"} if is_second else {"postgresql"}
    left_out |= set() if can_browse() else {"browser"}

    def belongs(item: pytest.Item) -> bool:
        markers = {marker.name for marker in item.iter_markers()}
        asks = STANDS_ON_A_DATABASE & set(getattr(item, "fixturenames", ()))
        return not left_out & markers and (not is_second or bool(asks) or "postgresql" in markers)

    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (chosen if belongs(item) else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    pending.pytest_terminal_summary(terminalreporter)
    if not can_browse():
        terminalreporter.write_line("LEFT OUT: browser tests, because `chromium` is not installed")


def can_browse() -> bool:
    """With CI=true browser tests run in any case, and fail without a browser."""
    return os.environ.get("CI") == "true" or find_chromium() is not None


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Iterator[Settings]:
    """Settings of this test process: migrated planes and a private Redis."""
    with running_services(pytestconfig.getoption("--database")) as settings:
        yield settings


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application, as wsgi.py builds it."""
    app = create_app(settings)
    promises.watch(app)
    yield app
    request_log.flush()  # before its databases go
    planes.dispose()


@pytest.fixture(autouse=True)
def keeps_promises() -> Iterator[None]:
    """Every API answer a test sees is one its OpenAPI document describes."""
    promises.seen.clear()
    yield
    broken = sorted(set(promises.seen))
    assert broken == []


@pytest.fixture(autouse=True)
def full_allowance(request: pytest.FixtureRequest) -> None:
    """No test meets the rate limit that the calls of others have used up, however fast they follow each other."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
        limiter.forget("")


@pytest.fixture
def new_scope(app: Flask) -> Callable[..., Scope]:
    """Makes a tenant with its state row, e.g. `new_scope(Environment.PRODUCTION)`, and returns its scope."""

    def make(environment: Environment = Environment.SANDBOX) -> Scope:
        scope = Scope(environment, new_id("tnt"), application_id=new_id("app"))
        with unit_of_work(scope):
            append(scope, TenantState, [{"created_at": now()}])
        return scope

    return make


@pytest.fixture
def scope(new_scope: Callable[..., Scope]) -> Scope:
    """A new sandbox tenant without any restaurant data."""
    return new_scope()


@pytest.fixture
def redis(settings: Settings) -> Iterator[Redis]:
    """The job queues' Redis, emptied."""
    client = Redis.from_url(settings.redis_database_url(0))
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def connect(settings: Settings) -> Iterator[Callable[[str], psycopg.Connection]]:
    """Opens a bare psycopg connection to the sandbox plane with one role."""
    opened: list[psycopg.Connection] = []

    def open_as(role: str) -> psycopg.Connection:
        url = make_url(settings.plane_url("sandbox", role))
        opened.append(psycopg.connect(host=str(url.query["host"]), user=url.username, dbname=url.database))
        return opened[-1]

    yield open_as
    for connection in opened:
        connection.close()
