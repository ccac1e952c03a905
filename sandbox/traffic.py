"""Streams of orders: guests go on ordering for a while and a kitchen works, on real time, whatever the tenant's clock says.

A task places what is due since it last ran and moves the open orders on by one step; a worker that was away catches up.
"""

from random import Random
from typing import Any

import orjson

from domain.locations.service import list_locations
from domain.orders.service import advance_order
from domain.orders.service import place_order
from domain.timekeeping.service import HANDLERS
from domain.timers.service import drop_timer
from domain.timers.service import set_task
from kit.clock import SECOND_US
from kit.clock import now_us
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from sandbox import traffic_queries
from sandbox.appetite import Choice
from sandbox.appetite import choice_of
from sandbox.attempts import attempt
from sandbox.errors import refused
from sandbox.models import TrafficRun
from sandbox.restaurant import KITCHEN
from sandbox.restaurant import acting

KIND = "sandbox.traffic"
MOST_PER_MINUTE = 60
LONGEST_S = 1_800
MOST_RUNS = 3
MOST_AT_ONCE = 20  # orders in one transaction
SHORTEST_STEP_S = 1.0
FINAL = ("completed", "cancelled", "rejected", "failed")


def start_traffic(scope: Scope, *, per_minute: int, duration_s: int, location_id: str | None = None) -> Document:
    """Let guests order from now on and return the run. location_id: where; default: at every location in turn.

    Raises NotFound when nothing can be ordered there, Invalid (422) when three runs are going on.
    """
    if len(traffic_queries.running.documents(scope, now=now_us())) >= MOST_RUNS:
        raise refused("orders_per_min", f"{MOST_RUNS} streams are running; stop one first.")
    _choices(scope, location_id)
    at = now_us()
    row: dict[str, Any] = {
        "id": new_id("trf"), "per_minute": per_minute, "location_id": location_id, "starts_at": at,
        "ends_at": at + duration_s * SECOND_US, "attempted": 0, "placed": 0, "refused": 0, "open_order_ids": [],
    }  # fmt: skip
    append(scope, TrafficRun, [row])
    set_task(scope, kind=KIND, object_id=row["id"])
    return row


def list_traffic(scope: Scope) -> list[Document]:
    """List the newest 20 runs, newest first."""
    return traffic_queries.listed.documents(scope)


def stop_traffic(scope: Scope, *, run_id: str) -> None:
    """End a run and forget it; its orders stay. Raises NotFound."""
    if traffic_queries.remove.row(scope, run_id=run_id) is None:
        raise NotFound(f"There is no stream of orders {run_id}.")
    drop_timer(scope, kind=KIND, object_id=run_id)


def go_on(scope: Scope, run_id: str) -> None:
    """Place the orders that are due, let the kitchen work on the open ones, and come back in time for the next."""
    run = traffic_queries.one.document(scope, run_id=run_id)
    if run is None:
        return
    with attempt(scope) as look:
        choices = _choices(scope, run["location_id"])
    if look.refusal is not None:
        return  # the world was emptied meanwhile; nobody orders there any more
    at = now_us()
    numbers = range(run["attempted"], run["attempted"] + orders_due(run, at_us=at))
    still_open = [order_id for order_id in run["open_order_ids"] if _worked_on(scope, order_id)]
    order_ids = [_placed(scope, choices[number % len(choices)], f"{run_id}:{number}") for number in numbers]
    placed = [order_id for order_id in order_ids if order_id is not None]
    run |= {"attempted": numbers.stop, "placed": run["placed"] + len(placed)}
    still_open += placed
    traffic_queries.progress.rows(
        scope, run_id=run_id, new_attempted=run["attempted"], new_placed=run["placed"],
        new_refused=run["refused"] + len(order_ids) - len(placed), new_open=orjson.dumps(still_open).decode(),
    )  # fmt: skip
    if still_open or at < run["ends_at"] or orders_due(run, at_us=at):
        set_task(scope, kind=KIND, object_id=run_id, delay_s=max(SHORTEST_STEP_S, 60 / run["per_minute"]))


def orders_due(run: Document, *, at_us: int) -> int:
    """How many orders of a run should have been placed by an instant and were not; at most 20."""
    elapsed_us = min(at_us, run["ends_at"]) - run["starts_at"]
    wanted = -(-elapsed_us * run["per_minute"] // (60 * SECOND_US))
    return max(0, min(MOST_AT_ONCE, wanted - run["attempted"]))


def _placed(scope: Scope, choice: Choice, luck: str) -> str | None:
    order_id = None
    with attempt(scope):
        draft = choice.draft(Random(luck), metadata={"made_by": "sandbox_traffic"})  # noqa: S311 - simulated guests
        order_id = str(place_order(scope, draft=draft).document["id"])
    return order_id  # noqa: RET504 - the block may end early


def _worked_on(scope: Scope, order_id: str) -> bool:
    """Move an order on by one step; whether there is more to do."""
    is_open = False
    with attempt(scope):
        is_open = advance_order(acting(scope, KITCHEN), order_id=order_id)["status"] not in FINAL
    return is_open  # noqa: RET504 - the block may end early


def _choices(scope: Scope, location_id: str | None) -> list[Choice]:
    if location_id is not None:
        return [choice_of(scope, location_id=location_id)]
    found = []
    for location in list_locations(scope, limit=20, after=None, is_active=True):
        with attempt(scope):
            found.append(choice_of(scope, location_id=location["id"]))
    if not found:
        raise NotFound("This sandbox has no location where something can be ordered; reset it to fill it.")
    return found


# Read by the worker, which imports this module through sandbox.service.
HANDLERS[KIND] = go_on
