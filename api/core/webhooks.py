"""Webhook endpoints in the Core API. They belong to the application and environment of the calling credential."""

from typing import Any
from typing import cast

from accounts.applications.service import Side
from accounts.webhooks import queries
from accounts.webhooks import replay
from accounts.webhooks import service as webhooks
from accounts.webhooks.catalog import covered_types
from accounts.webhooks.errors import DeliveryNotRetryable
from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.errors import ReplayInProgress
from accounts.webhooks.options import Options
from accounts.webhooks.outlook import with_outlook
from accounts.webhooks.sync import document_of
from api import events as rendering
from api.core.blueprint import blueprint
from api.core.platform_schemas import DeliveryOut
from api.core.platform_schemas import DeliveryQuery
from api.core.platform_schemas import ReplayIn
from api.core.platform_schemas import ReplayOut
from api.core.platform_schemas import ResendIn
from api.core.platform_schemas import SentTestOut
from api.core.platform_schemas import WebhookChangedOut
from api.core.platform_schemas import WebhookIn
from api.core.platform_schemas import WebhookOut
from api.core.platform_schemas import WebhookPatch
from api.core.platform_schemas import WebhookSecretOut
from api.core.schemas import PageQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from kit.clock import now_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import Invalid
from sandbox.service import trigger_event

TEST_EVENT = "order.created"
print_webhook = compile_view(WebhookOut)


def side_of(call: Call) -> Side:
    """The application side a credential stands for."""
    principal = call.principal
    return Side(
        application_id=principal.application_id,
        organisation_id=principal.organisation_id,
        environment=principal.environment,
        tenant_id=principal.scope.tenant_id,
        plan_tier=principal.plan_tier,
        scopes=principal.scopes,
        actor=principal.scope.actor,
        made_by="api",
    )


PLAIN = ("url", "description", "exclude_own", "state", "api_version")
OPTIONS = frozenset(Options.__annotations__)


def _options(body: dict[str, Any]) -> Options:
    return cast(Options, {name: value for name, value in body.items() if name in OPTIONS})


@endpoint(
    blueprint, "GET", "/webhooks", scope="webhooks:read", query=PageQuery, returns=WebhookOut, is_list=True, plane="control"
)
def list_webhooks(call: Call) -> Reply:
    """List webhook endpoints, oldest first."""
    after = call.after()
    rows = [document_of(row) for row in webhooks.list_endpoints(side_of(call))]
    rows = [row for row in rows if after is None or [row["created_at"], row["id"]] > after]
    return call.page(rows[: call.query["limit"] + 1], lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/webhooks", scope="webhooks:write", body=WebhookIn, printed=WebhookSecretOut, status=201, plane="control"
)
def create_webhook(call: Call) -> Reply:
    """Create a webhook endpoint.

    The answer holds the signing secret, this once only. Signatures follow Standard Webhooks. With `signature: "v1a"` there is
    no secret to keep: read `public_key` at any time.
    """
    body = call.body
    issued = webhooks.create_endpoint(
        side_of(call), url=body["url"], event_types=body["events"], description=body["description"],
        exclude_own=body["exclude_own"], api_version=body["api_version"], signature=body["signature"],
        options=_options(body),
    )  # fmt: skip
    document = document_of(issued.endpoint)
    return Reply(
        payload={**print_webhook(document), "secret": issued.secret},
        status=201,
        headers={"Location": f"/v1/webhooks/{document['id']}"},
    )


@endpoint(blueprint, "GET", "/webhooks/<endpoint_id>", scope="webhooks:read", returns=WebhookOut, plane="control")
def read_webhook(call: Call, endpoint_id: str) -> Document:
    """Read one webhook endpoint. Its secret is never shown again; rotate it instead."""
    return document_of(webhooks.get_endpoint(side_of(call), endpoint_id=endpoint_id))


@endpoint(
    blueprint, "PATCH", "/webhooks/<endpoint_id>", scope="webhooks:write", body=WebhookPatch, printed=WebhookChangedOut,
    plane="control",
)  # fmt: skip
def change_webhook(call: Call, endpoint_id: str) -> Reply:
    """Change what a webhook endpoint asks for: where, what, how many, how it is printed and signed.

    A change of `api_version` counts for every delivery attempt after it, also of older events. A change of `signature` makes
    a new key: for 24 hours the old one signs too.
    """
    side, body = side_of(call), call.body
    expected = expected_version(call)
    current = webhooks.get_endpoint(side, endpoint_id=endpoint_id)
    if expected is not None and expected != current.version:
        raise Conflict(f"The endpoint is at version {current.version}.", current_version=current.version)
    secret = None
    if "signature" in body:
        secret = webhooks.change_signature(side, endpoint_id=endpoint_id, signature=body["signature"])
    changed = webhooks.update_endpoint(
        side, endpoint_id=endpoint_id, event_types=body.get("events"), options=_options(body),
        **{name: body[name] for name in PLAIN if name in body},
    )  # fmt: skip
    shown = print_webhook(document_of(changed))
    return Reply(payload=shown if secret is None else {**shown, "secret": secret})


@endpoint(blueprint, "DELETE", "/webhooks/<endpoint_id>", scope="webhooks:write", status=204, plane="control")
def delete_webhook(call: Call, endpoint_id: str) -> Reply:
    """Delete a webhook endpoint. Deliveries under way are given up."""
    webhooks.delete_endpoint(side_of(call), endpoint_id=endpoint_id)
    return Reply(status=204)


