"""Reviews over HTTP."""

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

NOON = "2026-01-12T12:00:00Z"


@pytest.fixture(scope="module", autouse=True)
def stopped_clock(partner: Partner) -> None:
    """The partner's clock stands at noon of 2026-01-12."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime(2026, 1, 12, 12, tzinfo=UTC))


@pytest.fixture
def order_id(partner: Partner) -> str:
    """An order of a customer nobody else knows, at a location of its own."""
    with unit_of_work(partner.scope):
        customer_id = create_guest(partner.scope)
        location_id = create_location(partner.scope, slug=f"at-{customer_id.lower()}")
        return create_order(partner.scope, location_id=location_id, customer_id=customer_id)


def test_bad_review_is_judged_answered_and_resolved(caller: Caller, partner: Partner, order_id: str):
    before = len(recorded_types(partner.scope))
    answer = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 1, "comment": "Cold food, very rude staff"})
    made = answer.json
    path = f"/v1/reviews/{made['id']}"
    assert (answer.status_code, answer.headers["Location"]) == (201, path)
    assert {**made, "location_id": None, "customer_id": None} == {
        "id": made["id"], "location_id": None, "order_id": order_id, "reservation_id": None, "customer_id": None,
        "author_name": None, "source": "api", "overall": 1, "food": None, "service": None, "ambience": None,
        "comment": "Cold food, very rude staff", "language": "en", "sentiment": {"score": -0.859, "label": "negative"},
        "response": None, "status": "response_needed", "refs": [], "version": 3, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    answered = caller.post(f"{path}/response", json={"text": "We are sorry"})
    assert (answered.status_code, answered.json["status"], answered.json["response"]) == (
        201, "responded", {"text": "We are sorry", "public": True, "responded_at": NOON},
    )  # fmt: skip
    assert caller.patch(path, json={"status": "new"}).json["code"] == "invalid_transition"
    stale = caller.patch(path, json={"status": "resolved"}, headers={"If-Match": '"3"'})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
    assert caller.patch(path, json={"status": "resolved", "version": 4}).json["status"] == "resolved"
    assert caller.post(f"{path}/response", json={"text": "Again"}).status_code == 409
    assert recorded_types(partner.scope)[before:] == [
        "review.submitted", "review.sentiment.updated", "review.response_needed", "review.resolved",
    ]  # fmt: skip
    again = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 5})
    assert (again.status_code, again.json["code"]) == (409, "duplicate_reference")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"overall": 0, "location_id": "loc_waw_01"}, "overall"),
        ({"location_id": "loc_waw_01"}, "overall"),
        ({"overall": 5, "order_id": "ord_none"}, "order_id"),
        ({"overall": 5, "location_id": "loc_waw_01", "comment": "a\u0000b"}, "comment"),
        ({"overall": 5, "location_id": "loc_waw_01", "language": "!"}, "language"),
    ],
    ids=["stars", "no-stars", "order", "control-character", "language"],
)
def test_review_when_a_field_is_wrong_is_refused_without_trace(
    caller: Caller, partner: Partner, body: dict[str, Any], field: str
):
    before = len(recorded_types(partner.scope))
    answer = caller.post("/v1/reviews", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)
    assert len(recorded_types(partner.scope)) == before


def test_reviews_are_listed_and_summed_up(caller: Caller, partner: Partner, order_id: str):
    first = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 4, "food": 5, "comment": "Great"}).json
    location = f"location_id={first['location_id']}"
    second = caller.post("/v1/reviews", json={"location_id": first["location_id"], "overall": 1}).json
    third = caller.post("/v1/reviews", json={"location_id": first["location_id"], "overall": 1}).json
    caller.post(f"/v1/reviews/{second['id']}/response", json={"text": "Sorry"})
    listed = caller.get(f"/v1/reviews?{location}&limit=2").json
    rest = caller.get(f"/v1/reviews?{location}&limit=2&cursor={listed['next_cursor']}").json
    assert [row["id"] for row in (*listed["data"], *rest["data"])] == [third["id"], second["id"], first["id"]]
    for query, found in (
        ("rating_min=2", [first]), ("rating_max=1&status=response_needed,resolved", [third]), ("sentiment=positive", [first]),
        (f"from={NOON}&to={NOON}", []), (f"order_id={order_id}", [first]), ("ref=tablespot:rev_001", []),
    ):  # fmt: skip
        assert caller.get(f"/v1/reviews?{location}&{query}").json["data"] == found, query
    assert caller.get(f"/v1/reviews/summary?{location}").json == {
        "total": 3, "average": {"overall": 2.0, "food": 5.0, "service": None, "ambience": None},
        "distribution": {"5": 0, "4": 1, "3": 0, "2": 0, "1": 2},
        "sentiment": {"positive": 1, "neutral": 0, "negative": 0, "none": 2},
        "responded": 1, "response_rate": 0.33, "response_needed": 1,
    }  # fmt: skip
    assert caller.get("/v1/reviews?ref=nowhere:1").status_code == 400
    assert caller.get("/v1/reviews?rating_min=6").status_code == 400


def test_review_of_another_tenant_is_not_found(
    caller: Caller, new_partner: Any, caller_of: NewCaller, order_id: str
):
    made = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 5}).json
    stranger = caller_of(new_partner(plan_tier="enterprise", profile="empty").key)
    path = f"/v1/reviews/{made['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.patch(path, json={"status": "resolved"}).status_code == 404
    assert stranger.post(f"{path}/response", json={"text": "Hi"}).status_code == 404
    assert stranger.post("/v1/reviews", json={"order_id": order_id, "overall": 5}).status_code == 422


def test_reviews_without_credential_or_scope_are_refused(caller_of: NewCaller, restricted: Any):
    assert caller_of(None).get("/v1/reviews").status_code == 401
    refused = restricted("reviews:read").post("/v1/reviews", json={"overall": 5, "location_id": "loc_waw_01"})
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["reviews:write"])
    assert restricted("reviews:write").get("/v1/reviews/summary").status_code == 403


def test_reading_reviews_asks_the_database_little(caller: Caller, order_id: str, monkeypatch: pytest.MonkeyPatch):
    made = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 5}).json
    for path in (f"/v1/reviews/{made['id']}", "/v1/reviews", "/v1/reviews/summary"):
        with statements(monkeypatch) as seen:
            assert caller.get(path).status_code == 200
        assert len(seen) <= 3, seen
