"""How long a fair claim takes beside a backlog: `python -m benchmarks.claims [postgresql | sqlite]`.

One dead endpoint has 200,000 due deliveries, 2,000 healthy ones have five each. A claim of 256 has to reach the healthy ones
although all of theirs are younger. Figures are wall milliseconds of whole transactions, lock and loading of events included.
"""

import sys
import time
from statistics import median

from sqlalchemy import text

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from kit.clock import from_us
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.outbox import EventRow
from kit.planes import Environment
from kit.planes import owner_engine
from kit.scope import Scope
from kit.scope import TenantState
from kit.settings import Settings
from kit.unit import unit_of_work
from tests.support.planes import running_services
from tests.worker.rows import seal
from worker.claims import claim
from worker.claims import give_back
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Pace
from worker.process import open_process
from worker.process import tune

BACKLOG, HEALTHY, EACH, LIMIT, ROUNDS = 200_000, 2_000, 5, 256, 30
CHUNK = 5_000


def fill(url: str = "https://hooks.sandbox.invalid/ok", *, healthy: int = HEALTHY) -> str:
    """Make the tenant, its endpoints at the URL and everything that is due. Returns the dead endpoint's id."""
    scope = Scope(Environment.SANDBOX, new_id("tnt"), application_id=new_id("app"))
    with unit_of_work(scope):
        append(scope, TenantState, [{"created_at": now()}])
    events = make_events(scope)
    endpoints = [new_id("we") for _ in range(healthy + 1)]
    sealed = seal(scope, endpoints[0], "whsec_" + "A" * 43 + "=")
    with unit_of_work(scope):
        append(scope, Subscription, [
            {"id": endpoint_id, "application_id": "app_1", "url": url, "event_types": ["*"],
             "api_version": "2026-11-01", "scopes": ["customers:read"], "retry_schedule": [5], "sealed_secret": sealed,
             "created_at": from_us(now_us())}
            for endpoint_id in endpoints
        ])  # fmt: skip
    at = now_us()
    waiting = [(endpoints[0], at - 2_000_000)] * BACKLOG + [(one, at - 1_000_000) for one in endpoints[1:] for _ in range(EACH)]
    for start in range(0, len(waiting), CHUNK):
        rows = [
            {"tenant_id": scope.tenant_id, "id": new_id("dlv"), "event_id": events[number % len(events)], "event_type": "x",
             "endpoint_id": endpoint_id, "state": "pending", "attempts": 0, "due_at": due_at, "created_at": due_at}
            for number, (endpoint_id, due_at) in enumerate(waiting[start : start + CHUNK], start)
        ]  # fmt: skip
        with operations(Environment.SANDBOX, reason=Reason.RELAY) as unit:
            unit.append(Delivery, rows)
    return endpoints[0]


def make_events(scope: Scope) -> list[str]:
    """As many relayed events as the dead endpoint has deliveries: one event goes to an endpoint once."""
    at, ids = now_us(), [new_id("evt") for _ in range(BACKLOG)]
    for start in range(0, BACKLOG, CHUNK):
        rows = [
            {"tenant_id": scope.tenant_id, "id": event_id, "sequence": number, "type": "customer.tag.added", "object_id": "cus_1",
             "body": {"object": {"id": "cus_1", "tag": "vip"}, "previous": None}, "actor_type": "system", "actor_id": "benchmark",
             "created_at": at, "committed_at": at, "relayed_at": at}
            for number, event_id in enumerate(ids[start : start + CHUNK], start)
        ]  # fmt: skip
        with operations(Environment.SANDBOX, reason=Reason.RELAY) as unit:
            unit.append(EventRow, rows)
    return ids


def analyze(settings: Settings) -> None:
    """Let PostgreSQL know what is there, as autovacuum does in time."""
    with owner_engine(settings, "sandbox").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def main(arguments: list[str]) -> int:
    """Measure and print."""
    for database in arguments or ["postgresql", "sqlite"]:
        with running_services(database, is_durable=True) as settings:
            open_process(settings)
            dead = fill()
            if database == "postgresql":
                analyze(settings)
            tune()
            took, shares, pace = [], [], Pace()
            for _ in range(ROUNDS):
                started = time.perf_counter()
                claimed = claim(Environment.SANDBOX, limit=LIMIT, pace=pace, kinds=(False,))
                took.append((time.perf_counter() - started) * 1000)
                shares.append(sum(one.endpoint_id == dead for one in claimed))
                give_back(Environment.SANDBOX, claimed)
                for one in claimed:
                    pace.dropped(one.endpoint)
            took.sort()
            print(
                f"{database}: {len(claimed)} of {BACKLOG + HEALTHY * EACH:,} due deliveries of {HEALTHY + 1:,} endpoints claimed"
                f" in {median(took):.1f} ms (fastest {took[0]:.1f}, slowest {took[-1]:.1f}); the dead one got {max(shares)}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
