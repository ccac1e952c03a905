"""Who a piece of work acts for, and the guards that keep it there.

A Scope comes only from an authenticated credential or a job's arguments and is never switched. ScopedSession adds the
tenant criterion to every ORM statement, refuses what it cannot check, and verifies rows on load and flush. The engine
tripwire refuses statements that reach a data plane by any other way. Vectors: docs/isolation.md.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import Self

from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ColumnClause
from sqlalchemy import Connection
from sqlalchemy import Delete
from sqlalchemy import Engine
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import TableClause
from sqlalchemy import TextClause
from sqlalchemy import TextualSelect
from sqlalchemy import Update
from sqlalchemy import event
from sqlalchemy import select
from sqlalchemy.orm import LoaderCriteriaOption
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm import Session
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import with_loader_criteria
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.sql.elements import ReleaseSavepointClause
from sqlalchemy.sql.elements import RollbackToSavepointClause
from sqlalchemy.sql.elements import SavepointClause
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.util import LRUCache

from kit.clock import Instant
from kit.clock import now
from kit.ids import new_id
from kit.planes import Environment
from kit.planes import PlaneModel

SAVEPOINTS = (SavepointClause, RollbackToSavepointClause, ReleaseSavepointClause)  # touch no table
HARMLESS = re.compile(r"\*|\w+|'[^'\\]*'")
WRITTEN_PARTS = ("_prefixes", "_suffixes", "_hints", "_statement_hints")  # text no traversal of a statement visits


class TenantViolation(RuntimeError):
    """A statement or row would have left its tenant. Always a defect of ours, never a caller's error."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused a change: type is one of api_key, staff, guest, system, partner_app."""

    type: str
    id: str


SYSTEM = Actor("system", "tableport")


@dataclass(frozen=True, slots=True)
class Scope:
    """One tenant in one environment, and on whose behalf. Frozen: work for another tenant needs another scope."""

    environment: Environment
    tenant_id: str
    actor: Actor = SYSTEM
    application_id: str | None = None
    request_id: str | None = None
    location_ids: frozenset[str] = frozenset()  # the only ones its credential may work with; empty: all


class TenantOwned(PlaneModel):
    """Base of every table with tenant data. The primary key is (tenant_id, id); every foreign key carries tenant_id."""

    __abstract__ = True
    _prefix = "obj"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", new_id(self._prefix))
        super().__init__(**values)

    @classmethod
    def owned_by(cls, scope: Scope) -> Select[tuple[Self]]:
        """The one place ORM reads start: `SELECT … WHERE tenant_id = <scope's>`."""
        return select(cls).where(cls.tenant_id == scope.tenant_id)


class Versioned:
    """Columns of every mutable object: optimistic version and the two instants every representation shows."""

    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)
    updated_at: Mapped[datetime] = mapped_column(Instant, default=now)


class TenantState(PlaneModel):
    """One row per tenant of a plane: the event counter that orders its commits, and a sandbox tenant's own clock."""

    __tablename__ = "tenant_state"
    event_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    clock_frozen_at: Mapped[int | None] = mapped_column(BigInteger)  # microseconds; None: the clock runs
    clock_offset_us: Mapped[int] = mapped_column(BigInteger, default=0)  # added to real time while the clock runs
    profile: Mapped[str] = mapped_column(String(20), default="empty")
    seed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


