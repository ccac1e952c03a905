"""Reports of sales, orders and items over real rows."""

from typing import Any

import pytest

from domain.analytics.periods import span_of
from domain.analytics.service import channel_report
from domain.analytics.service import item_report
from domain.analytics.service import location_report
from domain.analytics.service import order_report
from domain.analytics.service import sales_report
from domain.orders.models import OrderLine
from kit.documents import append
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.orders import create_order

SPAN = span_of("2026-01-12", "2026-01-14")


@pytest.fixture
def place(scope: Scope) -> str:
    """A location in Warsaw with three sold orders, one cancelled, one draft and one the day after the span."""
    with unit_of_work(scope):
        location_id = create_location(scope, name="Warsaw")
        money = {"subtotal_minor": 10_000, "discount_minor": 1000, "tax_minor": 720, "tip_minor": 500, "total_minor": 10_220}
        create_order(scope, location_id=location_id, number=1, source="pos", **money)
        create_order(scope, location_id=location_id, number=2, status="completed")
        create_order(scope, location_id=location_id, number=3, status="cancelled")
        create_order(scope, location_id=location_id, number=4, status="draft")
        create_order(scope, location_id=location_id, number=5, business_date="2026-01-14", source="pos")
        create_order(scope, location_id=location_id, number=6, business_date="2026-01-15")
    return location_id


def report(scope: Scope, kind: Any, **options: Any) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return kind(scope, **{"span": SPAN, **options})


def test_sales_are_summed_by_business_date_with_empty_days(scope: Scope, place: str) -> None:
    [series] = report(scope, sales_report)["series"]
    assert series["currency"] == "PLN"
    assert [(one["start"], one["orders"], one["total_minor"]) for one in series["buckets"]] == [
        ("2026-01-12", 2, 14_810), ("2026-01-13", 0, 0), ("2026-01-14", 1, 4590),
    ]  # fmt: skip
    assert series["totals"] == {
        "orders": 3, "gross_minor": 19_180, "discount_minor": 1000, "charges_minor": 0, "tax_minor": 720, "tip_minor": 500,
        "total_minor": 19_400, "refunded_minor": 0, "net_minor": 18_180, "average_minor": 6467,
    }  # fmt: skip


@pytest.mark.parametrize("granularity", ["hour", "day", "week", "month"])
def test_buckets_of_any_size_add_up_to_the_same_totals(scope: Scope, place: str, granularity: str) -> None:
    [series] = report(scope, sales_report, span=span_of("2026-01-12", "2026-01-14", granularity))["series"]
    for figure in ("orders", "gross_minor", "net_minor", "total_minor"):
        assert sum(one[figure] for one in series["buckets"]) == series["totals"][figure]
    assert (series["totals"]["orders"], series["totals"]["total_minor"]) == (3, 19_400)


def test_currencies_are_never_mixed(scope: Scope, place: str) -> None:
    with unit_of_work(scope):
        vilnius = create_location(scope, name="Vilnius", currency="EUR")
        create_order(scope, location_id=vilnius, currency="EUR", total_minor=999)
    series = report(scope, sales_report)["series"]
    assert [(one["currency"], one["totals"]["orders"]) for one in series] == [("EUR", 1), ("PLN", 3)]
    [only] = report(scope, sales_report, currency="JPY")["series"]
    assert (only["currency"], only["totals"]["orders"], only["totals"]["average_minor"]) == ("JPY", 0, None)
    [one] = report(scope, sales_report, location_id=vilnius)["series"]
    assert (one["currency"], one["totals"]["total_minor"]) == ("EUR", 999)


def test_channels_and_locations_show_their_share(scope: Scope, place: str) -> None:
    with unit_of_work(scope):
        create_location(scope, name="Empty")
    channels = report(scope, channel_report)["series"]
    assert [(one["source"], one["totals"]["orders"], one["share"]) for one in channels] == [
        ("pos", 2, 0.7634), ("website", 1, 0.2366),
    ]  # fmt: skip
    places = {one["name"]: one["share"] for one in report(scope, location_report)["series"]}
    assert places == {"Warsaw": 1.0, "Empty": 0.0}


def test_orders_are_counted_by_what_became_of_them(scope: Scope, place: str) -> None:
    [series] = report(scope, order_report)["series"]
    totals = series["totals"]
    assert {name: totals[name] for name in ("orders", "sold", "open", "completed", "cancelled", "scheduled")} == {
        "orders": 4, "sold": 3, "open": 2, "completed": 1, "cancelled": 1, "scheduled": 0,
    }  # fmt: skip
    assert (totals["lost_share"], totals["average_minor"]) == (0.25, 6467)
    assert series["fulfillment"] == [{"type": "pickup", "orders": 3, "total_minor": 19_400}]


def test_margin_is_known_for_items_with_a_cost(scope: Scope) -> None:
    with unit_of_work(scope):
        location_id = create_location(scope)
        soup = create_item(scope, name="Soup", cost_minor=400)
        order_id = create_order(scope, location_id=location_id, price_mode="inclusive")
        append(scope, OrderLine, [{
            "id": new_id("oln"), "order_id": order_id, "position": 1, "item_id": soup, "name": "Soup of the day",
            "unit_minor": 1080, "quantity": 2, "modifiers": [], "gross_minor": 2160, "net_minor": 2160, "allergens": [],
            "tax_rate": "0.08",
        }])  # fmt: skip
    [series] = report(scope, item_report)["series"]
    [lunch, best] = series["items"]
    assert (lunch["item_id"], lunch["name"], lunch["net_minor"], lunch["margin_minor"]) == (None, "Lunch", 4590, None)
    assert best == {
        "item_id": soup, "name": "Soup", "orders": 1, "quantity": 2, "gross_minor": 2160, "net_minor": 2160,
        "revenue_minor": 2000, "cost_minor": 800, "margin_minor": 1200, "margin_share": 0.6, "ticket_margin_minor": 1200,
    }  # fmt: skip
    assert (series["totals"]["quantity"], series["totals"]["margin_minor"]) == (3, 1200)


def test_report_is_refused_for_an_unknown_location_and_for_hours_of_several(scope: Scope, place: str) -> None:
    with unit_of_work(scope):
        create_location(scope)
    with pytest.raises(NotFound):
        report(scope, sales_report, location_id="loc_nowhere")
    with pytest.raises(ParameterMissing):
        report(scope, sales_report, span=span_of("2026-01-12", "2026-01-12", "hour"))


def test_tenant_without_locations_has_no_series(scope: Scope) -> None:
    assert report(scope, sales_report)["series"] == []
