"""Carts: priced as of now, forgiving until checkout, and then all or nothing."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from domain.campaigns.errors import PromoInvalid
from domain.campaigns.promo_codes import get_promo_code
from domain.carts.errors import CartExpired
from domain.carts.errors import TotalsMismatch
from domain.carts.models import Cart
from domain.carts.service import add_line
from domain.carts.service import apply_promo
from domain.carts.service import change_cart
from domain.carts.service import change_line
from domain.carts.service import check_out
from domain.carts.service import delete_cart
from domain.carts.service import get_cart
from domain.carts.service import open_cart
from domain.carts.service import remove_line
from domain.carts.service import remove_promo
from domain.locations.service import set_store_status
from domain.menus.service import get_item
from domain.menus.service import set_item_availability
from domain.orders.drafts import LineDraft
from domain.orders.drafts import OrderDraft
from domain.orders.service import list_orders
from domain.orders.service import preview_order
from domain.payments.service import list_payments
from domain.timekeeping.service import fire_passed
from domain.timers.service import due_instant_us
from kit.clock import to_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.errors import PaymentDeclined
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.campaigns import create_promo
from tests.factories.clock import freeze_clock
from tests.factories.orders import create_burger

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
ALMOST = datetime(2026, 1, 12, 13, 59, 59, tzinfo=UTC)
TWO = datetime(2026, 1, 12, 14, tzinfo=UTC)
CONTACT = {"name": "Anna Nowak", "phone": "+48600000001", "email": None}


def fill(scope: Scope, **fields: Any) -> tuple[Document, OrderDraft]:
    """An open cart with one burger with bacon (45.90 PLN), and the draft of the same order."""
    draft = create_burger(scope)
    return open_cart(scope, location_id=draft.location_id, lines=draft.lines, **fields), draft


def test_cart_costs_what_the_order_would(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        cart, draft = fill(scope, tip_minor=500)
        preview = preview_order(scope, draft=replace(draft, tip_minor=500))
    assert cart["totals"] == {name: preview[name] for name in cart["totals"]}
    assert (cart["totals"]["total_minor"], cart["currency"], cart["is_ready"]) == (5090, "PLN", True)
    assert [(line["name"], line["unit_minor"], line["gross_minor"]) for line in cart["lines"]] == [
        ("Bacon Cheeseburger", 3850, 4250)
    ]
    assert (cart["status"], cart["version"], cart["expires_at"]) == ("open", 1, to_us(TWO))
    assert recorded_types(scope) == []


def test_empty_cart_costs_nothing_and_cannot_be_bought(scope: Scope):
    with unit_of_work(scope):
        cart = open_cart(scope, location_id=create_burger(scope).location_id)
        with pytest.raises(Invalid) as refusal:
            check_out(scope, cart_id=cart["id"], method="cash")
    assert [error.field for error in refusal.value.errors] == ["items"]
    assert (set(cart["totals"].values()), cart["is_ready"], cart["problems"]) == ({0}, False, [])


def test_handing_over_says_everything_however_little_was_sent(scope: Scope):
    with unit_of_work(scope):
        cart, _ = fill(scope, fulfillment={"type": "curbside"})
        assert cart["fulfillment"] == {"type": "curbside", "requested_at": None, "address": None}
        after = change_cart(scope, cart_id=cart["id"], changes={"fulfillment": {"type": "pickup"}})
        assert after["fulfillment"] == {"type": "pickup", "requested_at": None, "address": None}


def test_lines_are_put_in_changed_and_taken_out(scope: Scope):
    with unit_of_work(scope):
        cart, draft = fill(scope)
        burger = draft.lines[0].item_id
        cart = add_line(scope, cart_id=cart["id"], line=LineDraft(item_id=burger, quantity=2))
        first, second = cart["lines"]
        cart = change_line(scope, cart_id=cart["id"], line_id=second["id"], changes={"quantity": 3, "notes": "Well done"})
        assert [(line["quantity"], line["gross_minor"]) for line in cart["lines"]] == [(1, 4250), (3, 11550)]
        cart = remove_line(scope, cart_id=cart["id"], line_id=first["id"], expected_version=3)
        assert [line["id"] for line in cart["lines"]] == [second["id"]]
        assert (cart["version"], cart["totals"]["subtotal_minor"]) == (4, 11550)
        with pytest.raises(NotFound):
            change_line(scope, cart_id=cart["id"], line_id=first["id"], changes={"quantity": 1})
        with pytest.raises(Conflict):
            remove_line(scope, cart_id=cart["id"], line_id=second["id"], expected_version=3)


def test_line_that_cannot_be_had_is_a_problem_and_costs_nothing(scope: Scope):
    with unit_of_work(scope):
        cart, draft = fill(scope)
        burger = draft.lines[0].item_id
        cart = add_line(scope, cart_id=cart["id"], line=LineDraft(item_id="itm_none"))
        unknown = cart["lines"][1]
        assert [(row["code"], row["field"], row["line_id"]) for row in cart["problems"]] == [
            ("unknown_item", "items[1].menu_item_id", unknown["id"])
        ]
        assert (cart["totals"]["total_minor"], cart["is_ready"], unknown["is_available"]) == (4590, False, False)
        set_item_availability(scope, item_id=burger, available=False)
        cart = get_cart(scope, cart_id=cart["id"])
    codes = [(row["code"], row["field"]) for row in cart["problems"]]
    assert codes == [("unknown_item", "items[1].menu_item_id"), ("item_unavailable", "items[0].menu_item_id")]
    assert cart["totals"] is None


def test_cart_of_a_closed_store_has_no_price(scope: Scope):
    with unit_of_work(scope):
        cart, draft = fill(scope)
        set_store_status(scope, location_id=draft.location_id, status="offline")
        cart = get_cart(scope, cart_id=cart["id"])
    assert (cart["totals"], [row["code"] for row in cart["problems"]]) == (None, ["store_unavailable"])
    assert (cart["lines"][0]["gross_minor"], cart["lines"][0]["is_available"]) == (None, True)


def test_promo_lowers_the_price_until_it_is_taken_off(scope: Scope):
    with unit_of_work(scope):
        cart, _ = fill(scope)
        create_promo(scope, code="TEN")
        create_promo(scope, code="BIG", currency="PLN", min_subtotal_minor=4251)
        with_promo = apply_promo(scope, cart_id=cart["id"], code="ten")
        assert (with_promo["promo_code"], with_promo["totals"]["discount_minor"]) == ("TEN", 425)
        with pytest.raises(PromoInvalid) as refusal:
            apply_promo(scope, cart_id=cart["id"], code="BIG")
        assert refusal.value.reason == "min_subtotal"
        assert get_cart(scope, cart_id=cart["id"]) == with_promo
        assert get_promo_code(scope, code="TEN")["used_count"] == 0
        assert remove_promo(scope, cart_id=cart["id"])["totals"]["discount_minor"] == 0


def test_promo_that_has_ended_is_a_problem_and_the_rest_is_priced(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        cart, _ = fill(scope)
        create_promo(scope, code="SOON", ends_at=ALMOST)
        apply_promo(scope, cart_id=cart["id"], code="SOON")
    with unit_of_work(scope):
        freeze_clock(scope, ALMOST)
        cart = get_cart(scope, cart_id=cart["id"])
    assert [(row["code"], row["field"]) for row in cart["problems"]] == [("promo_invalid", "discounts[0].code")]
    assert (cart["totals"]["total_minor"], cart["is_ready"]) == (4590, False)


def test_cart_expires_two_hours_after_it_was_last_written_to(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        cart_id = fill(scope, customer=CONTACT)[0]["id"]
    with unit_of_work(scope):
        freeze_clock(scope, ALMOST)
        assert get_cart(scope, cart_id=cart_id)["expires_at"] == to_us(TWO)
        change_cart(scope, cart_id=cart_id, changes={"notes": "Ring twice"})
    with unit_of_work(scope):
        freeze_clock(scope, datetime(2026, 1, 12, 15, 59, 59, tzinfo=UTC))
        for refused in (get_cart, delete_cart):
            with pytest.raises(CartExpired):
                refused(scope, cart_id=cart_id)
        with pytest.raises(CartExpired):
            check_out(scope, cart_id=cart_id, method="cash")
        assert fire_passed(scope) == [cart_id]
        row = session(scope).scalar(Cart.owned_by(scope))
        assert (row.status, row.customer) == ("expired", None)
        with pytest.raises(CartExpired):
            get_cart(scope, cart_id=cart_id)


def test_checkout_makes_a_paid_order(scope: Scope):
    with unit_of_work(scope):
        create_promo(scope, code="TEN", max_uses=1)
        cart, _ = fill(scope, customer=CONTACT, promo_code="ten", notes="Ring twice")
        wanted = cart["totals"]["total_minor"]
        bought = check_out(
            scope, cart_id=cart["id"], expected_version=1, expected_total_minor=wanted, method="card", source="tok_ok",
            tip_minor=100,
        )  # fmt: skip
        after = get_cart(scope, cart_id=cart["id"])
        assert due_instant_us(scope, kind="cart.expire", object_id=cart["id"]) is None
    assert bought.payment is not None
    assert (wanted, bought.payment["amount_minor"], bought.payment["tip_minor"]) == (4131, 4131, 100)
    assert (bought.order["payment_status"], bought.order["due_minor"], bought.order["notes"]) == ("paid", 0, "Ring twice")
    assert (after["status"], after["order_id"], after["customer"]) == ("checked_out", bought.order["id"], None)
    assert (after["totals"]["total_minor"], after["lines"][0]["gross_minor"], after["is_ready"]) == (4231, 4250, False)
    assert recorded_types(scope) == [
        "order.created", "promo_code.used", "payment.created", "payment.confirmed", "order.updated",
    ]  # fmt: skip
    for again in (
        lambda: check_out(scope, cart_id=cart["id"], method="cash"),
        lambda: add_line(scope, cart_id=cart["id"], line=LineDraft(item_id="itm_x")),
        lambda: delete_cart(scope, cart_id=cart["id"]),
    ):
        with unit_of_work(scope), pytest.raises(InvalidTransition) as refusal:
            again()
        assert refusal.value.data["order_id"] == bought.order["id"]


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        pytest.param({"method": "card", "source": "tok_declined"}, PaymentDeclined, id="declined"),
        pytest.param({"method": "cash", "expected_total_minor": 4589}, TotalsMismatch, id="other price"),
        pytest.param({"method": "cash", "tendered_minor": 100}, Invalid, id="too little cash"),
        pytest.param({}, Invalid, id="no payment"),
    ],
)
def test_refused_checkout_leaves_nothing_behind(scope: Scope, terms: dict[str, Any], refusal: type[Exception]):
    with unit_of_work(scope):
        draft = create_burger(scope)
        item_id = draft.lines[0].item_id or ""
        set_item_availability(scope, item_id=item_id, available=True, stock_count=1)
        create_promo(scope, code="FREEBIE", value=1)
        cart = open_cart(scope, location_id=draft.location_id, lines=draft.lines, customer=CONTACT)
    types = recorded_types(scope)
    with pytest.raises(refusal), unit_of_work(scope):
        check_out(scope, cart_id=cart["id"], **terms)
    with unit_of_work(scope, writes=False):
        assert get_cart(scope, cart_id=cart["id"]) == cart
        assert (list_orders(scope, limit=1), list_payments(scope, limit=1)) == ([], [])
        assert get_item(scope, item_id=item_id)["stock_count"] == 1
    assert recorded_types(scope) == types


def test_cart_becomes_one_order_when_four_check_it_out(scope: Scope):
    with unit_of_work(scope):
        cart, _ = fill(scope)
    results = at_once(scope, 4, lambda _: check_out(scope, cart_id=cart["id"], method="cash").order["status"])
    with unit_of_work(scope, writes=False):
        orders, payments = list_orders(scope, limit=9), list_payments(scope, limit=9)
    assert sorted(results) == ["invalid_transition"] * 3 + ["pending"]
    assert (len(orders), len(payments)) == (1, 1)


def test_free_cart_needs_no_payment(scope: Scope):
    with unit_of_work(scope):
        create_promo(scope, code="ALL", value=10_000)
        cart, _ = fill(scope, promo_code="ALL")
        bought = check_out(scope, cart_id=cart["id"])
    assert (bought.payment, bought.order["total_minor"], bought.order["payment_status"]) == (None, 0, "paid")


def test_open_lines_need_the_credentials_flag(scope: Scope):
    line = LineDraft(name="Corkage", price_minor=2500)
    with unit_of_work(scope):
        cart, _ = fill(scope)
        with pytest.raises(Forbidden):
            add_line(scope, cart_id=cart["id"], line=line)
        cart = add_line(scope, cart_id=cart["id"], line=line, may_open_items=True)
    assert (cart["lines"][1]["name"], cart["totals"]["subtotal_minor"]) == ("Corkage", 6750)


@examples(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.tuples(st.sampled_from(["burger", "none", "open"]), st.integers(1, 5)), max_size=6),
    tip=st.integers(0, 500), percent=st.none() | st.integers(0, 10_000),
)  # fmt: skip
def test_what_can_be_had_costs_what_an_order_of_it_would(
    scope: Scope, lines: list[tuple[str, int]], tip: int, percent: int | None
):
    """A cart's totals are those of the order of its available lines; a line is available or named among the problems."""
    kinds = {"none": {"item_id": "itm_none"}, "open": {"name": "Corkage", "price_minor": 333}}
    discounts = [] if percent is None else [{"type": "percent", "value": percent}]
    with unit_of_work(scope):
        draft = create_burger(scope)
        kinds["burger"] = {"item_id": draft.lines[0].item_id}
        drafts = [LineDraft(**kinds[kind], quantity=quantity) for kind, quantity in lines]
        cart = open_cart(
            scope, location_id=draft.location_id, lines=drafts, may_open_items=True, tip_minor=tip, discounts=discounts
        )
        can_be_had = [row for row, (kind, _) in zip(drafts, lines, strict=True) if kind != "none"]
        other = open_cart(
            scope, location_id=draft.location_id, lines=can_be_had, may_open_items=True, tip_minor=tip, discounts=discounts
        )
    assert [line["is_available"] for line in cart["lines"]] == [kind != "none" for kind, _ in lines]
    assert {row["line_id"] for row in cart["problems"]} == {line["id"] for line in cart["lines"] if not line["is_available"]}
    if can_be_had:
        assert cart["totals"] == other["totals"]
        assert other["is_ready"]
