"""Promo codes on orders: what is refused and why, what a use leaves behind, and who gets the last one."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.campaigns.errors import PromoInvalid
from domain.campaigns.promo_codes import change_promo_code
from domain.campaigns.promo_codes import create_promo_code
from domain.campaigns.promo_codes import get_promo_code
from domain.campaigns.promos import offer_redeemed
from domain.campaigns.promos import release_promo
from domain.campaigns.promos import resolve_promo
from domain.campaigns.promos import use_promo
from domain.campaigns.service import get_campaign
from domain.orders.service import get_order
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.campaigns import create_campaign
from tests.factories.campaigns import create_promo
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 12, 12, 0, 1, tzinfo=UTC)
ORDER: dict[str, Any] = {"currency": "PLN", "subtotal_minor": 4250, "location_id": "loc_1"}


def reason_of(scope: Scope, **changes: Any) -> str:
    with pytest.raises(PromoInvalid) as refusal:
        resolve_promo(scope, **{**ORDER, **changes})
    assert refusal.value.errors[0].extra == {"reason": refusal.value.reason}
    return refusal.value.reason


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        pytest.param({"is_active": False}, "inactive", id="switched off"),
        pytest.param({"starts_at": LATER}, "not_started", id="not yet"),
        pytest.param({"ends_at": NOON}, "expired", id="at its end"),
        pytest.param({"max_uses": 2, "used_count": 2}, "exhausted", id="used up"),
        pytest.param({"location_ids": ["loc_2"]}, "wrong_location", id="elsewhere"),
        pytest.param({"kind": "fixed", "value": 500, "currency": "EUR"}, "wrong_currency", id="other money"),
        pytest.param({"currency": "PLN", "min_subtotal_minor": 4251}, "min_subtotal", id="too small"),
    ],
)
def test_code_is_refused_when_a_rule_is_broken(scope: Scope, columns: dict[str, Any], reason: str):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        code = create_promo(scope, **columns)
        assert reason_of(scope, code=code) == reason


def test_code_is_refused_when_nobody_made_it(scope: Scope):
    with unit_of_work(scope):
        assert reason_of(scope, code="NOPE", field="discounts[0].code") == "unknown"


def test_code_is_worth_what_it_says_when_every_rule_holds(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        create_promo(
            scope, id="prm_1", code="SAVE5", kind="fixed", value=500, currency="PLN", min_subtotal_minor=4250, starts_at=NOON,
            ends_at=LATER, max_uses=1, per_customer=1, location_ids=["loc_1"],
        )  # fmt: skip
        promo = resolve_promo(scope, code=" save5 ", **ORDER)
    assert (promo.id, promo.code, promo.kind, promo.value, promo.campaign_id) == ("prm_1", "SAVE5", "fixed", 500, None)


def test_limit_per_customer_when_nobody_is_named(scope: Scope):
    with unit_of_work(scope):
        code = create_promo(scope, per_customer=1)
        assert reason_of(scope, code=code, is_anonymous=True) == "customer_required"


def test_use_is_counted_and_told_when_the_order_is_placed(scope: Scope):
    with unit_of_work(scope):
        guest_id, location_id = create_guest(scope), create_location(scope)
        code = create_promo(scope, per_customer=1, max_uses=5)
        order = get_order(scope, order_id=create_order(scope, location_id=location_id, customer_id=guest_id))
        wanted = {**ORDER, "code": code, "customer_id": guest_id}
        use_promo(scope, promo=resolve_promo(scope, **wanted), order=order, discount_minor=425)
        assert reason_of(scope, **wanted) == "per_customer_limit"
        assert get_promo_code(scope, code=code)["used_count"] == 1
    [event] = recorded_events(scope)
    told = event.body["object"]
    assert (event.type, event.location_id, event.body["previous"]) == ("promo_code.used", location_id, None)
    assert (told["order_id"], told["customer_id"], told["discount_minor"]) == (order["id"], guest_id, 425)
    assert (told["order"], told["promo"]["code"], told["promo"]["used_count"]) == (order, code, 1)


def test_use_comes_back_when_the_order_is_called_off(scope: Scope):
    with unit_of_work(scope):
        guest_id, code = create_guest(scope), create_promo(scope, max_uses=1, per_customer=1)
        order_id = create_order(scope, location_id=create_location(scope), customer_id=guest_id)
        wanted = {**ORDER, "code": code, "customer_id": guest_id}
        promo = resolve_promo(scope, **wanted)
        use_promo(scope, promo=promo, order=get_order(scope, order_id=order_id), discount_minor=425)
        for _ in range(2):
            release_promo(scope, order_id=order_id)
        assert get_promo_code(scope, code=code)["used_count"] == 0
        assert resolve_promo(scope, **wanted) == promo
        offer_redeemed(scope, order=get_order(scope, order_id=order_id))
    assert recorded_types(scope) == ["promo_code.used"]


def test_offer_is_redeemed_once_when_an_order_of_a_campaign_completes(scope: Scope):
    with unit_of_work(scope):
        campaign_id = create_campaign(scope, status="sent")
        code = create_promo(scope, campaign_id=campaign_id)
        order = get_order(scope, order_id=create_order(scope, location_id=create_location(scope)))
        use_promo(scope, promo=resolve_promo(scope, code=code, **ORDER), order=order, discount_minor=425)
        for _ in range(2):
            offer_redeemed(scope, order=order)
        campaign = get_campaign(scope, campaign_id=campaign_id)
    event = recorded_events(scope)[-1]
    assert recorded_types(scope) == ["promo_code.used", "campaign.offer_redeemed"]
    assert (campaign["redeemed"], event.body["object"]["campaign"]) == (1, campaign)
    assert (event.body["object"]["order_id"], event.body["object"]["promo_code"]) == (order["id"], code)


def test_last_use_goes_to_one_order_when_twenty_want_it(scope: Scope):
    with unit_of_work(scope):
        location_id, code = create_location(scope), create_promo(scope, max_uses=1)
        numbers = range(20)
        orders = [get_order(scope, order_id=create_order(scope, location_id=location_id, number=n)) for n in numbers]
        promo = resolve_promo(scope, code=code, **ORDER)
    results = at_once(scope, 20, lambda n: use_promo(scope, promo=promo, order=orders[n], discount_minor=1))
    with unit_of_work(scope, writes=False):
        assert get_promo_code(scope, code=code)["used_count"] == 1
    assert sorted(map(str, results)) == ["None"] + ["promo_invalid"] * 19
    assert recorded_types(scope) == ["promo_code.used"]


def test_customers_limit_holds_when_four_orders_come_at_once(scope: Scope):
    with unit_of_work(scope):
        guest_id, location_id, code = create_guest(scope), create_location(scope), create_promo(scope, per_customer=2)
        orders = [
            get_order(scope, order_id=create_order(scope, location_id=location_id, number=n, customer_id=guest_id))
            for n in range(4)
        ]
        promo = resolve_promo(scope, code=code, **ORDER)
    results = at_once(scope, 4, lambda n: use_promo(scope, promo=promo, order=orders[n], discount_minor=1))
    with unit_of_work(scope, writes=False):
        assert get_promo_code(scope, code=code)["used_count"] == 2
    assert sorted(map(str, results)) == ["None"] * 2 + ["promo_invalid"] * 2


def test_code_is_unique_whatever_its_case_when_two_create_it(scope: Scope):
    make = {"kind": "percent", "value": 1000}
    results = at_once(scope, 2, lambda n: create_promo_code(scope, code=("Welcome10", "WELCOME10")[n], **make)["code"])
    assert sorted(results) == ["WELCOME10", DuplicateReference.code]


def test_change_is_refused_when_it_breaks_a_rule(scope: Scope):
    with unit_of_work(scope):
        code = create_promo(scope, max_uses=5, used_count=3)
        before = get_promo_code(scope, code=code)
        for changes, field in (
            ({"max_uses": 2}, "max_uses"), ({"value": 10_001}, "value"), ({"min_subtotal_minor": 1}, "currency"),
            ({"location_ids": ["loc_9"]}, "location_ids[0]"), ({"campaign_id": "cam_9"}, "campaign_id"),
            ({"starts_at": 2, "ends_at": 2}, "ends_at"), ({"kind": "half"}, "kind"),
        ):  # fmt: skip
            with pytest.raises(Invalid) as refusal:
                change_promo_code(scope, code=code, changes=changes)
            assert [error.field for error in refusal.value.errors] == [field]
        with pytest.raises(Conflict):
            change_promo_code(scope, code=code, expected_version=9, changes={"is_active": False})
        assert get_promo_code(scope, code=code) == before
        assert change_promo_code(scope, code=code, changes={"max_uses": 3})["version"] == 2
