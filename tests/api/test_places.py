"""A key that is restricted to locations: everything elsewhere is unknown to it, on every endpoint it may call."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.operations import Operation
from api.operations import operations
from api.places import ABOUT_NONE
from api.places import LOCATIONS
from api.places import is_located
from kit.errors import FieldError
from kit.errors import Invalid
from tests.api import samples
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.api.test_matrix import call
from tests.api.test_matrix import name_of
from tests.api.test_matrix import require_problem
from tests.api.test_matrix import without_ids

CALLED = [operation for operation in operations if is_located(operation)]
CLOSED = [operation for operation in operations if not is_located(operation) and operation.product == "core"]
ADDRESSED = [operation for operation in CALLED if "<" in operation.path]
LISTS = [one for one in CALLED if one.method == "GET" and one not in ADDRESSED and one.name not in {*ABOUT_NONE, LOCATIONS}]
SAYS_WHERE = {"core.read_availability"}  # is never asked without a location
MAKING = [one for one in CALLED if one.method != "GET" and one not in ADDRESSED]


@dataclass(frozen=True)
class Group:
    """A restaurant group with objects at two locations, a key for everything and one for the first location."""

    partner: Partner
    here: dict[str, str]
    elsewhere: dict[str, str]
    everywhere: Caller
    restricted: Caller


@pytest.fixture(scope="module")
def group(app: Flask) -> Group:
    partner = sandbox_partner(plan_tier="enterprise", profile="empty")
    everywhere = Caller(app, partner.key)
    here, elsewhere = (samples.build_objects(partner, everywhere) for _ in range(2))
    for ids in (here, elsewhere):
        notice = samples.BODIES["core.create_notification"] | {"location_id": ids["location_id"]}
        ids["notification_id"] = everywhere.post("/v1/notifications", json=notice).json["id"]
    key = partner.issue(location_ids=[here["location_id"]])
    return Group(partner, here, elsewhere, everywhere, Caller(app, key.text))


def listed(caller: Caller, operation: Operation, location_id: str = "") -> TestResponse:
    """What a list answers, asked for one location or for none."""
    needed = parse_qs(samples.QUERIES.get(operation.name, ""))
    needed.pop("location_id", None)
    return caller.get(operation.path, query_string=needed | ({"location_id": [location_id]} if location_id else {}))


@pytest.mark.parametrize("operation", CLOSED, ids=name_of)
def test_operation_whose_location_nobody_can_tell_is_refused(group: Group, operation: Operation) -> None:
    require_problem(call(group.restricted, operation, group.here), 403, "location_restricted")


@pytest.mark.parametrize("operation", ADDRESSED, ids=name_of)
def test_object_elsewhere_answers_as_one_that_does_not_exist(group: Group, operation: Operation) -> None:
    missing, elsewhere = (call(group.restricted, operation, ids) for ids in (samples.MISSING, group.elsewhere))
    require_problem(elsewhere, 404, "resource_not_found")
    assert without_ids(elsewhere, group.elsewhere) == without_ids(missing, samples.MISSING)


@pytest.mark.parametrize("operation", [one for one in ADDRESSED if one.method == "GET"], ids=name_of)
def test_object_here_is_read(group: Group, operation: Operation) -> None:
    answer, whole = (call(caller, operation, group.here) for caller in (group.restricted, group.everywhere))
    assert (answer.status_code, answer.json | {"at": None}) == (200, whole.json | {"at": None})


@pytest.mark.parametrize("operation", LISTS, ids=name_of)
def test_list_shows_what_is_here_and_no_other_location_exists(group: Group, operation: Operation) -> None:
    here = group.here["location_id"]
    shown = listed(group.restricted, operation, here if operation.name in SAYS_WHERE else "")
    assert (shown.status_code, shown.json) == (200, listed(group.everywhere, operation, here).json)
    missing, elsewhere = (listed(group.restricted, operation, ids["location_id"]) for ids in (samples.MISSING, group.elsewhere))
    require_problem(elsewhere, 404, "resource_not_found")
    assert without_ids(elsewhere, group.elsewhere) == without_ids(missing, samples.MISSING)


@pytest.mark.parametrize("operation", MAKING, ids=name_of)
def test_nothing_is_made_elsewhere(group: Group, operation: Operation) -> None:
    count = len(group.everywhere.get("/v1/events?limit=100").json["data"])
    answers = [
        group.restricted.send(operation.method, operation.path, json=samples.body_of(operation, ids) | {"location_id": place})
        for ids, place in ((group.here, samples.MISSING["location_id"]), (group.here, group.elsewhere["location_id"]))
    ]
    require_problem(answers[1], 404, "resource_not_found")
    assert without_ids(answers[1], group.elsewhere) == without_ids(answers[0], samples.MISSING)
    assert len(group.everywhere.get("/v1/events?limit=100").json["data"]) == count


def test_order_is_made_here_and_nowhere_else(group: Group) -> None:
    bodies = [{"location_id": ids["location_id"], "items": [{"menu_item_id": ids["item_id"]}]}
              for ids in (group.here, group.elsewhere)]  # fmt: skip
    assert [group.restricted.post("/v1/orders", json=body).status_code for body in bodies] == [201, 404]


def test_locations_are_those_of_the_key_and_with_several_a_list_asks_for_one(group: Group, caller_of: NewCaller) -> None:
    ids = sorted([group.here["location_id"], group.elsewhere["location_id"]])
    both = caller_of(group.partner.issue(location_ids=ids).text)
    assert [row["id"] for row in group.restricted.get("/v1/locations").json["data"]] == [group.here["location_id"]]
    assert sorted(row["id"] for row in both.get("/v1/locations").json["data"]) == ids
    refused = require_problem(both.get("/v1/orders"), 400, "parameter_missing")
    assert refused["parameter"] == "location_id"
    assert [both.get(f"/v1/orders?location_id={one}").status_code for one in ids] == [200, 200]


def test_rolled_key_has_the_same_locations(group: Group, caller_of: NewCaller) -> None:
    key = group.partner.issue(location_ids=[group.here["location_id"]])
    heir = caller_of(group.partner.roll(key, 0).text)
    assert heir.get(f"/v1/orders/{group.elsewhere['order_id']}").status_code == 404
    assert heir.get(f"/v1/orders/{group.here['order_id']}").status_code == 200


def test_number_of_locations_is_bounded(group: Group) -> None:
    with pytest.raises(Invalid) as refusal:
        group.partner.issue(location_ids=[f"loc_{number}" for number in range(51)])
    message = "at most 50 locations; choose none for all"
    assert refusal.value.errors == [FieldError("location_ids", "invalid_value", message)]


def test_path_parameters_of_operations_for_such_keys_are_known() -> None:
    names = {name for operation in ADDRESSED for name in re.findall(r"<(\w+)>", operation.path)}
    assert names == {
        "location_id", "order_id", "cart_id", "line_id", "reservation_id", "hold_id", "entry_id", "review_id", "table_id",
        "area_id", "notification_id",
    }  # fmt: skip
