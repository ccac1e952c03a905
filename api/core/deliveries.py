"""Operating webhooks in the Core API: a delivery in full, an endpoint's figures, and what to do about what failed."""

from accounts.webhooks import failures
from accounts.webhooks import queries
from accounts.webhooks import replay
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.errors import ReplayInProgress
from accounts.webhooks.metrics import read_metrics
from accounts.webhooks.outlook import with_outlook
from accounts.webhooks.reasons import meaning_of
from api import events as rendering
from api.core.blueprint import blueprint
from api.core.delivery_schemas import DeliveryDetailOut
from api.core.delivery_schemas import MetricsOut
from api.core.delivery_schemas import MetricsQuery
from api.core.delivery_schemas import RecoverIn
from api.core.delivery_schemas import RetryFailedIn
from api.core.delivery_schemas import RetryFailedOut
from api.core.platform_schemas import ReplayOut
from api.gate import endpoint
from api.operations import Call
from domain.guests.masking import masked_text
from kit.clock import now_us
from kit.documents import Document

PII = "customers:pii"


@endpoint(blueprint, "GET", "/deliveries/<delivery_id>", scope="webhooks:read", returns=DeliveryDetailOut)
def read_delivery(call: Call, delivery_id: str) -> Document:
    """Read one delivery with each of its attempts: what was sent, what came back, what it means and what follows.

    `waiting_for` says why it is not sent right now: `retry` (the time until the next attempt), `endpoint_paused`,
    `endpoint_disabled`, `rate_limit`, or `in_flight` while it is being sent. What was sent is shown to a credential that may
    read such an event; without the scope customers:pii contact data in bodies is hidden.
    """
    delivery = queries.get_delivery(call.scope, delivery_id=delivery_id)
    subscription = queries.get_subscription(call.scope, endpoint_id=delivery["endpoint_id"])
    attempts = queries.attempts_of(call.scope, delivery_id=delivery_id)
    shown = with_outlook(delivery, subscription, at_us=now_us())
    return {**shown, "attempt_log": [_readable(call, delivery["event_type"], row) for row in attempts]}


@endpoint(
    blueprint, "GET", "/webhooks/<endpoint_id>/metrics", scope="webhooks:read", query=MetricsQuery, returns=MetricsOut
)
def read_webhook_metrics(call: Call, endpoint_id: str) -> Document:
    """Read how deliveries to an endpoint go: rates, durations, what waits, and how the endpoint is doing.

    Counted are the deliveries made in the last hours, this one included, by real time; their attempts count with them.
    `health.state` is `healthy`, `paused` (nothing is sent before `paused_until`), `recovering` or `disabled`.
    """
    return read_metrics(call.scope, endpoint_id=endpoint_id, hours=call.query["hours"])


@endpoint(
    blueprint, "POST", "/webhooks/<endpoint_id>/recover", scope="webhooks:write", body=RecoverIn, returns=ReplayOut, status=202,
    errors=(EndpointIsDisabled, ReplayInProgress),
)  # fmt: skip
def recover_events(call: Call, endpoint_id: str) -> Document:
    """Send every event since an instant that the endpoint never took.

    For the time after an outage. What it took before, what still waits for it, and what is not for it by its locations and
    filters is left out. It is a replay, with its limits: as far back as your plan keeps events, up to 5,000 of them, one at
    a time.
    """
    return replay.recover_events(
        call.scope, tier=call.principal.tier, endpoint_id=endpoint_id, since_us=call.body["since_us"],
        represent=rendering.represent,
    )


@endpoint(
    blueprint, "POST", "/webhooks/<endpoint_id>/retry-failed", scope="webhooks:write", body=RetryFailedIn,
    returns=RetryFailedOut, status=202, errors=(EndpointIsDisabled,),
)  # fmt: skip
def retry_failed(call: Call, endpoint_id: str) -> Document:
    """Send deliveries that were given up once more, by the class of their last answer.

    The deliveries themselves are due again, oldest first, up to 5,000 a call; each is tried at least once more. An
    event that a replay has sent since is left out.
    """
    retried = failures.retry_failed(
        call.scope, endpoint_id=endpoint_id, status_class=call.body["status_class"], since_us=call.body.get("since_us"),
        until_us=call.body.get("until_us"),
    )  # fmt: skip
    return {"retried": retried, "has_more": retried == failures.MOST}


def _readable(call: Call, event_type: str, attempt: Document) -> Document:
    """An attempt as the reader may see it: the endpoint may have more scopes."""
    meaning = meaning_of(attempt["reason"])
    kind = EVENT_TYPES.get(event_type)
    sent = attempt["request_body"] if kind is not None and kind.scope in call.principal.scopes else None
    answered = attempt["response_body"]
    if PII not in call.principal.scopes:
        sent, answered = None if sent is None else masked_text(sent), masked_text(answered)
    return {
        **attempt, "meaning": meaning.sentence, "advice": meaning.advice, "request_body": sent, "response_body": answered,
    }  # fmt: skip