@endpoint(
    blueprint, "POST", "/webhooks/<endpoint_id>/rotate-secret", scope="webhooks:write", printed=WebhookSecretOut,
    plane="control",
)  # fmt: skip
def rotate_secret(call: Call, endpoint_id: str) -> Reply:
    """Give the endpoint a new signing secret, or with `v1a` a new `public_key`.

    For 24 hours every delivery carries two signatures, one with each key, so nothing is lost while you switch.
    """
    side = side_of(call)
    secret = webhooks.rotate_secret(side, endpoint_id=endpoint_id)
    document = document_of(webhooks.get_endpoint(side, endpoint_id=endpoint_id))
    return Reply(payload={**print_webhook(document), "secret": secret})


@endpoint(
    blueprint, "POST", "/webhooks/<endpoint_id>/enable", scope="webhooks:write", returns=WebhookOut, plane="control"
)
def enable_webhook(call: Call, endpoint_id: str) -> Document:
    """Enable an endpoint that was disabled by hand or after failing for too long."""
    return document_of(webhooks.enable_endpoint(side_of(call), endpoint_id=endpoint_id))


@endpoint(blueprint, "POST", "/webhooks/<endpoint_id>/test", scope="webhooks:write", printed=SentTestOut, status=202)
def test_webhook(call: Call, endpoint_id: str) -> Reply:
    """Send a test event to one endpoint through the real delivery path.

    The event's `data` says `synthetic: true`; it comes whatever the endpoint's locations and filters are. Read the attempt
    under the endpoint's deliveries.
    """
    subscription = queries.get_subscription(call.scope, endpoint_id=endpoint_id)
    received = covered_types(subscription["event_types"], subscription["scopes"])
    if not received:
        raise Invalid("The plan and the scopes of this endpoint give it no event to test with.")
    kind = TEST_EVENT if TEST_EVENT in received else received[0]
    event_id = trigger_event(call.scope, type=kind, object_id=None, overrides=None, only_endpoint_id=endpoint_id)
    return Reply(payload={"event_id": event_id, "type": kind})


@endpoint(
    blueprint, "GET", "/webhooks/<endpoint_id>/deliveries", scope="webhooks:read", query=DeliveryQuery, returns=DeliveryOut,
    is_list=True,
)  # fmt: skip
def list_deliveries(call: Call, endpoint_id: str) -> Reply:
    """List an endpoint's deliveries, newest first."""
    subscription, at_us = queries.get_subscription(call.scope, endpoint_id=endpoint_id), now_us()
    rows = queries.list_deliveries(
        call.scope, endpoint_id=endpoint_id, limit=call.query["limit"], after=call.after(), state=call.query.get("state"),
        replay_id=call.query.get("replay_id"),
    )  # fmt: skip
    shown = [with_outlook(row, subscription, at_us=at_us) for row in rows]
    return call.page(shown, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/webhooks/<endpoint_id>/replay", scope="webhooks:write", body=ReplayIn, returns=ReplayOut, status=202,
    errors=(EndpointIsDisabled, ReplayInProgress),
)  # fmt: skip
def replay_events(call: Call, endpoint_id: str) -> Document:
    """Send the events of a window to one endpoint once more.

    For a consumer that lost some. Each event comes as a new delivery with its own `id` unchanged, so what was handled before
    can be told apart; list them with `replay_id`. What the endpoint does not receive by its locations and filters is left
    out; types, a location, an object and `only_failed` narrow it down further. The window reaches as far back as your plan
    keeps events and may hold up to 5,000 of them. One replay at a time: while one is being delivered, another is refused
    with 409.
    """
    body = call.body
    chosen = replay.Selection(
        body["from_us"], body["to_us"], types=tuple(dict.fromkeys(body["types"])), location_id=body.get("location_id"),
        object_id=body.get("object_id"), which=replay.Which.FAILED if body["only_failed"] else replay.Which.ALL,
    )  # fmt: skip
    return replay.replay_events(
        call.scope, tier=call.principal.tier, endpoint_id=endpoint_id, chosen=chosen, represent=rendering.represent
    )


@endpoint(
    blueprint, "POST", "/events/<event_id>/resend", scope="webhooks:write", body=ResendIn, returns=DeliveryOut, status=202,
    errors=(EndpointIsDisabled,),
)  # fmt: skip
def resend_event(call: Call, event_id: str) -> Document:
    """Send one event to one endpoint once more, also when it was taken before.

    It comes as a new delivery with the event's own `id` unchanged.
    """
    return _with_outlook(
        call,
        replay.resend_event(call.scope, tier=call.principal.tier, endpoint_id=call.body["webhook_id"], event_id=event_id),
    )


@endpoint(
    blueprint, "POST", "/deliveries/<delivery_id>/retry", scope="webhooks:write", returns=DeliveryOut, status=202,
    errors=(DeliveryNotRetryable,),
)  # fmt: skip
def retry_delivery(call: Call, delivery_id: str) -> Document:
    """Send a delivery again now, also one that was given up."""
    return _with_outlook(call, queries.retry_delivery(call.scope, delivery_id=delivery_id))


def _with_outlook(call: Call, delivery: Document) -> Document:
    subscription = queries.get_subscription(call.scope, endpoint_id=delivery["endpoint_id"])
    return with_outlook(delivery, subscription, at_us=now_us())
