"""Building the standard world in parts: the same every time, also when it is stopped, and never shown as ready before."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import orjson
import pytest

from domain.bookings.service import Party
from domain.bookings.service import ReservationDraft
from domain.bookings.service import book
from domain.locations.errors import StoreUnavailable
from domain.locations.models import Location
from domain.orders.models import Order
from domain.orders.service import LineDraft
from domain.orders.service import OrderDraft
from domain.orders.service import place_order
from domain.timers.models import Timer
from kit.outbox import EventRow
from kit.planes import PlaneModel
from kit.scope import Scope
from kit.unit import Unit
from kit.unit import unit_of_work
from sandbox import queries
from sandbox import service
from sandbox.building import BUILD
from sandbox.building import build_part
from sandbox.models import WorldBuild
from sandbox.worlds.standard import world as standard
from tests.sandbox.worlds.conftest import rows_of
from worker import worlds
from worker.deliver import stop_requested

pytestmark = pytest.mark.timeout(600)  # the first test builds the world
NewScope = Callable[..., Scope]
REAL_TIME = {  # what follows real time, and ids that nobody names
    "events": {"committed_at", "relayed_at"}, "deliveries": {"created_at", "finished_at"}, "delivery_attempts": {"started_at"},
    "world_builds": {"id", "created_at"}, "timers": {"wakes_at"}, "guest_tags": {"id"}, "franchises": {"id"},
}  # fmt: skip


class Killed(BaseException):
    """The process ends here."""


def begun(scope: Scope, seed: int = 7, profile: str = "standard") -> Scope:
    with unit_of_work(scope):
        service.reset(scope, profile=profile, seed=seed)
    return scope


def progress(scope: Scope) -> dict[str, object]:
    with unit_of_work(scope, writes=False):
        return service.state(scope)["world"]


def digests(scope: Scope) -> dict[str, str]:
    """A digest of every table of a tenant, without what follows real time."""
    wanted = set(queries.cleared_tables())
    mapped = (mapper.class_ for mapper in PlaneModel.registry.mappers)
    models = {model.__tablename__: model for model in mapped if issubclass(model, PlaneModel)}  # not the control plane's
    found = {}
    for name in sorted(wanted):
        left_out = REAL_TIME.get(name, set())
        rows = [{str(key): value for key, value in row.items() if key not in left_out} for row in rows_of(scope, models[name])]
        lines = sorted(orjson.dumps(row, option=orjson.OPT_SORT_KEYS, default=str) for row in rows)
        found[name] = sha256(b"\n".join(lines)).hexdigest()
    return found


def killing(patched: pytest.MonkeyPatch, number: int) -> None:
    """End the process at the number-th commit from now, before it happens."""
    commit, count = Unit.commit, iter(range(1, 1000))

    def killed(unit: Unit) -> None:
        if next(count) == number:
            raise Killed
        commit(unit)

    patched.setattr(Unit, "commit", killed)


def test_same_seed_gives_the_same_world_whatever_stopped_it(
    world: Scope, new_scope: NewScope, monkeypatch: pytest.MonkeyPatch
):
    scope = begun(replace(new_scope(), application_id=world.application_id))
    for number in (3, 1, 8):
        with monkeypatch.context() as patched, suppress(Killed):
            killing(patched, number)
            worlds.build(scope, "killed")
        assert progress(scope)["state"] == "building"
    worlds.build(scope, "finished")

    assert progress(scope) == {"state": "ready", "parts_done": len(standard.PARTS), "parts": len(standard.PARTS)}
    assert digests(scope) == digests(world)


def test_another_seed_gives_another_world(world: Scope, scope: Scope):
    begun(scope, seed=8)
    build_part(scope)
    ours = {row["id"] for row in rows_of(scope, Order)} - {"ord_89421", "ord_89407"}

    assert len(ours) >= 270
    assert not ours & {row["id"] for row in rows_of(world, Order)}


def test_world_is_building_until_its_last_part_and_places_open_one_by_one(scope: Scope):
    begun(scope)
    places = {row["id"]: row["is_active"] for row in rows_of(scope, Location)}

    assert progress(scope) == {"state": "building", "parts_done": 0, "parts": len(standard.PARTS)}
    assert [place for place, is_active in places.items() if is_active] == ["loc_waw_01"]
    assert [row["object_id"] for row in rows_of(scope, Timer) if row["kind"] == BUILD] == [rows_of(scope, WorldBuild)[0]["id"]]
    lines = [LineDraft(name="Soup", price_minor=500)]
    draft = OrderDraft(location_id="loc_vno_01", source="api", lines=lines, allow_open_items=True)
    with pytest.raises(StoreUnavailable), unit_of_work(scope):
        place_order(scope, draft=draft)
    build_part(scope)
    build_part(scope)
    with unit_of_work(scope):
        placed = place_order(scope, draft=draft).document
    assert (placed["currency"], placed["status"]) == ("EUR", "pending")
    assert progress(scope)["parts_done"] == 2


def test_killed_part_leaves_nothing_behind(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    begun(scope)
    before = len(rows_of(scope, Order))
    with monkeypatch.context() as patched, suppress(Killed):
        killing(patched, 1)
        build_part(scope)

    assert (len(rows_of(scope, Order)), progress(scope)["parts_done"]) == (before, 0)


def test_reset_in_the_middle_begins_again(scope: Scope):
    begun(scope)
    build_part(scope)
    first = rows_of(scope, WorldBuild)[0]["id"]
    begun(scope)

    assert (progress(scope)["parts_done"], len(rows_of(scope, WorldBuild))) == (0, 1)
    assert rows_of(scope, WorldBuild)[0]["id"] != first
    begun(scope, profile="minimal")
    assert progress(scope) == {"state": "ready", "parts_done": 1, "parts": 1}
    assert build_part(scope) is False


def test_told_to_stop_the_worker_leaves_the_rest_to_the_next_one(scope: Scope):
    begun(scope)
    stop_requested.set()
    try:
        with pytest.raises(worlds.Interrupted):
            worlds.build(scope, "stopped")
    finally:
        stop_requested.clear()

    assert progress(scope)["parts_done"] == 1


def test_events_of_today_follow_those_of_the_past(scope: Scope):
    begun(scope)
    with unit_of_work(scope):
        line = LineDraft(item_id="itm_margherita")
        place_order(scope, draft=OrderDraft(location_id="loc_waw_01", source="api", lines=[line]))

    assert [row["sequence"] for row in rows_of(scope, EventRow)] == [6416]


def test_tables_can_be_booked_in_a_finished_place(scope: Scope):
    begun(scope)
    build_part(scope)
    build_part(scope)
    start = 1_768_993_200_000_000  # 2026-01-21 13:00 in Vilnius
    with unit_of_work(scope):
        booked = book(scope, draft=ReservationDraft("api", "loc_vno_01", start=start, party=Party(adult=2))).document

    assert booked["status"] == "confirmed"
    assert booked["table_ids"]
