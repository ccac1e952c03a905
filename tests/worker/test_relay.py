from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy.exc import IntegrityError

from accounts.webhooks.events import EndpointDisabled
from kit.clock import now
from kit.ids import new_id
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.worker.rows import NewScope
from tests.worker.rows import OrderRejected
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from worker import relay as relay_module
from worker.operations import Reason
from worker.operations import operations
from worker.pace import Pace
from worker.relay import relay

pytestmark = pytest.mark.usefixtures("clean_planes")
SANDBOX = Environment.SANDBOX
TAG_IS_VIP = {"field": "tag", "operator": "eq", "value": "vip"}


def test_relay_makes_one_delivery_per_endpoint_when_run_again(scope: Scope):
    endpoints = {create_subscription(scope, "https://a.test/")[0], create_subscription(scope, "https://b.test/")[0]}
    [event_id] = create_events(scope)
    assert relay(SANDBOX).events == 1
    assert relay(SANDBOX).events == 0
    rows = deliveries(scope)
    assert {row.endpoint_id for row in rows} == endpoints
    assert [(row.event_id, row.state, row.attempts) for row in rows] == [(event_id, "pending", 0)] * 2
    assert all(row.due_at <= now() for row in rows)


def test_relay_leases_what_there_is_room_for_and_nothing_in_front_of_a_backlog(scope: Scope):
    create_subscription(scope, "https://a.test/")
    create_events(scope, 3)
    pace = Pace()
    relayed = relay(SANDBOX, pace=pace, room=2)
    assert ([one.attempt for one in relayed.claimed], relayed.leaves_due) == ([1, 1], True)
    leased, due = deliveries(scope)[:2], deliveries(scope)[2]
    assert {(row.attempts, row.lease_id, row.due_at) for row in leased} == {
        (1, relayed.claimed[0].lease_id, leased[0].lease_until)
    }  # fmt: skip
    assert (due.attempts, due.lease_id, due.due_at <= now()) == (0, None, True)
    create_events(scope)
    assert relay(SANDBOX, pace=pace, room=2).claimed == []
    assert pace.ours(relayed.claimed[0].endpoint) == (2, 0)


def test_relay_goes_on_when_a_delivery_is_there_already(scope: Scope):
    create_subscription(scope, "https://a.test/")
    create_events(scope, 2)
    relay(SANDBOX)
    with operations(SANDBOX, reason=Reason.RELAY) as unit:
        unit.execute(relay_module._E.update().values(relayed_at=None))
    assert relay(SANDBOX, pace=Pace(), room=9).events == 2
    assert len(deliveries(scope)) == 2


def test_relay_gives_its_places_back_when_it_dies(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    endpoint_id, _ = create_subscription(scope, "https://a.test/")
    create_events(scope)
    pace = Pace()
    monkeypatch.setattr(relay_module, "_mark", relay_module._E.update().values(type=None))
    with pytest.raises(IntegrityError):
        relay(SANDBOX, pace=pace, room=2)
    assert pace.ours((scope.tenant_id, endpoint_id)) == (0, 0)


def test_relay_makes_no_duplicates_when_two_relays_race(scope: Scope):
    create_subscription(scope, "https://a.test/")
    create_events(scope, 450)
    done: list[int] = []

    def run() -> None:
        while count := relay(SANDBOX).events:
            done.append(count)

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while count := relay(SANDBOX).events:
        done.append(count)
    assert sum(done) == 450
    assert len({row.event_id for row in deliveries(scope)}) == len(deliveries(scope)) == 450


def test_relay_leaves_the_event_unrelayed_when_it_dies_before_the_commit(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    broken = relay_module._E.update().values(type=None)
    with monkeypatch.context() as patch:
        patch.setattr(relay_module, "_mark", broken)
        with pytest.raises(IntegrityError):
            relay(SANDBOX)
    assert deliveries(scope) == []
    assert relay(SANDBOX).events == 1
    assert len(deliveries(scope)) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({}, 1, id="star"),
        pytest.param({"event_types": ["customer.tag.added"]}, 1, id="listed"),
        pytest.param({"event_types": ["order.created"]}, 0, id="not-listed"),
        pytest.param({"event_types": ["order.*", "customer.*"]}, 1, id="family"),
        pytest.param({"event_types": ["customer.segment.*"]}, 0, id="other-family"),
        pytest.param({"scopes": ["orders:read"]}, 0, id="scope-missing"),
        pytest.param({"is_enabled": False}, 0, id="disabled"),
        pytest.param({"created_at": now() + timedelta(hours=1)}, 0, id="subscribed-later"),
    ],
)
def test_relay_matches_when(scope: Scope, values: dict, expected: int):
    create_subscription(scope, "https://a.test/", **values)
    create_events(scope)
    relay(SANDBOX)
    assert len(deliveries(scope)) == expected


