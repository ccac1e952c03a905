"""Deliveries, attempts and endpoints in plain sentences, and a request as a shell line. Pure: documents in, text out."""

import shlex
from typing import Any

from accounts.webhooks.outlook import Condition
from accounts.webhooks.outlook import WaitingFor
from accounts.webhooks.reasons import meaning_of
from kit.clock import from_us
from portal.filters import phrase
from portal.filters import span

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MADE_AGAIN = ("content-length", "host", "accept-encoding", "connection")  # curl sends its own


def sentence(delivery: dict[str, Any], attempts: list[dict[str, Any]], *, at_us: int) -> str:
    """What happened last to a delivery (with its outlook, accounts.webhooks.outlook) and what follows when.

    `502 Bad Gateway at 18:02:11 UTC. The third of 10 attempts follows at 18:32:11 UTC (in 29 min).`
    """
    last = _last(attempts[-1], at_us) if attempts else "It was not tried yet." if delivery["attempts"] == 0 else ""
    return f"{last} {_follows(delivery, at_us)}".strip()


def _last(attempt: dict[str, Any], at_us: int) -> str:
    answer = phrase(attempt["status"]) if attempt["status"] else meaning_of(attempt["reason"]).sentence.rstrip(".")
    return f"{answer} at {clock(attempt['started_at'] + attempt['duration_ms'] * 1000, at_us)}."


def _follows(delivery: dict[str, Any], at_us: int) -> str:
    state, waits, next_us = delivery["state"], delivery["waiting_for"], delivery["next_attempt_at"]
    if state == "succeeded":
        return f"It was taken on the {ordinal(delivery['attempts'])} attempt; nothing follows."
    if state == "dead":
        return f"It was given up after {counted(delivery['attempts'], 'attempt')}; nothing follows unless it is sent once more."
    if waits == WaitingFor.IN_FLIGHT:
        return f"The {_place(delivery, under_way=True)} is being made right now."
    if waits == WaitingFor.ENDPOINT_DISABLED:
        return f"It is kept until the endpoint is enabled; then the {_place(delivery)} follows."
    if waits == WaitingFor.ENDPOINT_PAUSED and next_us is None:
        return f"The endpoint failed; one request at a time asks whether it is back. Then the {_place(delivery)} follows."
    when = f"follows at {clock(next_us, at_us)} ({_ahead(next_us - at_us)})"
    if waits == WaitingFor.ENDPOINT_PAUSED:
        return f"The endpoint is paused because it failed. The {_place(delivery)} {when} at the earliest."
    if waits == WaitingFor.RATE_LIMIT:
        return f"As many as the endpoint's limit allows are on their way. The {_place(delivery)} {when} at the earliest."
    if waits == WaitingFor.RETRY:
        return f"The {_place(delivery)} {when}."
    return f"The {_place(delivery)} follows within seconds."


def _place(delivery: dict[str, Any], *, under_way: bool = False) -> str:
    number, most = delivery["attempts"] + (0 if under_way else 1), delivery["attempts_most"]
    return f"{ordinal(number)} of {most} attempts" if number <= most else f"{ordinal(number)} attempt"


MOODS = {Condition.HEALTHY: "ok", Condition.PAUSED: "warn", Condition.RECOVERING: "warn", Condition.DISABLED: "bad"}


def condition(health: dict[str, Any], *, at_us: int) -> tuple[str, str, str]:
    """How an endpoint is doing: a mark's kind (ok, warn, bad), the word beside it, and what there is to say more."""
    state, said = Condition(health["state"]), []
    if state is Condition.PAUSED:
        said.append(f"Until {clock(health['paused_until'], at_us)} ({_ahead(health['paused_until'] - at_us)}) nothing is sent.")
    if state is Condition.RECOVERING:
        said.append("It gets little at a time, and more as it goes on answering.")
    if health["reason"]:
        meaning = meaning_of(health["reason"])
        said += [meaning.sentence, meaning.advice]
    return MOODS[state], state.capitalize(), " ".join(said)


def _ahead(us: int) -> str:
    return f"in {span(us / 1_000_000)}"


def clock(us: int, at_us: int) -> str:
    """`18:02:11 UTC`, with the day in front when it is another one."""
    moment, here = from_us(us), from_us(at_us)
    return moment.strftime("%H:%M:%S UTC" if moment.date() == here.date() else "%Y-%m-%d %H:%M:%S UTC")


def ordinal(number: int) -> str:
    """`third`, `11th`."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def counted(number: int, noun: str) -> str:
    """`one attempt`, `11 attempts`."""
    return f"{COUNTS[number] if number < len(COUNTS) else number} {noun}{'' if number == 1 else 's'}"


def as_curl(attempt: dict[str, Any]) -> str:
    """A shell line that sends what an attempt sent, signature included. Headers that were never shown keep their mark."""
    parts = ["curl", "-i", "-X", attempt["request_method"], shlex.quote(attempt["request_url"])]
    for name, value in attempt["request_headers"].items():
        if name.lower() not in MADE_AGAIN:
            parts += ["\\\n  -H", shlex.quote(f"{name}: {value}")]
    parts += ["\\\n  --data-binary", shlex.quote(attempt["request_body"])]
    return " ".join(parts)
