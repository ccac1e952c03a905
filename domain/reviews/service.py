"""Reviews: the door the edges use. Taking one in lives in submitting.py, how it sounds in sentiment.py."""

from dataclasses import dataclass
from typing import Any

from domain.orders.machine import require_move
from domain.reviews import queries
from domain.reviews.machine import LABELS
from domain.reviews.machine import MOVES
from domain.reviews.machine import REACHED
from domain.reviews.machine import TAKES_RESPONSE
from domain.reviews.queries import ASPECTS
from domain.reviews.queries import STARS
from domain.reviews.rows import complete
from domain.reviews.rows import get_review
from domain.reviews.rows import lock_review
from domain.reviews.submitting import ReviewDraft
from domain.reviews.submitting import submit_review
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True)
class Summary:
    """Sums and counts of some reviews; averages are left to whoever prints them.

    sums: {aspect: (sum of stars, reviews that rate it)}. stars: {5 … 1: reviews}. labels: {label: reviews}, those without
    a comment in none.
    """

    total: int
    sums: dict[str, tuple[int, int]]
    stars: dict[int, int]
    labels: dict[str, int]
    responded: int
    response_needed: int


def change_status(scope: Scope, *, review_id: str, status: str, expected_version: int | None = None) -> Document:
    """Move a review and return its document; the status it has already is no change.

    Records review.response_needed or review.resolved when it becomes that. Raises NotFound, Conflict (409 version_conflict),
    InvalidTransition (409), Invalid (422).
    """
    before = lock_review(scope, review_id=review_id, expected_version=expected_version)
    if status == before["status"]:
        return before
    if status not in MOVES:
        raise Invalid(errors=[FieldError("status", "validation_failed", f"Expected one of {', '.join(MOVES)}.")])
    require_move(MOVES, before["status"], status)
    after = _write(scope, before, {"status": status}, at=max(tenant_now_us(scope), before["updated_at"]))
    if status in REACHED:
        previous = {"status": before["status"]}
        record(scope, REACHED[status](object=after, previous=previous, location_id=after["location_id"]))
    return after


def respond(
    scope: Scope, *, review_id: str, text: str, is_public: bool = True, expected_version: int | None = None
) -> Document:
    """Answer a review, or put another answer in place of the first, and return the review: it is responded.

    Raises NotFound, Conflict (409 version_conflict), InvalidTransition (409) for a resolved review.
    """
    before = lock_review(scope, review_id=review_id, expected_version=expected_version)
    if before["status"] not in TAKES_RESPONSE:
        data: dict[str, Any] = {"from": before["status"], "to": "responded", "allowed": list(MOVES[before["status"]])}
        raise InvalidTransition(f"A {before['status']} review takes no response.", **data)
    at = max(tenant_now_us(scope), before["updated_at"])
    columns = {"response_text": text, "response_is_public": is_public, "responded_at": at, "status": "responded"}
    return _write(scope, before, columns, at=at)


def list_reviews(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    location_id: str | None = None,
    order_id: str | None = None,
    reservation_id: str | None = None,
    customer_id: str | None = None,
    rating_min: int | None = None,
    rating_max: int | None = None,
    sentiment: str | None = None,
    status: tuple[str, ...] = (),
    from_us: int | None = None,
    to_us: int | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 reviews, newest first. `after` is [created_at in us, id] of the last row before.

    rating_min <= overall <= rating_max; from_us <= created_at < to_us; sentiment is a label. ref: the key of a name.
    """
    wanted = {
        "location_id": location_id, "order_id": order_id, "reservation_id": reservation_id, "customer_id": customer_id,
        "rating_min": rating_min, "rating_max": rating_max, "sentiment": sentiment, "from_us": from_us, "to_us": to_us,
        "ref": ref,
    }  # fmt: skip
    filters = {name: value for name, value in wanted.items() if value is not None}
    statuses = {f"status_{index}": value for index, value in enumerate(status)}
    after_us, after_id = after or (None, None)
    rows = queries.listed.documents(
        scope, tuple(filters), len(status), after is not None,
        **filters, **statuses, after_us=after_us, after_id=after_id, rows=limit + 1,
    )  # fmt: skip
    return [complete(row) for row in rows]


def summarise(
    scope: Scope,
    *,
    location_id: str | None = None,
    rating_min: int | None = None,
    from_us: int | None = None,
    to_us: int | None = None,
) -> Summary:
    """Sum up all reviews, or those of a location, from a rating up, within a time."""
    wanted = {"location_id": location_id, "rating_min": rating_min, "from_us": from_us, "to_us": to_us}
    filters = {name: value for name, value in wanted.items() if value is not None}
    (row,) = queries.summary.rows(scope, tuple(filters), **filters)
    total, *rest = (int(value) for value in row)
    sums, rest = rest[: 2 * len(ASPECTS)], rest[2 * len(ASPECTS) :]
    stars, rest = rest[: len(STARS)], rest[len(STARS) :]
    labels, (responded, response_needed) = rest[: len(LABELS)], rest[len(LABELS) :]
    return Summary(
        total, dict(zip(ASPECTS, zip(sums[::2], sums[1::2], strict=True), strict=True)), dict(zip(STARS, stars, strict=True)),
        dict(zip(LABELS, labels, strict=True)), responded, response_needed,
    )  # fmt: skip


def move_customer(scope: Scope, *, victim_id: str, victor_id: str, limit: int = 500) -> int:
    """Hand up to `limit` reviews of a merged customer to another; returns how many, 0 when none is left. No events."""
    return len(queries.moved_customer.rows(scope, victim_id=victim_id, victor_id=victor_id, rows=limit))


def _write(scope: Scope, before: Document, columns: dict[str, Any], *, at: int) -> Document:
    values = {f"new_{name}": value for name, value in columns.items()}
    queries.change.rows(scope, *columns, review_id=before["id"], changed_at=at, **values)
    return get_review(scope, review_id=before["id"])


__all__ = [
    "ReviewDraft", "Summary", "change_status", "get_review", "list_reviews", "move_customer", "respond", "submit_review",
    "summarise",
]  # fmt: skip