@pytest.mark.parametrize(
    ("values", "location_id", "expected"),
    [
        pytest.param({"location_ids": ["loc_1", "loc_2"]}, "loc_2", 1, id="its-location"),
        pytest.param({"location_ids": ["loc_1"]}, "loc_2", 0, id="other-location"),
        pytest.param({"location_ids": ["loc_1"]}, None, 1, id="no-location"),
        pytest.param({"filters": [TAG_IS_VIP]}, "loc_2", 1, id="filter-holds"),
        pytest.param({"filters": [TAG_IS_VIP, {**TAG_IS_VIP, "operator": "ne"}]}, None, 0, id="one-filter-fails"),
        pytest.param({"filters": [{**TAG_IS_VIP, "field": "tag.name"}]}, None, 0, id="filter-on-an-absent-field"),
        pytest.param({"filters": [TAG_IS_VIP], "location_ids": ["loc_1"]}, "loc_2", 0, id="filter-elsewhere"),
    ],
)
def test_relay_narrows_by_location_and_filters(scope: Scope, values: dict, location_id: str | None, expected: int):
    create_subscription(scope, "https://a.test/", **values)
    create_events(scope, location_id=location_id)
    relay(SANDBOX)
    assert len(deliveries(scope)) == expected


def test_relay_prints_an_object_for_filters_only_and_once_for_endpoints_that_see_the_same(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
):
    printed, represent = [], relay_module.represent
    monkeypatch.setattr(relay_module, "represent", lambda *args, **form: printed.append(form) or represent(*args, **form))
    create_subscription(scope, "https://a.test/")
    create_events(scope)
    relay(SANDBOX)
    assert printed == []
    for version in ("2026-11-01", "2026-11-01", "2026-09-01"):
        create_subscription(scope, "https://b.test/", filters=[TAG_IS_VIP], api_version=version)
    create_events(scope)
    relay(SANDBOX)
    assert sorted(form["api_version"] for form in printed) == ["2026-09-01", "2026-11-01"]
    assert len(deliveries(scope)) == 5


def test_relay_filters_what_the_endpoint_sees_and_delivers_what_cannot_be_printed(
    scope: Scope, monkeypatch: pytest.MonkeyPatch
):
    whole = {"field": "phones", "operator": "exists", "value": True}
    by_number = {"field": "name", "operator": "eq", "value": "Ada Byron"}
    seen = create_subscription(scope, "https://a.test/", filters=[by_number], scopes=["customers:read", "customers:pii"])[0]
    create_subscription(scope, "https://b.test/", filters=[by_number])
    names = {True: "Ada Byron", False: "A•• B••"}
    monkeypatch.setattr(relay_module, "represent", lambda *_, scopes, **__: {"name": names["customers:pii" in scopes]})
    create_events(scope)
    relay(SANDBOX)
    assert [row.endpoint_id for row in deliveries(scope)] == [seen]
    monkeypatch.setattr(relay_module, "represent", lambda *_, **__: 1 / 0)
    create_subscription(scope, "https://c.test/", filters=[whole])
    create_events(scope)
    assert relay(SANDBOX).events == 1
    assert len(deliveries(scope)) == 4


@pytest.mark.parametrize(("exclude_own", "expected"), [(True, 0), (False, 1)], ids=["excluded", "wanted"])
def test_relay_skips_own_events_when_asked_to(scope: Scope, exclude_own: bool, expected: int):
    create_subscription(scope, "https://a.test/", application_id=scope.application_id, exclude_own=exclude_own)
    create_events(scope)
    relay(SANDBOX)
    assert len(deliveries(scope)) == expected


@pytest.mark.parametrize(("exclude_own", "is_own", "expected"), [(True, True, 1), (False, True, 1), (False, False, 0)])
def test_relay_tells_of_an_endpoint_only_the_application_it_belongs_to(
    scope: Scope, exclude_own: bool, is_own: bool, expected: int
):
    reader = scope.application_id if is_own else "app_other"
    create_subscription(
        scope, "https://a.test/", application_id=reader, exclude_own=exclude_own, scopes=["webhooks:read"],
    )  # fmt: skip
    with unit_of_work(scope):
        record(scope, EndpointDisabled(object={"id": "we_1"}))
    relay(SANDBOX)
    assert len(deliveries(scope)) == expected


def test_relay_serves_only_the_named_endpoint_when_the_event_is_a_test(scope: Scope):
    never = {"filters": [{**TAG_IS_VIP, "value": "none"}], "location_ids": ["loc_none"]}
    chosen, _ = create_subscription(scope, "https://a.test/", event_types=["order.created"], **never)
    create_subscription(scope, "https://b.test/")
    create_events(scope, only_endpoint_id=chosen, location_id="loc_1")
    relay(SANDBOX)
    assert [row.endpoint_id for row in deliveries(scope)] == [chosen]


def test_relay_keeps_scopes_when_the_event_is_a_test(scope: Scope):
    chosen, _ = create_subscription(scope, "https://a.test/")
    with unit_of_work(scope):
        record(scope, OrderRejected(object={"id": new_id("ord")}, only_endpoint_id=chosen))
    relay(SANDBOX)
    assert deliveries(scope) == []


def test_relay_reaches_no_other_tenant_when_endpoints_share_an_id(new_scope: NewScope):
    mine, other = new_scope(), new_scope()
    endpoint_id, _ = create_subscription(mine, "https://a.test/")
    create_subscription(other, "https://b.test/", id=endpoint_id)
    create_events(mine)
    relay(SANDBOX)
    assert (len(deliveries(mine)), len(deliveries(other))) == (1, 0)
