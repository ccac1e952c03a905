"""The first page of an environment: how far the integration is, how it does, and what just happened."""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask import url_for

from accounts.keys import service as keys
from accounts.logs import service as logs
from accounts.webhooks import queries
from accounts.webhooks import service as webhooks
from kit.clock import DAY_US
from kit.clock import now_us
from portal.keys import state_of
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page

RECENT = 8


@dataclass(frozen=True)
class Step:
    """One line of the checklist; `is_done` is read from what really happened."""

    label: str
    hint: str
    is_done: bool
    link: str
    action: str
    permission: str  # who may take the step


@page(f"{ENV}/dashboard", permission="dashboard.read", plane=Plane.READ)
def show_dashboard(visit: Visit) -> str:
    """Checklist, the last day in figures, endpoint health, recent calls."""
    endpoints = [endpoint for endpoint in webhooks.list_endpoints(visit.side) if endpoint.made_by != "world"]
    health = [(endpoint, queries.delivery_counts(visit.scope, endpoint_id=endpoint.id)) for endpoint in endpoints]
    day = logs.counts(visit.scope, since_us=now_us() - DAY_US)
    ever = logs.counts(visit.scope, since_us=0)
    return render_template(
        "portal/dashboard/dashboard.html", day=day, health=health, steps=_steps(visit, ever, health),
        recent=logs.list_logs(visit.scope, limit=RECENT, after=None)[:RECENT],
    )  # fmt: skip


def _steps(visit: Visit, ever: dict[str, Any], health: list[tuple[Any, dict[str, Any]]]) -> list[Step]:
    active = [key for key in keys.list_keys(visit.side) if state_of(key) == "active"]
    state = visit.application.state if visit.application else ""
    return [
        Step("Have an API key", "It is what your calls carry.", bool(active), url_for("portal.show_keys"),
             "Create a key", "keys.write"),
        Step("Make a call that works", "Any 2xx answer counts.", ever["2xx"] > 0, url_for("portal.show_start"),
             "Open the console", "console.use"),
        Step("Have a webhook endpoint", "Your inbox counts; your own server is better.", bool(health),
             url_for("portal.show_webhooks"), "Add an endpoint", "webhooks.write"),
        Step("Receive an event", "One delivery answered with 2xx.", any(counts["succeeded"] for _, counts in health),
             url_for("portal.show_webhooks"), "Send a test event", "deliveries.send"),
        Step("Ask for production access", "The evidence is collected for you.", state in ("submitted", "approved"),
             url_for("portal.show_application"), "Open the form", "production.request"),
    ]  # fmt: skip
