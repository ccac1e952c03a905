"""The webhook inbox: what arrived at the application's own receiving addresses, with the verdict on each signature."""

import json
from typing import Any

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.webhooks import service as webhooks
from portal import forms
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page
from portal.webhooks import TEST_TYPE
from sandbox import inbox

SHOWN = 30


@page("/sandbox/inbox", permission="webhooks.read", plane=Plane.READ)
def show_inbox(visit: Visit) -> str:
    """Received webhooks of every inbox, newest first, and the endpoints that lead there."""
    leading = {endpoint.url: endpoint for endpoint in webhooks.list_endpoints(visit.side)}
    addresses = [(address, leading.get(address)) for address in inbox.list_inboxes(visit.scope)]
    received = [
        {**message, "type": _type_of(message)}
        for address, _ in addresses
        for message in inbox.messages(visit.scope, token=inbox.token_of(address) or "", limit=SHOWN)
    ]
    received.sort(key=lambda message: message["received_at"], reverse=True)
    return render_template(
        "portal/inbox/list.html", addresses=addresses, received=received[:SHOWN], test_type=TEST_TYPE
    )


@page("/sandbox/inbox/clear", methods=("POST",), permission="deliveries.send", plane=Plane.WRITE, form="show_inbox")
def clear_inbox(visit: Visit) -> Response:
    """Throw away what was received so far."""
    for address in inbox.list_inboxes(visit.scope):
        inbox.clear(visit.scope, token=inbox.token_of(address) or "")
    return forms.done("The inbox is empty.", url_for("portal.show_inbox"))


def _type_of(message: dict[str, Any]) -> str:
    """What a message says it is about, in whichever dialect; of a callback, which tells it by its address, that."""
    try:
        body = json.loads(message["body"])
        told = body.get("type") or body.get("event")
        return str(told or f"{body['syncable_type']}.{body['event_type']}")
    except (ValueError, KeyError, AttributeError):
        return "message" if message["path"] == "/" else f"{message['method']} {message['path']}"
