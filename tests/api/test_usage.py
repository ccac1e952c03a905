"""GET /v1/usage: what was called is counted where it belongs, and what is left is what the limits say."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from accounts.logs.models import RequestCount
from api.requestlog import Sums
from api.requestlog import request_log
from kit.planes import Environment
from kit.settings import Settings
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.support.absence import redis_away
from worker.counting import add_counts

NewPartner = Callable[..., Partner]


def usage(caller: Caller, query: str = "") -> dict[str, Any]:
    request_log.flush()
    answer = caller.get("/v1/usage" + query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    return body


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def test_calls_are_counted_by_day_area_and_bucket(new_partner: NewPartner, caller_of: NewCaller) -> None:
    partner = new_partner()
    caller = caller_of(partner.key)
    order = caller.post("/v1/orders", json=BURGER).json
    caller.patch(f"/v1/orders/{order['id']}", json={"status": "accepted"})
    caller.get("/v1/orders/ord_none")
    caller_of(partner.issue(["menus:read"]).text).get("/v1/menu-items")
    shown = usage(caller)
    assert (shown["plan"], shown["to"], len(shown["days"])) == ("sandbox", today(), 7)
    day = shown["days"][-1]
    counted = {(row["area"], row["bucket"]): (row["calls"], row["refused"]) for row in day["areas"]}
    assert counted == {
        ("orders", "write"): (1, 0), ("orders", "status"): (1, 0), ("orders", "read"): (1, 1), ("menus", "read"): (1, 0),
    }  # fmt: skip
    assert (day["date"], day["calls"], day["refused"], day["limited"], day["failed"]) == (today(), 4, 1, 0, 0)
    assert shown["totals"] == {name: day[name] for name in ("calls", "refused", "limited", "failed", "average_ms")}
    assert day["average_ms"] > 0
    assert [(row["calls"], row["average_ms"], row["areas"]) for row in shown["days"][:-1]] == [(0, None, [])] * 6


def test_limits_and_quota_are_shared_by_the_credentials_of_the_application(new_partner: NewPartner, caller_of: NewCaller) -> None:
    partner = new_partner(plan_tier="smart", profile="empty")
    caller, other = caller_of(partner.key), caller_of(partner.issue().text)
    other.get("/v1/me")
    caller.get("/v1/me")
    shown = usage(caller)
    assert shown["rate_limits"] == [
        {"bucket": "read", "limit": 30, "remaining": 27}, {"bucket": "write", "limit": 10, "remaining": 10},
    ]  # fmt: skip
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert shown["quota"] == {"limit": 5000, "used": 3, "remaining": 4997, "resets_at": f"{tomorrow}T00:00:00Z"}
    assert shown["exports_today"] == {"limit": 2, "used": 0}


def test_webhooks_and_exports_are_shown_against_the_plan(new_partner: NewPartner, caller_of: NewCaller) -> None:
    partner = new_partner(profile="empty")
    caller = caller_of(partner.key)
    before = usage(caller)["webhooks"]["endpoints"]["used"]
    url = "https://hooks.sandbox.invalid/ok"
    assert caller.post("/v1/webhooks", json={"url": url, "events": ["export.completed"]}).status_code == 201
    window = {"dataset": "orders", "from": "2026-01-01", "to": "2026-01-31"}
    assert caller.post("/v1/exports", json=window).status_code == 202
    shown = usage(caller)
    assert shown["exports_today"] == {"limit": 100, "used": 1}
    assert shown["webhooks"] == {
        "endpoints": {"limit": 5, "used": before + 1}, "event_types": 69, "retry_schedule_s": [5, 30, 180],
        "events_kept_days": 7, "deliveries_today": {"pending": 0, "succeeded": 0, "dead": 0, "held": 0},
    }  # fmt: skip


def test_numbers_of_another_application_are_not_shown(new_partner: NewPartner, caller_of: NewCaller) -> None:
    one, other = new_partner(profile="empty"), new_partner(profile="empty")
    caller_of(one.key).get("/v1/me")
    assert usage(caller_of(other.key))["totals"]["calls"] == 0


def test_counts_are_added_up_over_batches(new_partner: NewPartner, caller_of: NewCaller) -> None:
    partner = new_partner(profile="empty")
    row = {
        "tenant_id": partner.tenant_id, "id": f"{partner.application_id}:{today()}:orders:read", "day": today(),
        "application_id": partner.application_id, "area": "orders", "bucket": "read", "calls": 2, "refused": 1, "limited": 1,
        "failed": 0, "duration_us": 3000,
    }  # fmt: skip
    of_key = {name: value for name, value in row.items() if name not in ("area", "bucket")}
    of_key |= {"id": f"key_1:{today()}", "credential_id": "key_1"}
    add_counts(Environment.SANDBOX, Sums([row], [of_key]))
    add_counts(Environment.SANDBOX, Sums([row | {"calls": 3, "failed": 2}], [of_key]))
    with unit_of_work(partner.scope, writes=False):
        found = session(partner.scope).scalars(RequestCount.owned_by(partner.scope)).one()
        assert (found.calls, found.refused, found.limited, found.failed, found.duration_us) == (5, 2, 2, 2, 6000)
    assert usage(caller_of(partner.key))["totals"] == {
        "calls": 5, "refused": 2, "limited": 2, "failed": 2, "average_ms": 1.2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [("?from=2026-02-01&to=2026-01-01", "from"), ("?from=2025-01-01&to=2025-12-31", "from"), ("?to=yesterday", "to"),
     ("?days=3", "days")],
    ids=["turned-round", "too-long", "no-day", "unknown"],
)  # fmt: skip
def test_window_is_refused_when_it_is_none(caller: Caller, query: str, field: str) -> None:
    answer = caller.get("/v1/usage" + query)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_parameter")
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_usage_is_shown_without_counters_while_redis_is_away(
    new_partner: NewPartner, caller_of: NewCaller, settings: Settings
) -> None:
    caller = caller_of(new_partner(profile="empty").key)
    with redis_away(settings):
        shown = usage(caller)
    assert [row["remaining"] for row in shown["rate_limits"]] == [None, None, None]
    assert (shown["quota"]["limit"], shown["quota"]["used"], shown["quota"]["remaining"]) == (50_000, None, None)
