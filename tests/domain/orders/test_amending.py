"""Amending orders on a real database: lines, price, stock and what is told."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.menus.models import MenuItem
from domain.menus.service import get_item
from domain.menus.service import set_item_availability
from domain.orders.pricing import Discount
from domain.orders.pricing import PriceLine
from domain.orders.service import DiscountDraft
from domain.orders.service import LineDraft
from domain.orders.service import Operation
from domain.orders.service import amend_order
from domain.orders.service import change_order
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.errors import Conflict
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.orders.yardstick import opinion
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.menus import create_tax
from tests.factories.orders import build_draft
from tests.factories.orders import create_burger

AMOUNTS = ("subtotal_minor", "discount_minor", "tax_minor", "total_minor", "due_minor")


def _amend(scope: Scope, order: dict, *operations: Operation, **options: object) -> dict:
    with unit_of_work(scope):
        return amend_order(scope, order_id=order["id"], operations=operations, **options)


@pytest.fixture
def order(scope: Scope) -> dict:
    """A pending order of two soups at 15.00 and one beer at 12.00, all at 8 % on top, less 10 %."""
    with unit_of_work(scope):
        location_id, tax_id = create_location(scope), create_tax(scope, rate="0.08")
        soup = create_item(scope, tax_id=tax_id, stock_count=5)
        beer = create_item(scope, name="Beer", base_price_minor=1200, tax_id=tax_id)
        lines = (LineDraft(item_id=soup, quantity=2), LineDraft(item_id=beer))
        draft = build_draft(location_id, *lines, discounts=(DiscountDraft("percent", 1000),))
        return place_order(scope, draft=draft).document


def test_voided_line_stays_with_its_price_and_costs_nothing(scope: Scope, order: dict) -> None:
    beer = order["lines"][1]
    after = _amend(scope, order, Operation("void", line_id=beer["id"], reason="Spilled"))
    assert [after[name] for name in AMOUNTS] == [3000, 300, 216, 2916, 2916]
    voided = after["lines"][1]
    assert (voided["id"], voided["state"], voided["reason"]) == (beer["id"], "voided", "Spilled")
    assert (voided["gross_minor"], voided["net_minor"]) == (1200, 0)
    assert (after["version"], after["status"]) == (order["version"] + 1, "pending")


def test_amendment_tells_the_old_lines_and_amounts_in_one_event(scope: Scope, order: dict) -> None:
    after = _amend(scope, order, Operation("quantity", line_id=order["lines"][0]["id"], quantity=1))
    *_, event = recorded_events(scope)
    assert (event.type, event.body["object"]) == ("order.updated", after)
    assert set(event.body["previous"]) == {
        "lines", "discounts", "tax_lines", "subtotal_minor", "discount_minor", "tax_minor", "total_minor", "due_minor",
    }  # fmt: skip
    assert event.body["previous"]["lines"] == order["lines"]
    assert [after[name] for name in AMOUNTS] == [2700, 270, 194, 2624, 2624]


def test_substituted_line_names_the_one_it_replaces(scope: Scope, order: dict) -> None:
    with unit_of_work(scope):
        wine = create_item(scope, name="Wine", base_price_minor=2000)
    beer = order["lines"][1]
    after = _amend(scope, order, Operation("substitute", line_id=beer["id"], item=LineDraft(item_id=wine)))
    assert [(line["name"], line["state"], line["replaces_id"]) for line in after["lines"]] == [
        ("Soup", "active", None), ("Wine", "active", beer["id"]), ("Beer", "substituted", None),
    ]  # fmt: skip
    assert [line["position"] for line in after["lines"]] == [0, 2, 1]


def test_lines_that_stay_keep_their_price_when_the_menu_changes(scope: Scope, order: dict) -> None:
    with unit_of_work(scope):
        for row in session(scope).scalars(MenuItem.owned_by(scope)):
            row.base_price_minor = 9999
    after = _amend(scope, order, Operation("quantity", line_id=order["lines"][0]["id"], quantity=3))
    assert after["lines"][0]["unit_minor"] == 1500
    assert after["subtotal_minor"] == 3 * 1500 + 1200


def test_stock_follows_the_amendment(scope: Scope, order: dict) -> None:
    soup, line_id = order["lines"][0]["item_id"], order["lines"][0]["id"]
    counts = []
    for operation in (
        Operation("quantity", line_id=line_id, quantity=5), Operation("quantity", line_id=line_id, quantity=4),
        Operation("add", item=LineDraft(item_id=soup)), Operation("void", line_id=line_id),
    ):  # fmt: skip
        _amend(scope, order, operation)
        with unit_of_work(scope):
            counts.append(get_item(scope, item_id=soup)["stock_count"])
    assert counts == [0, 1, 0, 4]
    assert recorded_types(scope)[1:5] == ["order.updated", "menu.item.unavailable", "order.updated", "menu.item.available"]


def test_more_than_there_is_is_refused_and_leaves_no_trace(scope: Scope, order: dict) -> None:
    wanted = Operation("quantity", line_id=order["lines"][0]["id"], quantity=9)
    with pytest.raises(Invalid) as refused:
        _amend(scope, order, wanted)
    assert (refused.value.code, refused.value.errors[0].field) == ("item_unavailable", "operations[0].quantity")
    with unit_of_work(scope):
        assert get_order(scope, order_id=order["id"]) == order
    assert recorded_types(scope) == ["order.created"]


def test_more_of_an_item_off_sale_is_refused(scope: Scope, order: dict) -> None:
    with unit_of_work(scope):
        set_item_availability(scope, item_id=order["lines"][1]["item_id"], available=False)
    with pytest.raises(Invalid) as refused:
        _amend(scope, order, Operation("quantity", line_id=order["lines"][1]["id"], quantity=2))
    assert (refused.value.code, refused.value.errors[0].field) == ("item_unavailable", "operations[0].quantity")


def test_same_quantity_changes_nothing(scope: Scope, order: dict) -> None:
    assert _amend(scope, order, Operation("quantity", line_id=order["lines"][0]["id"], quantity=2)) == order
    assert recorded_types(scope) == ["order.created"]


@pytest.mark.parametrize("status", ["accepted", "preparing", "ready", "completed", "cancelled"])
def test_order_can_be_amended_until_it_is_ready(scope: Scope, order: dict, status: str) -> None:
    operation = Operation("void", line_id=order["lines"][1]["id"])
    with unit_of_work(scope):
        for step in ("accepted", "preparing") if status not in ("accepted", "cancelled") else ():
            change_order(scope, order_id=order["id"], status=step)
        change_order(scope, order_id=order["id"], status=status, reason="other")
    if status in ("accepted", "preparing"):
        assert _amend(scope, order, operation)["total_minor"] == 2916
        return
    with pytest.raises(InvalidTransition) as refused:
        _amend(scope, order, operation)
    assert (refused.value.data["from"], refused.value.data["to"]) == (status, "amended")


@pytest.mark.parametrize(
    ("operations", "field", "code"),
    [
        ([Operation("void", line_id="oln_none")], "operations[0].line_id", "validation_failed"),
        ([Operation("shred")], "operations[0].op", "validation_failed"),
        ([Operation("add")], "operations[0].item", "validation_failed"),
        ([Operation("add", item=LineDraft(item_id="itm_none"))], "operations[0].item.menu_item_id", "unknown_item"),
    ],
    ids=["unknown line", "unknown op", "no item", "unknown item"],
)
def test_amendment_is_refused_for(scope: Scope, order: dict, operations: list, field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        _amend(scope, order, *operations)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


def test_amendment_may_not_void_everything_or_a_line_twice(scope: Scope, order: dict) -> None:
    both = [Operation("void", line_id=line["id"]) for line in order["lines"]]
    with pytest.raises(Invalid) as emptied:
        _amend(scope, order, *both)
    with pytest.raises(Invalid) as twice:
        _amend(scope, order, both[0], both[0])
    assert [error.field for error in emptied.value.errors] == ["operations"]
    assert [error.field for error in twice.value.errors] == ["operations[1].line_id"]


def test_order_has_room_for_two_hundred_lines(scope: Scope, order: dict) -> None:
    corkage = Operation("add", item=LineDraft(name="Corkage", price_minor=1000))
    after = _amend(scope, order, *[corkage] * 198, allow_open_items=True)
    assert len(after["lines"]) == 200
    with pytest.raises(Invalid) as refused:
        _amend(scope, order, corkage, allow_open_items=True)
    assert [error.field for error in refused.value.errors] == ["operations"]
    void = Operation("void", line_id=order["lines"][0]["id"])
    assert len(_amend(scope, order, void, corkage, allow_open_items=True)["lines"]) == 201


def test_open_line_needs_the_flag(scope: Scope, order: dict) -> None:
    corkage = Operation("add", item=LineDraft(name="Corkage", price_minor=1000))
    with pytest.raises(Forbidden):
        _amend(scope, order, corkage)
    assert _amend(scope, order, corkage, allow_open_items=True)["subtotal_minor"] == 5200


def test_amendment_of_an_old_version_or_a_strangers_order_is_refused(
    scope: Scope, order: dict, new_scope: Callable[..., Scope]
) -> None:
    operation = Operation("void", line_id=order["lines"][0]["id"])
    with pytest.raises(Conflict):
        _amend(scope, order, operation, expected_version=7)
    with pytest.raises(NotFound):
        _amend(new_scope(), order, operation)


def test_deposit_never_exceeds_what_the_order_costs(scope: Scope) -> None:
    with unit_of_work(scope):
        draft = create_burger(scope)
        extra = LineDraft(item_id=create_item(scope, base_price_minor=100))
        placed = place_order(scope, draft=replace(draft, lines=(*draft.lines, extra), deposit_minor=4000)).document
    after = _amend(scope, placed, Operation("void", line_id=placed["lines"][0]["id"]))
    assert (placed["deposit_applied_minor"], placed["due_minor"]) == (4000, 690)
    assert (after["total_minor"], after["deposit_applied_minor"], after["due_minor"], after["payment_status"]) == (
        100, 100, 0, "paid",
    )  # fmt: skip


def test_what_a_channel_collects_is_never_due(scope: Scope) -> None:
    with unit_of_work(scope):
        draft = replace(create_burger(scope), collected_by="channel", source="marketplace")
        placed = place_order(scope, draft=draft).document
    assert (placed["due_minor"], placed["payment_status"], placed["paid_minor"]) == (0, "paid", 0)
    line = draft.lines[0]
    after = _amend(scope, placed, Operation("add", item=line))
    assert (after["total_minor"], after["due_minor"], after["payment_status"]) == (9180, 0, "paid")


def test_amendments_at_once_each_see_the_one_before(scope: Scope, order: dict) -> None:
    wine = LineDraft(item_id=order["lines"][1]["item_id"])
    add = Operation("add", item=wine)
    results = at_once(scope, 4, lambda _: amend_order(scope, order_id=order["id"], operations=[add])["version"])
    with unit_of_work(scope):
        after = get_order(scope, order_id=order["id"])
    assert sorted(results) == [2, 3, 4, 5]
    assert (after["subtotal_minor"], [line["position"] for line in after["lines"]]) == (9000, [0, 1, 2, 3, 4, 5])


FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
STEP = st.one_of(
    st.tuples(st.just("void"), st.integers(0, 5)),
    st.tuples(st.just("quantity"), st.integers(0, 5), st.integers(1, 9)),
    st.tuples(st.just("add"), st.integers(1, 3)),
    st.tuples(st.just("pay"), st.integers(1, 4000)),
)


@FEW
@given(steps=st.lists(STEP, min_size=1, max_size=8), discount=st.sampled_from([0, 500, 3333]))
def test_totals_are_those_of_the_active_lines(new_scope: Callable[..., Scope], steps: list, discount: int) -> None:
    scope = new_scope()
    with unit_of_work(scope):
        item_id = create_item(scope, base_price_minor=1999, tax_id=create_tax(scope, rate="0.08875"))
        draft = build_draft(
            create_location(scope), LineDraft(item_id=item_id), discounts=(DiscountDraft("percent", discount),)
        )
        order = place_order(scope, draft=draft).document
    for step in steps:
        order = _step(scope, order, item_id, step)
        active = [line for line in order["lines"] if line["state"] == "active"]
        lines = [PriceLine(1999, line["quantity"], (), "0.08875") for line in active]
        expected = opinion(lines, [Discount("percent", discount)], [], 0, "exclusive", "bucket", 0)
        assert (order["subtotal_minor"], order["discount_minor"], order["tax_minor"], order["total_minor"]) == (
            expected.subtotal, expected.discount, expected.tax, expected.total,
        )  # fmt: skip
        assert sum(line["net_minor"] for line in order["lines"]) == order["subtotal_minor"] - order["discount_minor"]
        assert order["due_minor"] == max(0, order["total_minor"] - order["paid_minor"]) or order["paid_minor"] > 0
        assert 0 <= order["due_minor"] <= order["total_minor"]


def _step(scope: Scope, order: dict, item_id: str, step: tuple) -> dict:
    """Do one step; a refused one leaves the order as it was."""
    line_id = order["lines"][step[1]]["id"] if step[1] < len(order["lines"]) else "oln_none"
    try:
        with unit_of_work(scope):
            if step[0] == "pay":
                take_payment(scope, order_id=order["id"], method="cash", amount_minor=step[1])
                return get_order(scope, order_id=order["id"])
            item = LineDraft(item_id=item_id, quantity=step[1])
            operation = {
                "void": lambda: Operation("void", line_id=line_id),
                "quantity": lambda: Operation("quantity", line_id=line_id, quantity=step[2]),
                "add": lambda: Operation("add", item=item),
            }[step[0]]()
            return amend_order(scope, order_id=order["id"], operations=[operation])
    except PlatformError:
        return order
