"""Uploading a whole menu."""

from contextlib import suppress
from typing import Any

import pytest

from domain.menus import service as menus
from domain.timekeeping.service import fire
from domain.timers.service import next_due
from kit.clock import now_us
from kit.errors import NotFound
from kit.scope import Actor
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu

BURGER = {
    "name": "Burger", "base_price_minor": 3850, "sku": "B1",
    "variations": [{"name": "Single", "price_minor": 3850}, {"name": "Double", "price_minor": 4850}],
    "modifier_groups": [{
        "name": "Extras", "max_selections": 2, "modifiers": [
            {"name": "Bacon", "price_minor": 400},
            {"name": "Dip", "modifier_groups": [{"name": "Dips", "modifiers": [{"name": "Mayo"}, {"name": "Salsa"}]}]},
        ],
    }],
}  # fmt: skip
FRIES = {"name": "Fries", "base_price_minor": 1400}
COLA = {"name": "Cola", "base_price_minor": 900, "stock_count": 24}


def document(*categories: tuple[str, list[dict[str, Any]]], **fields: Any) -> dict[str, Any]:
    return {**fields, "categories": [{"name": name, "items": items} for name, items in categories]}


FULL = document(("Mains", [BURGER, FRIES]), ("Drinks", [COLA]), name="Dinner")


@pytest.fixture
def place(scope: Scope) -> Scope:
    """A tenant with an empty menu at its one location."""
    with unit_of_work(scope):
        create_location(scope, id="loc_1")
        create_menu(scope, id="mnu_1", location_id="loc_1")
    return scope


def upload(scope: Scope, body: dict[str, Any]) -> dict[str, Any]:
    """Upload a document and let a worker do the job to its end."""
    with unit_of_work(scope):
        job = menus.upload_menu(scope, menu_id="mnu_1", document=body)
    work(scope)
    with unit_of_work(scope, writes=False):
        return menus.get_menu_job(scope, job_id=job["id"])


def work(scope: Scope) -> int:
    """Do what is due, each in a unit of its own; return how many times."""
    for count in range(100):
        with unit_of_work(scope):
            due = next_due(scope, until_us=now_us(), on_tenants_clock=False)
            if due is None:
                return count
            fire(scope, due)
    raise AssertionError("the job does not end")


def whole(scope: Scope) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return menus.get_whole_menu(scope, menu_id="mnu_1")


def test_upload_into_an_empty_menu_makes_everything(place: Scope) -> None:
    job = upload(place, FULL)

    assert (job["state"], job["total"], job["position"], job["errors"]) == ("done", 5, 5, [])
    assert job["counts"] == {"created": 7, "updated": 0, "deleted": 0}
    menu = whole(place)
    assert (menu["name"], [row["name"] for row in menu["categories"]]) == ("Dinner", ["Mains", "Drinks"])
    burger, fries = menu["categories"][0]["items"]
    assert (burger["base_price_minor"], burger["currency"], fries["name"]) == (3850, "PLN", "Fries")
    assert [row["name"] for row in burger["variations"]] == ["Single", "Double"]
    [extras] = burger["modifier_groups"]
    [dips] = extras["modifiers"][1]["modifier_groups"]
    assert (extras["max_selections"], [row["name"] for row in dips["modifiers"]]) == (2, ["Mayo", "Salsa"])
    assert menu["categories"][1]["items"][0]["stock_count"] == 24
    assert recorded_types(place) == ["menu.item.created"] * 3 + ["menu.updated"]
    told = recorded_events(place)[-1].body
    assert told["object"]["menu_changes"] == job["counts"]
    assert told["previous"] == {"name": "All day"}


def test_same_document_again_changes_nothing(place: Scope) -> None:
    upload(place, FULL)
    before = whole(place)
    job = upload(place, FULL)

    assert job["counts"] == {"created": 0, "updated": 0, "deleted": 0}
    assert recorded_types(place)[4:] == ["menu.updated"]
    after = whole(place)
    assert after["version_hash"] == before["version_hash"]
    assert after["categories"] == before["categories"]


def test_another_document_changes_what_differs_and_removes_what_is_missing(place: Scope) -> None:
    upload(place, FULL)
    before = whole(place)
    burger = {**BURGER, "name": "Cheeseburger", "base_price_minor": 4000, "stock_count": 3}
    job = upload(place, document(("Mains", [burger])))

    assert (job["state"], job["counts"]) == ("done", {"created": 0, "updated": 1, "deleted": 3})
    [mains] = whole(place)["categories"]
    [now] = mains["items"]
    assert (now["id"], now["name"], now["stock_count"]) == (before["categories"][0]["items"][0]["id"], "Cheeseburger", None)
    types = recorded_types(place)[4:]
    assert types[:2] == ["menu.price.updated", "menu.item.updated"]
    assert sorted(types[2:6]) == ["menu.item.unavailable"] * 2 + ["menu.item.updated"] * 2
    assert types[6:] == ["menu.updated"]


