"""Locations, their hours, status, areas, tables and floor over HTTP."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location

LUNCH = {"weekday": 0, "opens": "11:00", "closes": "15:00"}


@pytest.fixture(scope="module", autouse=True)
def stopped_clock(partner: Partner) -> None:
    """The partner's clock stands at noon of 2026-01-12, a Monday; in Warsaw it is 13:00."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime(2026, 1, 12, 12, tzinfo=UTC))


@pytest.fixture
def place(partner: Partner) -> str:
    with unit_of_work(partner.scope):
        return create_location(partner.scope)


def put(caller: Caller, path: str, **body: Any) -> Any:
    return caller.send("PUT", path, json=body)


def told(partner: Partner, count: int) -> list[str]:
    """Types recorded since there were so many."""
    return recorded_types(partner.scope)[count:]


def test_location_is_changed_where_it_may_be(caller: Caller, place: str) -> None:
    path = f"/v1/locations/{place}"
    changes = {
        "name": "Praga", "name_translations": {"en": "Praga"}, "time_zone": "Europe/Vilnius", "auto_accept": True,
        "deposit_policy": {"required": True, "min_party": 6, "amount": 50, "per_person": True, "refundable_hours": 24},
        "turn_minutes": {"1-2": 60, "3+": 120}, "address": {"line1": "Main 1", "city": "Warszawa"}, "latitude": 52.25,
    }  # fmt: skip
    changed = caller.patch(path, json=changes).json
    assert {name: changed[name] for name in ("name", "time_zone", "auto_accept", "turn_minutes", "latitude")} == {
        "name": "Praga", "time_zone": "Europe/Vilnius", "auto_accept": True, "turn_minutes": {"1-2": 60, "3+": 120},
        "latitude": 52.25,
    }  # fmt: skip
    assert (changed["deposit_policy"]["amount"], changed["version"]) == (50.0, 2)
    assert caller.get(path).json == changed
    assert caller.patch(path, json={"name": "Praga"}, headers={"If-Match": '"1"'}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Europe/Warszawa"}, "time_zone"),
        ({"country": "Poland"}, "country"),
        ({"default_tax_id": "tax_none"}, "default_tax_id"),
        ({"turn_minutes": {"many": 60}}, "turn_minutes.many.key"),
        ({"deposit_policy": {"required": True}}, "deposit_policy.amount"),
        ({"latitude": 91}, "latitude"),
    ],
    ids=["zone", "country", "tax", "party", "deposit", "latitude"],
)
def test_location_that_breaks_a_rule_is_refused(caller: Caller, place: str, body: dict[str, Any], field: str) -> None:
    before = caller.get(f"/v1/locations/{place}").json
    answer = caller.patch(f"/v1/locations/{place}", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert caller.get(f"/v1/locations/{place}").json == before


def test_hours_decide_whether_it_is_open(caller: Caller, place: str) -> None:
    path = f"/v1/locations/{place}/hours"
    assert caller.get(path).json["is_open_now"] is True  # no hours: never closed by them
    shown = put(caller, path, opening_hours=[LUNCH], special_hours=[{"date": "2026-01-13", "is_closed": True}]).json
    assert (shown["is_open_now"], shown["opening_hours"]) == (True, [{**LUNCH, "service": "dine_in"}])
    assert shown["special_hours"] == [{"date": "2026-01-13", "is_closed": True, "opens": None, "closes": None}]
    closed = put(caller, path, special_hours=[{"date": "2026-01-12", "opens": "17:00", "closes": "01:00"}]).json
    assert (closed["is_open_now"], len(closed["opening_hours"])) == (False, 1)
    overlapping = put(caller, path, opening_hours=[LUNCH, {**LUNCH, "opens": "14:00", "closes": "16:00"}])
    assert (overlapping.status_code, overlapping.json["errors"][0]["field"]) == (422, "opening_hours[1]")


def test_status_is_told_once_and_keeps_orders_away(caller: Caller, partner: Partner, place: str) -> None:
    path, count = f"/v1/locations/{place}/status", len(recorded_types(partner.scope))
    paused = put(caller, path, status="paused", until="2026-01-12T13:00:00Z", reason="busy").json
    assert {name: paused[name] for name in ("location_id", "status", "until", "reason", "is_open_now", "takes_orders")} == {
        "location_id": place, "status": "paused", "until": "2026-01-12T13:00:00Z", "reason": "busy", "is_open_now": True,
        "takes_orders": False,
    }  # fmt: skip
    assert put(caller, path, status="paused", until="2026-01-12T13:00:00Z", reason="busy").status_code == 200
    order = {"location_id": place, "items": [{"name": "Soup", "price": 9}]}
    refused = caller.post("/v1/orders", json=order)
    assert (refused.status_code, refused.json["code"]) == (422, "store_unavailable")
    assert put(caller, path, status="paused", until="2026-01-11T13:00:00Z").status_code == 422
    assert put(caller, path, status="online").json["takes_orders"] is True
    assert told(partner, count) == ["store.status.updated"] * 2


def test_tables_are_made_combined_locked_and_cleaned(caller: Caller, partner: Partner, place: str) -> None:
    area = caller.post("/v1/areas", json={"location_id": place, "name": "Garden"}).json
    count = len(recorded_types(partner.scope))
    first = caller.post("/v1/tables", json={"location_id": place, "name": "1", "seats": {"max": 4}, "area_id": area["id"]}).json
    body = {"location_id": place, "name": "2", "seats": {"min": 2, "max": 6}, "combinable_with": [first["id"]], "kind": "outdoor"}
    answer = caller.post("/v1/tables", json=body)
    second = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/tables/{second['id']}")
    assert (second["seats"], second["combinable_with"]) == ({"min": 2, "max": 6}, [first["id"]])
    path = f"/v1/tables/{first['id']}"
    assert caller.get(path).json["combinable_with"] == [second["id"]]
    locked = caller.post(f"{path}/lock", json={"staff": "ewa"}).json["lock"]
    assert locked == {"staff": "ewa", "expires_at": "2026-01-12T12:05:00Z"}
    other = caller.post(f"{path}/lock", json={"staff": "jan"})
    assert (other.status_code, other.json["code"]) == (409, "table_unavailable")
    assert caller.post(f"{path}/unlock", json={"staff": "ewa"}).json["lock"] is None
    assert caller.post(f"{path}/clean", json={}).json["cleaned_at"] == "2026-01-12T12:00:00Z"
    assert set(told(partner, count)) == {"table.updated"}
    listed = caller.get(f"/v1/locations/{place}/tables?area_id={area['id']}").json["data"]
    assert [row["id"] for row in listed] == [first["id"]]
    assert caller.post("/v1/tables", json={**body, "location_id": "loc_nowhere"}).status_code == 422


def test_floor_says_how_each_table_stands(caller: Caller, place: str) -> None:
    made = [
        caller.post("/v1/tables", json={"location_id": place, "name": str(number), "seats": {"max": 4}}).json["id"]
        for number in range(3)
    ]
    soup = {"location_id": place, "items": [{"name": "Soup", "price": 9}]}
    order = {**soup, "table_id": made[0], "fulfillment": {"type": "dine_in"}}
    order_id = caller.post("/v1/orders", json=order).json["id"]
    booking = {"location_id": place, "start_at": "2026-01-12T12:30:00Z", "party_size": 2, "table_ids": [made[1]]}
    booked = caller.post("/v1/reservations", json={**booking, "customer": {"name": "Jane Doe", "phone": "+37060012345"}})
    assert booked.status_code == 201, booked.text
    floor = caller.get(f"/v1/locations/{place}/floor").json
    assert (floor["at"], floor["currency"]) == ("2026-01-12T12:00:00Z", "PLN")
    assert [(row["table_id"], row["state"]) for row in floor["tables"]] == list(
        zip(made, ("seated", "reserved", "free"), strict=True)
    )
    assert (floor["tables"][0]["order"]["id"], floor["tables"][0]["order"]["due"]) == (order_id, 9.0)
    assert floor["tables"][1]["reservation"]["id"] == booked.json["id"]
    assert floor["counts"] == {"free": 1, "held": 0, "reserved": 1, "seated": 1, "bill": 0, "dirty": 0}


def test_restaurant_is_named(caller: Caller) -> None:
    before = caller.get("/v1/restaurant").json
    changed = caller.patch("/v1/restaurant", json={"name": "Bistro Group", "slug": "bistro-group"}).json
    assert (changed["id"], changed["name"], changed["slug"]) == (before["id"], "Bistro Group", "bistro-group")


def test_reading_is_not_writing(restricted: NewCaller, place: str) -> None:
    reader = restricted("locations:read")
    assert reader.get(f"/v1/locations/{place}").status_code == 200
    assert reader.get(f"/v1/locations/{place}/floor").json["required_scopes"] == ["tables:read"]
    assert put(reader, f"/v1/locations/{place}/status", status="offline").json["required_scopes"] == ["locations:write"]
