"""The large world: how much its parts come to, and that what they write holds together, at a small scale."""

from collections import Counter
from functools import partial

import pytest

from domain.guests.models import Guest
from domain.locations.models import Location
from domain.menus.models import MenuItem
from domain.orders.models import Order
from domain.orders.models import OrderCounter
from domain.orders.models import OrderLine
from domain.payments.models import Payment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import service
from sandbox.building import build_part
from sandbox.worlds.large import world as large
from sandbox.worlds.standard import world as standard
from sandbox.worlds.standard.setting import Part
from tests.sandbox.worlds.conftest import rows_of
from tests.sandbox.worlds.test_standard_invariants import by
from tests.sandbox.worlds.test_standard_invariants import priced_again


@pytest.fixture
def small(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> Scope:
    """A tenant with the beginnings of the large world, forty guests of its crowd and two places with 25 orders each."""
    crowd, places = partial(large.write_crowd, first=0, count=40), partial(large.write_small, first=0, count=2)
    monkeypatch.setattr(large, "PARTS", (Part("crowd", crowd), Part("places", places)))
    monkeypatch.setattr(large, "ALL_ORDERS", large.ORDERS + 25 * len(large.small_places()))
    with unit_of_work(scope):
        service.reset(scope, profile="large")
    while build_part(scope):
        pass
    return scope


def test_parts_come_to_the_announced_amounts():
    places = large.small_places()
    crowd = [part.write.keywords for part in large.PARTS if part.name.startswith("crowd")]
    small = [part.write.keywords for part in large.PARTS if part.name.startswith("places")]

    assert large.PARTS[: len(standard.PARTS)] == standard.PARTS
    assert sum(share["count"] for share in crowd) == 12_500
    assert len(places) + 13 == len({place.id for place in places}) + 13 == len({place.slug for place in places}) + 13 == 200
    assert [share["first"] for share in small] == list(range(0, 187, 2))
    each, left = divmod(60_000 - 3500, 187)
    assert each * 187 + left + 3500 == 60_000


def test_crowd_looks_to_one_place(small: Scope):
    crowd = [row for row in rows_of(small, Guest) if row["source"] == "import" and row["name"] == "Ada Adamska"]

    assert {row["parent_location_id"] for row in crowd} == {"loc_ala_01"}
    assert len(rows_of(small, Guest)) == 644


def test_small_places_sell_and_their_orders_add_up(small: Scope):
    orders, lines, payments = rows_of(small, Order), by(rows_of(small, OrderLine), "order_id"), rows_of(small, Payment)
    own = [row for row in orders if row["location_id"] in ("loc_pl001_01", "loc_pl002_01")]
    taken: Counter[str] = Counter()
    for row in payments:
        if row["order_id"] and row["status"] != "failed":
            taken[row["order_id"]] += row["amount_minor"] + row["tip_minor"]

    assert len(own) == 50
    assert {row["id"]: row["is_active"] for row in rows_of(small, Location)}["loc_pl001_01"] is True
    assert sum(row["location_id"] == "loc_pl001_01" for row in rows_of(small, MenuItem)) == 10
    for order in own:
        served = sorted((row for row in lines[order["id"]] if row["state"] == "active"), key=lambda row: row["position"])
        assert order["total_minor"] == priced_again(order, served).total_minor
        assert order["paid_minor"] == taken[order["id"]]
    numbered = Counter(f"{row['location_id']}:{row['business_date']}" for row in own)
    counters = {row["id"]: row["last_number"] for row in rows_of(small, OrderCounter)}
    assert numbered == {day: counters[day] for day in numbered}
