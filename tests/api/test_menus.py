"""Menus, items, modifiers and taxes over HTTP."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.menus.service import step_upload
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock

PLACE = "loc_waw_01"


@pytest.fixture(scope="module", autouse=True)
def stopped_clock(partner: Partner) -> None:
    """The partner's clock stands at noon of 2026-01-12."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime(2026, 1, 12, 12, tzinfo=UTC))


def made(caller: Caller, path: str, **body: Any) -> dict[str, Any]:
    answer = caller.post(path, json=body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{path}/{answer.json['id']}"
    return answer.json


def put(caller: Caller, path: str, **body: Any) -> Any:
    return caller.send("PUT", path, json=body)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted(row["name"] for row in answer.json["data"])


def told(partner: Partner, count: int) -> list[str]:
    """Types recorded since there were so many."""
    return recorded_types(partner.scope)[count:]


def test_item_is_created_changed_and_deleted(caller: Caller, partner: Partner) -> None:
    count = len(recorded_types(partner.scope))
    menu = made(caller, "/v1/menus", name="Lunch", location_id=PLACE)
    category = made(caller, "/v1/categories", menu_id=menu["id"], name="Soups")
    item = made(
        caller, "/v1/menu-items", name="Barszcz", price=18.5, cost=4.25, category_ids=[category["id"]], location_id=PLACE,
        variations=[{"name": "Small", "price": 12}, {"name": "Large", "price": 18.5, "is_default": True}],
        allergens=[{"code": "celery", "level": "contains"}], diets=["vegan"], sku="B-1", calories=120,
    )  # fmt: skip
    assert (item["price"], item["cost"], item["currency"], item["available"]) == (18.5, 4.25, "PLN", True)
    assert [(row["name"], row["price"], row["is_default"]) for row in item["variations"]] == [
        ("Small", 12.0, False), ("Large", 18.5, True),
    ]  # fmt: skip
    path = f"/v1/menu-items/{item['id']}"
    changed = caller.patch(path, json={"price": 20, "cost": None, "diets": []}).json
    assert (changed["price"], changed["cost"], changed["diets"], changed["version"]) == (20.0, None, [], 2)
    whole = caller.get(f"/v1/menus/{menu['id']}").json
    assert [[shown["id"] for shown in row["items"]] for row in whole["categories"]] == [[item["id"]]]
    assert [caller.send("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert told(partner, count) == [
        "menu.created", "menu.updated", "menu.item.created", "menu.price.updated", "menu.item.updated", "menu.item.updated",
        "menu.item.unavailable",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "A"}, "price"),
        ({"name": "A", "price": 1.005}, "price"),
        ({"name": "A", "price": 1, "cost": -1}, "cost"),
        ({"name": "A", "price": 1, "allergens": [{"code": "cheese", "level": "contains"}]}, "allergens[0].code"),
        ({"name": "A", "price": 1, "image_url": "http://example.com/a.png"}, "image_url"),
        ({"name": "A", "price": 1, "tax_id": "tax_none"}, "tax_id"),
        ({"name": "A", "price": 1, "schedule": [{"days": [0], "from": "25:00", "to": "26:00"}]}, "schedule[0].from"),
        ({"name": "A" * 256, "price": 1}, "name"),
    ],
    ids=["no-price", "too-exact", "cost", "allergen", "insecure-image", "tax", "hour", "long-name"],
)
def test_item_that_breaks_a_rule_is_refused_without_a_trace(
    caller: Caller, partner: Partner, body: dict[str, Any], field: str
) -> None:
    count = len(recorded_types(partner.scope))
    answer = caller.post("/v1/menu-items", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]][:1] == [field]
    assert told(partner, count) == []