class ScopedSession(FlaskSession):
    """An ORM session for one scope inside one open transaction."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        Session.__init__(self, bind=connection, autoflush=True, expire_on_commit=False, info={"scope": scope})
        self.info["criterion"] = tenant_criterion(scope.tenant_id)
        self._connection = connection

    def get_bind(self, mapper: Any = None, **_: Any) -> Connection:  # type: ignore[override]
        """The transaction this session was opened in; a control plane model has no business here."""
        if mapper is not None and not issubclass(getattr(mapper, "class_", PlaneModel), PlaneModel):
            raise TenantViolation(f"{mapper.class_.__name__} does not belong to a data plane")
        return self._connection

    def connection(self, *_: Any, **__: Any) -> Connection:
        """Refused: a bare connection would step around the guards. The unit of work uses its own."""
        if not self.info.get("flushing"):
            raise TenantViolation("a scoped session does not hand out its connection")
        return self._connection

    def flush(self, objects: Any = None) -> None:
        """Write pending changes. Only while this runs may statements without a criterion pass the tripwire."""
        self.info["flushing"] = True
        try:
            super().flush(objects)
        finally:
            self.info["flushing"] = False

    def _refuse_bulk(self, *_: Any, **__: Any) -> Any:
        raise TenantViolation("bulk methods bypass the guards; use kit.documents.append or ORM statements")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _refuse_bulk


@event.listens_for(ScopedSession, "do_orm_execute")
def add_criterion(state: ORMExecuteState) -> None:
    """Bind every ORM statement to the tenant; refuse those that cannot be bound."""
    refuse_core(state)
    refuse_unbound_write(state)
    state.update_execution_options(tenant_scoped=state.session.info["scope"].tenant_id)
    state.statement = state.statement.options(state.session.info["criterion"])
    check_bindable(state)


def tenant_criterion(tenant_id: str) -> LoaderCriteriaOption:
    """The condition every entity of a statement gets, under any alias and at any depth."""
    return with_loader_criteria(PlaneModel, lambda cls: cls.tenant_id == tenant_id, include_aliases=True)


def refuse_core(state: ORMExecuteState) -> None:
    """Refuse a statement without entities: the criterion would find nothing to bind."""
    if not state.is_orm_statement and not state.is_from_statement:
        raise TenantViolation("only ORM statements run on a scoped session")


def refuse_unbound_write(state: ORMExecuteState) -> None:
    """Refuse writes that take no criterion, and those that would hand rows to another tenant."""
    if state.is_select:
        return
    strategy = state.execution_options.get("dml_strategy", "auto")
    if state.is_insert or state.is_executemany or strategy not in ("auto", "orm"):
        raise TenantViolation("insert(), bulk and Core-only updates cannot be bound to a tenant")
    values = getattr(state.statement, "_values", None) or ()
    if "tenant_id" in {getattr(column, "key", column) for column in (*values, *(state.parameters or ()))}:
        raise TenantViolation("an update may not set the tenant")


def check_bindable(state: ORMExecuteState) -> None:
    """Run refuse_unbindable once per statement shape: SQLAlchemy computes the key anyway, the walk costs far more."""
    key = state.statement._generate_cache_key()  # type: ignore[attr-defined] # noqa: SLF001 - no public accessor exists
    if key is not None and key.key in _bindable:
        return
    if state.is_relationship_load:  # SQLAlchemy wrote it from the mappings
        return
    refuse_unbindable(state.statement)
    if key is not None:
        _bindable[key.key] = None


_bindable: LRUCache[Any, None] = LRUCache(1000)


def refuse_unbindable(statement: Any) -> None:
    """Refuse SQL written as text, and tables no entity of the same level stands for: the criterion binds entities only."""
    named: set[Any] = set()
    bound: set[Any] = set()
    pending = [statement]
    while pending:
        node = pending.pop()
        entity = node._annotations.get("parententity")  # noqa: SLF001 - no public accessor exists
        if entity is not None:
            bound.add(entity.selectable)
        if isinstance(node, Select) and node is not statement:
            refuse_unbindable(node)
        elif is_textual(node):
            raise TenantViolation("textual SQL cannot be bound to a tenant")
        elif is_table(node):
            named |= {node} if entity is None else set()
        elif isinstance(node, Column) and entity is None and is_table(node.table):
            named.add(node.table)
        else:
            pending.extend(node.get_children())
    if isinstance(statement, Update | Delete):
        named, bound = named | bound, {statement.table}
    if named - bound:
        raise TenantViolation("a table without its entity cannot be bound to a tenant")


def is_textual(node: Any) -> bool:
    """Whether a node carries hand-written SQL. `*`, a word and a quoted constant name no table."""
    if isinstance(node, ColumnClause) and node.is_literal:
        return HARMLESS.fullmatch(node.name) is None
    if isinstance(operator := getattr(node, "operator", None), custom_op):
        return "(" in operator.opstring
    return isinstance(node, TextClause | TextualSelect) or any(getattr(node, part, ()) for part in WRITTEN_PARTS)


def is_table(node: Any) -> bool:
    """Whether a node is a table or an alias of one."""
    return isinstance(node, TableClause) or (isinstance(node, AliasedReturnsRows) and is_table(node.element))


@event.listens_for(ScopedSession, "before_flush")
def guard_flush(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Stamp new rows with the tenant; refuse rows of another one and rows on the move."""
    tenant_id = session.info["scope"].tenant_id
    for row in session.new:
        if row.tenant_id is None:
            row.tenant_id = tenant_id
    for row in session.new | session.dirty | session.deleted:
        refuse_foreign_write(row, tenant_id)


def refuse_foreign_write(row: Any, tenant_id: str) -> None:
    """Refuse to write a row that belongs, or belonged until now, to another tenant."""
    if row.tenant_id != tenant_id or get_history(row, "tenant_id").deleted:
        raise TenantViolation(f"a {type(row).__name__} of another tenant reached this session")


def refuse_foreign_row(row: Any, session: Session | None) -> None:
    """Refuse a row of another tenant at the moment it becomes an object, or is read again."""
    scope = session.info.get("scope") if session is not None else None
    if scope is not None and row.tenant_id != scope.tenant_id:
        raise TenantViolation(f"a {type(row).__name__} of another tenant was loaded")


@event.listens_for(PlaneModel, "load", propagate=True)
def guard_load(row: Any, context: Any) -> None:
    refuse_foreign_row(row, context.session if context is not None else None)


@event.listens_for(PlaneModel, "refresh", propagate=True)
def guard_refresh(row: Any, context: Any, _attributes: Any) -> None:
    refuse_foreign_row(row, context.session if context is not None else None)


def install_tripwire(engine: Engine) -> None:
    """Refuse every statement on a data plane that neither a scoped session nor a declared operation issued."""
    event.listen(engine, "before_execute", refuse_unscoped)
    event.listen(engine, "before_cursor_execute", refuse_driver_sql)


def refuse_unscoped(_connection: Connection, clause: Any, _multi: Any, _params: Any, options: Any) -> None:
    """Tripwire for statements: they come from a scoped session with its criterion, or from its flush."""
    if "operations" in options:
        return
    session = options.get("scoped_session")
    if session is None:
        raise TenantViolation("a data plane is reached through kit.unit only")
    scoped = options.get("tenant_scoped") == session.info["scope"].tenant_id
    if not scoped and not session.info.get("flushing") and not isinstance(clause, SAVEPOINTS):
        raise TenantViolation("a statement reached a data plane without its tenant")


def refuse_driver_sql(_c: Any, _cursor: Any, _statement: Any, _p: Any, context: Any, _many: Any) -> None:
    """Tripwire for text handed straight to the driver, which the other one does not see."""
    if context.compiled is None and "operations" not in context.execution_options:
        raise TenantViolation("textual SQL on a data plane")
