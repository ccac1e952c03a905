"""CPU microseconds one ORM query costs with the tenant guards and without them.

Usage: python -m benchmarks.guards [queries per measurement, 1000]

The same query (one row by key) runs in one open unit on SQLite, in rounds that alternate between the two; the best round
counts, because the machine may be busy. Target: at most 50 µs more with guards.
"""

import sys
import tempfile
import time
from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy import select

from bootstrap import create_app
from domain.menus.models import Tax
from kit.clock import now
from kit.documents import append
from kit.planes import Environment
from kit.planes import planes
from kit.scope import Scope
from kit.scope import ScopedSession
from kit.scope import TenantState
from kit.scope import add_criterion
from kit.scope import refuse_driver_sql
from kit.scope import refuse_unscoped
from kit.settings import load
from kit.unit import session
from kit.unit import unit_of_work
from migrations.upgrade import upgrade_all

ROUNDS = 9
TARGET_US = 50


def main(queries: int) -> int:
    """Print both costs and the difference. Returns 1 when the difference misses the target."""
    with tempfile.TemporaryDirectory(prefix="tp-bench-") as home:
        settings = load({"TABLEPORT_HOME": home})
        upgrade_all(settings)
        create_app(settings)
        with_guards, without = measure(Scope(Environment.SANDBOX, "tnt_bench"), queries)
        planes.dispose()
    print(f"with guards {with_guards:.0f} µs, without {without:.0f} µs, extra {with_guards - without:.0f} µs (≤ {TARGET_US})")
    return 0 if with_guards - without <= TARGET_US else 1


def measure(scope: Scope, queries: int) -> tuple[float, float]:
    """CPU microseconds per query with and without guards."""
    at = now()
    with unit_of_work(scope):
        append(scope, TenantState, [{"created_at": at}])
        append(scope, Tax, [{"id": "tax_1", "name": "VAT", "rate": "0.08", "created_at": at, "updated_at": at}])
    guarded, bare = [], []
    with unit_of_work(scope, writes=False):
        one(scope)
        for _ in range(ROUNDS):
            guarded.append(cost(lambda: one(scope), queries))
            listen(event.remove)
            bare.append(cost(lambda: one(scope), queries))
            listen(event.listen)
    return min(guarded), min(bare)


def one(scope: Scope) -> str:
    """Read one row as services do."""
    statement = select(Tax).where(Tax.tenant_id == scope.tenant_id, Tax.id == "tax_1")
    return str(session(scope).execute(statement).scalar_one().name)


def cost(run: Callable[[], object], times: int) -> float:
    """CPU microseconds of one call, averaged."""
    started = time.process_time_ns()
    for _ in range(times):
        run()
    return (time.process_time_ns() - started) / times / 1000


def listen(change: Callable[..., None]) -> None:
    """Add or remove what runs per query."""
    change(ScopedSession, "do_orm_execute", add_criterion)
    for _plane, _role, engine in planes.data_engines():
        change(engine, "before_execute", refuse_unscoped)
        change(engine, "before_cursor_execute", refuse_driver_sql)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