def test_items_are_safe_and_fit_for_who_asks(caller: Caller) -> None:
    def item(name: str, *allergens: tuple[str, str], diets: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> None:
        given = [{"code": code, "level": level} for code, level in allergens]
        fields = {"allergens": given, "diets": list(diets), "modifier_group_ids": list(groups)}
        made(caller, "/v1/menu-items", name=f"Xq {name}", price=9, **fields)

    def sauce(**group: Any) -> str:
        modifiers = [{"name": "Pesto", "price": 0, "allergens": [{"code": "cashew", "level": "contains"}]}]
        return str(made(caller, "/v1/modifier-groups", name="Sauce", modifiers=modifiers, **group)["id"])

    item("plain", diets=("vegan", "vegetarian"))
    item("milky", ("milk", "contains"), diets=("vegetarian",))
    item("traces", ("milk", "may_contain"))
    item("nutty", ("almond", "contains"))
    item("with a sauce that must be chosen", groups=(sauce(min=1, max=1, required=True),))
    item("with a sauce that may be chosen", groups=(sauce(max=1),))
    found = {
        query: [name.removeprefix("Xq ") for name in names(caller.get(f"/v1/menu-items?q=xq&limit=100&{query}"))]
        for query in ("allergen_free=milk", "allergen_free=nuts", "allergen_free=milk,nuts", "allergen_free=almond", "diet=vegan")
    }
    must, may = "with a sauce that must be chosen", "with a sauce that may be chosen"
    assert found == {
        "allergen_free=milk": ["nutty", "plain", may, must], "allergen_free=nuts": ["milky", "plain", "traces", may],
        "allergen_free=milk,nuts": ["plain", may], "allergen_free=almond": ["milky", "plain", "traces", may, must],
        "diet=vegan": ["plain"],
    }  # fmt: skip
    wrong = caller.get("/v1/menu-items?allergen_free=cheese")
    assert (wrong.status_code, wrong.json["code"]) == (400, "invalid_parameter")


def test_menu_that_has_not_changed_is_not_sent_again(caller: Caller) -> None:
    item = made(caller, "/v1/menu-items", name="Flan", price=7)
    menu = made(caller, "/v1/menus", name="Sweets")
    made(caller, "/v1/categories", menu_id=menu["id"], name="All", item_ids=[item["id"]])
    for path in (f"/v1/menus/{menu['id']}", "/v1/menus?limit=100", f"/v1/menu-items/{item['id']}", "/v1/menu-items?q=flan"):
        tag = caller.get(path).headers["ETag"]
        same = caller.get(path, headers={"If-None-Match": tag})
        assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag), path
        put(caller, f"/v1/menu-items/{item['id']}/availability", available=False)
        caller.patch(f"/v1/menus/{menu['id']}", json={"subtitle": path})
        other = caller.get(path, headers={"If-None-Match": tag})
        assert (other.status_code, other.headers["ETag"] == tag) == (200, False), path
        put(caller, f"/v1/menu-items/{item['id']}/availability", available=True)
        tag = caller.get(f"/v1/menu-items/{item['id']}").headers["ETag"]
        assert caller.patch(f"/v1/menu-items/{item['id']}", json={"price": 7}, headers={"If-Match": tag}).status_code == 200


def test_item_taken_off_returns_at_its_hour(new_partner: Any, caller_of: Any) -> None:
    own = new_partner()
    caller, path = caller_of(own.key), "/v1/menu-items/itm_fries"
    assert caller.post("/sandbox/v1/reset", json={"profile": "minimal"}).status_code == 200  # noon of 2026-01-12
    off = put(caller, f"{path}/availability", available=False, reason="manual_86", until="2026-01-12T13:00:00Z").json
    assert (off["available"], off["unavailable_reason"], off["available_again_at"]) == (
        False, "manual_86", "2026-01-12T13:00:00Z",
    )  # fmt: skip
    gone = put(caller, "/v1/modifiers/mod_extra_bacon/availability", available=False, until="2026-01-12T12:30:00Z")
    assert gone.json["available"] is False
    pause = put(caller, f"/v1/locations/{PLACE}/status", status="paused", until="2026-01-12T12:45:00Z", reason="busy")
    assert (pause.json["status"], pause.json["takes_orders"]) == ("paused", False)
    assert caller.post("/sandbox/v1/clock", json={"advance_seconds": 3600}).status_code == 200
    assert caller.get(path).json["available"] is True
    assert caller.get("/v1/modifiers/mod_extra_bacon").json["available"] is True
    assert caller.get(f"/v1/locations/{PLACE}/status").json["status"] == "online"
    assert recorded_types(own.scope)[-6:] == [
        "menu.item.unavailable", "menu.modifier.unavailable", "store.status.updated", "menu.modifier.available",
        "store.status.updated", "menu.item.available",
    ]  # fmt: skip


def test_many_are_taken_off_with_a_result_each(caller: Caller, partner: Partner) -> None:
    first, second = (made(caller, "/v1/menu-items", name=f"Bulk {number}", price=1)["id"] for number in range(2))
    count = len(recorded_types(partner.scope))
    wanted = [
        {"menu_item_id": first, "available": False}, {"menu_item_id": "itm_none", "available": False},
        {"menu_item_id": second, "available": True, "until": "2026-01-13T12:00:00Z"}, {"menu_item_id": first, "available": False},
    ]  # fmt: skip
    results = caller.post("/v1/menu-items/availability", json={"items": wanted}).json["results"]
    assert [(row["index"], row["status"], row["id"], row["available"]) for row in results] == [
        (0, "updated", first, False), (1, "refused", "itm_none", None), (2, "refused", second, None), (3, "refused", first, None),
    ]  # fmt: skip
    assert [results[1]["error"]["code"], results[2]["error"]["field"]] == ["resource_not_found", "until"]
    assert told(partner, count) == ["menu.item.unavailable"]
    assert caller.post("/v1/menu-items/availability", json={"items": wanted * 126}).status_code == 422


