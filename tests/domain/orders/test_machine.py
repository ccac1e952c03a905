"""The order's machine against the contract's table, written out."""

import pytest

from domain.orders.events import REACHED
from domain.orders.machine import MOVES
from domain.orders.machine import require_move
from kit.errors import InvalidTransition

LEGAL = {
    ("draft", "pending"), ("draft", "scheduled"), ("draft", "cancelled"),
    ("scheduled", "pending"), ("scheduled", "cancelled"),
    ("pending", "accepted"), ("pending", "rejected"), ("pending", "cancelled"), ("pending", "failed"),
    ("accepted", "preparing"), ("accepted", "ready"), ("accepted", "completed"),
    ("accepted", "cancelled"), ("accepted", "failed"),
    ("preparing", "ready"), ("preparing", "completed"), ("preparing", "cancelled"), ("preparing", "failed"),
    ("ready", "picked_up"), ("ready", "completed"), ("ready", "cancelled"), ("ready", "failed"),
    ("picked_up", "completed"), ("picked_up", "failed"),
}  # fmt: skip


def _is_legal(current: str, target: str) -> bool:
    try:
        require_move(MOVES, current, target)
    except InvalidTransition:
        return False
    return True


def test_moves_are_exactly_those_of_the_table():
    assert {(current, target) for current in MOVES for target in MOVES if _is_legal(current, target)} == LEGAL


def test_invalid_move_names_what_is_allowed():
    with pytest.raises(InvalidTransition) as refused:
        require_move(MOVES, "ready", "preparing")
    assert (refused.value.status, refused.value.code) == (409, "invalid_transition")
    assert refused.value.data == {
        "from": "ready", "to": "preparing", "allowed": ["picked_up", "completed", "cancelled", "failed"],
    }  # fmt: skip


def test_every_status_but_the_first_ones_has_an_event_of_its_own():
    assert set(MOVES) - set(REACHED) == {"draft", "scheduled", "pending"}
    assert {event.type for event in REACHED.values()} == {f"order.{status}" for status in REACHED}
