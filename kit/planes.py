"""The three databases and how a connection to each behaves.

control holds people, organisations and credentials; sandbox and production hold everything an API call touches. The two
data planes share one family of tables and are never open in one statement. This module owns engines and model bases; it
opens no transactions (kit.unit does).
"""

from collections import deque
from enum import StrEnum
from typing import Any

import orjson
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import MetaData
from sqlalchemy import PoolProxiedConnection
from sqlalchemy import String
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import make_url
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.settings import PLANE_NAMES
from kit.settings import Settings


class Environment(StrEnum):
    """Where a credential's calls go. A property of the credential, never of a header or a path."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
db = SQLAlchemy(metadata=MetaData(naming_convention=NAMING))


class ControlModel(db.Model):  # type: ignore[name-defined]
    """Base of the control plane's tables."""

    __abstract__ = True
    __bind_key__ = "control"


class PlaneModel(db.Model):  # type: ignore[name-defined]
    """Base of the tables both data planes hold. Every one of them starts its key with the tenant."""

    __abstract__ = True
    __bind_key__ = "plane"

    tenant_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-1)


class Planes:
    """The open engines, by plane and database role (`app` serves requests, `ops` crosses tenants on delivery tables)."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, str], Engine] = {}
        self._idle: dict[Engine, deque[PoolProxiedConnection]] = {}

    def connect(self, app: Flask, settings: Settings) -> None:
        """Create every engine of this process. Opens no connection."""
        urls = {plane: settings.plane_url(plane) for plane in PLANE_NAMES}
        urls |= {f"{plane}_ops": settings.plane_url(plane, "ops") for plane in Environment}
        app.config["SQLALCHEMY_BINDS"] = {name: engine_options(url) for name, url in urls.items()}
        db.init_app(app)
        # Sessions here belong to units of work, so none is left for the end of each request to look for.
        app.teardown_appcontext_funcs.remove(db._teardown_session)  # noqa: SLF001 - there is no other name for it
        with app.app_context():
            for name, engine in db.engines.items():
                plane, _, role = str(name).partition("_")
                _listen(engine)
                self._engines[plane, role or "app"] = engine
                if engine.dialect.name == "sqlite":
                    self._idle[engine] = deque()

    def engine(self, plane: str, role: str = "app") -> Engine:
        """Engine of one plane. Raises KeyError before connect()."""
        return self._engines[plane, role]

    def take(self, engine: Engine) -> PoolProxiedConnection:
        """A pooled connection without a transaction. On SQLite it is the one given back last, past the pool.

        The pool's own check-out and check-in cost as much as a small read, and the connection used last is the one
        whose statements and pages are still in the processor's caches.
        """
        try:
            return self._idle[engine].pop()
        except (KeyError, IndexError):
            return engine.raw_connection()

    def give(self, engine: Engine, pooled: PoolProxiedConnection) -> None:
        """Take a connection back. On SQLite its transaction must have ended; elsewhere the pool rolls back what is open."""
        if engine in self._idle:
            self._idle[engine].append(pooled)
        else:
            pooled.close()

    def data_engines(self) -> list[tuple[str, str, Engine]]:
        """(plane, role, engine) of the data planes, for installing guards."""
        return [(plane, role, engine) for (plane, role), engine in self._engines.items() if plane != "control"]

    def dispose(self) -> None:
        """Close all connections that are not in use."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
        for engine in self._engines.values():
            engine.dispose()


planes = Planes()
# Not mapped into memory: a connection drops and makes its map anew whenever another one has written.
SQLITE_PRAGMAS = (
    "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000", "cache_size=-16000",
    "wal_autocheckpoint=4000", "temp_store=MEMORY",
)  # fmt: skip


def engine_options(url: str) -> dict[str, Any]:
    """Flask-SQLAlchemy bind options of one database URL."""
    json = {"json_serializer": lambda value: orjson.dumps(value).decode(), "json_deserializer": orjson.loads}
    if make_url(url).get_backend_name() == "sqlite":
        arguments: dict[str, Any] = {"check_same_thread": False, "timeout": 15, "cached_statements": 512}
        # Last in, first out: the connection used last has its pages and statements at hand.
        return {"url": url, "pool_size": 8, "max_overflow": 24, "pool_use_lifo": True, "connect_args": arguments, **json}
    arguments = {"prepare_threshold": 3}
    return {"url": url, "pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "connect_args": arguments, **json}


def owner_engine(settings: Settings, plane: str) -> Engine:
    """A throw-away engine with the role that owns the tables. For migrations and boot checks only."""
    options = engine_options(settings.plane_url(plane, "owner"))
    engine = create_engine(options.pop("url"), **options)
    _listen(engine)
    return engine


def _listen(engine: Engine) -> None:
    """On SQLite take transaction control from the driver: it would begin late and deferred, which loses write races."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("has_begun"):
            begin_on(connection.connection, engine, writes=options.get("writes", True))


def begin_on(pooled: PoolProxiedConnection, engine: Engine, *, writes: bool) -> None:
    """Begin a transaction on a pooled driver connection. SQLite takes its write lock here; psycopg begins by itself.

    Work that only reads begins none on SQLite: each statement then sees what is committed, as on PostgreSQL.
    """
    if engine.dialect.name == "sqlite" and writes:
        pooled.driver_connection.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]


class UnsafeDatabase(Exception):
    """A plane's database or role would not hold the isolation promises. The message is one line."""


def check_roles(settings: Settings) -> None:
    """Refuse to serve from a PostgreSQL role that row-level security would not bind.

    Raises UnsafeDatabase when a role is superuser, bypasses RLS or owns the tables, or a tenant table lacks FORCE.
    """
    for plane, role, engine in planes.data_engines():
        if engine.dialect.name != "postgresql":
            continue
        with engine.connect() as connection:
            _check_role(connection, f"{plane} plane, role {role}")


def _check_role(connection: Connection, where: str) -> None:
    powers = connection.exec_driver_sql(
        # A role can become every role it is a member of.
        "SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')",
        execution_options={"operations": "boot check"},
    ).scalar()
    if powers:
        raise UnsafeDatabase(f"{where}: the database role is superuser or has BYPASSRLS, so tenants would not be separated")
    bare = connection.exec_driver_sql(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
        " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"
        " AND (NOT (c.relrowsecurity AND c.relforcerowsecurity) OR pg_has_role(current_user, c.relowner, 'MEMBER'))",
        execution_options={"operations": "boot check"},
    ).scalars()
    if tables := sorted(bare):
        raise UnsafeDatabase(f"{where}: table {tables[0]} lacks forced row-level security or belongs to the serving role")


def ping(plane: str) -> None:
    """Run one trivial statement on a plane. Raises DBAPIError when the database does not answer."""
    with planes.engine(plane).connect() as connection:
        connection.execution_options(writes=False, operations="readiness").execute(text("SELECT 1"))


__all__ = ["ControlModel", "DBAPIError", "Environment", "PlaneModel", "Planes", "UnsafeDatabase", "check_roles", "db",
           "engine_options", "owner_engine", "ping", "planes"]  # fmt: skip
