"""Worlds that are written in parts, as a caller sees them: answered at once, ready when the state says so."""

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.building import BUILD
from sandbox.building import STAGED
from sandbox.worlds.standard import world
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.support.timers import drop_timers
from worker import worlds


@pytest.fixture(autouse=True)
def nothing_is_left_to_build(app: Flask) -> Iterator[None]:
    """A worker of another test would build the whole world."""
    yield
    drop_timers(BUILD)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard world ends after its second place."""
    monkeypatch.setattr(world, "PARTS", world.PARTS[:2])
    assert STAGED["standard"] is world


@pytest.mark.usefixtures("short")
def test_standard_is_accepted_and_ready_when_its_parts_are_written(app: Flask, new_partner: Callable[..., Partner]) -> None:
    partner = new_partner()
    caller = Caller(app, partner.key)
    answer = caller.post("/sandbox/v1/reset", json={"profile": "standard"})
    assert (answer.status_code, answer.json["profile"]) == (202, "standard")
    assert answer.json["world"] == {"state": "building", "parts_done": 0, "parts": 2}
    assert answer.json["fixtures"]["orders"] == ["ord_89421", "ord_89407"]
    assert caller.get("/v1/orders/ord_89421").status_code == 200
    assert len(caller.get("/v1/locations", query_string={"limit": 50}).json["data"]) == 13

    worlds.build(partner.scope, "whole")

    state = caller.get("/sandbox/v1/state").json
    assert state["world"] == {"state": "ready", "parts_done": 2, "parts": 2}
    menu = caller.get("/v1/menus/mnu_vno_all_day").json
    assert sum(len(category["items"]) for category in menu["categories"]) == 71  # fries stand in two categories
    assert caller.get("/v1/orders", query_string={"location_id": "loc_vno_01", "limit": 100}).json["has_more"] is True


def test_minimal_is_ready_at_once(app: Flask, new_partner: Callable[..., Partner]) -> None:
    answer = Caller(app, new_partner().key).post("/sandbox/v1/reset", json={"profile": "minimal"})

    assert (answer.status_code, answer.json["world"]) == (200, {"state": "ready", "parts_done": 1, "parts": 1})
