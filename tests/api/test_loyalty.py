"""Loyalty over HTTP."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.test_query_counts import statements
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order

TIERS = [
    {"code": "silver", "tier": 1, "name": "Silver", "threshold": 100},
    {"code": "gold", "tier": 2, "name": "Gold", "threshold": 500, "point_multiplier": 1.5},
]
MOST_FOR_ONE, MOST_FOR_A_LIST = 3, 4


@pytest.fixture(scope="module", autouse=True)
def stopped_clock(partner: Partner) -> None:
    """The partner's clock stands at noon of 2026-01-12."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime(2026, 1, 12, 12, tzinfo=UTC))


def guest_of(partner: Partner) -> str:
    with unit_of_work(partner.scope):
        return create_guest(partner.scope)


@pytest.fixture
def program(caller: Caller) -> dict[str, Any]:
    return caller.post("/v1/loyalty/programs", json={"name": "Regulars", "tiers": TIERS}).json


@pytest.fixture
def member(caller: Caller, partner: Partner, program: dict[str, Any]) -> dict[str, Any]:
    """A member with 120 points."""
    body = {"customer_id": guest_of(partner), "program_id": program["id"]}
    made = caller.post("/v1/loyalty/members", json=body).json
    caller.post(f"/v1/loyalty/members/{made['id']}/points", json={"delta": 120, "reason": "earn"})
    return caller.get(f"/v1/loyalty/members/{made['id']}").json


