"""Webhook endpoints of one environment and what was delivered to them. Signing secrets are shown once."""

from typing import Any

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.plans.catalog import tier_of
from accounts.webhooks import queries
from accounts.webhooks import replay
from accounts.webhooks import service as webhooks
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import covered_types
from accounts.webhooks.failures import failure_counts
from accounts.webhooks.metrics import read_metrics
from accounts.webhooks.options import DEFAULTS
from accounts.webhooks.options import SIGNATURES
from accounts.webhooks.outlook import with_outlook
from accounts.webhooks.reasons import in_words
from accounts.webhooks.reasons import meaning_of
from accounts.webhooks.replay import find_unfinished
from kit.clock import now_us
from kit.documents import Document
from portal import attempts as attempts_text
from portal import forms
from portal import secrets_once
from portal import webhook_forms
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page
from portal.paging import PAGE_ROWS
from portal.paging import position
from portal.paging import sheet
from portal.redelivery import usual_window
from sandbox.inbox import token_of
from sandbox.service import trigger_event

STATES = (("", "All"), ("pending", "Pending"), ("succeeded", "Succeeded"), ("dead", "Dead"), ("held", "Held"))
TEST_TYPE = "order.updated"
SHOWN_HOURS = 24  # of the figures on an endpoint's page


@page(f"{ENV}/webhooks", permission="webhooks.read")
def show_webhooks(visit: Visit) -> str:
    """Every endpoint of this environment and the form for a new one."""
    if not visit.side.tenant_id:
        return render_template("portal/waiting.html", is_building=False)
    picked = request.form.getlist("event_types") if visit.refusal else []
    found = webhooks.list_endpoints(visit.side)
    return render_template(
        "portal/webhooks/list.html", endpoints=found, groups=webhook_forms.groups(), families=webhook_forms.families(picked),
        picked=picked, takes_all=request.form.get("takes") != "some", once=secrets_once.take("webhooks"), defaults=DEFAULTS,
        covered={endpoint.id: len(covered_types(endpoint.event_types, endpoint.scopes)) for endpoint in found},
    )  # fmt: skip


@page(f"{ENV}/webhooks", methods=("POST",), permission="webhooks.write", form="show_webhooks")
def create_endpoint(visit: Visit) -> Response:
    """Add an endpoint and show its signing secret on its page, once."""
    made = webhooks.create_endpoint(
        visit.side, url=forms.text("url", label="URL", longest=1000), event_types=webhook_forms.picked_types(),
        description=forms.text("description", label="Description", optional=True),
        exclude_own=forms.is_ticked("exclude_own"), signature=forms.choice("signature", SIGNATURES, label="Signature"),
        options={**webhook_forms.options(), "headers": webhook_forms.headers()},
    )  # fmt: skip
    return _reveal(made.endpoint.id, made.secret, "The endpoint is ready")


@page(f"{ENV}/webhooks/<endpoint_id>", permission="webhooks.read", plane=Plane.READ)
def show_endpoint(visit: Visit, endpoint_id: str) -> str:
    """One endpoint: settings, health, and its deliveries, newest first."""
    endpoint = webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    picked = request.form.getlist("event_types") if "takes" in request.form else endpoint.event_types
    state, replay_id = request.args.get("state", ""), request.args.get("replay", "")
    name = f"deliveries:{endpoint_id}:{state}:{replay_id}"
    found = queries.list_deliveries(
        visit.scope, endpoint_id=endpoint_id, limit=PAGE_ROWS, after=position(visit.scope, name), state=state or None,
        replay_id=replay_id or None,
    )  # fmt: skip
    subscription, at_us = queries.get_subscription(visit.scope, endpoint_id=endpoint_id), now_us()
    found = [with_outlook(row, subscription, at_us=at_us) for row in found]
    return render_template(
        "portal/webhooks/show.html", endpoint=endpoint, once=secrets_once.take(endpoint_id), state_filter=state, states=STATES,
        test_type=TEST_TYPE, groups=webhook_forms.groups(), families=webhook_forms.families(picked), defaults=DEFAULTS,
        filter_lines=webhook_forms.filter_lines(endpoint.filters), **_operation(visit, subscription, replay_id),
        sheet=sheet(visit.scope, name, found, sort="created_at"), is_inbox=token_of(endpoint.url) is not None,
        picked=picked, takes_all=request.form["takes"] == "all" if "takes" in request.form else "*" in picked,
        last_answer=in_words(endpoint.failing_reason),
    )  # fmt: skip


