"""Events of reviews. Object: the review document as it was at that moment."""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ReviewSubmitted(Event):
    type: ClassVar[str] = "review.submitted"


@dataclass(frozen=True, kw_only=True)
class SentimentUpdated(Event):
    type: ClassVar[str] = "review.sentiment.updated"


@dataclass(frozen=True, kw_only=True)
class ResponseNeeded(Event):
    type: ClassVar[str] = "review.response_needed"


@dataclass(frozen=True, kw_only=True)
class ReviewResolved(Event):
    type: ClassVar[str] = "review.resolved"