def test_item_of_another_menu_is_referred_to_and_stays_there(place: Scope) -> None:
    with unit_of_work(place):
        shared = create_item(place, id="itm_shared", name="Shared")
        create_category(place, menu_id=create_menu(place, id="mnu_2"), item_ids=(shared,))
    upload(place, document(("Mains", [{"id": shared}, FRIES])))
    job = upload(place, document(("Mains", [FRIES])))

    assert job["counts"] == {"created": 0, "updated": 0, "deleted": 0}
    with unit_of_work(place, writes=False):
        assert menus.get_item(place, item_id=shared)["name"] == "Shared"


def test_entry_that_breaks_a_rule_is_named_and_nothing_is_deleted(place: Scope) -> None:
    upload(place, FULL)
    recorded = len(recorded_types(place))
    broken = {**BURGER, "base_price_minor": 1, "modifier_groups": [{"name": "New", "modifiers": [{"name": "X"}]},
                                                                  {"id": "mgr_none"}]}  # fmt: skip
    job = upload(place, document(("Mains", [broken, {"id": "itm_none"}, {**FRIES, "calories": 5}])))

    assert job["state"] == "failed"
    assert [(row["field"], row["code"]) for row in job["errors"]] == [
        ("categories[0].items[0].modifier_groups[1].id", "validation_failed"),
        ("categories[0].items[1].id", "validation_failed"),
    ]  # fmt: skip
    assert job["counts"] == {"created": 0, "updated": 1, "deleted": 0}
    menu = whole(place)
    assert [item["name"] for row in menu["categories"] for item in row["items"]] == ["Fries", "Burger", "Cola"]
    assert menu["categories"][0]["items"][1]["base_price_minor"] == 3850
    assert recorded_types(place)[recorded:] == ["menu.item.updated", "menu.updated"]


def test_large_document_is_done_in_steps_for_the_one_who_sent_it(place: Scope) -> None:
    items = [{"name": f"Item {number}", "base_price_minor": number} for number in range(50)]
    sender = Scope(
        place.environment, place.tenant_id, actor=Actor("api_key", "key_1"), application_id="app_1", request_id="req_1"
    )
    with unit_of_work(place):
        job = menus.upload_menu(sender, menu_id="mnu_1", document=document(("All", items)))
    assert work(place) == 3
    with unit_of_work(place, writes=False):
        done = menus.get_menu_job(place, job_id=job["id"])

    assert (done["state"], done["counts"]["created"]) == ("done", 51)
    assert [item["base_price_minor"] for item in whole(place)["categories"][0]["items"]] == list(range(50))
    events = recorded_events(place)
    assert [event.type for event in events].count("menu.updated") == 1
    assert {(event.actor_id, event.application_id, event.request_id) for event in events} == {("key_1", "app_1", "req_1")}


def test_step_of_a_killed_worker_is_done_again_and_counts_once(place: Scope) -> None:
    items = [{"name": f"Item {number}", "base_price_minor": number} for number in range(30)]
    with unit_of_work(place):
        job = menus.upload_menu(place, menu_id="mnu_1", document=document(("All", items)))
    with unit_of_work(place):
        fire(place, next_due(place, until_us=now_us(), on_tenants_clock=False))
    with suppress(KeyboardInterrupt), unit_of_work(place):
        fire(place, next_due(place, until_us=now_us(), on_tenants_clock=False))
        raise KeyboardInterrupt
    with unit_of_work(place, writes=False):
        halfway = menus.get_menu_job(place, job_id=job["id"])
    assert (halfway["state"], halfway["position"], halfway["total"]) == ("running", 20, 31)
    assert work(place) == 1
    with unit_of_work(place, writes=False):
        done = menus.get_menu_job(place, job_id=job["id"])
    assert (done["state"], done["position"], done["counts"]["created"]) == ("done", 31, 31)
    assert [item["base_price_minor"] for item in whole(place)["categories"][0]["items"]] == list(range(30))
    assert recorded_types(place).count("menu.item.created") == 30


def test_second_upload_waits_for_the_first(place: Scope) -> None:
    with unit_of_work(place):
        first = menus.upload_menu(place, menu_id="mnu_1", document=document(("A", [FRIES])))
        second = menus.upload_menu(place, menu_id="mnu_1", document=document(("B", [COLA])))
        menus.step_upload(place, second["id"])
        assert menus.get_menu_job(place, job_id=second["id"])["state"] == "queued"
        menus.step_upload(place, first["id"])
        menus.step_upload(place, second["id"])
        menus.step_upload(place, second["id"])
        assert menus.get_menu_job(place, job_id=second["id"])["state"] == "done"

    assert [row["name"] for row in whole(place)["categories"]] == ["B"]


def test_upload_to_a_menu_deleted_meanwhile_fails(place: Scope) -> None:
    with unit_of_work(place):
        job = menus.upload_menu(place, menu_id="mnu_1", document=FULL)
        menus.delete_menu(place, menu_id="mnu_1")
    work(place)
    with unit_of_work(place, writes=False):
        done = menus.get_menu_job(place, job_id=job["id"])

    assert (done["state"], done["errors"][0]["code"]) == ("failed", "resource_not_found")


def test_upload_to_an_unknown_menu_is_not_found(place: Scope) -> None:
    with pytest.raises(NotFound), unit_of_work(place):
        menus.upload_menu(place, menu_id="mnu_none", document=FULL)
