"""What two requests at the same time may not break. Each thread has its own transaction."""

from dataclasses import replace

from domain.menus.service import get_item
from domain.orders.service import LineDraft
from domain.orders.service import change_order
from domain.orders.service import place_order
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.together import at_once
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.orders import build_draft
from tests.factories.orders import create_burger
from tests.factories.orders import create_order


def test_last_portions_are_sold_once(scope: Scope):
    with unit_of_work(scope):
        location_id, item_id = create_location(scope), create_item(scope, stock_count=3)
    draft = build_draft(location_id, LineDraft(item_id=item_id))
    results = at_once(scope, 6, lambda _: place_order(scope, draft=draft).document["status"])
    with unit_of_work(scope):
        assert get_item(scope, item_id=item_id)["stock_count"] == 0
    assert sorted(results) == ["item_unavailable"] * 3 + ["pending"] * 3


def test_numbers_and_sequences_have_no_gap_and_no_twin(scope: Scope):
    with unit_of_work(scope):
        draft = create_burger(scope)
    numbers = at_once(scope, 6, lambda _: place_order(scope, draft=draft).document["number"])
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert [event.sequence for event in recorded_events(scope)] == [1, 2, 3, 4, 5, 6]


def test_one_natural_key_makes_one_order_even_at_two_locations(scope: Scope):
    with unit_of_work(scope):
        drafts = [replace(create_burger(scope), external_id="same") for _ in range(2)]
        item_id = create_item(scope)
    drafts = [replace(draft, lines=(LineDraft(item_id=item_id),)) for draft in drafts]
    results = at_once(scope, 4, lambda index: place_order(scope, draft=drafts[index // 2]))
    orders = [result for result in results if not isinstance(result, str)]
    assert len({order.document["id"] for order in orders}) == 1
    assert sorted(order.is_new for order in orders) == [False, True]
    assert [result for result in results if isinstance(result, str)] == ["duplicate_reference"] * 2
    assert len(recorded_events(scope)) == 1


def test_one_of_two_contrary_moves_wins(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope))
    moves = [{"status": "rejected", "reason": "kitchen_busy"}, {"status": "accepted"}]
    results = at_once(scope, 2, lambda index: change_order(scope, order_id=order_id, **moves[index])["status"])
    assert results in (["rejected", "invalid_transition"], ["invalid_transition", "accepted"])
    assert len(recorded_events(scope)) == 1
