"""Events are rows of the transaction that caused them, numbered in commit order without gaps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from typing import ClassVar

import pytest
from sqlalchemy import select

from kit.outbox import Event
from kit.outbox import EventRow
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Actor
from kit.scope import Scope
from kit.unit import current
from kit.unit import session
from kit.unit import unit_of_work


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    type: ClassVar[str] = "lamp.lit"


def lit(name: str, **values: Any) -> LampLit:
    return LampLit(object={"id": name}, **values)


def record_and_fail(scope: Scope, name: str) -> None:
    record(scope, lit(name))
    current(scope).before_commit.append({}.popitem)  # fails after the numbers were taken


def stored(scope: Scope) -> list[tuple[int, str]]:
    with unit_of_work(scope, writes=False):
        columns = select(EventRow.sequence, EventRow.object_id).order_by(EventRow.sequence)
        return [tuple(row) for row in session(scope).execute(columns)]


def test_events_are_numbered_in_the_order_they_were_recorded(scope: Scope) -> None:
    with unit_of_work(scope):
        record(scope, lit("a"))
        record(scope, lit("b"))
    with unit_of_work(scope):
        record(scope, lit("c"))
    assert stored(scope) == [(1, "a"), (2, "b"), (3, "c")]


def test_each_tenant_counts_for_itself(new_scope: Callable[..., Scope]) -> None:
    first, second = new_scope(), new_scope(Environment.PRODUCTION)
    for scope in (first, second, first):
        with unit_of_work(scope):
            record(scope, lit("x"))
    assert (stored(first), stored(second)) == ([(1, "x"), (2, "x")], [(1, "x")])


def test_nothing_is_left_when_the_transaction_rolls_back(scope: Scope) -> None:
    with unit_of_work(scope):
        record(scope, lit("a"))
    with pytest.raises(KeyError), unit_of_work(scope):
        record_and_fail(scope, "b")
    with unit_of_work(scope):
        record(scope, lit("c"))
    assert stored(scope) == [(1, "a"), (2, "c")]


def test_row_says_who_what_and_when(scope: Scope) -> None:
    acting = Scope(scope.environment, scope.tenant_id, Actor("api_key", "key_1"), "app_1", "req_1")
    event = lit("a", previous={"state": "off"}, location_id="loc_1", is_synthetic=True, only_endpoint_id="whe_1")
    with unit_of_work(acting):
        assert record(acting, event) is event
    with unit_of_work(scope, writes=False):
        row = session(scope).execute(EventRow.owned_by(scope)).scalar_one()
        assert row.created_at <= row.committed_at
    assert (row.id, row.type, row.object_id, row.location_id) == (event.id, "lamp.lit", "a", "loc_1")
    assert row.body == {"object": {"id": "a"}, "previous": {"state": "off"}}
    assert (row.actor_type, row.actor_id, row.application_id, row.request_id) == ("api_key", "key_1", "app_1", "req_1")
    assert (row.is_synthetic, row.only_endpoint_id, row.relayed_at) == (True, "whe_1", None)


def test_each_event_names_who_recorded_it(scope: Scope) -> None:
    guest, kitchen = (Scope(scope.environment, scope.tenant_id, Actor(kind, kind), kind) for kind in ("guest", "staff"))
    with unit_of_work(scope):
        for name, who in (("a", guest), ("b", kitchen), ("c", guest)):
            record(who, lit(name))
    with unit_of_work(scope, writes=False):
        rows = session(scope).scalars(EventRow.owned_by(scope).order_by(EventRow.sequence))
        assert [(row.object_id, row.actor_type, row.application_id) for row in rows] == [
            ("a", "guest", "guest"), ("b", "staff", "staff"), ("c", "guest", "guest"),
        ]  # fmt: skip


def test_event_is_refused_when_the_tenant_has_no_state(app: Any) -> None:
    scope = Scope(Environment.SANDBOX, "tnt_nobody")
    with pytest.raises(RuntimeError, match="no state row"), unit_of_work(scope):
        record(scope, lit("a"))
    assert stored(scope) == []


def test_numbers_follow_commits_when_four_writers_work_at_once(scope: Scope) -> None:
    committed: list[str] = []

    def write(writer: int) -> None:
        for turn in range(15):
            with unit_of_work(scope):
                record(scope, lit(f"{writer}-{turn}-a"))
                record(scope, lit(f"{writer}-{turn}-b"))
                if turn % 5 == 4:
                    current(scope).after_commit.append(lambda: committed.append("done"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    rows = stored(scope)
    assert [number for number, _ in rows] == list(range(1, 121))
    assert len(committed) == 12
    for writer in range(4):
        mine = [name for _, name in rows if name.startswith(f"{writer}-")]
        assert mine == [f"{writer}-{turn}-{part}" for turn in range(15) for part in "ab"]
    assert [(name[:-1], rows[n + 1][1]) for n, (_, name) in enumerate(rows) if name.endswith("a")] == [
        (name[:-1], f"{name[:-1]}b") for _, name in rows if name.endswith("a")
    ]


def test_reader_never_sees_a_number_before_a_smaller_one(scope: Scope) -> None:
    seen: list[list[int]] = []

    def write(_: int) -> None:
        for turn in range(10):
            with unit_of_work(scope):
                record(scope, lit(str(turn)))

    def read(_: int) -> None:
        seen.extend([number for number, _ in stored(scope)] for _ in range(25))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(write, 0), (write, 1), (write, 2), (read, 3)]))
    assert len(seen) == 25
    assert [numbers for numbers in seen if numbers != list(range(1, len(numbers) + 1))] == []
