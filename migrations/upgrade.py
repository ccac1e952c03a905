"""Brings the three planes to the current schema, and tells when one is behind.

A plane is upgraded in one transaction: it ends at the head or stays where it was. Two starters wait for each other.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import DBAPIError

from kit.planes import engine_options
from kit.planes import owner_engine
from kit.settings import PLANE_NAMES
from kit.settings import Settings
from migrations.partitions import make_ahead
from migrations.roles import MigrationError
from migrations.roles import Roles
from migrations.roles import roles_of

Step = Callable[[Engine, str, Roles], bool]
HERE = Path(__file__).parent
ADVISORY_LOCK = 7_233_921  # any constant; only migrations take it


def family_of(plane: str) -> str:
    """The migration family of a plane: both data planes share one."""
    return "control" if plane == "control" else "plane"


def config(family: str, versions: Path | None = None, **attributes: Any) -> Config:
    """Alembic's configuration of one family; `attributes` reach migrations/env.py."""
    result = Config(attributes=attributes)
    result.set_main_option("script_location", str(HERE).replace("%", "%%"))
    result.set_main_option("version_locations", str(versions or HERE / family / "versions").replace("%", "%%"))
    result.set_main_option("path_separator", "newline")
    result.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return result


def upgrade_all(settings: Settings) -> list[str]:
    """Upgrade every plane that is behind and return their names.

    Raises MigrationError (one line: which plane, what is wrong) when a database is unreachable, damaged, full or newer
    than this checkout.
    """
    return [plane for plane in PLANE_NAMES if _guarded(settings, plane, "owner", _upgrade)]


def check_heads(settings: Settings) -> None:
    """Compare every plane with this checkout, with the serving role. Raises MigrationError when one differs."""
    for plane in PLANE_NAMES:
        _guarded(settings, plane, "app", _check)


def _guarded(settings: Settings, plane: str, role: str, step: Step) -> bool:
    engine = None
    try:
        roles = roles_of(settings, plane)
        engine = owner_engine(settings, plane) if role == "owner" else create_engine(**engine_options(settings.plane_url(plane)))
        return step(engine, plane, roles)
    except DBAPIError as error:
        where = engine.url.render_as_string() if engine is not None else ""
        reason = str(error.orig).strip().splitlines()[0]
        raise MigrationError(f"{plane} database ({where}): {reason}") from error
    except CommandError as error:
        raise MigrationError(f"{plane} database does not fit this checkout: {error}") from error
    except (ArgumentError, ImportError) as error:
        raise MigrationError(f"{plane} database: its URL is not one SQLAlchemy understands") from error
    finally:
        if engine is not None:
            engine.dispose()


def _upgrade(engine: Engine, plane: str, roles: Roles) -> bool:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _suspend_foreign_keys)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
        if _current(connection) == _head(plane):
            if roles.ops:
                # The workers do it too, but what is written before they run would lie in DEFAULT.
                make_ahead(connection, roles.ahead)
            return False
        command.upgrade(config(family_of(plane), connection=connection, roles=roles), "head")
        _finish(connection, roles)
    return True


def _suspend_foreign_keys(connection: Any, _record: Any) -> None:
    # SQLite changes a column by rebuilding its table; with enforcement on, the drop would cascade into child tables.
    connection.execute("PRAGMA foreign_keys=OFF").close()


def _finish(connection: Connection, roles: Roles) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken:
            raise MigrationError(f"a migration left table {broken[0]} with rows whose parent is missing")
    elif roles.app:
        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"GRANT SELECT ON alembic_version TO {quote(roles.app)}")
        connection.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quote(roles.app)}")


def _check(engine: Engine, plane: str, _roles: Roles) -> bool:
    with engine.connect() as connection:
        current = _current(connection)
    if current != _head(plane):
        raise MigrationError(f"{plane} database is at revision {current}, this checkout needs {_head(plane)}: run make run")
    return True


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _head(plane: str) -> str | None:
    return ScriptDirectory.from_config(config(family_of(plane))).get_current_head()
