"""A try that is refused leaves nothing, however its rows were written; what stood before it stays."""

import pytest

from domain.guests.service import list_guests
from domain.locations.service import create_table
from domain.locations.service import list_tables
from kit.errors import Invalid
from kit.outbox import Event
from kit.outbox import record
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.attempts import attempt
from tests.domain.recorded import recorded_events
from tests.factories.guests import create_guest
from tests.factories.locations import create_location


class Tried(Event):
    type = "lamp.lit"


def test_refused_try_is_undone_on_every_path(scope: Scope) -> None:
    with unit_of_work(scope):
        kept = create_guest(scope)
        location_id = create_location(scope)
        record(scope, Tried(object={"id": "kept"}))
        with attempt(scope) as tried:
            create_guest(scope)  # on the driver
            create_table(scope, values={"location_id": location_id, "name": "1", "seats_max": 2})  # in the session
            record(scope, Tried(object={"id": "tried"}))
            raise Invalid("No.")

    assert tried.refusal is not None
    with unit_of_work(scope, writes=False):
        assert [guest["id"] for guest in list_guests(scope, limit=9, after=None)] == [kept]
        assert list_tables(scope, limit=9, after=None) == []
    assert [event.object_id for event in recorded_events(scope)] == ["kept"]


def test_try_on_the_driver_alone_is_undone(scope: Scope) -> None:
    with unit_of_work(scope):
        with attempt(scope):
            create_guest(scope)
            raise Invalid("No.")
        assert list_guests(scope, limit=9, after=None) == []


def test_try_that_works_stays(scope: Scope) -> None:
    with unit_of_work(scope):
        with attempt(scope) as tried:
            create_guest(scope)
        assert (tried.refusal, len(list_guests(scope, limit=9, after=None))) == (None, 1)


def test_what_is_no_refusal_is_not_swallowed(scope: Scope) -> None:
    with unit_of_work(scope), pytest.raises(ZeroDivisionError), attempt(scope):
        raise ZeroDivisionError
