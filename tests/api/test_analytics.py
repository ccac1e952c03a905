"""Reports and figures over HTTP."""

import pytest
from flask import Flask

from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.api.test_query_counts import statements

DAY = "from=2026-01-12&to=2026-01-12"
REPORTS = ("sales", "orders", "items", "channels", "locations", "reservations", "reviews", "loyalty")


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    """A tenant that stands at noon on 2026-01-12 and has one order more than its world."""
    partner = sandbox_partner(plan_tier="enterprise")
    caller = Caller(app, partner.key)
    assert caller.post("/sandbox/v1/reset", json={}).status_code == 200
    assert caller.post("/v1/orders", json=BURGER).status_code == 201
    return partner


@pytest.mark.parametrize("name", REPORTS)
def test_report_answers_as_documented_in_three_statements(
    shop: Partner, caller_of: NewCaller, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = caller_of(shop.key)
    caller.get(f"/v1/analytics/{name}?{DAY}")
    with statements(monkeypatch) as seen:
        answer = caller.get(f"/v1/analytics/{name}?{DAY}")
    assert (answer.status_code, answer.json["from"], answer.json["days"]) == (200, "2026-01-12", 1)
    assert len(seen) <= 3, seen


def test_loyalty_of_a_location_counts_what_its_orders_moved(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    program = caller.post("/v1/loyalty/programs", json={"name": "Counted"}).json["id"]
    customer = caller.post("/v1/customers", json={"name": "Jan Kos"}).json["id"]
    card = caller.post("/v1/loyalty/members", json={"customer_id": customer, "program_id": program}).json["id"]
    order = caller.post("/v1/orders", json={**BURGER, "customer_id": customer}).json["id"]
    before = {query: earned(caller, query) for query in ("", "&currency=PLN", "&currency=EUR")}
    for points in ({"delta": 30, "reason": "earn", "order_id": order}, {"delta": 5, "reason": "earn"}):
        assert caller.post(f"/v1/loyalty/members/{card}/points", json=points).status_code == 201
    after = {query: earned(caller, query) for query in before}
    assert {query: after[query][0] - before[query][0] for query in after} == {"": 35, "&currency=PLN": 30, "&currency=EUR": 0}
    assert after["&currency=PLN"][1] is None
    assert earned(caller, f"&location_id={BURGER['location_id']}")[0] == after["&currency=PLN"][0]


def earned(caller: Caller, query: str) -> tuple[int, int | None]:
    """(points earned, members joined) of the day."""
    totals = caller.get(f"/v1/analytics/loyalty?{DAY}{query}").json["totals"]
    return totals["earned"], totals["joined"]


def test_reservations_of_another_currency_are_none(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    booking = {"location_id": BURGER["location_id"], "start_at": "2026-01-12T19:00:00Z", "party_size": 2}
    assert caller.post("/v1/reservations", json={**booking, "customer": {"name": "Jane Doe"}}).status_code == 201
    counts = [
        caller.get(f"/v1/analytics/reservations?{DAY}{query}").json["totals"]["reservations"]
        for query in ("", "&currency=PLN", "&currency=EUR")
    ]
    assert (counts[0] > 0, counts[0] == counts[1], counts[2]) == (True, True, 0)


def test_sales_are_printed_in_decimals(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    orders = caller.get("/v1/orders?limit=100").json["data"]
    sold = [
        order for order in orders
        if order["status"] in ("pending", "accepted", "preparing", "ready", "picked_up", "completed")
        and order["created_at"].startswith("2026-01-12")
    ]  # fmt: skip
    [series] = caller.get(f"/v1/analytics/sales?{DAY}").json["series"]
    assert series["currency"] == sold[0]["currency"]
    assert series["totals"]["total"] == pytest.approx(sum(order["totals"]["total"] for order in sold))
    assert (series["totals"]["orders"], [one["start"] for one in series["buckets"]]) == (len(sold), ["2026-01-12"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("to=2026-01-12", "parameter_missing"), ("from=2026-01-12&to=2026-01-11", "invalid_parameter"),
        ("from=2026-01-12&to=2027-12-31", "invalid_parameter"), ("from=12.1.2026&to=2026-01-12", "invalid_parameter"),
        (f"{DAY}&currency=zloty", "invalid_parameter"), (f"{DAY}&granularity=year", "invalid_parameter"),
    ],
    ids=["no start", "ends early", "too long", "no date", "no currency", "no granularity"],
)  # fmt: skip
def test_report_is_refused_when_its_span_makes_no_sense(caller: Caller, query: str, code: str) -> None:
    answer = caller.get(f"/v1/analytics/sales?{query}")
    assert (answer.status_code, answer.json["code"]) == (400, code)


def test_group_view_needs_enterprise(app: Flask, caller_of: NewCaller) -> None:
    caller = caller_of(sandbox_partner(plan_tier="pro").key)
    answer = caller.get(f"/v1/analytics/locations?{DAY}")
    assert (answer.status_code, answer.json["required_plan"]) == (403, "enterprise")
    assert caller.get(f"/v1/analytics/sales?{DAY}").status_code == 200


def test_figure_is_added_and_read_back(caller: Caller) -> None:
    figure = {"metric": "temperature", "value": -4.25, "dimensions": {"sensor": "terrace"}, "at": "2026-01-12T10:00:00Z"}
    made = caller.post("/v1/analytics/records", json=figure)
    assert made.status_code == 201
    assert {name: made.json[name] for name in figure} == figure
    assert caller.get(made.headers["Location"]).json == made.json
    listed = caller.get("/v1/analytics/records?metric=temperature&from=2026-01-12T00:00:00Z&to=2026-01-13T00:00:00Z")
    assert listed.json["data"] == [made.json]
    refused = caller.post("/v1/analytics/records", json={**figure, "value": "warm"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "value")
