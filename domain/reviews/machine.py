"""The review's states and the moves between them."""

from collections.abc import Mapping

from domain.reviews.events import ResponseNeeded
from domain.reviews.events import ReviewResolved
from kit.outbox import Event

MOVES: Mapping[str, tuple[str, ...]] = {
    "new": ("response_needed", "resolved"),
    "response_needed": ("responded",),
    "responded": ("resolved",),
    "resolved": (),
}
# An answer may come to any review that is not closed, also one that nobody had to answer.
TAKES_RESPONSE = ("new", "response_needed", "responded")
REACHED: Mapping[str, type[Event]] = {"response_needed": ResponseNeeded, "resolved": ReviewResolved}
LABELS = ("negative", "neutral", "positive")
WORST_UNANSWERED = 2  # an overall rating up to this one needs a response
