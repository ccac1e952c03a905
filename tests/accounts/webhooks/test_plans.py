"""Which indexes SQLite takes for what looks through an endpoint's deliveries: it has no statistics, so shape decides.

With the wrong ones the time grows with the square of what was ever delivered.
"""

from typing import Any

import pytest

from accounts.webhooks.replay import Which
from kit.documents import registered
from kit.scope import Scope
from kit.unit import current
from kit.unit import unit_of_work

DEAD, REPLAYED = "deliveries USING INDEX ix_deliveries_dead", "USING INDEX uq_deliveries_replay"
FIRST, WAITING, TRIED = "uq_deliveries_event_endpoint", "ix_deliveries_ready", "ix_delivery_attempts_delivery"
RESENT = "ix_deliveries_replays"
RECENT = "ix_deliveries_endpoint (tenant_id=? AND endpoint_id=? AND created_at>?)"


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "shape", "indexes"),
    [
        ("failures", (), (DEAD, REPLAYED)),
        ("retry_failures", (("status_class",),), (DEAD, REPLAYED)),
        ("replayed_events", (1, (), Which.FAILED), (REPLAYED, FIRST)),
        ("replayed_events", (1, (), Which.MISSED), (REPLAYED, FIRST)),
        ("replay_counts", (), ("ix_deliveries_of_replay (tenant_id=? AND replay_id=?)",)),
        ("unfinished_replay", (), (RESENT,)),
        ("metrics_by_hour", (), (RECENT,)),
        ("metrics_durations", (), (RECENT, TRIED, WAITING, RESENT)),
    ],
    ids=["failures", "retry", "failed", "missed", "progress", "under-way", "hours", "durations"],
)
def test_deliveries_are_found_by_index(scope: Scope, name: str, shape: tuple[Any, ...], indexes: tuple[str, ...]) -> None:
    statement = next(one for one in registered() if one.name == f"webhooks.{name}")
    with unit_of_work(scope):
        sql, order, _ = statement._for(current(scope).dialect, shape)  # the very text that runs
        cursor = current(scope).cursor()
        plan = " | ".join(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [None for _ in order or ()]))
        cursor.close()
    assert [index for index in indexes if index not in plan] == []
