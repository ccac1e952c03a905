"""Sending again from an endpoint's page: what was given up, and the events of a window after a look at how many."""

from datetime import timedelta
from typing import Any

from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.plans.catalog import tier_of
from accounts.webhooks import failures
from accounts.webhooks import replay
from accounts.webhooks import service as webhooks
from api.events import represent
from kit.clock import from_us
from kit.scope import Scope
from kit.unit import tenant_now_us
from portal import forms
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page

FORMAT = "%Y-%m-%dT%H:%M"  # of <input type="datetime-local">


@page(f"{ENV}/webhooks/<endpoint_id>/retry-failed", methods=("POST",),
      permission="deliveries.send", plane=Plane.WRITE, form="show_endpoint")  # fmt: skip
def retry_failed(visit: Visit, endpoint_id: str) -> Response:
    """Make what was given up due again, by the class of its last answer."""
    webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    status_class = forms.choice("status_class", (*failures.CLASSES, failures.ALL), label="Answers")
    retried = failures.retry_failed(visit.scope, endpoint_id=endpoint_id, status_class=status_class)
    more = " There are more: press again for the next ones." if retried == failures.MOST else ""
    said = f"{retried} {'delivery is' if retried == 1 else 'deliveries are'} due now.{more}"
    return forms.done(said, url_for("portal.show_endpoint", endpoint_id=endpoint_id, state="pending"))


@page(f"{ENV}/webhooks/<endpoint_id>/replay/preview", methods=("POST",),
      permission="deliveries.send", plane=Plane.READ, form="show_endpoint")  # fmt: skip
def preview_replay(visit: Visit, endpoint_id: str) -> str:
    """Say how many events a replay would send, with the button that sends them."""
    endpoint = webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    chosen = _selection()
    count = replay.preview_replay(
        visit.scope, tier=tier_of(visit.side.plan_tier), endpoint_id=endpoint_id, chosen=chosen, represent=represent
    )
    return render_template(
        "portal/webhooks/replay.html", endpoint=endpoint, chosen=chosen, count=count,
        unfinished=replay.find_unfinished(visit.scope, endpoint_id=endpoint_id),
        sent_again=[(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"],
    )  # fmt: skip


@page(f"{ENV}/webhooks/<endpoint_id>/replay", methods=("POST",),
      permission="deliveries.send", plane=Plane.WRITE, form="show_endpoint")  # fmt: skip
def start_replay(visit: Visit, endpoint_id: str) -> Response:
    """Queue the events of a window for an endpoint once more."""
    webhooks.get_endpoint(visit.side, endpoint_id=endpoint_id)
    made = replay.replay_events(
        visit.scope, tier=tier_of(visit.side.plan_tier), endpoint_id=endpoint_id, chosen=_selection(), represent=represent
    )
    said = f"{made['deliveries']} {'event is' if made['deliveries'] == 1 else 'events are'} sent again."
    return forms.done(said, url_for("portal.show_endpoint", endpoint_id=endpoint_id, replay=made["id"]))


def usual_window(scope: Scope) -> dict[str, str]:
    """What the form offers: the last day of the tenant's clock, to the end of this minute."""
    end = from_us(tenant_now_us(scope)) + timedelta(minutes=1)
    return {"from": (end - timedelta(days=1)).strftime(FORMAT), "to": end.strftime(FORMAT)}


def _selection() -> replay.Selection:
    which = request.form.get("which", str(replay.Which.ALL))
    if which not in tuple(replay.Which):
        raise forms.refuse("which", "Events: pick one of the offered values.")
    texts: dict[str, Any] = {
        name: forms.text(name, label=label, longest=64, optional=True) or None
        for name, label in (("location_id", "Location"), ("object_id", "Object"))
    }
    return replay.Selection(
        forms.instant("from", label="From"), forms.instant("to", label="To"), types=tuple(forms.many("types")),
        which=replay.Which(which), **texts,
    )  # fmt: skip
