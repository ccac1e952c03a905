"""Placing and previewing orders on a real database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from domain.campaigns.errors import PromoInvalid
from domain.locations.errors import StoreUnavailable
from domain.locations.service import set_store_status
from domain.menus.service import get_item
from domain.orders.errors import CurrencyMismatch
from domain.orders.errors import UnknownItem
from domain.orders.models import Order
from domain.orders.service import DiscountDraft
from domain.orders.service import LineDraft
from domain.orders.service import ModifierDraft
from domain.orders.service import OrderDraft
from domain.orders.service import get_order
from domain.orders.service import place_order
from domain.orders.service import preview_order
from domain.orders.service import quote_of
from kit.clock import to_us
from kit.errors import DuplicateReference
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.errors import PlatformError
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.menus import create_charge
from tests.factories.menus import create_item
from tests.factories.menus import create_tax
from tests.factories.menus import create_variation
from tests.factories.orders import build_draft
from tests.factories.orders import create_burger

NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)


def _count_orders(scope: Scope) -> int:
    with unit_of_work(scope, writes=False):
        return len(list(session(scope).scalars(Order.owned_by(scope))))


def test_place_order_freezes_prices_and_starts_pending(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        draft = create_burger(scope)
        placed = place_order(scope, draft=draft)
    order = placed.document
    assert placed.is_new
    assert (order["status"], order["payment_status"], order["number"], order["version"]) == ("pending", "unpaid", 1, 1)
    assert (order["subtotal_minor"], order["tax_minor"], order["total_minor"], order["due_minor"]) == (
        4250,
        340,
        4590,
        4590,
    )
    assert order["tax_lines"] == [
        {"name": "VAT 0.08", "rate": "0.08", "base_minor": 4250, "amount_minor": 340, "included": False}
    ]
    assert (order["business_date"], order["created_at"]) == ("2026-01-12", to_us(NOON))
    line = order["lines"][0]
    assert (line["name"], line["unit_minor"], line["gross_minor"], line["net_minor"]) == (
        "Bacon Cheeseburger",
        3850,
        4250,
        4250,
    )
    assert [(m["name"], m["price_minor"], m["quantity"]) for m in line["modifiers"]] == [("Extra Bacon", 400, 1)]
    assert order["status_history"] == [
        {"status": "pending", "at": to_us(NOON), "actor_type": "system", "actor_id": "tableport", "reason": None}
    ]


def test_place_order_records_the_document_it_returns(scope: Scope):
    with unit_of_work(scope):
        draft = create_burger(scope)
        order = place_order(scope, draft=draft).document
    (event,) = recorded_events(scope)
    assert (event.type, event.object_id, event.location_id) == ("order.created", order["id"], draft.location_id)
    assert event.body == {"object": order, "previous": None}


def test_placed_document_is_what_a_read_gives(scope: Scope):
    with unit_of_work(scope):
        location_id, tax_id = create_location(scope), create_tax(scope, rate="0.23")
        item_id = create_item(scope, tax_id=tax_id)
        line = LineDraft(
            item_id=item_id, variation_id=create_variation(scope, item_id=item_id), notes="„Ostre” \\ 🌶", guest_name="Jo"
        )  # fmt: skip
        table_id, charge_id = create_table(scope, location_id=location_id), create_charge(scope, tax_id=tax_id)
        full = OrderDraft(
            source="api", location_id=location_id, external_id="till-1", table_id=table_id, pax=2, tip_minor=100,
            fulfillment={"type": "dine_in", "requested_at": NOON}, customer={"name": "Zoë", "phone": "+48221234567"},
            lines=[line], discounts=[DiscountDraft("percent", 1050)], charge_ids=[charge_id],
            notes='a "quoted" }', allergy_notes="nuts}", metadata={"till": "7", "żółć": "}"}, deposit_minor=300,
        )  # fmt: skip
        for draft in (full, create_burger(scope)):
            placed = place_order(scope, draft=draft).document
            assert placed == get_order(scope, order_id=placed["id"])


def test_place_order_is_accepted_at_once_where_that_is_automatic(scope: Scope):
    with unit_of_work(scope):
        order = place_order(scope, draft=create_burger(scope, auto_accept=True)).document
    created, accepted = recorded_events(scope)
    assert (created.type, created.body["object"]["status"]) == ("order.created", "pending")
    assert (accepted.type, accepted.body["previous"]) == ("order.accepted", {"status": "pending"})
    assert accepted.body["object"] == order
    assert [entry["status"] for entry in order["status_history"]] == ["pending", "accepted"]


def test_place_order_is_scheduled_when_wanted_in_the_future_of_the_tenants_clock(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        draft = create_burger(scope, auto_accept=True)
        soon = place_order(scope, draft=replace(draft, fulfillment={"type": "pickup", "requested_at": NOON})).document
        wanted = {"type": "pickup", "requested_at": NOON + timedelta(days=1)}
        later = place_order(scope, draft=replace(draft, fulfillment=wanted)).document
    assert (soon["status"], later["status"]) == ("accepted", "scheduled")
    assert (soon["business_date"], later["business_date"]) == ("2026-01-12", "2026-01-13")
    assert later["fulfillment"]["requested_at"] == to_us(NOON) + 86_400_000_000
    assert recorded_types(scope) == ["order.created", "order.accepted", "order.created"]


def test_order_numbers_count_per_location_and_business_day(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        warsaw, other = create_burger(scope), create_burger(scope)
        numbers = [place_order(scope, draft=draft).document["number"] for draft in (warsaw, warsaw, other)]
        freeze_clock(scope, datetime(2026, 1, 13, 3, 59, tzinfo=UTC))  # 04:59 in Warsaw: before the cutover
        numbers.append(place_order(scope, draft=warsaw).document["number"])
        freeze_clock(scope, datetime(2026, 1, 13, 4, 0, tzinfo=UTC))
        numbers.append(place_order(scope, draft=warsaw).document["number"])
    assert numbers == [1, 2, 1, 3, 1]


def test_place_order_takes_the_only_location_when_none_is_named(scope: Scope):
    with unit_of_work(scope):
        draft = create_burger(scope)
        order = place_order(scope, draft=replace(draft, location_id=None)).document
        create_location(scope)
        with pytest.raises(ParameterMissing):
            place_order(scope, draft=replace(draft, location_id=None))
    assert order["location_id"] == draft.location_id


def test_place_order_uses_variation_price_discounts_charges_and_tip(scope: Scope):
    with unit_of_work(scope):
        location_id = create_location(scope, price_mode="inclusive", currency="EUR")
        item_id = create_item(scope, currency="EUR", tax_id=create_tax(scope, rate="0.21"))
        large = create_variation(scope, item_id=item_id, price_minor=2000)
        packaging = create_charge(scope, kind="fixed", value=100, name="Packaging")
        create_charge(scope, kind="percent", value=1000, auto_apply=True, order_types=["pickup"])
        create_charge(scope, kind="fixed", value=9999, auto_apply=True, order_types=["delivery"])
        draft = build_draft(
            location_id, LineDraft(item_id=item_id, variation_id=large, quantity=2),
            discounts=(DiscountDraft("percent", 1000),), charge_ids=(packaging,), tip_minor=50,
        )  # fmt: skip
        order = place_order(scope, draft=draft).document
    assert [(charge["name"], charge["amount_minor"]) for charge in order["charges"]] == [
        ("Packaging", 100),
        ("Service", 360),
    ]
    assert order["discounts"] == [
        {"type": "percent", "kind": "percent", "value": 1000, "code": None, "promo_id": None, "amount_minor": 400}
    ]
    assert (order["tax_included_minor"], order["tax_minor"], order["total_minor"]) == (625, 0, 4110)


def test_place_order_with_open_items_needs_the_flag_and_takes_the_default_tax(scope: Scope):
    with unit_of_work(scope):
        tax_id = create_tax(scope, rate="0.23")
        location_id = create_location(scope, default_tax_id=tax_id)
        line = LineDraft(
            name="Corkage", price_minor=1000, modifiers=(ModifierDraft(name="Ice", price_minor=100, quantity=2),)
        )
        draft = build_draft(location_id, line)
        with pytest.raises(Forbidden) as refused:
            place_order(scope, draft=draft)
        order = place_order(scope, draft=replace(draft, allow_open_items=True)).document
    assert (refused.value.code, refused.value.data) == ("insufficient_scope", {"required_scopes": ["orders:write"]})
    assert (order["lines"][0]["tax_id"], order["tax_minor"], order["total_minor"]) == (tax_id, 276, 1476)


def test_place_order_links_a_guest_by_id_or_by_contact(scope: Scope):
    with unit_of_work(scope):
        draft = create_burger(scope)
        anna = create_guest(scope, phone="+48600100200")
        by_id = place_order(scope, draft=replace(draft, customer_id=anna)).document
        by_phone = place_order(
            scope, draft=replace(draft, customer={"name": "A. Nowak", "phone": "600 100 200"})
        ).document
        new = place_order(scope, draft=replace(draft, customer={"name": "Jan", "email": "jan@example.com"})).document
        with pytest.raises(Invalid) as refused:
            place_order(scope, draft=replace(draft, customer_id="cus_nobody"))
    assert (by_id["customer_id"], by_phone["customer_id"]) == (anna, anna)
    assert new["customer_id"] not in (None, anna)
    assert [(error.field, error.code) for error in refused.value.errors] == [("customer_id", "resource_not_found")]


def test_dine_in_needs_a_table_of_the_location_unless_table_less(scope: Scope):
    dine_in = {"type": "dine_in"}
    with unit_of_work(scope):
        draft = replace(create_burger(scope), fulfillment=dine_in)
        elsewhere = create_table(scope, location_id=create_location(scope))
        here = create_table(scope, location_id=str(draft.location_id))
        with pytest.raises(Invalid) as refused:
            place_order(scope, draft=draft)
        with pytest.raises(Invalid) as stranger:
            place_order(scope, draft=replace(draft, table_id=elsewhere))
        seated = place_order(scope, draft=replace(draft, table_id=here)).document
        free = place_order(scope, draft=replace(draft, table_less=True)).document
    assert [error.field for error in refused.value.errors] == ["table_id"]
    assert [(error.field, error.code) for error in stranger.value.errors] == [("table_id", "resource_not_found")]
    assert (seated["table_id"], free["table_id"]) == (here, None)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"lines": ()}, "items", "validation_failed"),
        ({"fulfillment": {"type": "delivery"}}, "fulfillment.address", "validation_failed"),
        ({"tip_minor": -1}, "tip", "validation_failed"),
        ({"discounts": (DiscountDraft("promo", code="X"),) * 2}, "discounts[1].code", "validation_failed"),
        ({"charge_ids": ("chg_unknown",)}, "charges[0]", "validation_failed"),
        ({"discounts": (DiscountDraft("percent", 10_001),)}, "discounts[0].value", "validation_failed"),
        ({"discounts": (DiscountDraft("promo", code="X"),)}, "discounts[0].code", "promo_invalid"),
        ({"lines": (LineDraft(item_id="itm_none"),)}, "items[0].menu_item_id", "unknown_item"),
        ({"lines": (LineDraft(name="Gold", price_minor=10**15),)}, "items", "validation_failed"),
        ({"lines": (LineDraft(name="Gift", price_minor=-1),)}, "items[0]", "validation_failed"),
        ({"lines": (LineDraft(name="Air", price_minor=1, quantity=0),)}, "items[0].quantity", "validation_failed"),
    ],
    ids=["no lines", "delivery without address", "negative tip", "two promos", "unknown charge", "over 100 %",
         "unknown promo", "unknown item", "beyond exact numbers", "negative line", "no quantity"],
)  # fmt: skip
def test_place_order_refuses_and_writes_nothing(scope: Scope, changes: dict, field: str, code: str):
    with unit_of_work(scope):
        draft = replace(create_burger(scope), allow_open_items=True, **changes)
    with pytest.raises((Invalid, PromoInvalid, UnknownItem)) as refused, unit_of_work(scope):
        place_order(scope, draft=draft)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]
    assert refused.value.status == 422
    assert (_count_orders(scope), recorded_types(scope)) == (0, [])


def test_place_order_names_every_unavailable_item_with_reason_and_return(scope: Scope):
    until = datetime(2026, 1, 12, 18, 0, tzinfo=UTC)
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        draft = create_burger(scope)
        gone = create_item(scope, is_suspended=True, suspend_reason="manual_86", suspended_until=until)
        few = create_item(scope, stock_count=2)
        lines = (LineDraft(item_id=gone), *draft.lines, LineDraft(item_id=few, quantity=2), LineDraft(item_id=few))
        with pytest.raises(Invalid) as refused:
            place_order(scope, draft=replace(draft, lines=lines))
    short = {"menu_item_id": few, "reason": "stock", "available_again_at": None}
    assert refused.value.code == "item_unavailable"
    assert [(error.field, error.code, error.extra) for error in refused.value.errors] == [
        ("items[0].menu_item_id", "item_unavailable",
         {"menu_item_id": gone, "reason": "manual_86", "available_again_at": to_us(until)}),
        ("items[2].menu_item_id", "item_unavailable", short),
        ("items[3].menu_item_id", "item_unavailable", short),
    ]  # fmt: skip


def test_scheduled_order_may_name_an_item_that_returns_in_time(scope: Scope):
    until = NOON + timedelta(hours=6)
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location_id = create_location(scope)
        gone = create_item(scope, is_suspended=True, suspend_reason="manual_86", suspended_until=until)
        draft = build_draft(location_id, LineDraft(item_id=gone))
        in_time = {"type": "pickup", "requested_at": until}
        assert place_order(scope, draft=replace(draft, fulfillment=in_time)).document["status"] == "scheduled"
        too_early = {"type": "pickup", "requested_at": until - timedelta(seconds=1)}
        with pytest.raises(PlatformError) as refused:
            place_order(scope, draft=replace(draft, fulfillment=too_early))
    assert refused.value.code == "item_unavailable"


def test_place_order_refuses_an_item_of_another_currency_or_location(scope: Scope):
    with unit_of_work(scope):
        location_id, other = create_location(scope), create_location(scope)
        foreign, elsewhere = create_item(scope, currency="EUR"), create_item(scope, location_id=other)
        with pytest.raises(CurrencyMismatch) as mismatch:
            place_order(scope, draft=build_draft(location_id, LineDraft(item_id=foreign)))
        with pytest.raises(UnknownItem):
            place_order(scope, draft=build_draft(location_id, LineDraft(item_id=elsewhere)))
    assert [error.field for error in mismatch.value.errors] == ["items[0].menu_item_id"]


def test_paused_store_takes_scheduled_orders_only(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        draft = create_burger(scope)
        set_store_status(scope, location_id=str(draft.location_id), status="paused")
        with pytest.raises(StoreUnavailable):
            place_order(scope, draft=draft)
        tomorrow = {"type": "pickup", "requested_at": NOON + timedelta(days=1)}
        assert place_order(scope, draft=replace(draft, fulfillment=tomorrow)).document["status"] == "scheduled"


def test_last_portion_suspends_the_item_after_the_order_is_told(scope: Scope):
    with unit_of_work(scope):
        location_id, item_id = create_location(scope), create_item(scope, stock_count=3)
    with unit_of_work(scope):
        place_order(scope, draft=build_draft(location_id, LineDraft(item_id=item_id, quantity=3)))
    with unit_of_work(scope):
        item = get_item(scope, item_id=item_id)
    assert (item["stock_count"], item["available"], item["unavailable_reason"]) == (0, False, "stock")
    assert recorded_types(scope) == ["order.created", "menu.item.unavailable"]


def test_natural_key_returns_the_first_order_also_after_it_changed(scope: Scope):
    with unit_of_work(scope):
        draft = replace(create_burger(scope, auto_accept=True), external_id="shop-1", notes="No onions")
        first = place_order(scope, draft=draft)
    with unit_of_work(scope):
        again = place_order(scope, draft=replace(draft, allow_open_items=True))
        other_source = place_order(scope, draft=replace(draft, source="kiosk"))
        with pytest.raises(DuplicateReference) as refused:
            place_order(scope, draft=replace(draft, notes="Onions"))
    assert (first.is_new, again.is_new, other_source.is_new) == (True, False, True)
    assert again.document == first.document
    assert (refused.value.status, refused.value.code) == (409, "duplicate_reference")
    assert recorded_types(scope) == ["order.created", "order.accepted"] * 2


def test_preview_prices_like_an_order_and_writes_nothing(scope: Scope):
    with unit_of_work(scope):
        draft = replace(create_burger(scope), tip_minor=100, customer={"name": "Jan"})
        preview = preview_order(scope, draft=draft)
    assert (preview["id"], preview["number"], preview["lines"][0]["id"]) == (None, None, None)
    assert (_count_orders(scope), recorded_types(scope)) == (0, [])
    with unit_of_work(scope):
        order = place_order(scope, draft=draft).document
    assert set(preview) == set(order)
    assert set(preview["lines"][0]) == set(order["lines"][0])
    own = {"id", "number", "customer_id", "lines", "status_history", "created_at", "updated_at"}
    assert {key: preview[key] for key in set(preview) - own} == {key: order[key] for key in set(order) - own}


def test_quoted_prices_win_over_the_menus(scope: Scope):
    with unit_of_work(scope):
        draft = create_burger(scope)
        quote = quote_of(preview_order(scope, draft=draft))
    assert sorted(quote.values()) == [400, 3850]
    raised = {name: value + 10 for name, value in quote.items()}
    with unit_of_work(scope):
        order = place_order(scope, draft=replace(draft, quoted_prices=raised)).document
    assert order["subtotal_minor"] == 4270


def test_order_of_another_tenant_does_not_exist(scope: Scope, new_scope: Callable[..., Scope]):
    with unit_of_work(scope):
        order_id = place_order(scope, draft=create_burger(scope)).document["id"]
    stranger = new_scope()
    with unit_of_work(stranger), pytest.raises(NotFound):
        get_order(stranger, order_id=order_id)
