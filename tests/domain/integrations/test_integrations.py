"""Integrations: their state, mappings and runs, and the events of each change."""

from typing import Any

import pytest

from domain.integrations.mappings import ReferenceSeen
from domain.integrations.mappings import list_mappings
from domain.integrations.mappings import put_mappings
from domain.integrations.mappings import see_references
from domain.integrations.models import Integration
from domain.integrations.service import change_integration
from domain.integrations.service import create_integration
from domain.integrations.service import delete_integration
from domain.integrations.service import get_integration
from domain.integrations.service import health
from domain.integrations.service import read_secrets
from domain.integrations.syncing import SYNC
from domain.integrations.syncing import list_runs
from domain.integrations.syncing import start_sync
from domain.timekeeping.service import HANDLERS
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.menus import create_item

SOUP = ReferenceSeen("menu_item", "4711", "Soup")


@pytest.fixture
def till(scope: Scope) -> str:
    with unit_of_work(scope):
        made = create_integration(scope, name="Till", kind="pos", config={"url": "https://till"}, secrets={"key": "s3"})
    return str(made["id"])


def read(scope: Scope, integration_id: str) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return get_integration(scope, integration_id=integration_id)


def sync(scope: Scope, integration_id: str) -> dict[str, Any]:
    with unit_of_work(scope):
        run = start_sync(scope, integration_id=integration_id)
    with unit_of_work(scope):
        HANDLERS[SYNC](scope, run["id"])
    with unit_of_work(scope, writes=False):
        return list_runs(scope, integration_id=integration_id, limit=1)[0]


def test_secrets_are_sealed_and_only_their_names_are_shown(scope: Scope, till: str) -> None:
    assert read(scope, till)["secret_names"] == ["key"]
    assert "s3" not in repr(read(scope, till)) + repr([event.body for event in recorded_events(scope)])
    with unit_of_work(scope):
        change_integration(scope, integration_id=till, secrets={"pin": "77", "key": None})
        assert read_secrets(scope, integration_id=till) == {"pin": "77"}
        row = session(scope).scalars(Integration.owned_by(scope)).one()
        assert "77" not in str(row.sealed_secrets).partition('"wk"')[0]
    assert read(scope, till)["secret_names"] == ["pin"]


def test_state_is_changed_by_hand_with_its_events(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        assert change_integration(scope, integration_id=till, state="disconnected")["state"] == "disconnected"
        change_integration(scope, integration_id=till, state="disconnected")  # the same again is no change
    with unit_of_work(scope):
        change_integration(scope, integration_id=till, state="connected", name="Main till")
    assert recorded_types(scope) == ["integration.connected", "integration.disconnected", "integration.connected"]
    assert [event.body["previous"] for event in recorded_events(scope)] == [
        None, {"state": "connected"}, {"state": "disconnected"},
    ]  # fmt: skip
    with unit_of_work(scope):
        change_integration(scope, integration_id=till, name="Main till")
    assert read(scope, till)["version"] == 3


def test_unknown_reference_asks_for_a_mapping_once(scope: Scope, till: str) -> None:
    for _ in range(2):
        with unit_of_work(scope):
            assert see_references(scope, integration_id=till, refs=[SOUP]) == {}
    assert (read(scope, till)["state"], read(scope, till)["unmapped"]) == ("mapping_required", 1)
    assert recorded_types(scope) == ["integration.connected", "integration.mapping_required"]
    body = recorded_events(scope)[-1].body
    assert body["previous"] == {"state": "connected"}
    assert body["object"]["refs"] == [
        {"kind": "menu_item", "external_ref": "4711", "external_name": "Soup", "object_id": None, "reason": "unmapped"}
    ]
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        change_integration(scope, integration_id=till, state="connected")


def test_mapping_gives_references_a_meaning_and_connects_again(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        item_id = create_item(scope)
        see_references(scope, integration_id=till, refs=[SOUP])
    with unit_of_work(scope):
        mapped = put_mappings(scope, integration_id=till, mappings=[ReferenceSeen("menu_item", "4711", None, item_id)])
    assert (mapped["state"], mapped["unmapped"]) == ("connected", 0)
    with unit_of_work(scope):
        assert see_references(scope, integration_id=till, refs=[SOUP]) == {("menu_item", "4711"): item_id}
        [row] = list_mappings(scope, integration_id=till, limit=10)
    assert (row["status"], row["external_name"], row["object_id"]) == ("mapped", "Soup", item_id)
    assert recorded_types(scope)[1:] == ["integration.mapping_required", "integration.connected"]
    with unit_of_work(scope):
        put_mappings(scope, integration_id=till, mappings=[], replaces_all=True)
        assert list_mappings(scope, integration_id=till, limit=10) == []


def test_mapping_to_what_does_not_exist_is_refused_and_leaves_no_trace(scope: Scope, new_scope: Any, till: str) -> None:
    other = new_scope()
    with unit_of_work(other):
        foreign = create_item(other)
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        put_mappings(scope, integration_id=till, mappings=[ReferenceSeen("menu_item", "4711", None, foreign)])
    assert [error.field for error in refusal.value.errors] == ["mappings[0].object_id"]
    with unit_of_work(scope, writes=False):
        assert list_mappings(scope, integration_id=till, limit=10) == []


def test_run_counts_what_it_finds(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        item_id = create_item(scope)
        create_item(scope)
        put_mappings(scope, integration_id=till, mappings=[ReferenceSeen("menu_item", "4711", None, item_id)])
    run = sync(scope, till)
    assert (run["status"], run["failures"]) == ("succeeded", [])
    assert run["counts"] == {"mapped": 1, "unmapped": 0, "missing": 0, "unmapped_items": 1}
    assert recorded_types(scope) == ["integration.connected", "integration.sync_completed"]
    assert recorded_events(scope)[-1].body == {"object": run, "previous": {"status": "queued"}}
    assert read(scope, till)["last_sync_status"] == "succeeded"


def test_run_fails_when_a_mapped_item_is_switched_off(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        item_id = create_item(scope, is_active=False)
        put_mappings(scope, integration_id=till, mappings=[ReferenceSeen("menu_item", "4711", None, item_id)])
    run = sync(scope, till)
    assert run["failures"] == [
        {"kind": "menu_item", "external_ref": "4711", "object_id": item_id, "reason": "missing"}
    ]
    assert (run["status"], read(scope, till)["state"]) == ("failed", "degraded")
    assert recorded_types(scope) == ["integration.connected", "integration.sync_failed"]
    with unit_of_work(scope, writes=False):
        assert health(scope)["status"] == "attention"


def test_run_under_way_is_not_started_twice(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        first = start_sync(scope, integration_id=till)
    with unit_of_work(scope):
        assert start_sync(scope, integration_id=till) == first
        change_integration(scope, integration_id=till, state="disconnected")
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        start_sync(scope, integration_id=till)


def test_deleted_integration_is_gone_with_all_it_had(scope: Scope, till: str) -> None:
    with unit_of_work(scope):
        see_references(scope, integration_id=till, refs=[SOUP])
        run = start_sync(scope, integration_id=till)
    with unit_of_work(scope):
        delete_integration(scope, integration_id=till)
    with unit_of_work(scope):
        HANDLERS[SYNC](scope, run["id"])
    with pytest.raises(NotFound):
        read(scope, till)
    assert recorded_types(scope)[-1] == "integration.disconnected"
