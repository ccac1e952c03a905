"""The one way across tenants: transactions with the `ops` role, each with a stated reason, on delivery tables only.

PostgreSQL grants the role nothing else; the check here holds the same on SQLite and fails before the database does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any
from weakref import WeakSet

from sqlalchemy import CursorResult
from sqlalchemy import Executable
from sqlalchemy import Table
from sqlalchemy import TextClause
from sqlalchemy.sql import visitors

from kit.documents import change_rows
from kit.documents import insert_rows
from kit.planes import Environment
from kit.scope import TenantViolation
from kit.unit import Unit
from kit.unit import cross_tenant_unit

TABLES = frozenset(
    {
        "events",
        "deliveries",
        "delivery_attempts",
        "subscriptions",
        "endpoint_health",
        "request_logs",
        "request_counts",
        "credential_counts",
        "idempotency_records",
        "tenant_state",
        "timers",
    }
)


class Reason(StrEnum):
    """Why a transaction crosses tenants. Every reason there is stands here."""

    PROBE = "probe"  # is there anything to do at all
    RELAY = "relay"  # events to deliveries
    CLAIM = "claim"  # take due deliveries under a lease
    RECORD = "record"  # write attempts and what they mean
    TIMERS = "timers"  # whose timers are due
    SWEEP = "sweep"  # finish what a dead process left
    REQUEST_LOG = "request log"  # write a batch of logged calls
    METERING = "metering"  # who has spent how much of a day's calls
    RETENTION = "retention"  # delete what a plan no longer keeps


class Operations:
    """An open cross-tenant transaction. Runs Core statements and nothing else."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def dialect(self) -> str:
        return self._unit.dialect

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run one Core statement. Raises TenantViolation when it names a table outside the delivery tables."""
        if statement not in _checked:
            require_delivery_tables(statement)
            _checked.add(statement)
        result: CursorResult[Any] = self._unit.connection.execute(statement, parameters)
        return result

    def append(self, model: type[Any], rows: list[dict[str, Any]], *, skips_known: bool = False) -> None:
        """Insert rows of one delivery table, each naming its tenant. Raises TenantViolation for another table."""
        require_delivery_tables(model.__table__)
        insert_rows(self._unit, model, rows, skips_known=skips_known)

    def change(
        self, model: type[Any], rows: list[dict[str, Any]], *, keys: tuple[str, ...], columns: tuple[str, ...],
        cleared: tuple[str, ...] = (),
    ) -> set[tuple[str, str]]:  # fmt: skip
        """Set columns of many rows of one delivery table; returns (tenant id, id) of those that all keys found.

        Raises TenantViolation for another table, and when the tenant is not among the keys.
        """
        require_delivery_tables(model.__table__)
        if "tenant_id" not in keys or "tenant_id" in (*columns, *cleared):
            raise TenantViolation("an operation finds rows by their tenant and leaves them with it")
        return change_rows(self._unit, model, rows, keys=keys, columns=columns, cleared=cleared)


_checked: WeakSet[Any] = WeakSet()


@contextmanager
def operations(environment: Environment, *, reason: Reason, writes: bool = True) -> Iterator[Operations]:
    """Open a transaction of one data plane that may cross tenants."""
    with cross_tenant_unit(environment, reason=reason, writes=writes) as unit:
        yield Operations(unit)


def require_delivery_tables(statement: Any) -> None:
    """Check every table a statement names. Raises TenantViolation for another table and for textual SQL."""
    for node in visitors.iterate(statement):
        if isinstance(node, TextClause):
            raise TenantViolation("an operation runs no textual SQL")
        for table in (node, getattr(node, "table", None)):
            if isinstance(table, Table) and table.name not in TABLES:
                raise TenantViolation(f"operations may not touch {table.name}")
