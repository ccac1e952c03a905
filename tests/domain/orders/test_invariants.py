"""Invariants 8, 12, 13, 17, 19 and 20 of the model, held by random histories on a real database."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import Tax
from domain.menus.service import get_item
from domain.orders.machine import MOVES
from domain.orders.service import LineDraft
from domain.orders.service import OrderDraft
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.factories.clock import freeze_clock
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.orders import build_draft
from tests.factories.orders import create_burger

pytestmark = pytest.mark.timeout(900)  # 200 histories each, also on a busy machine
CURRENCIES = ("PLN", "EUR", "JPY", "KWD")
NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
NewScope = Callable[..., Scope]
ENOUGH = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STATUS = st.sampled_from(sorted(MOVES))


def _attempt(scope: Scope, work: Callable[[], object]) -> object | None:
    """Run in a unit of its own; None when it was refused and rolled back."""
    try:
        with unit_of_work(scope):
            return work()
    except PlatformError:
        return None


@ENOUGH
@given(
    stock=st.integers(0, 6),
    steps=st.lists(st.one_of(st.integers(1, 4), st.tuples(st.integers(0, 5), STATUS)), min_size=1, max_size=6),
)
def test_stock_is_what_open_and_served_orders_left_of_it(new_scope: NewScope, stock: int, steps: list):
    scope = new_scope()
    with unit_of_work(scope):
        location_id, item_id = create_location(scope), create_item(scope, stock_count=stock)
    ids: list[str] = []
    for step in steps:
        if isinstance(step, int):
            draft = build_draft(location_id, LineDraft(item_id=item_id, quantity=step))
            placed = _attempt(scope, lambda draft=draft: place_order(scope, draft=draft).document["id"])
            ids += [placed] if isinstance(placed, str) else []
        elif step[0] < len(ids):
            move = {"order_id": ids[step[0]], "status": step[1], "reason": "other"}
            _attempt(scope, lambda move=move: change_order(scope, **move))
        with unit_of_work(scope, writes=False):
            orders = [get_order(scope, order_id=order_id) for order_id in ids]
            item = get_item(scope, item_id=item_id)
        held = [order for order in orders if order["status"] not in ("rejected", "cancelled", "failed")]
        assert item["stock_count"] == stock - sum(order["lines"][0]["quantity"] for order in held)
        assert item["available"] is (item["stock_count"] > 0)


@ENOUGH
@given(steps=st.lists(st.tuples(STATUS, st.integers(-3600, 3600)), min_size=1, max_size=5))
def test_history_only_grows_in_time_and_ends_with_the_status(new_scope: NewScope, steps: list):
    scope = new_scope()
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        order = place_order(scope, draft=create_burger(scope)).document
    for status, shift_s in steps:
        before = order
        with unit_of_work(scope):
            freeze_clock(scope, NOON + timedelta(seconds=shift_s))
        moved = {"order_id": order["id"], "status": status, "reason": "other"}
        _attempt(scope, lambda moved=moved: change_order(scope, **moved))
        with unit_of_work(scope, writes=False):
            order = get_order(scope, order_id=order["id"])
        times = [entry["at"] for entry in order["status_history"]]
        assert order["status_history"][: len(before["status_history"])] == before["status_history"]
        assert times == sorted(times)
        assert order["status_history"][-1]["status"] == order["status"]
    reached = [entry["status"] for entry in order["status_history"]]
    assert [event.type for event in recorded_events(scope)] == [
        "order.created", *[f"order.{status}" for status in reached[1:]],
    ]  # fmt: skip


@ENOUGH
@given(steps=st.lists(st.sampled_from(["place", "move", "refused", "failed", "read"]), min_size=1, max_size=6))
def test_events_are_numbered_without_gaps_and_only_for_what_was_committed(new_scope: NewScope, steps: list[str]):
    scope = new_scope()
    with unit_of_work(scope):
        draft = create_burger(scope)
    ids: list[str] = []
    told: list[str] = []
    for step in steps:
        if step == "place":
            ids.append(str(_attempt(scope, lambda: place_order(scope, draft=draft).document["id"])))
            told.append("order.created")
        elif step == "move" and ids:
            _attempt(scope, lambda: change_order(scope, order_id=ids.pop(), status="accepted"))
            told.append("order.accepted")
        elif step == "failed":
            _attempt(scope, lambda: _place_then_fail(scope, draft))
        elif step == "refused" and ids:
            _attempt(scope, lambda: change_order(scope, order_id=ids[-1], status="picked_up"))
    events = recorded_events(scope)
    assert [event.sequence for event in events] == list(range(1, len(told) + 1))
    assert [event.type for event in events] == told


def _place_then_fail(scope: Scope, draft: OrderDraft) -> None:
    place_order(scope, draft=draft)
    raise PlatformError("after everything was written")


@ENOUGH
@given(
    price=st.integers(0, 10**6),
    name=st.sampled_from(["Bacon Cheeseburger", "Burger", "Żurek"]),
    rate=st.integers(0, 99),
)
def test_order_stays_as_it_was_when_the_menu_changes(new_scope: NewScope, price: int, name: str, rate: int):
    scope = new_scope()
    with unit_of_work(scope):
        draft = create_burger(scope)
        order = place_order(scope, draft=draft).document
    with unit_of_work(scope):
        item = session(scope).scalar(MenuItem.owned_by(scope))
        item.base_price_minor, item.name, item.tax_id, item.is_active = price, name, None, False
        session(scope).scalar(Modifier.owned_by(scope)).price_minor = price
        session(scope).scalar(Tax.owned_by(scope)).rate = f"0.{rate:02d}"
    with unit_of_work(scope, writes=False):
        assert get_order(scope, order_id=order["id"]) == order


@ENOUGH
@given(
    minutes=st.integers(0, 365 * 24 * 60),
    zone=st.sampled_from(["Europe/Warsaw", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide"]),
    cutover=st.sampled_from(["00:00", "03:30", "05:00"]),
)
def test_business_date_is_the_local_date_counted_from_the_cutover(
    new_scope: NewScope, minutes: int, zone: str, cutover: str
):
    scope, at = new_scope(), NOON + timedelta(minutes=minutes)
    with unit_of_work(scope):
        freeze_clock(scope, at)
        order = place_order(scope, draft=create_burger(scope, time_zone=zone, day_cutover=cutover)).document
    wall = at.astimezone(ZoneInfo(zone))
    is_early = f"{wall:%H:%M}" < cutover
    assert order["business_date"] == f"{wall.date() - timedelta(days=is_early):%Y-%m-%d}"


@ENOUGH
@given(currency=st.sampled_from(CURRENCIES), other=st.sampled_from(CURRENCIES), price=st.integers(1, 10**6))
def test_order_and_its_money_are_in_the_currency_of_the_location(
    new_scope: NewScope, currency: str, other: str, price: int
):
    scope = new_scope()
    with unit_of_work(scope):
        location_id = create_location(scope, currency=currency)
        lines = [LineDraft(item_id=create_item(scope, currency=code, base_price_minor=price)) for code in (currency, other)]
    with unit_of_work(scope):
        order = place_order(scope, draft=build_draft(location_id, lines[0])).document
    assert (order["currency"], order["total_minor"]) == (currency, price)
    foreign = _attempt(scope, lambda: place_order(scope, draft=build_draft(location_id, *lines)))
    assert (foreign is None) is (currency != other)
    pay = {"order_id": order["id"], "method": "cash", "currency": other}
    paid = _attempt(scope, lambda: take_payment(scope, **pay))
    assert (paid is None) is (currency != other)
    with unit_of_work(scope, writes=False):
        assert get_order(scope, order_id=order["id"])["paid_minor"] == (price if currency == other else 0)
