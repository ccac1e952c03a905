"""`tableport listen`: fetches what waits for this machine's listener, forwards it, and says what came of it.

The platform is asked several times a second and always answers at once. What is not answered yet is told again, so a lost
answer loses nothing; what has been taken in hand is remembered here and not taken twice.
"""

import json
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import Any

import httpx

from tableport.calls import Platform
from tableport.failures import Failure
from tableport.forward import Answer
from tableport.forward import Receiver
from tableport.output import Output

HOST = "https://listen.sandbox.invalid/"
REMEMBERED = 1000
BUSY_PAUSE_S, IDLE_PAUSE_S, BUSY_S = 0.1, 0.4, 5.0
LONGEST_PAUSE_S = 10.0
LAST_ANSWERS_S = 1.0  # how long an interrupted command goes on
AWAY = "listener_away"
NOT_AGAIN = (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY)  # of a replay: one is under way, or the span is too long


@dataclass(frozen=True)
class Wish:
    """What is listened to, and where it goes."""

    machine: str
    events: list[str]
    since_s: int = 0
    location_id: str | None = None


class Listening:
    """One run of the command."""

    def __init__(self, platform: Platform, wish: Wish, receiver: Receiver | None, output: Output) -> None:
        self._platform = platform
        self._wish = wish
        self._receiver = receiver
        self._output = output
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._threads: list[Thread] = []
        self._busy_until = 0.0
        self._asked_at = time.time()

    def open(self, since_s: int) -> Any:
        """Open the listener and return it as the platform describes it."""
        wish = self._wish
        opened = self._platform.post(
            "/sandbox/v1/listeners", {"machine": wish.machine, "events": wish.events, "since_seconds": since_s}
        )
        self._asked_at = time.time()
        return opened

    def run(self) -> None:
        """Listen until interrupted. Raises Failure when the listener was paused or removed by somebody."""
        listener = self.open(self._wish.since_s)
        self._greet(listener)
        try:
            while True:
                self._turn(listener["id"])
        finally:
            self._finish()

    def _finish(self) -> None:
        """Let what is being answered be answered, but never wait for a receiver that hangs."""
        ends_at = time.monotonic() + LAST_ANSWERS_S
        for thread in self._threads:
            thread.join(max(0.0, ends_at - time.monotonic()))

    def _turn(self, listener_id: str) -> None:
        found = self._ask(listener_id)
        if found["state"] == "disabled":
            self._reopen(found["disabled_reason"])
        fresh = [message for message in found["data"] if message["id"] not in self._taken]
        for message in fresh:
            self._taken[message["id"]] = None
            # The platform has eight attempts under way at most. A receiver that hangs must not keep the command from ending.
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            self._threads.append(Thread(target=self._handle, args=(listener_id, message), daemon=True))
            self._threads[-1].start()
        while len(self._taken) > REMEMBERED:
            self._taken.popitem(last=False)
        now = time.monotonic()
        if fresh:
            self._busy_until = now + BUSY_S
        time.sleep(BUSY_PAUSE_S if now < self._busy_until else IDLE_PAUSE_S)

    def _ask(self, listener_id: str) -> Any:
        """What waits; a platform that does not answer is asked again until it does."""
        pause_s = 1.0
        while True:
            try:
                found = self._platform.get(f"/sandbox/v1/listeners/{listener_id}/messages")
            except Failure as failure:
                if failure.status == httpx.codes.NOT_FOUND:
                    raise _gone() from failure
                if not failure.may_pass:
                    raise
                if pause_s == 1.0:
                    self._output.say(f"! {failure.message}; trying again")
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                continue
            if pause_s > 1.0:
                self._output.say("! connected again")
            if found["state"] == "enabled":
                self._asked_at = time.time()
            return found

    def _reopen(self, reason: str | None) -> None:
        """Switch the listener on again after this machine slept or was cut off, with what happened meanwhile."""
        if reason != AWAY:
            raise _gone()
        away_s = max(1, round(time.time() - self._asked_at) + 1)
        try:
            self.open(away_s)
        except Failure as failure:
            if failure.status in NOT_AGAIN:  # it listens again, and only what it missed cannot be brought
                self._output.say(f"! this machine was away for {away_s} s; {failure.message}")
            elif not failure.may_pass:
                raise
            return
        self._output.say(f"! this machine was away for {away_s} s; what happened meanwhile follows")

    def _greet(self, listener: Any) -> None:
        goal = self._receiver.url if self._receiver else "this terminal only"
        self._output.say(f"> Listening as {listener['machine']!r}, forwarding to {goal}")
        self._output.say(f"> Signing secret  {listener['secret']}")
        self._output.say(f"> Deliveries      {self._platform.base_url}/sandbox/webhooks/{listener['id']}")
        if self._wish.since_s:
            self._output.say(f"> Backfill        {listener['backfilled']} of the last {self._wish.since_s} s")

    def _handle(self, listener_id: str, message: dict[str, Any]) -> None:
        """Forward one message and answer it. Runs in a thread of its own, so it reports every failure itself."""
        event = json.loads(message["body"])
        answer = self._answer_to(event, message)
        told = {"status": answer.status} if answer.status is not None else {"reason": answer.reason}
        path = f"/sandbox/v1/listeners/{listener_id}/messages/{message['id']}/answer"
        note = ""
        try:
            counted = self._platform.post(path, {**told, "headers": answer.headers, "body": answer.body})
            note = "" if counted["is_counted"] else "  too late: the platform did not wait for it"
        except Failure as failure:
            note = f"  not reported: {failure.message}"
        self._report(event, message, answer, note)

    def _answer_to(self, event: dict[str, Any], message: dict[str, Any]) -> Answer:
        wanted = self._wish.location_id
        if wanted is not None and event.get("location_id") not in (wanted, None):
            return Answer(204, body=f"not forwarded: the event is about {event.get('location_id')}")
        if self._receiver is None:
            return Answer(204, body="not forwarded: shown in a terminal")
        return self._receiver.take(message["headers"], message["body"])

    def _report(self, event: dict[str, Any], message: dict[str, Any], answer: Answer, note: str) -> None:
        document = {
            "event_id": event["id"], "type": event["type"], "delivery_id": message["delivery_id"],
            "attempt": message["attempt"], "status": answer.status, "reason": answer.reason,
            "duration_ms": answer.duration_ms, "note": note.strip() or None,
        }  # fmt: skip
        again = f"  attempt {message['attempt']}" if message["attempt"] > 1 else ""
        at = datetime.now().astimezone().strftime("%H:%M:%S")
        line = f"{at}  {event['type']}  {event['id']}{again}  -> {answer.told}  {answer.duration_ms} ms{note}"
        self._output.result(document, line)


def _gone() -> Failure:
    return Failure("this listener was paused or removed; run the command again to switch it on", code="listener_off")


def own_listener(platform: Platform, machine: str) -> str | None:
    """The id of this machine's listener, or None when it has none."""
    for endpoint in platform.get("/v1/webhooks", limit=100)["data"]:
        if endpoint["url"].startswith(HOST) and endpoint["description"] == f"tableport listen on {machine}":
            return str(endpoint["id"])
    return None