def test_whole_menu_is_uploaded_with_progress_and_errors_by_entry(caller: Caller, partner: Partner) -> None:
    menu = made(caller, "/v1/menus", name="Dinner", location_id=PLACE)
    path = f"/v1/menus/{menu['id']}"
    good = [{"name": f"Dish {number}", "price": number} for number in range(24)]
    bad = {"name": "Bad", "price": 1, "tax_id": "tax_none"}
    body = {"name": "Supper", "categories": [{"name": "All", "items": [*good, bad]}]}
    answer = caller.send("PUT", f"{path}/document", json=body)
    assert (answer.status_code, answer.json["state"], answer.json["menu_id"]) == (202, "queued", menu["id"])
    count, job_path = len(recorded_types(partner.scope)), f"/v1/menu-jobs/{answer.json['job_id']}"
    assert answer.headers["Location"] == job_path
    seen = []
    for _ in range(2):
        with unit_of_work(partner.scope):
            step_upload(partner.scope, answer.json["job_id"])
        job = caller.get(job_path).json
        seen.append((job["state"], job["progress"]["done"], job["progress"]["total"]))
    assert seen == [("running", 20, 26), ("failed" if job["state"] == "failed" else "done", 26, 26)]
    assert job["counts"] == {"created": 25, "updated": 0, "deleted": 0}
    assert [(error["field"], error["code"]) for error in job["errors"]] == [
        ("categories[0].items[24].tax_id", "validation_failed"),
    ]  # fmt: skip
    assert told(partner, count) == ["menu.item.created"] * 24 + ["menu.updated"]
    assert (caller.get(path).json["name"], len(caller.get(path).json["categories"][0]["items"])) == ("Supper", 24)


def test_allergens_are_named_in_the_readers_language(caller: Caller) -> None:
    english, polish = (caller.get(f"/v1/allergens?locale={locale}") for locale in ("en", "pl"))
    assert [row["code"] for row in english.json["data"]] == [
        "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts", "celery", "mustard", "sesame",
        "sulphites", "lupin", "molluscs",
    ]  # fmt: skip
    milk = {answer.headers["Content-Language"]: answer.json["data"][6]["name"] for answer in (english, polish)}
    assert milk == {"en": "Milk", "pl": "Mleko"}
    assert [row["code"] for row in english.json["data"][0]["sub_codes"]] == ["wheat", "rye", "barley", "oats", "spelt", "kamut"]
    accepted = caller.get("/v1/allergens", headers={"Accept-Language": "fr-CH, pl;q=0.5"})
    assert accepted.headers["Content-Language"] == "fr"


def test_taxes_and_charges_are_created_and_changed(caller: Caller) -> None:
    tax = made(caller, "/v1/taxes", name="VAT", rate="0.230", country="PL")
    assert (tax["rate"], caller.patch(f"/v1/taxes/{tax['id']}", json={"rate": "0.08"}).json["rate"]) == ("0.23", "0.08")
    assert caller.post("/v1/taxes", json={"name": "VAT", "rate": "1.5"}).status_code == 422
    charge = made(caller, "/v1/charges", name="Service", kind="percent", value=12.5, location_id=PLACE, order_types=["dine_in"])
    assert (charge["value"], charge["kind"], charge["auto_apply"]) == (12.5, "percent", False)
    changed = caller.patch(f"/v1/charges/{charge['id']}", json={"value": 15})
    assert (changed.status_code, changed.json["value"]) == (200, 15.0)
    assert charge["id"] in [row["id"] for row in caller.get(f"/v1/charges?location_id={PLACE}&limit=100").json["data"]]


def test_groups_nest_three_levels_and_refuse_more(caller: Caller) -> None:
    def group(name: str, *nested: str) -> dict[str, Any]:
        return {"name": name, "modifiers": [{"name": "One", "price": 1, "modifier_group_ids": list(nested)}]}

    third = made(caller, "/v1/modifier-groups", **group("Third"))
    second = made(caller, "/v1/modifier-groups", **group("Second", third["id"]))
    first = made(caller, "/v1/modifier-groups", **group("First", second["id"]))
    refused = caller.post("/v1/modifier-groups", json=group("Zeroth", first["id"]))
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "modifiers")
    circle = [{"id": third["modifiers"][0]["id"], "name": "One", "price": 1, "modifier_group_ids": [first["id"]]}]
    assert caller.patch(f"/v1/modifier-groups/{third['id']}", json={"modifiers": circle}).status_code == 422
    item = made(caller, "/v1/menu-items", name="Bowl", price=30, modifier_group_ids=[first["id"]])
    menu = made(caller, "/v1/menus", name="Bowls")
    made(caller, "/v1/categories", menu_id=menu["id"], name="All", item_ids=[item["id"]])
    (shown,) = caller.get(f"/v1/menus/{menu['id']}").json["categories"][0]["items"]
    inner = shown["modifier_groups"][0]["modifiers"][0]["modifier_groups"][0]["modifiers"][0]["modifier_groups"][0]
    assert inner["name"] == "Third"
