"""What follows for a delivery and what it waits for; how an endpoint is doing. Pure: documents and an instant in, words out."""

from enum import StrEnum

from accounts.webhooks.sync import UNTOLD
from kit.documents import Document

RECOVERY_US = 5_000_000  # after that an endpoint that answers again gets as much as ever (worker.health)


class WaitingFor(StrEnum):
    """Why a delivery that is not finished is not sent right now."""

    RETRY = "retry"
    ENDPOINT_PAUSED = "endpoint_paused"
    ENDPOINT_DISABLED = "endpoint_disabled"
    RATE_LIMIT = "rate_limit"
    IN_FLIGHT = "in_flight"


class Condition(StrEnum):
    """How an endpoint is doing."""

    HEALTHY = "healthy"
    PAUSED = "paused"
    RECOVERING = "recovering"
    DISABLED = "disabled"


def with_outlook(delivery: Document, endpoint: Document, *, at_us: int) -> Document:
    """A delivery with `next_attempt_at`, `attempts_left` and `waiting_for`.

    endpoint: what queries.get_subscription returns. at_us: real time. waiting_for is None for one that is finished, and for
    one that is due and that nothing holds up.
    """
    most = len(endpoint["retry_schedule"]) + 1
    waiting_for, next_us, left = None, None, 0
    if delivery["state"] in ("pending", "held"):
        left = max(most - delivery["attempts"], 1)
        if delivery["lease_id"] is not None and delivery["lease_until"] > at_us:
            waiting_for, left = WaitingFor.IN_FLIGHT, max(most - delivery["attempts"], 0)
        elif delivery["state"] == "held" or not endpoint["is_enabled"]:
            waiting_for = WaitingFor.ENDPOINT_DISABLED
        else:
            waiting_for, next_us = _wait(delivery, endpoint, at_us)
    return {**delivery, "next_attempt_at": next_us, "attempts_left": left, "waiting_for": waiting_for, "attempts_most": most}


def _wait(delivery: Document, endpoint: Document, at_us: int) -> tuple[WaitingFor | None, int | None]:
    """What a delivery waits for that may be sent as far as it is concerned, and until when."""
    due, paused_until, has_room_at = delivery["due_at"], endpoint["paused_until"] or 0, endpoint["next_send_at"] or 0
    if paused_until > max(due, at_us):
        return WaitingFor.ENDPOINT_PAUSED, paused_until
    if due > at_us:
        return WaitingFor.RETRY, due
    if endpoint["pauses"]:
        return WaitingFor.ENDPOINT_PAUSED, None  # one of those that wait asks whether it is back
    if has_room_at > at_us:
        return WaitingFor.RATE_LIMIT, has_room_at
    return None, due


def condition_of(endpoint: Document, *, at_us: int) -> Document:
    """How an endpoint is doing: {state, reason, paused_until, failing_since}.

    reason: of the failure that paused it, or why it was disabled. failing_since: its first pause since it last took
    something, also while it answers but refuses. Instants are microseconds of real time.
    """
    paused_until, reason = endpoint["paused_until"], endpoint["pause_reason"]
    state = Condition.HEALTHY
    if not endpoint["is_enabled"]:
        state, reason = Condition.DISABLED, (endpoint["disabled_reason"] or "").removeprefix(UNTOLD) or None
    elif paused_until is not None and paused_until > at_us:
        state = Condition.PAUSED
    elif endpoint["pauses"] or (endpoint["recovered_at"] or 0) > at_us - RECOVERY_US:
        state = Condition.RECOVERING
    return {
        "state": state, "reason": None if state == Condition.HEALTHY else reason,
        "paused_until": paused_until if state == Condition.PAUSED else None,
        "failing_since": endpoint["failing_since"],
    }  # fmt: skip
