"""A restaurant that holds only what these tests make, and a caller who sells for it."""

from typing import Any

import pytest
from flask import Flask

from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.menus import create_tax


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    return sandbox_partner(plan_tier="enterprise", profile="empty")


@pytest.fixture(scope="module")
def menu(shop: Partner) -> dict[str, str]:
    """A location that sells soup for 15.00 and steak for 60.00, 8 % tax on top."""
    with unit_of_work(shop.scope):
        tax_id = create_tax(shop.scope, rate="0.08")
        return {
            "location_id": create_location(shop.scope),
            "soup": create_item(shop.scope, name="Soup", tax_id=tax_id),
            "steak": create_item(shop.scope, name="Steak", base_price_minor=6000, tax_id=tax_id),
        }


@pytest.fixture
def caller(app: Flask, shop: Partner) -> Caller:
    return Caller(app, shop.issue().text)


def place(caller: Caller, menu: dict[str, str], **changes: Any) -> dict[str, Any]:
    """Place an order of soup and steak."""
    items = [{"menu_item_id": menu["soup"]}, {"menu_item_id": menu["steak"]}]
    answer = caller.post("/v1/orders", json={"location_id": menu["location_id"], "items": items, **changes})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def told(caller: Caller, object_id: str) -> list[dict[str, Any]]:
    """The events about an object, or about a payment of it, as an endpoint receives them."""
    rows, after = [], 0
    while page := caller.get(f"/v1/events?limit=100&after_sequence={after}").json["data"]:
        rows += page
        after = page[-1]["sequence"]
    return [row for row in rows if object_id in (row["data"]["object"]["id"], row["data"]["object"].get("order_id"))]