def test_program_is_created_changed_and_listed(caller: Caller, partner: Partner):
    body = {"name": "Cash", "kind": "cashback", "currency": "PLN", "point_rate": 0.05, "tiers": TIERS,
            "callback_url": "https://hooks.sandbox.invalid/ok"}  # fmt: skip
    answer = caller.post("/v1/loyalty/programs", json=body)
    made = answer.json
    path = f"/v1/loyalty/programs/{made['id']}"
    assert (answer.status_code, answer.headers["Location"], answer.headers["ETag"]) == (201, path, '"1"')
    assert (made["point_rate"], [tier["point_multiplier"] for tier in made["tiers"]]) == (0.05, [1.0, 1.5])
    assert made["callback_secret"].startswith("whsec_")
    shown = caller.get(path).json
    assert shown == {name: value for name, value in made.items() if name != "callback_secret"}
    changed = caller.patch(path, json={"is_active": False, "version": 1}).json
    assert (changed["is_active"], changed["version"], changed["callback_secret"]) == (False, 2, None)
    assert caller.patch(path, json={"name": "X", "version": 1}).json["code"] == "version_conflict"
    assert {row["id"] for row in caller.get("/v1/loyalty/programs").json["data"]} == {made["id"], "prg_regulars"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A", "kind": "cashback"}, "currency"),
        ({"name": "A", "point_rate": 0.0000001}, "point_rate"),
        ({"name": "A", "tiers": [*TIERS, {**TIERS[0], "tier": 3}]}, "tiers"),
        ({"name": "A", "callback_url": "ftp://example.com"}, "callback_url"),
        ({"name": "A", "currency": "zloty"}, "currency"),
        ({}, "name"),
    ],
    ids=["cashback-without-currency", "too-fine", "tiers-alike", "callback", "currency", "no-name"],
)
def test_program_when_a_field_is_wrong_is_refused(caller: Caller, body: dict[str, Any], field: str):
    answer = caller.post("/v1/loyalty/programs", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_member_is_created_changed_and_found(caller: Caller, partner: Partner, program: dict[str, Any]):
    customer_id, before = guest_of(partner), len(recorded_types(partner.scope))
    body = {"customer_id": customer_id, "program_id": program["id"], "code": "R-1", "expiry_date": "2027-01-31"}
    answer = caller.post("/v1/loyalty/members", json=body)
    made = answer.json
    path = f"/v1/loyalty/members/{made['id']}"
    assert (answer.status_code, answer.headers["Location"]) == (201, path)
    assert recorded_types(partner.scope)[before:] == ["loyalty.member.created", "membership.created"]
    assert made == {
        "id": made["id"], **body, "customer_ids": [customer_id], "status": "active", "tier": None, "points": 0,
        "lifetime_points": 0, "start_date": "2026-01-12", "refs": [], "version": 1,
        "created_at": "2026-01-12T12:00:00Z", "updated_at": "2026-01-12T12:00:00Z",
    }  # fmt: skip
    assert caller.get(f"/v1/loyalty/members?customer_id={customer_id}").json["data"] == [made]
    changed = caller.patch(path, json={"status": "cancelled"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json["status"]) == (200, "cancelled")
    refused = caller.patch(path, json={"status": "pre_enrollment"}).json
    assert (refused["code"], refused["from"], refused["to"], refused["allowed"]) == (
        "invalid_transition", "cancelled", "pre_enrollment", ["active"],
    )  # fmt: skip
    twice = caller.post("/v1/loyalty/members", json=body)
    assert (twice.status_code, twice.json["code"], twice.json["member_id"]) == (409, "duplicate_reference", made["id"])


def test_points_change_the_balance_or_nothing(caller: Caller, partner: Partner, member: dict[str, Any]):
    path = f"/v1/loyalty/members/{member['id']}"
    assert (member["points"], member["tier"]["code"]) == (120, "silver")
    with unit_of_work(partner.scope):
        location_id = create_location(partner.scope, slug=f"loyal-{member['id'].lower()}")
        order_id = create_order(partner.scope, location_id=location_id)
    body = {"delta": 10, "reason": "earn", "order_id": order_id, "note": "By hand"}
    answer = caller.post(f"{path}/points", json=body)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{path}/transactions")
    assert answer.json == {
        "id": answer.json["id"], "member_id": member["id"], "program_id": member["program_id"], **body,
        "redemption_id": None, "balance_after": 130, "created_at": "2026-01-12T12:00:00Z",
    }  # fmt: skip
    before = len(recorded_types(partner.scope))
    refusals = {
        "again": caller.post(f"{path}/points", json=body),
        "below zero": caller.post(f"{path}/points", json={"delta": -131, "reason": "adjust"}),
        "no order": caller.post(f"{path}/points", json={**body, "order_id": "ord_none"}),
        "too many": caller.post(f"{path}/points", json={"delta": 1_000_001, "reason": "adjust"}),
    }
    assert {name: (one.status_code, one.json["code"]) for name, one in refusals.items()} == {
        "again": (409, "duplicate_reference"), "below zero": (422, "insufficient_points"),
        "no order": (422, "validation_failed"), "too many": (422, "validation_failed"),
    }  # fmt: skip
    assert (caller.get(path).json["points"], len(recorded_types(partner.scope))) == (130, before)
    first = caller.get(f"{path}/transactions?limit=1").json
    rest = caller.get(f"{path}/transactions?limit=1&cursor={first['next_cursor']}").json
    assert [row["delta"] for row in (*first["data"], *rest["data"])] == [10, 120]
    assert (rest["has_more"], first["data"]) == (False, [answer.json])


def test_reward_is_offered_redeemed_and_reversed(caller: Caller, member: dict[str, Any]):
    body = {"program_id": member["program_id"], "name": "Five off", "points_cost": 100, "description": None,
            "benefit": {"type": "fixed", "value": 5.5, "currency": "EUR"}}  # fmt: skip
    made = caller.post("/v1/loyalty/rewards", json=body).json
    assert made["benefit"] == {"type": "fixed", "value": 5.5, "currency": "EUR", "item_id": None}
    offered = caller.get(f"/v1/loyalty/rewards?member_id={member['id']}").json["data"]
    assert offered == [made | {"is_unlocked": True}]
    redeem = f"/v1/loyalty/members/{member['id']}/rewards/{made['id']}/redeem"
    answer = caller.post(redeem, json={})
    redemption = answer.json
    path = f"/v1/loyalty/redemptions/{redemption['id']}"
    assert (answer.status_code, answer.headers["Location"], redemption["state"]) == (201, path, "redeemed")
    assert redemption["reward"] == {name: made[name] for name in ("id", "name", "points_cost", "benefit")}
    assert caller.post(redeem, json={}).json["code"] == "insufficient_points"
    assert caller.get(path).json == redemption
    assert [caller.post(f"{path}/reverse").json["state"] for _ in range(2)] == ["reversed", "reversed"]
    assert caller.get(f"/v1/loyalty/members/{member['id']}").json["points"] == 120
    assert caller.patch(f"/v1/loyalty/rewards/{made['id']}", json={"is_active": False}).json["is_active"] is False
    assert caller.get(f"/v1/loyalty/rewards?program_id={member['program_id']}").json["data"] == []


@pytest.mark.parametrize(
    ("benefit", "field"),
    [
        ({"type": "percent", "value": 101}, "benefit.value"),
        ({"type": "fixed", "value": 5}, "benefit.value"),
        ({"type": "fixed", "value": 5.555, "currency": "EUR"}, "benefit.value"),
        ({"type": "item"}, "benefit.item_id"),
        ({"type": "item", "item_id": "itm_none"}, "benefit.item_id"),
    ],
    ids=["more-than-all", "no-currency", "too-fine", "no-item", "unknown-item"],
)
def test_reward_when_its_benefit_is_wrong_is_refused(
    caller: Caller, program: dict[str, Any], benefit: dict[str, Any], field: str
):
    body = {"program_id": program["id"], "name": "Gift", "points_cost": 1, "benefit": benefit}
    answer = caller.post("/v1/loyalty/rewards", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_wallets_are_imported_row_by_row(caller: Caller, partner: Partner, program: dict[str, Any]):
    row = {"program_id": program["id"], "customer_id": guest_of(partner), "code": "W-1", "points": 40}
    answer = caller.post("/v1/loyalty/members/import", json={"members": [row, {**row, "code": "W-2"}, {**row, "points": 50}]})
    created, refused, updated = answer.json["results"]
    assert (answer.status_code, created["status"], updated) == (
        200, "created", {"index": 2, "status": "updated", "id": created["id"], "error": None},
    )  # fmt: skip
    assert (refused["index"], refused["status"], refused["id"], refused["error"]["code"]) == (
        1, "refused", None, "duplicate_reference",
    )  # fmt: skip
    both = {**row, "customer": {"name": "Anna"}}
    assert caller.post("/v1/loyalty/members/import", json={"members": [both]}).status_code == 422
    assert caller.post("/v1/loyalty/members/import", json={"members": [row] * 1001}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/loyalty/members/{id}"), ("PATCH", "/v1/loyalty/members/{id}"),
        ("GET", "/v1/loyalty/members/{id}/transactions"), ("POST", "/v1/loyalty/members/{id}/points"),
        ("POST", "/v1/loyalty/members/{id}/rewards/rwd_none/redeem"), ("GET", "/v1/loyalty/redemptions/{id}"),
        ("POST", "/v1/loyalty/redemptions/{id}/reverse"), ("GET", "/v1/loyalty/programs/{id}"),
        ("PATCH", "/v1/loyalty/programs/{id}"), ("GET", "/v1/loyalty/rewards/{id}"), ("PATCH", "/v1/loyalty/rewards/{id}"),
    ],
)  # fmt: skip
def test_foreign_or_unknown_id_is_not_found(
    new_partner: Any, caller: Caller, caller_of: NewCaller, member: dict[str, Any], method: str, path: str
):
    bodies = {"/points": {"delta": 1, "reason": "earn"}, "/redeem": {}, "/reverse": None}
    body = next((body for end, body in bodies.items() if path.endswith(end)), {"name": "X"})
    body = {"code": "X"} if method == "PATCH" and "members" in path else body
    stranger = caller_of(_other(new_partner).key)
    options = {"json": body} if method != "GET" and body is not None else {}
    assert stranger.send(method, path.format(id=member["id"]), **options).status_code == 404
    assert caller.send(method, path.format(id="none"), **options).status_code == 404


_others: list[Partner] = []


def _other(new_partner: Any) -> Partner:
    """One other partner for all cases: signing up takes its time."""
    if not _others:
        _others.append(new_partner(plan_tier="enterprise", profile="empty"))
    return _others[0]


def test_loyalty_without_credential_or_scope_is_refused(
    caller_of: NewCaller, restricted: Any, member: dict[str, Any]
):
    path = f"/v1/loyalty/members/{member['id']}"
    assert caller_of(None).get(path).status_code == 401
    refused = restricted("loyalty:read").post(f"{path}/points", json={"delta": 1, "reason": "earn"})
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["loyalty:write"])
    assert restricted("loyalty:write").get(path).status_code == 403


def test_reading_loyalty_asks_the_database_little(caller: Caller, member: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    path = f"/v1/loyalty/members/{member['id']}"
    lists = ("/v1/loyalty/members", "/v1/loyalty/programs", "/v1/loyalty/rewards", f"{path}/transactions")
    for one, most in ((path, MOST_FOR_ONE), *((name, MOST_FOR_A_LIST) for name in lists)):
        with statements(monkeypatch) as seen:
            assert caller.get(one).status_code == 200
        assert len(seen) <= most, seen
