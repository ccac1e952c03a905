"""Taking in a review: which visit it is about, how it sounds, and whether somebody has to answer it."""

from dataclasses import dataclass
from typing import Any

from domain.locations.service import only_location
from domain.reviews import queries
from domain.reviews.events import ResponseNeeded
from domain.reviews.events import ReviewSubmitted
from domain.reviews.events import SentimentUpdated
from domain.reviews.machine import WORST_UNANSWERED
from domain.reviews.queries import ASPECTS
from domain.reviews.rows import get_review
from domain.reviews.sentiment import Sentiment
from domain.reviews.sentiment import sentiment_of
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewDraft:
    """What a guest said. Ratings are 1 to 5. Location and customer come from the order or reservation when it is named."""

    overall: int
    food: int | None = None
    service: int | None = None
    ambience: int | None = None
    comment: str | None = None
    language: str | None = None
    order_id: str | None = None
    reservation_id: str | None = None
    location_id: str | None = None
    customer_id: str | None = None
    author_name: str | None = None
    source: str = "api"


def submit_review(scope: Scope, *, draft: ReviewDraft) -> Document:
    """Take in a review and return its document.

    Records review.submitted; with a comment review.sentiment.updated; and review.response_needed when the overall rating
    is at most 2 or the comment sounds negative. Raises Invalid (422) for ratings out of range and unknown or contradicting
    ids, ParameterMissing when no place is named and there are several, DuplicateReference (409) for a second review of an
    order or reservation by the same customer.
    """
    _check_ratings(draft)
    location_id, customer_id = _visit(scope, draft)
    heard = sentiment_of(draft.comment, language=draft.language) if draft.comment and draft.comment.strip() else None
    needs_response = draft.overall <= WORST_UNANSWERED or (heard is not None and heard.label == "negative")
    review_id, now_us = new_id("rev"), tenant_now_us(scope)
    values: dict[str, Any] = {
        "id": review_id, "location_id": location_id, "order_id": draft.order_id, "reservation_id": draft.reservation_id,
        "customer_id": customer_id, "author_id": customer_id, "author_name": draft.author_name, "source": draft.source,
        "overall": draft.overall, "food": draft.food, "service": draft.service, "ambience": draft.ambience,
        "comment": draft.comment, "language": draft.language if heard is None else heard.language,
        "sentiment_thousandths": None if heard is None else heard.thousandths,
        "sentiment_label": None if heard is None else heard.label,
        "response_text": None, "response_is_public": None, "responded_at": None,
        "status": "response_needed" if needs_response else "new", "version": 1 + (heard is not None) + needs_response,
        "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip
    if queries.submit.row(scope, **values) is None:
        raise DuplicateReference("This customer has reviewed this visit already.")
    review = get_review(scope, review_id=review_id)
    _announce(scope, review, heard)
    return review


def _announce(scope: Scope, review: Document, heard: Sentiment | None) -> None:
    """Tell the steps of a new review one by one, each with the review as it was then."""
    place = review["location_id"]
    shown = review | {"status": "new", "sentiment": None, "version": 1}
    record(scope, ReviewSubmitted(object=shown, location_id=place))
    if heard is not None:
        shown = shown | {"sentiment": review["sentiment"], "version": 2}
        record(scope, SentimentUpdated(object=shown, previous={"sentiment": None}, location_id=place))
    if review["status"] == "response_needed":
        record(scope, ResponseNeeded(object=review, previous={"status": "new"}, location_id=place))


def _check_ratings(draft: ReviewDraft) -> None:
    given = {name: getattr(draft, name) for name in ASPECTS}
    wrong = [name for name, stars in given.items() if stars is not None and not 1 <= stars <= 5]
    if wrong:
        raise Invalid(errors=[_wrong(name, "Expected 1 to 5.") for name in wrong])


def _visit(scope: Scope, draft: ReviewDraft) -> tuple[str, str | None]:
    """The location and the customer of a review. A customer that is named wins: several guests may share an order."""
    location_id, customer_id, errors = draft.location_id, draft.customer_id, []
    named = (("order", draft.order_id, queries.order_visit), ("reservation", draft.reservation_id, queries.reservation_visit))
    for noun, row_id, statement in named:
        if row_id is None:
            continue
        row = statement.row(scope, row_id=row_id)
        if row is None:
            errors.append(_wrong(f"{noun}_id", f"There is no {noun} {row_id}."))
        elif location_id not in (None, row[0]):
            errors.append(_wrong("location_id", f"The {noun} was at {row[0]}."))
        else:
            location_id, customer_id = row[0], customer_id or row[1]
    if draft.customer_id is not None and queries.known_customer.row(scope, row_id=draft.customer_id) is None:
        errors.append(_wrong("customer_id", f"There is no customer {draft.customer_id}."))
    if location_id is not None and not errors and queries.known_location.row(scope, row_id=location_id) is None:
        errors.append(_wrong("location_id", f"There is no location {location_id}."))
    if errors:
        raise Invalid(errors=errors)
    return location_id or str(only_location(scope)["id"]), customer_id


def _wrong(field: str, message: str) -> FieldError:
    return FieldError(field, "validation_failed", message)
