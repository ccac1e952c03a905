"""Reviews in the Core API."""

from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import Any

from api.core.blueprint import blueprint
from api.core.review_schemas import ReviewIn
from api.core.review_schemas import ReviewOut
from api.core.review_schemas import ReviewPatch
from api.core.review_schemas import ReviewQuery
from api.core.review_schemas import ReviewResponseIn
from api.core.review_schemas import ReviewSummaryOut
from api.core.review_schemas import ReviewSummaryQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.references.service import parse_reference
from domain.reviews import service as reviews
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import InvalidTransition

REVIEW = "/reviews/<review_id>"
FILTERS = (
    "location_id", "order_id", "reservation_id", "customer_id", "rating_min", "rating_max", "sentiment", "status",
)  # fmt: skip


@endpoint(
    blueprint, "GET", "/reviews", scope="reviews:read", area="reviews", query=ReviewQuery, returns=ReviewOut, is_list=True
)
def list_reviews(call: Call) -> Reply:
    """List reviews, newest first.

    Filter by location, visit, customer, rating, sentiment, status, time (`from` included, `to` not) or the name the review
    has in another product (`ref`).
    """
    query = call.query
    ref = parse_reference(query["ref"], noun="review") if "ref" in query else None
    wanted = {name: query[name] for name in FILTERS if name in query}
    rows = reviews.list_reviews(
        call.scope, limit=query["limit"], after=call.after(), from_us=query.get("from_"), to_us=query.get("to"), ref=ref,
        **wanted,
    )  # fmt: skip
    return call.page(rows, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/reviews", scope="reviews:write", area="reviews", body=ReviewIn, returns=ReviewOut, status=201,
    errors=(DuplicateReference,),
)  # fmt: skip
def submit_review(call: Call) -> Reply:
    """Submit a review.

    Name the order or the reservation it is about; location and customer follow from it. Without a visit, `location_id` says
    where. The comment's sentiment is computed at once. A review of at most 2 stars, or with a negative comment, becomes
    `response_needed`. A customer reviews an order or reservation once.
    """
    review = reviews.submit_review(call.scope, draft=reviews.ReviewDraft(**call.body))
    return Reply(document=review, headers={"Location": f"/v1/reviews/{review['id']}"})


@endpoint(
    blueprint, "GET", "/reviews/summary", scope="reviews:read", area="reviews", query=ReviewSummaryQuery,
    returns=ReviewSummaryOut,
)  # fmt: skip
def read_summary(call: Call) -> Document:
    """Sum reviews up: how many, their averages, stars, sentiment and how many were answered."""
    query = call.query
    summary = reviews.summarise(
        call.scope, location_id=query.get("location_id"), from_us=query.get("from_"), to_us=query.get("to")
    )
    return _summed_up(summary)


@endpoint(blueprint, "GET", REVIEW, scope="reviews:read", area="reviews", returns=ReviewOut)
def read_review(call: Call, review_id: str) -> Document:
    """Read one review."""
    return reviews.get_review(call.scope, review_id=review_id)


@endpoint(
    blueprint, "PATCH", REVIEW, scope="reviews:write", area="reviews", body=ReviewPatch, returns=ReviewOut, bucket="status",
    errors=(InvalidTransition,),
)  # fmt: skip
def change_review(call: Call, review_id: str) -> Document:
    """Move a review's status.

    A `new` review may become `response_needed` or `resolved`; after that come `responded` and `resolved`.
    """
    return reviews.change_status(
        call.scope, review_id=review_id, status=call.body["status"], expected_version=expected_version(call)
    )


@endpoint(
    blueprint, "POST", f"{REVIEW}/response", scope="reviews:write", area="reviews", body=ReviewResponseIn, returns=ReviewOut,
    status=201, errors=(InvalidTransition,),
)  # fmt: skip
def respond_to_review(call: Call, review_id: str) -> Reply:
    """Respond to a review.

    The review becomes `responded`. A second response takes the place of the first; a `resolved` review takes none.
    """
    body = call.body
    review = reviews.respond(
        call.scope, review_id=review_id, text=body["text"], is_public=body["public"], expected_version=expected_version(call)
    )
    return Reply(document=review, headers={"Location": f"/v1/reviews/{review_id}"})


def _summed_up(summary: reviews.Summary) -> dict[str, Any]:
    stars = summary.stars
    return {
        "total": summary.total,
        "average": {name: _average(total, count) for name, (total, count) in summary.sums.items()},
        "distribution": {"five": stars[5], "four": stars[4], "three": stars[3], "two": stars[2], "one": stars[1]},
        "sentiment": {**summary.labels, "none": summary.total - sum(summary.labels.values())},
        "responded": summary.responded,
        "response_rate": _average(summary.responded, summary.total),
        "response_needed": summary.response_needed,
    }


def _average(total: int, count: int) -> float | None:
    """Rounded half up to 2 decimals; None of nothing."""
    if not count:
        return None
    return float((Decimal(total) / count).quantize(Decimal("0.01"), ROUND_HALF_UP))
