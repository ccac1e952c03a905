"""Plan tiers as published."""

import pytest

from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import lowest_tier_with
from accounts.plans.catalog import lowest_tier_with_event
from accounts.plans.catalog import tier_of
from accounts.webhooks.catalog import EVENT_TYPES


@pytest.mark.parametrize(
    ("name", "limits", "quota", "endpoints", "types", "retries", "keys", "clients", "days"),
    [
        ("basic", (None, None, None), None, 0, 0, 0, 0, 0, (3, 7)),
        ("standard", (None, None, None), None, 0, 0, 0, 0, 0, (3, 7)),
        ("smart", (30, 10, None), 5_000, 2, 8, 3, 2, 0, (3, 7)),
        ("pro", (300, 120, 240), 250_000, 10, 69, 9, 10, 3, (30, 30)),
        ("enterprise", (1_200, 600, 1_200), 2_000_000, 50, 69, 9, 100, 25, (90, 90)),
    ],
)
def test_tier_is_as_published(
    name: str, limits: tuple[int | None, ...], quota: int | None, endpoints: int,
    types: int, retries: int, keys: int, clients: int, days: tuple[int, int],
):  # fmt: skip  # fmt: skip  # fmt: skip
    tier = tier_of(name)
    assert tuple(tier.limits[bucket] for bucket in ("read", "write", "status")) == limits
    assert (tier.daily_quota, tier.max_endpoints, len(tier.retry_schedule_s)) == (quota, endpoints, retries)
    assert sum(tier.allows_event(event_type) for event_type in EVENT_TYPES) == types
    assert (tier.max_keys, tier.max_clients, (tier.log_days, tier.event_days)) == (keys, clients, days)


def test_sandbox_is_what_a_tenant_without_a_plan_gets():
    assert tier_of(None) is SANDBOX
    assert (SANDBOX.limits["read"], SANDBOX.limits["write"], SANDBOX.limits["status"]) == (120, 120, 240)
    assert (SANDBOX.daily_quota, SANDBOX.max_endpoints, SANDBOX.retry_schedule_s) == (50_000, 5, (5, 30, 180))


def test_ten_attempts_span_75_hours():
    assert sum(TIERS["pro"].retry_schedule_s) == 75 * 3600 + 35 * 60 + 5


@pytest.mark.parametrize(("area", "name"), [("platform", "smart"), ("orders", "pro"), ("carts", "pro")])
def test_lowest_tier_is_named_for_an_area(area: str, name: str):
    assert lowest_tier_with(area) == name


@pytest.mark.parametrize(("event_type", "name"), [("order.created", "smart"), ("order.updated", "pro")])
def test_lowest_tier_is_named_for_an_event(event_type: str, name: str):
    assert lowest_tier_with_event(event_type) == name


def test_unknown_tier_is_a_defect():
    with pytest.raises(KeyError):
        tier_of("gold")
