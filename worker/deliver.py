"""The pump: relays events and sends deliveries of both planes until there is nothing left to do.

One turn is one event loop. In every lane (one for each plane) one task relays, claims and starts requests while another writes
results down. Database work runs in a thread and never while a request is under way inside it, so a slow receiver holds no
transaction.
Source: at-least-once with leases; everything the pump knows it can lose.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

from sqlalchemy.exc import DataError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import SQLAlchemyError

from kit.clock import now_us
from kit.jobs import doorbell
from kit.planes import Environment
from worker.claims import Claimed
from worker.claims import claim
from worker.claims import give_back
from worker.claims import waiting
from worker.disabling import tell_all
from worker.egress import Egress
from worker.health import TRIP
from worker.health import is_struggling
from worker.pace import Endpoint
from worker.pace import Pace
from worker.relay import Relayed
from worker.relay import relay
from worker.results import Result
from worker.results import record
from worker.sending import attempt

log = logging.getLogger(__name__)

IN_FLIGHT = 256  # requests made and not written down: as many may be made again after a crash
REPLAY_SLOTS = 32  # of those, for replays while there are any; they get no more, so that they hold up nobody
MOST_HELD = 640  # under lease in all: those in flight, those that wait for them and those whose results are not written
LONGEST_WAIT_US = 15_000_000  # between lease and request: half the lease, and more than the longest time-out is left
RECORD_BATCH = 200
TURN_S = 20.0  # a turn ends after this as soon as nothing is under way …
LONGEST_TURN_S = 300.0  # … and after this in any case: waiting for hung receivers would hold up the others
IDLE_S = 0.25
PAUSE_S = 0.02  # between looks at the database while there is something to do, and between batches of results
IDLE_PAUSE_S = 0.05

Kind = tuple[Endpoint, bool]  # an endpoint's replays or its live deliveries

stop_requested = Event()  # set by a process that was told to end: requests under way are finished, none is started
_paces = {environment: Pace() for environment in Environment}


class Lane:
    """One plane during one turn: one task takes deliveries and starts their requests, another writes results down."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.made = 0
        self.has_failed = False
        self.is_quiet = False  # idle, said so to the doorbell, and looked once more after that
        self._pace = _paces[environment]
        self._egress = Egress(environment)
        self._ready: dict[Kind, deque[Claimed]] = {}  # under lease, waiting for their endpoint or a slot
        self._replays = 0  # in flight
        self._stale: list[Claimed] = []
        self._is_ending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._results: deque[Result] = deque()
        self._unwritten = 0  # those results and the ones that are being written
        self._room = asyncio.Event()  # a request has ended since the last look
        self._active_at = time.monotonic()
        self._has_answered = False

    @property
    def is_empty(self) -> bool:
        return not self._tasks and not self._unwritten and not self._ready

    @property
    def _waiting(self) -> int:
        return sum(map(len, self._ready.values()))

    async def run(self, turn: "Turn") -> None:
        """Work until the turn is over, then finish what is under way."""
        recording = asyncio.create_task(self._record_all())
        try:
            while not turn.is_over():
                took = await self._take()
                await self._rest(took)
            self._stale += [one for waiting in self._ready.values() for one in waiting]
            self._ready.clear()
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            self._is_ending = True
            await recording
            await self._in_thread(partial(self._give_back, self._handed_back()))
            await self._egress.close()

    async def _take(self) -> int:
        """Relay and claim as much as there is room for, and start what may start. Returns how many were taken."""
        taken: list[Claimed] = []  # filled step by step: what a later step's failure leaves under lease is known here
        room = MOST_HELD - len(self._tasks) - self._waiting - self._unwritten
        await self._in_thread(partial(self._work, room, self._handed_back(), taken))
        for one in taken:
            self._ready.setdefault((one.endpoint, one.is_replay), deque()).append(one)
        self._start()
        return len(taken)

    def _start(self) -> None:
        """Start requests, one endpoint after the other in turn, as far as each may have more."""
        has_started = True
        while has_started and len(self._tasks) + self._unwritten < IN_FLIGHT:
            has_started = False
            for kind in list(self._ready):
                if self._may_start(kind):
                    self._start_one(kind)
                    has_started = True

    def _may_start(self, kind: Kind) -> bool:
        endpoint, is_replay = kind
        live_slots = IN_FLIGHT - (REPLAY_SLOTS if self._pace.held_replays() else 0)
        has_slot = self._replays < REPLAY_SLOTS if is_replay else len(self._tasks) - self._replays < live_slots
        return has_slot and self._pace.may_send(endpoint)

    def _start_one(self, kind: Kind) -> None:
        queue = self._ready.pop(kind)
        one = queue.popleft()
        if queue:
            self._ready[kind] = queue  # at the end, so that whoever waits has its turn
        if now_us() - one.leased_us > LONGEST_WAIT_US:
            self._stale.append(one)  # its lease could end before its answer comes
            return
        self._pace.sent(one.endpoint)
        self._replays += one.is_replay
        task = asyncio.create_task(self._send(one))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._start()
        self._room.set()

    async def _rest(self, took: int) -> None:
        """Wait until half of what was taken has been started, or for a moment in any case."""
        until = time.monotonic() + (PAUSE_S if self._tasks or took else IDLE_PAUSE_S)
        while (left := until - time.monotonic()) > 0 and (not took or self._waiting > took // 2):
            self._room.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), left)

    async def _send(self, claimed: Claimed) -> None:
        result = await attempt(self._egress, claimed)
        is_well = not is_struggling(result.answer)
        self._replays -= claimed.is_replay
        strikes = self._pace.finished(claimed.endpoint, is_well=is_well, is_replay=claimed.is_replay)
        if strikes >= TRIP:
            self._pace.pardon(claimed.endpoint)
            result = replace(result, is_last_straw=True)
            for is_replay in (True, False):  # they go back without having spent an attempt
                self._stale += self._ready.pop((claimed.endpoint, is_replay), ())
        self._pace.answered(claimed.endpoint, is_replay=claimed.is_replay)
        self._results.append(result)
        self._unwritten += 1

    async def _record_all(self) -> None:
        while not self._is_ending or self._results:
            while self._results:
                batch = [self._results.popleft() for _ in range(min(len(self._results), RECORD_BATCH))]
                for one in batch:
                    self._pace.written(one.claimed.endpoint, is_replay=one.claimed.is_replay)
                await self._in_thread(partial(self._write_down, batch))
                self._unwritten -= len(batch)
                self._start()
            await asyncio.sleep(PAUSE_S)

    async def _in_thread(self, step: Callable[[], Any]) -> None:
        """Run a step on the database. What one that fails left undone is done again, by a later lease at the latest."""
        try:
            await asyncio.to_thread(step)
        except SQLAlchemyError:
            # The scheduler rings once the database is back.
            log.exception("the %s lane stops: its database does not answer", self.environment)
            self.has_failed = True

    def _handed_back(self) -> list[Claimed]:
        stale, self._stale = self._stale, []
        return stale

    def _give_back(self, stale: list[Claimed]) -> None:
        for one in stale:
            self._pace.dropped(one.endpoint, is_replay=one.is_replay)
        if stale:
            give_back(self.environment, stale)

    def _work(self, room: int, stale: list[Claimed], taken: list[Claimed]) -> None:
        """One look at the database: what goes back, then events and deliveries, which are added to `taken`."""
        self._give_back(stale)
        if room <= 0:
            return
        if not self._has_answered and time.monotonic() - self._active_at > IDLE_S:
            # From here on a ring is a new job, so an event committed after the look below is not forgotten.
            doorbell.answered("pump", self.environment)
            self._has_answered = True
        found = waiting(self.environment)
        relayed = relay(self.environment, pace=self._pace, room=room) if found.unrelayed else Relayed()
        taken += relayed.claimed
        is_live_due = found.due or relayed.leaves_due
        if (is_live_due or found.replays) and len(taken) < room:
            kinds = tuple(kind for kind, is_due in ((True, found.replays), (False, is_live_due)) if is_due)
            taken += claim(self.environment, limit=room - len(taken), pace=self._pace, kinds=kinds)
        if relayed.events or taken or self._tasks or self._unwritten or now_us() < self._pace.more_at_us:
            self._active_at = time.monotonic()
            self._has_answered = False
        self.is_quiet = self._has_answered

    def _write_down(self, batch: list[Result]) -> None:
        self.made += len(batch)
        try:
            disabled = record(self.environment, batch)
        except (DataError, IntegrityError):
            # A row the database refuses must not stop the lane; these are sent again when their lease ends.
            log.exception("%d results could not be recorded", len(batch))
        else:
            tell_all(disabled)


class Turn:
    """The lanes of one turn and when they end: together, so that none waits for another."""

    def __init__(self, environments: tuple[Environment, ...]) -> None:
        self.lanes = [Lane(environment) for environment in environments]
        self._started_at = time.monotonic()
        self._is_over = False

    def is_over(self) -> bool:
        """Whether lanes take nothing more. Once over, over for every lane."""
        age = time.monotonic() - self._started_at
        self._is_over = (
            self._is_over
            or stop_requested.is_set()
            or age > LONGEST_TURN_S
            or any(lane.has_failed for lane in self.lanes)
            or (age > TURN_S and all(lane.is_empty for lane in self.lanes))
            or all(lane.is_quiet for lane in self.lanes)
        )
        return self._is_over

    async def run(self) -> int:
        """Run every lane to its end and return how many requests they made."""
        async with asyncio.TaskGroup() as group:
            for lane in self.lanes:
                group.create_task(lane.run(self))
        return sum(lane.made for lane in self.lanes)


def pump(*environments: Environment) -> int:
    """Relay and deliver on the given planes until idle for 250 ms or the turn is long. Returns the requests made."""

    async def turn() -> int:
        return await Turn(environments).run()

    return asyncio.run(turn())
