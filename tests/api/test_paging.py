"""Pages of lists: nothing twice, nothing left out, and no cursor where it does not belong."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner

ORDERS = 13
LISTS = {
    "newest": "/v1/orders?", "oldest": "/v1/orders?sort=created_at", "updated": "/v1/orders?sort=updated_at",
    "filtered": "/v1/orders?status=pending,accepted&source=api", "payments": "/v1/payments?", "refunds": "/v1/refunds?",
    "items": "/v1/menu-items?", "items-updated": "/v1/menu-items?updated_since=2020-01-01T00:00:00Z",
    "categories": "/v1/categories?", "groups": "/v1/modifier-groups?", "taxes": "/v1/taxes?", "webhooks": "/v1/webhooks?",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    """A tenant whose clock stands still, so that what is made carries the same instant and only ids tell it apart."""
    partner = sandbox_partner(plan_tier="enterprise")
    caller = Caller(app, partner.key)
    assert caller.post("/sandbox/v1/reset", json={}).status_code == 200
    for number in range(ORDERS):
        order = caller.post("/v1/orders", json={**BURGER, "external_id": f"till-{number}"}).json
        paid = caller.post("/v1/payments", json={"order_id": order["id"], "method": "cash"}).json
        assert caller.post(f"/v1/payments/{paid['id']}/refunds", json={"reason": "other", "amount": 1}).status_code == 201
    assert len({order["created_at"] for order in caller.get("/v1/orders?source=api").json["data"]}) == 1
    return partner


@pytest.fixture(scope="module")
def keys(shop: Partner) -> dict[str, str]:
    """A key per list, each with an allowance of its own."""
    return {name: shop.issue().text for name in (*LISTS, "events")}


def pages(caller: Caller, path: str, limit: int) -> list[list[dict[str, Any]]]:
    found, cursor = [], ""
    while True:
        page = caller.get(f"{path}&limit={limit}{cursor}").json
        found.append(page["data"])
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize("name", LISTS)
def test_pages_of_any_size_hold_every_row_once_in_one_order(app: Flask, keys: dict[str, str], name: str) -> None:
    caller = Caller(app, keys[name])
    whole = [row["id"] for page in pages(caller, LISTS[name], 100) for row in page]
    assert len(whole) == len(set(whole)) > 1

    @settings(max_examples=8, deadline=None)
    @given(st.integers(1, 17))
    def check(limit: int) -> None:
        parts = pages(caller, LISTS[name], limit)
        assert [row["id"] for page in parts for row in page] == whole
        assert [len(page) for page in parts[:-1]] == [limit] * (len(parts) - 1)

    check()


def test_events_page_by_page_hold_every_event_once_in_commit_order(app: Flask, keys: dict[str, str]) -> None:
    caller = Caller(app, keys["events"])

    @settings(max_examples=6, deadline=None)
    @given(st.integers(5, 40))
    def check(limit: int) -> None:
        sequences, more = [0], True
        while more:
            page = caller.get(f"/v1/events?after_sequence={sequences[-1]}&limit={limit}").json
            sequences += [event["sequence"] for event in page["data"]]
            more = page["has_more"]
        assert sequences == list(range(len(sequences)))
        assert len(sequences) > ORDERS * 5

    check()


def test_pages_while_orders_arrive_repeat_nothing_and_lose_nothing_older(app: Flask, keys: dict[str, str]) -> None:
    caller = Caller(app, keys["newest"])
    before = [row["id"] for row in caller.get("/v1/orders?limit=100").json["data"]]
    first = caller.get("/v1/orders?limit=4").json
    assert caller.post("/v1/orders", json=BURGER).status_code == 201
    rest = caller.get(f"/v1/orders?limit=5&cursor={first['next_cursor']}").json
    assert [row["id"] for row in first["data"] + rest["data"]] == before[:9]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders?sort=created_at", "/v1/orders?status=pending", "/v1/orders?location_id=loc_waw_01",
        "/v1/orders?created_from=2020-01-01T00:00:00Z", "/v1/payments?", "/v1/menu-items?", "/v1/locations?", "/v1/logs?",
    ],
)  # fmt: skip
def test_cursor_with_another_filter_or_list_is_refused(app: Flask, keys: dict[str, str], path: str) -> None:
    caller = Caller(app, keys["newest"])
    cursor = caller.get("/v1/orders?limit=1").json["next_cursor"]
    answer = caller.get(f"{path}&cursor={cursor}")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_cursor")


def test_cursor_with_another_limit_or_its_filters_in_another_order_continues(app: Flask, keys: dict[str, str]) -> None:
    caller = Caller(app, keys["newest"])
    first = caller.get("/v1/orders?source=api&status=pending,accepted&limit=3").json
    path = f"/v1/orders?limit=7&status=pending,accepted&source=api&cursor={first['next_cursor']}"
    whole = caller.get("/v1/orders?source=api&status=pending,accepted&limit=10").json["data"]
    assert caller.get(path).json["data"] == whole[3:10]