def _operation(visit: Visit, subscription: Document, replay_id: str) -> dict[str, Any]:
    """How the endpoint is doing, what failed, and the replay that is looked at or under way."""
    scope, endpoint_id = visit.scope, subscription["id"]
    metrics = read_metrics(scope, endpoint_id=endpoint_id, hours=SHOWN_HOURS)
    replay_id = replay_id or find_unfinished(scope, endpoint_id=endpoint_id) or ""
    return {
        "counts": queries.delivery_counts(scope, endpoint_id=endpoint_id), "metrics": metrics,
        "condition": attempts_text.condition(metrics["health"], at_us=metrics["to_us"]),
        "failures": failure_counts(scope, endpoint_id=endpoint_id), "window": usual_window(scope), "replay_id": replay_id,
        "progress": queries.replay_counts(scope, endpoint_id=endpoint_id, replay_id=replay_id) if replay_id else None,
        "replayed_types": replay.types_of(subscription, tier_of(visit.side.plan_tier)),
    }  # fmt: skip


@page(f"{ENV}/webhooks/<endpoint_id>", methods=("POST",), permission="webhooks.write", form="show_endpoint")
def change_endpoint(visit: Visit, endpoint_id: str) -> Response:
    """Save what an endpoint asks for, except its headers and its key."""
    webhooks.update_endpoint(
        visit.side, endpoint_id=endpoint_id, url=forms.text("url", label="URL", longest=1000),
        event_types=webhook_forms.picked_types(), description=forms.text("description", label="Description", optional=True),
        exclude_own=forms.is_ticked("exclude_own"), options=webhook_forms.options(),
    )  # fmt: skip
    return forms.done("Saved. Events from now on follow the new settings.", _home(endpoint_id))


@page(f"{ENV}/webhooks/<endpoint_id>/headers", methods=("POST",), permission="webhooks.write", form="show_endpoint")
def replace_headers(visit: Visit, endpoint_id: str) -> Response:
    """Replace all headers an endpoint adds; none removes them. Their values are never shown again."""
    webhooks.update_endpoint(visit.side, endpoint_id=endpoint_id, options={"headers": webhook_forms.headers()})
    return forms.done("Saved. Attempts from now on carry these headers.", _home(endpoint_id))


@page(f"{ENV}/webhooks/<endpoint_id>/rotate", methods=("POST",), permission="webhooks.write", form="show_endpoint", step_up=True)
def rotate_secret(visit: Visit, endpoint_id: str) -> Response:
    """Make a new key; the old one stays valid for a day, so both signatures are sent."""
    secret = webhooks.rotate_secret(visit.side, endpoint_id=endpoint_id)
    return _reveal(endpoint_id, secret, "The new signing secret")


@page(
    f"{ENV}/webhooks/<endpoint_id>/signature", methods=("POST",), permission="webhooks.write", form="show_endpoint", step_up=True,
)  # fmt: skip
def change_signature(visit: Visit, endpoint_id: str) -> Response:
    """Sign in another scheme, with a new key; the old one signs too for a day."""
    scheme = forms.choice("signature", SIGNATURES, label="Signature")
    secret = webhooks.change_signature(visit.side, endpoint_id=endpoint_id, signature=scheme)
    return _reveal(endpoint_id, secret, "The new signing secret")


@page(f"{ENV}/webhooks/<endpoint_id>/state", methods=("POST",), permission="webhooks.write", form="show_endpoint")
def switch_endpoint(visit: Visit, endpoint_id: str) -> Response:
    """Pause an endpoint or let it receive again."""
    state = forms.choice("state", ("enabled", "disabled"), label="State")
    if state == "enabled":
        webhooks.enable_endpoint(visit.side, endpoint_id=endpoint_id)
        return forms.done("The endpoint receives events again.", _home(endpoint_id))
    webhooks.update_endpoint(visit.side, endpoint_id=endpoint_id, state="disabled")
    return forms.done("The endpoint is paused. Events that happen now are not kept for it.", _home(endpoint_id))


