"""Reading and locking review documents."""

from domain.reviews import queries
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import NotFound
from kit.scope import Scope

SENTIMENT = ("sentiment_thousandths", "sentiment_label")
RESPONSE = ("response_text", "response_is_public", "responded_at")


def get_review(scope: Scope, *, review_id: str) -> Document:
    """Read one review. Raises NotFound."""
    document = queries.one.document(scope, review_id=review_id)
    if document is None:
        raise NotFound(f"There is no review {review_id}.")
    return complete(document)


def lock_review(scope: Scope, *, review_id: str, expected_version: int | None) -> Document:
    """Hold the review until the transaction ends and read it after that. Raises NotFound, Conflict (409)."""
    queries.lock.row(scope, review_id=review_id)
    review = get_review(scope, review_id=review_id)
    if expected_version is not None and review["version"] != expected_version:
        raise Conflict(f"The review is at version {review['version']} now.", current_version=review["version"])
    return review


def complete(row: Document) -> Document:
    """The review document of a row: sentiment {score, label} and response {text, is_public, responded_at}, or None."""
    document = {name: value for name, value in row.items() if name not in (*SENTIMENT, *RESPONSE)}
    score, label = (row[name] for name in SENTIMENT)
    text, is_public, responded_at = (row[name] for name in RESPONSE)
    sentiment = None if score is None else {"score": score / 1000, "label": label}
    response = None if text is None else {"text": text, "is_public": is_public, "responded_at": responded_at}
    return document | {"sentiment": sentiment, "response": response}
