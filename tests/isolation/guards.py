"""How to take each guard away, for the tests that show what it holds."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm import with_loader_criteria

from kit import scope as guarded
from kit.planes import Environment
from kit.planes import PlaneModel
from kit.planes import owner_engine
from kit.planes import planes
from kit.scope import ScopedSession
from kit.settings import Settings
from tests.isolation.models import METADATA

Removal = Callable[[pytest.MonkeyPatch], None]


def nothing(*_: Any, **__: Any) -> None:
    """What a removed guard does."""


def without_criterion(patch: pytest.MonkeyPatch) -> None:
    every = with_loader_criteria(PlaneModel, lambda cls: cls.tenant_id != "", include_aliases=True)
    patch.setattr(guarded, "tenant_criterion", lambda _: every)


def without_text_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "is_textual", lambda _: False)


def without_table_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "is_table", lambda _: False)


def without_core_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "refuse_core", nothing)


def without_write_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "refuse_unbound_write", nothing)


def without_bulk_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ScopedSession, "bulk_update_mappings", Session.bulk_update_mappings)


def without_flush_guard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "refuse_foreign_write", nothing)


def without_load_guard(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(guarded, "refuse_foreign_row", nothing)


def without_own_bind(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ScopedSession, "get_bind", Session.get_bind)


def without_connection_refusal(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ScopedSession, "connection", Session.connection)


def without_flush_end(patch: pytest.MonkeyPatch) -> None:
    def flush(session: ScopedSession, objects: Any = None) -> None:
        session.info["flushing"] = True
        Session.flush(session, objects)

    patch.setattr(ScopedSession, "flush", flush)


def without_statement_tripwire(_: pytest.MonkeyPatch) -> None:
    _unlisten("before_execute", guarded.refuse_unscoped)


def without_driver_tripwire(_: pytest.MonkeyPatch) -> None:
    _unlisten("before_cursor_execute", guarded.refuse_driver_sql)


def without_planes(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(planes._engines, ("sandbox", "app"), planes.engine("production"))


def _unlisten(name: str, guard: Callable[..., Any]) -> None:
    for _plane, _role, engine in planes.data_engines():
        event.remove(engine, name, guard)
    _removed_listeners.append((name, guard))


_removed_listeners: list[tuple[str, Callable[..., Any]]] = []


GUARDS: dict[str, Removal] = {
    name.removeprefix("without_").replace("_", " "): removal
    for name, removal in list(globals().items())
    if name.startswith("without_")
}


@contextmanager
def removed(*names: str) -> Iterator[None]:
    """The application without some guards. Verdicts about statements are forgotten before and after."""
    patch = pytest.MonkeyPatch()
    guarded._bindable.clear()
    try:
        for name in names:
            GUARDS[name](patch)
        yield
    finally:
        patch.undo()
        while _removed_listeners:
            name, guard = _removed_listeners.pop()
            for _plane, _role, engine in planes.data_engines():
                event.listen(engine, name, guard)
        guarded._bindable.clear()


@contextmanager
def row_security_off(settings: Settings) -> Iterator[None]:
    """The test tables without PostgreSQL's row-level security, on both data planes. Nothing to do on SQLite."""
    try:
        _alter(settings, "DISABLE")
        yield
    finally:
        _alter(settings, "ENABLE")


def _alter(settings: Settings, verb: str) -> None:
    for plane in Environment:
        engine = owner_engine(settings, plane)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                for name in METADATA.tables:
                    connection.exec_driver_sql(f"ALTER TABLE {name} {verb} ROW LEVEL SECURITY")
        engine.dispose()
