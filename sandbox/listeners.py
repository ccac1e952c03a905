"""What waits for the clients of listeners: one message for each attempt that is being made, until it is answered.

The delivery worker puts a message in and takes the answer out; the client asks for what waits and answers it. Everything is
real time. Messages are few and short-lived: an endpoint has a few dozen attempts under way at most, each for seconds.
"""

from dataclasses import asdict
from dataclasses import dataclass

import orjson

from accounts.webhooks.listeners import address_of
from accounts.webhooks.listeners import is_listener
from accounts.webhooks.sync import DELETED
from kit.clock import SECOND_US
from kit.clock import now_us
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from sandbox import listener_queries as queries
from sandbox.models import ListenerMessage

AWAY_US = 15 * SECOND_US  # without a question for so long, nobody listens any more
NOTED_US = 3 * SECOND_US  # how exactly the last question is remembered
STALE_US = 60 * SECOND_US  # a message this old was left by a worker that died


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client says came of a message. status None: there was no HTTP answer, reason says why."""

    status: int | None
    reason: str
    headers: dict[str, str]
    body: str


def expect_client(scope: Scope, *, machine: str) -> None:
    """Note that a machine's client is about to listen, before what is held for its listener goes out."""
    url = address_of(str(scope.application_id), machine)
    queries.note.rows(scope, "url", of_url=url, new_at=now_us())


def get_listener(scope: Scope, *, endpoint_id: str) -> Document:
    """One of the application's listeners: url, is_enabled, disabled_reason, listened_at (microseconds or None).

    Raises NotFound, also for an endpoint that is none.
    """
    document = queries.listener.document(scope, of_id=endpoint_id)
    is_there = document is not None and is_listener(document["url"]) and document["disabled_reason"] != DELETED
    if document is None or not is_there or document["application_id"] != scope.application_id:
        raise NotFound("There is no such listener.")
    return document


def needs_noting(listener: Document) -> bool:
    """Whether the last question that was noted is some seconds ago."""
    return now_us() - (listener["listened_at"] or 0) > NOTED_US


def note_client(scope: Scope, *, endpoint_id: str) -> None:
    """Note that the client of a listener has just asked."""
    queries.note.rows(scope, "id", of_id=endpoint_id, new_at=now_us())


def waiting_messages(scope: Scope, *, endpoint_id: str) -> list[Document]:
    """Everything that awaits an answer, oldest first; what is asked for twice is told twice.

    Each: id, delivery_id, attempt, headers, body (text, exactly as signed), created_at and expires_at (microseconds).
    """
    return queries.waiting.documents(scope, of_endpoint_id=endpoint_id, now=now_us())


def answer_message(scope: Scope, *, endpoint_id: str, message_id: str, outcome: Outcome) -> bool:
    """Answer a message. Returns False when it was answered before or is no longer waited for. Raises NotFound."""
    get_listener(scope, endpoint_id=endpoint_id)
    answer = orjson.dumps(asdict(outcome)).decode()
    row = queries.put_answer.row(scope, of_endpoint_id=endpoint_id, of_id=message_id, new_answer=answer, now=now_us())
    return row is not None


def put_message(
    scope: Scope, *, endpoint_id: str, delivery_id: str, attempt: int, headers: dict[str, str], body: bytes, wait_s: float
) -> str | None:
    """Let a webhook wait for its client and return the message's id; None when no client has asked for a while."""
    listener, at = queries.listener.document(scope, of_id=endpoint_id), now_us()
    if listener is None or at - (listener["listened_at"] or 0) > AWAY_US:
        return None
    queries.remove_stale.rows(scope, of_endpoint_id=endpoint_id, before=at - STALE_US)
    message_id = new_id("lmg")
    append(scope, ListenerMessage, [{
        "id": message_id, "endpoint_id": endpoint_id, "delivery_id": delivery_id, "attempt": attempt, "headers": headers,
        "body": body.decode(), "created_at": at, "expires_at": at + int(wait_s * SECOND_US),
    }])  # fmt: skip
    return message_id


def is_answered(scope: Scope, *, message_id: str) -> bool:
    """Whether a message need not be waited for any longer: it has its answer, or is gone with a reset."""
    row = queries.has_answer.row(scope, of_id=message_id)
    return row is None or bool(row[0])


def take_outcome(scope: Scope, *, message_id: str) -> Outcome | None:
    """Take a message away and return what its client said, or None when it has said nothing."""
    document = queries.answer_of.document(scope, of_id=message_id)
    queries.remove.rows(scope, of_id=message_id)
    return Outcome(**document["answer"]) if document and document["answer"] else None