@page(f"{ENV}/webhooks/<endpoint_id>/delete", methods=("POST",), permission="webhooks.write", form="show_endpoint")
def delete_endpoint(visit: Visit, endpoint_id: str) -> Response:
    """Remove an endpoint for good."""
    webhooks.delete_endpoint(visit.side, endpoint_id=endpoint_id)
    return forms.done("The endpoint was deleted.", url_for("portal.show_webhooks"))


@page(f"{ENV}/webhooks/<endpoint_id>/test", methods=("POST",),
      permission="deliveries.send", plane=Plane.WRITE, form="show_endpoint")  # fmt: skip
def send_test(visit: Visit, endpoint_id: str) -> Response:
    """Cause one event through the real outbox, so that it is signed, sent and retried like any other. Sandbox only."""
    webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    kind = forms.choice("type", tuple(EVENT_TYPES), label="Event type")
    trigger_event(visit.scope, type=kind, object_id=None, overrides={}, only_endpoint_id=endpoint_id)
    return forms.done(f"{kind} was triggered. Its delivery appears below within seconds.", _home(endpoint_id))


@page(f"{ENV}/webhooks/<endpoint_id>/deliveries/<delivery_id>", permission="webhooks.read", plane=Plane.READ)
def show_delivery(visit: Visit, endpoint_id: str, delivery_id: str) -> str:
    """One delivery and each of its attempts: what was sent and what came back."""
    endpoint = webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    subscription, at_us = queries.get_subscription(visit.scope, endpoint_id=endpoint_id), now_us()
    delivery = with_outlook(queries.get_delivery(visit.scope, delivery_id=delivery_id), subscription, at_us=at_us)
    attempts = queries.attempts_of(visit.scope, delivery_id=delivery_id)
    return render_template(
        "portal/webhooks/delivery.html", endpoint=endpoint, delivery=delivery, attempts=attempts, meaning_of=meaning_of,
        sentence=attempts_text.sentence(delivery, attempts, at_us=at_us), as_curl=attempts_text.as_curl,
    )  # fmt: skip


@page(f"{ENV}/webhooks/<endpoint_id>/deliveries/<delivery_id>/retry", methods=("POST",),
      permission="deliveries.send", plane=Plane.WRITE, form="show_delivery")  # fmt: skip
def retry_delivery(visit: Visit, endpoint_id: str, delivery_id: str) -> Response:
    """Send a dead delivery once more."""
    webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    queries.retry_delivery(visit.scope, delivery_id=delivery_id)
    back = url_for("portal.show_delivery", endpoint_id=endpoint_id, delivery_id=delivery_id)
    return forms.done("It is due now; the next attempt appears here within seconds.", back)


@page(f"{ENV}/webhooks/<endpoint_id>/deliveries/<delivery_id>/resend", methods=("POST",),
      permission="deliveries.send", plane=Plane.WRITE, form="show_delivery")  # fmt: skip
def resend_event(visit: Visit, endpoint_id: str, delivery_id: str) -> Response:
    """Send the event of a finished delivery once more, as a delivery of its own."""
    webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    event_id = queries.get_delivery(visit.scope, delivery_id=delivery_id)["event_id"]
    made = replay.resend_event(
        visit.scope, tier=tier_of(visit.side.plan_tier), endpoint_id=endpoint_id, event_id=event_id
    )
    back = url_for("portal.show_delivery", endpoint_id=endpoint_id, delivery_id=made["id"])
    return forms.done("The event is sent again; this is its new delivery.", back)


def _home(endpoint_id: str) -> str:
    return url_for("portal.show_endpoint", endpoint_id=endpoint_id)


def _reveal(endpoint_id: str, secret: str | None, title: str) -> Response:
    """Show a new secret once. Where a public key takes its place, the endpoint's page shows that at any time."""
    if secret is None:
        return forms.done("The endpoint signs with a new key; its public key is below.", _home(endpoint_id))
    secrets_once.put(endpoint_id, text=secret, title=title)
    return redirect(_home(endpoint_id))
