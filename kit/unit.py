"""One transaction on one plane: the only place that begins, commits and rolls back.

`unit_of_work(scope)` serves one request, page post or job; services find its session through `session(scope)` and never
commit. Raising rolls back, returning commits. Callables given to `after_commit` run once the data is safe and may fail.
"""

import logging
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import PoolProxiedConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kit.clock import from_us
from kit.clock import now_us
from kit.planes import Environment
from kit.planes import begin_on
from kit.planes import planes
from kit.scope import Scope
from kit.scope import ScopedSession

log = logging.getLogger(__name__)


class Unit:
    """An open transaction. The connection is taken on first use, so work that touches no table costs nothing."""

    def __init__(self, plane: str, *, scope: Scope | None, writes: bool, role: str = "app", reason: str = "") -> None:
        self.plane = plane
        self.scope = scope
        self.writes = writes
        self.memo: dict[str, Any] = {}  # what this transaction has already read, e.g. the tenant's clock
        self.before_commit: list[Callable[[], None]] = []
        self.after_commit: list[Callable[[], None]] = []
        self._engine = planes.engine(plane, role)
        self.dialect = self._engine.dialect.name
        self._reason = reason
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None  # the pooled connection without its wrapping
        self._connection: Connection | None = None
        self._session: Session | None = None

    @property
    def connection(self) -> Connection:
        """SQLAlchemy connection in this transaction."""
        if self._connection is None:
            options: dict[str, Any] = {"has_begun": True}
            if self._reason or self.plane == "control":
                options["operations"] = self._reason or "control"
            self._connection = Connection(self._engine, self._begun()).execution_options(**options)
            self._connection.begin()
        return self._connection

    def cursor(self) -> Any:
        """Driver cursor in this transaction. For kit.documents and kit.outbox only (an architecture test holds that).

        Work that stays on the driver never pays for a SQLAlchemy connection.
        """
        if self._driver is None:
            self._begun()
        return self._driver.cursor()

    def _begun(self) -> PoolProxiedConnection:
        if self._pooled is None:
            try:
                self._pooled = planes.take(self._engine)
                self._driver = self._pooled.driver_connection
                begin_on(self._pooled, self._engine, writes=self.writes)
                if self.scope is not None and self.dialect == "postgresql":
                    setting = "SELECT set_config('app.tenant_id', %s, true)"
                    self._pooled.cursor().execute(setting, (self.scope.tenant_id,))
            except self._engine.dialect.loaded_dbapi.Error as error:
                self.close()
                raise OperationalError("BEGIN", None, error) from error
        return self._pooled

    @property
    def session(self) -> Any:
        """ORM session in this transaction: scoped on a data plane, plain on control."""
        if self._session is None:
            if self.scope is None:
                self._session = Session(bind=self.connection, expire_on_commit=False, autoflush=self.writes)
            else:
                self._session = ScopedSession(self.connection, self.scope)
                self._session.autoflush = self.writes
                self.connection.execution_options(scoped_session=self._session)
        return self._session

    def require_writes(self) -> None:
        """Raise RuntimeError in a unit that was opened to read: on SQLite nothing would roll its writes back."""
        if not self.writes:
            raise RuntimeError("this unit of work was opened to read")

    def flush(self) -> None:
        """Send pending ORM changes, so that driver-level reads in this transaction see them."""
        if self._session is None:
            return
        if self.writes:
            self._session.flush()
        elif self._session.new or self._session.deleted or any(map(self._session.is_modified, self._session.dirty)):
            self.require_writes()

    def commit(self) -> None:
        self.flush()
        for step in self.before_commit:
            step()
        self.flush()
        if self._connection is not None:
            self._connection.commit()
        elif self._pooled is not None:
            self._driver.commit()
        self.close()

    def close(self) -> None:
        """Roll back what is not committed and give the connection back."""
        if self._session is not None:
            self._session.close()
        if self._connection is not None:
            self._connection.close()
        elif self._pooled is not None:
            if self.writes and self.dialect == "sqlite":
                self._driver.rollback()  # nothing after a commit; the next unit takes this connection as it is
            planes.give(self._engine, self._pooled)
        self._session = self._connection = self._pooled = self._driver = None


_open: ContextVar[dict[str, Unit]] = ContextVar("open_units", default={})  # noqa: B039 - replaced, never mutated


@contextmanager
def unit_of_work(scope: Scope, *, writes: bool = True) -> Iterator[Unit]:
    """Open the transaction of one request or job on the scope's data plane."""
    with _run(Unit(scope.environment, scope=scope, writes=writes), "plane") as unit:
        yield unit


