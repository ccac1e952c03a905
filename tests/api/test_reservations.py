"""Reservations, holds, free times and the waitlist over HTTP."""

from datetime import datetime
from typing import Any

import orjson
import pytest

from api.events import render
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.test_query_counts import statements
from tests.domain.recorded import recorded_events
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.locations import create_table

NOON = "2026-01-12T12:00:00Z"
GUEST = {"name": "Jane Doe", "phone": "+370 600 12345", "email": "Jane@example.com"}
POLICY = {"required": True, "min_party": 4, "amount_minor": 1000, "per_person": True, "refundable_hours": 4}


@pytest.fixture
def house(partner: Partner) -> dict[str, str]:
    """A location of its own, never closed, with one table for four."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime.fromisoformat(NOON))
        location_id = create_location(partner.scope, deposit_policy=POLICY)
        return {"location_id": location_id, "table_id": create_table(partner.scope, location_id=location_id, name="T1")}


def body(house: dict[str, str], **changes: Any) -> dict[str, Any]:
    table = {"location_id": house["location_id"], "start_at": "2026-01-15T19:00:00+01:00", "party_size": 2}
    return {**table, "customer": GUEST, **changes}


def booked(caller: Caller, house: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = caller.post("/v1/reservations", json=body(house, **changes))
    assert answer.status_code == 201, answer.text
    shown: dict[str, Any] = answer.json
    return shown


def told(partner: Partner, reservation_id: str) -> list[Any]:
    return [event for event in recorded_events(partner.scope) if event.object_id == reservation_id]


def test_booking_is_shown_whole(caller: Caller, partner: Partner, house: dict[str, str]):
    answer = caller.post("/v1/reservations", json=body(house, special_request="Window", flags=["vip"]))
    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/reservations/{made['id']}")
    history = made.pop("status_history")
    assert [(row["status"], row["at"], row["actor"]["type"]) for row in history] == [("confirmed", NOON, "api_key")]
    assert made == {
        "id": made["id"], "ref": made["ref"], "external_id": None, "status": "confirmed", "sub_status": None,
        "is_late": False, "location_id": house["location_id"], "start_at": "2026-01-15T18:00:00Z",
        "end_at": "2026-01-15T20:00:00Z", "local_date": "2026-01-15", "duration_minutes": 120, "party_size": 2,
        "party": {"adult": 2, "senior": 0, "child": 0, "baby": 0, "total": 2}, "table_ids": [house["table_id"]],
        "tables": [{"id": house["table_id"], "name": "T1"}], "customer_id": made["customer_id"],
        "contact": {"name": "Jane Doe", "phone": "+37060012345", "email": "jane@example.com"}, "source": "api",
        "channel": None, "seat_kind": None, "special_request": "Window", "memo": None, "flags": ["vip"], "currency": "PLN",
        "deposit": {"status": "none", "required": 0, "paid": 0, "pending": 0, "refunded": 0, "applied": 0,
                    "refund_ends_at": None},
        "cancel": None, "refs": [], "version": 1, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    read = caller.get(f"/v1/reservations/{made['id']}")
    assert read.json == made | {"status_history": history}
    assert caller.get(f"/v1/reservations/{made['id']}", headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    assert [event.type for event in told(partner, made["id"])] == ["reservation.created"]


def test_taken_table_is_refused_with_alternatives_and_no_trace(caller: Caller, partner: Partner, house: dict[str, str]):
    booked(caller, house)
    events = len(recorded_events(partner.scope))
    answer = caller.post("/v1/reservations", json=body(house))
    assert (answer.status_code, answer.json["code"]) == (409, "table_unavailable")
    assert answer.json["conflict"] == {
        "table_id": house["table_id"], "start_at": "2026-01-15T18:00:00Z", "end_at": "2026-01-15T20:00:00Z",
    }  # fmt: skip
    assert answer.json["alternatives"] == [
        {"start_at": f"2026-01-15T{time}:00Z", "table_ids": [house["table_id"]]} for time in ("16:00", "20:00", "15:45")
    ]
    assert len(caller.get(f"/v1/reservations?location_id={house['location_id']}").json["data"]) == 1
    assert len(recorded_events(partner.scope)) == events


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"party_size": 0}, "validation_failed", "party_size"), ({"party_size": 51}, "validation_failed", "party_size"),
        ({"party": {"adult": 1}}, "validation_failed", "party_size"), ({"party_size": 5}, "party_too_large", None),
        ({"customer": {}}, "validation_failed", "customer.name"), ({"customer_id": "cus_1"}, "validation_failed", "customer"),
        ({"location_id": "loc_none"}, "validation_failed", "location_id"),
        ({"table_ids": ["tbl_none"]}, "validation_failed", "table_ids[0]"),
        ({"start_at": "tomorrow"}, "validation_failed", "start_at"), ({"start_at": 5}, "validation_failed", "start_at"),
        ({"start_at": "9999-12-31T23:59:59Z"}, "validation_failed", "start_at"),
        ({"start_at": "2026-03-29T02:30:00"}, "nonexistent_local_time", None),
        ({"customer": {"name": "Jane", "phone": "12"}}, "phone_invalid", None),
        ({"status": "seated"}, "validation_failed", "status"),
        ({"duration_minutes": 14}, "validation_failed", "duration_minutes"),
        ({"special_request": "a\x00b"}, "validation_failed", "special_request"),
    ],
)  # fmt: skip
def test_impossible_booking_is_refused(
    caller: Caller, house: dict[str, str], changes: dict[str, Any], code: str, field: str | None
):
    answer = caller.post("/v1/reservations", json=body(house, **changes))
    assert (answer.status_code, answer.json["code"]) == (422, code), answer.text
    assert field in ([error["field"] for error in answer.json.get("errors", [])] or [None])
    assert caller.get(f"/v1/reservations?location_id={house['location_id']}").json["data"] == []


def test_local_time_is_the_locations(caller: Caller, house: dict[str, str]):
    assert booked(caller, house, start_at="2026-07-15T19:00")["start_at"] == "2026-07-15T17:00:00Z"


def test_same_reference_repeats_the_first_answer_or_conflicts(caller: Caller, house: dict[str, str]):
    made = booked(caller, house, external_id="tour-1")
    again = caller.post("/v1/reservations", json=body(house, external_id="tour-1"))
    other = caller.post("/v1/reservations", json=body(house, external_id="tour-1", party_size=3))
    assert (again.status_code, again.json) == (200, made)
    assert (other.status_code, other.json["code"]) == (409, "duplicate_reference")


def test_change_is_told_with_what_was_before(caller: Caller, partner: Partner, house: dict[str, str]):
    path = f"/v1/reservations/{booked(caller, house)['id']}"
    moved = caller.patch(path, json={"start_at": "2026-01-15T20:00:00Z", "customer": {"phone": "+48221234567"}})
    assert (moved.status_code, moved.json["start_at"], moved.json["version"]) == (200, "2026-01-15T20:00:00Z", 2)
    stale = caller.patch(path, json={"memo": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
    cancelled = caller.patch(path, json={"status": "cancelled", "cancel": {"reason_type": "illness", "by_customer": True}})
    assert cancelled.json["cancel"] == {"reason_type": "illness", "reason": None, "by_customer": True}
    assert caller.patch(path, json={"status": "cancelled"}).json["version"] == 3
    back = caller.patch(path, json={"status": "seated"})
    assert (back.status_code, back.json["code"], back.json["from"], back.json["allowed"]) == (
        409, "invalid_transition", "cancelled", [],
    )  # fmt: skip
    events = told(partner, moved.json["id"])
    assert [event.type for event in events] == [
        "reservation.created", "reservation.updated", "reservation.updated", "reservation.cancelled",
    ]  # fmt: skip
    shown = shown_event(partner, events[1], frozenset({"customers:pii"}))
    assert shown["object"] == moved.json
    assert shown["previous"] == {
        "start_at": "2026-01-15T18:00:00Z", "end_at": "2026-01-15T20:00:00Z",
        "contact": {"name": "Jane Doe", "phone": "+37060012345", "email": "jane@example.com"},
    }  # fmt: skip
    masked = shown_event(partner, events[1], frozenset())
    assert (masked["object"]["contact"]["phone"], masked["previous"]["contact"]["phone"]) == ("+4822•••567", "+3706•••345")
    assert shown_event(partner, events[3], frozenset())["previous"] == {"status": "confirmed", "cancel": None}


def shown_event(partner: Partner, event: Any, scopes: frozenset[str]) -> dict[str, Any]:
    columns = {column.name: getattr(event, column.name) for column in event.__table__.columns}
    row = columns | {"created_at": 0, "environment": "sandbox", "tenant_id": partner.tenant_id}
    data: dict[str, Any] = orjson.loads(render(row, api_version="2026-11-01", scopes=scopes))["data"]
    return data


def test_contact_is_masked_without_its_scope(restricted: NewCaller, caller: Caller, house: dict[str, str]):
    made = booked(caller, house)
    reader = restricted("reservations:read")
    seen = [reader.get(f"/v1/reservations/{made['id']}").json]
    seen += reader.get(f"/v1/reservations?location_id={house['location_id']}").json["data"]
    assert [row["contact"] for row in seen] == [{"name": "Jane Doe", "phone": "+3706•••345", "email": "j•••@example.com"}] * 2


def test_deposit_confirms_and_goes_back(caller: Caller, house: dict[str, str]):
    made = booked(caller, house, party_size=4)
    path = f"/v1/reservations/{made['id']}"
    assert (made["status"], made["deposit"]["status"], made["deposit"]["required"]) == ("requested", "unpaid", 40)
    declined = caller.post(f"{path}/deposit", json={"source": "tok_declined"})
    assert (declined.status_code, declined.json["code"], declined.json["decline_code"]) == (
        402, "payment_declined", "generic_decline",
    )  # fmt: skip
    assert caller.post(f"{path}/deposit", json={"amount": 40.001}).json["code"] == "amount_precision"
    assert caller.post(f"{path}/deposit", json={"amount": 41}).json["code"] == "amount_exceeds_due"
    paid = caller.post(f"{path}/deposit", json={"source": "tok_ok"})
    assert (paid.status_code, paid.headers["Location"]) == (201, f"/v1/payments/{paid.json['id']}")
    assert (paid.json["amount"], paid.json["purpose"], paid.json["reservation_id"]) == (40, "deposit", made["id"])
    assert caller.get(path).json["status"] == "confirmed"
    after = caller.patch(path, json={"status": "cancelled"}).json
    assert (after["deposit"]["status"], after["deposit"]["refunded"]) == ("refunded", 40)


def test_list_is_filtered_sorted_and_paged(caller: Caller, house: dict[str, str]):
    first, second, third = (booked(caller, house, start_at=f"2026-01-{day}T12:00:00Z")["id"] for day in (22, 20, 21))
    at = f"/v1/reservations?location_id={house['location_id']}"

    def found(more: str) -> list[str]:
        return [row["id"] for row in caller.get(at + more).json["data"]]

    assert found("") == [third, second, first]
    assert found("&sort=start_at") == [second, third, first]
    assert found("&date=2026-01-21") == [third]
    assert found("&from=2026-01-21T00:00:00Z&to=2026-01-22T00:00:00Z") == [third]
    assert found("&status=requested,seated") == []
    assert found(f"&table_id={house['table_id']}&sort=-start_at&limit=1") == [first]
    page = caller.get(f"{at}&sort=start_at&limit=2").json
    assert page["has_more"] is True
    assert found(f"&sort=start_at&limit=2&cursor={page['next_cursor']}") == [first]
    assert found("&ref=tablespot:res_none") == []
    assert caller.get(f"{at}&ref=nobody:1").status_code == 400


def test_hold_keeps_a_table_until_it_is_booked(caller: Caller, house: dict[str, str]):
    wanted = {name: value for name, value in body(house).items() if name != "customer"}
    made = caller.post("/v1/holds", json={**wanted, "ttl_seconds": 60})
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/holds/{made.json['id']}")
    hold = made.json
    assert hold == {
        "id": hold["id"], "status": "active", "location_id": house["location_id"], "table_ids": [house["table_id"]],
        "start_at": "2026-01-15T18:00:00Z", "end_at": "2026-01-15T20:00:00Z", "duration_minutes": 120, "party_size": 2,
        "expires_at": "2026-01-12T12:01:00Z", "reservation_id": None, "version": 1, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    assert caller.post("/v1/reservations", json=body(house)).json["code"] == "table_unavailable"
    renewed = caller.send("PUT", f"/v1/holds/{hold['id']}", json={})
    assert (renewed.status_code, renewed.json["expires_at"]) == (200, "2026-01-12T12:05:00Z")
    booking = caller.post("/v1/reservations", json={"hold_id": hold["id"], "customer": GUEST})
    assert (booking.status_code, booking.json["table_ids"], booking.json["party_size"]) == (201, [house["table_id"]], 2)
    used = caller.get(f"/v1/holds/{hold['id']}").json
    assert (used["status"], used["reservation_id"]) == ("used", booking.json["id"])
    again = caller.post("/v1/reservations", json={"hold_id": hold["id"], "customer": GUEST})
    assert (again.status_code, again.json["code"]) == (410, "hold_expired")
    other = caller.post("/v1/holds", json={**wanted, "start_at": "2026-01-15T21:00:00Z"}).json
    assert caller.send("DELETE", f"/v1/holds/{other['id']}").status_code == 204
    assert caller.post("/v1/holds", json={**wanted, "ttl_seconds": 58}).status_code == 422


def test_availability_lists_free_times(caller: Caller, house: dict[str, str]):
    booked(caller, house)
    asked = f"/v1/availability?location_id={house['location_id']}&date=2026-01-15&party_size=2"
    found = caller.get(f"{asked}&time=17:00").json
    assert [slot["start_at"] for slot in found["slots"]] == [
        f"2026-01-15T{time}:00Z" for time in
        ("14:00", "14:15", "14:30", "14:45", "15:00", "15:15", "15:30", "15:45", "16:00")
    ]  # fmt: skip
    assert found["slots"][0]["table_options"] == [{"table_ids": [house["table_id"]], "seats": 4}]
    assert (found["slots"][0]["remaining"], found["duration_minutes"]) == (1, 120)
    missing = caller.get(f"/v1/availability?location_id={house['location_id']}&date=2026-01-15")
    assert (missing.status_code, missing.json["code"], missing.json["parameter"]) == (400, "parameter_missing", "party_size")
    assert caller.get(asked.replace("2026-01-15", "soon")).status_code == 400
    assert caller.get(asked.replace(house["location_id"], "loc_none")).status_code == 404


def test_waiting_party_is_called_and_seated(caller: Caller, house: dict[str, str]):
    made = caller.post("/v1/waitlist", json={"location_id": house["location_id"], "party_size": 2, "customer": GUEST})
    entry, path = made.json, f"/v1/waitlist/{made.json['id']}"
    assert (made.status_code, made.headers["Location"]) == (201, path)
    assert (entry["status"], entry["position"], entry["quoted_minutes"]) == ("waiting", 1, 0)
    assert caller.post(f"{path}/call").json["status"] == "called"
    seated = caller.post(f"{path}/seat", json={"table_ids": [house["table_id"]]}).json
    visit = caller.get(f"/v1/reservations/{seated['reservation_id']}").json
    assert (seated["status"], visit["status"], visit["table_ids"]) == ("seated", "seated", [house["table_id"]])
    assert caller.post(f"{path}/remove").json["code"] == "invalid_transition"
    assert caller.get(f"/v1/waitlist?location_id={house['location_id']}&status=waiting,called").json["data"] == []


def test_reads_ask_few_questions(caller: Caller, house: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    path = f"/v1/reservations/{booked(caller, house)['id']}"
    asked = f"/v1/availability?location_id={house['location_id']}&date=2026-01-15&party_size=2"
    for url, most in ((path, 3), (f"/v1/reservations?location_id={house['location_id']}", 4), (asked, 4)):
        caller.get(url)
        with statements(monkeypatch) as seen:
            caller.get(url)
        assert len(seen) <= most, seen