@contextmanager
def control_unit(*, writes: bool = True) -> Iterator[Unit]:
    """Open a transaction on the control plane."""
    with _run(Unit("control", scope=None, writes=writes), "control") as unit:
        yield unit


@contextmanager
def cross_tenant_unit(environment: Environment, *, reason: str, writes: bool = True) -> Iterator[Unit]:
    """Open a transaction with the `ops` role, which may cross tenants on delivery tables and on nothing else.

    Called through worker.operations only (an architecture test holds that).
    """
    with _run(Unit(environment, scope=None, writes=writes, role="ops", reason=reason), "plane") as unit:
        yield unit


@contextmanager
def side_transaction(scope: Scope | None) -> Iterator[Unit]:
    """A short transaction of its own, for what must survive a rollback (idempotency claim, last_used_at).

    scope None means the control plane. Raises RuntimeError inside an open write unit of the same plane: on SQLite the
    two would wait for each other.
    """
    family = "plane" if scope else "control"
    outer = _open.get().get(family)
    if outer is not None and outer.writes:
        raise RuntimeError("a side transaction may not start inside an open write unit")
    plane = scope.environment if scope else "control"
    with _run(Unit(plane, scope=scope, writes=True), family, nested=True) as unit:
        yield unit


@contextmanager
def _run(unit: Unit, family: str, nested: bool = False) -> Iterator[Unit]:
    units = _open.get()
    if family in units and not nested:
        raise RuntimeError(f"a unit of work on the {family} family is already open")
    token = _open.set({**units, family: unit})
    try:
        yield unit
        unit.commit()
    except BaseException:
        unit.close()
        raise
    finally:
        _open.reset(token)
    for step in unit.after_commit:
        try:
            step()
        except Exception:
            # The row is committed: a lost nudge is found by the sweep, a failed answer would be a lie.
            log.warning("after-commit step failed", exc_info=True)


def current(scope: Scope) -> Unit:
    """The open unit of this scope. Raises RuntimeError when there is none or it belongs to another tenant."""
    unit = _open.get().get("plane")
    if unit is None or unit.scope is None:
        raise RuntimeError("no unit of work is open")
    if unit.scope.tenant_id != scope.tenant_id or unit.scope.environment != scope.environment:
        raise RuntimeError("the open unit of work belongs to another tenant")
    return unit


def session(scope: Scope) -> Any:
    """The ORM session services work with."""
    return current(scope).session


@contextmanager
def savepoint(scope: Scope, *, is_kept: bool = True) -> Iterator[None]:
    """Begin a savepoint; an exception undoes all rows written inside, and without is_kept its end does too.

    A session begins one on its own first use only, and writes of kit.documents before that would outlive it.
    """
    open_session = current(scope).session
    with open_session.begin_nested() as nested:
        Session.connection(open_session)
        yield
        if not is_kept:
            nested.rollback()


def control() -> Unit:
    """The open control plane unit. Raises RuntimeError when there is none."""
    unit = _open.get().get("control")
    if unit is None:
        raise RuntimeError("no control unit is open")
    return unit


def tenant_now(scope: Scope) -> datetime:
    """The tenant's current instant: real time, or a sandbox tenant's own clock."""
    return from_us(tenant_now_us(scope))


def tenant_now_us(scope: Scope) -> int:
    """tenant_now in microseconds since the epoch."""
    frozen_at, offset_us = tenant_clock(scope)
    return frozen_at if frozen_at is not None else now_us() + offset_us


def tenant_clock(scope: Scope) -> tuple[int | None, int]:
    """The tenant's clock: (instant it stands at or None, microseconds it is ahead). Read once per transaction."""
    if scope.environment == Environment.PRODUCTION:
        return None, 0
    unit = current(scope)
    if "clock" not in unit.memo:
        mark = "?" if unit.dialect == "sqlite" else "%s"
        cursor = unit.cursor()
        cursor.execute(
            f"SELECT clock_frozen_at, clock_offset_us FROM tenant_state WHERE tenant_id = {mark}",  # noqa: S608 - a mark
            (scope.tenant_id,),
        )
        unit.memo["clock"] = cursor.fetchone() or (None, 0)
        cursor.close()
    frozen_at, offset_us = unit.memo["clock"]
    return frozen_at, offset_us


@contextmanager
def standing_at(scope: Scope, instant_us: int) -> Iterator[None]:
    """Let the tenant's clock stand at an instant for part of this transaction. Sandbox only."""
    before = tenant_clock(scope)
    current(scope).memo["clock"] = (instant_us, 0)
    try:
        yield
    finally:
        current(scope).memo["clock"] = before
