"""The first minutes: the new key, shown once, and a console that calls the API from the page."""

import json
import re

from flask import Response
from flask import current_app
from flask import make_response
from flask import render_template
from flask import request
from flask import url_for

from portal import secrets_once
from portal.console import SHOWN_HEADERS
from portal.console import Answer
from portal.console import Call
from portal.console import perform
from portal.forms import choice
from portal.forms import refuse
from portal.pages import Visit
from portal.pages import page

ORDER = {
    "location_id": "loc_waw_01",
    "fulfillment": {"type": "pickup"},
    "items": [{"menu_item_id": "itm_bacon_cheeseburger", "quantity": 1}],
}
CALLS = {
    call.name: call
    for call in (
        Call("me", "Who am I?", "GET", "/v1/me"),
        Call("menu", "Read the menu", "GET", "/v1/menu-items?limit=3"),
        Call("orders", "List orders", "GET", "/v1/orders?limit=3"),
        Call("order", "Place an order", "POST", "/v1/orders", json.dumps(ORDER)),
    )
}


PATH = re.compile(r"/v1/[A-Za-z0-9_\-./]{1,200}(\?[A-Za-z0-9_\-.=&,:]{0,200})?")


@page("/start", permission="console.use")
def show_start(visit: Visit) -> str | Response:
    """The new key, if it was not shown yet, the console, and what to do next."""
    key = secrets_once.take("start").get("key", "")
    return _start(visit, key=key)


@page("/start/call", methods=("POST",), permission="console.use", opens_units=False, form="show_start")
def call_from_start(visit: Visit) -> str | Response:
    """Perform one ready call on the server, for browsers without scripts and for keys that are no longer on the page."""
    call = _reading(request.form.get("path")) or CALLS[choice("call", tuple(CALLS), label="Call")]
    key = request.form.get("key", "").strip() or secrets_once.console_key(visit.member.person_id)
    if not key:
        raise refuse("key", "Paste an API key: the one from the sign-up is not kept any longer.")
    answer = perform(current_app.wsgi_app, call, key=key, ip=request.remote_addr or "")
    return _start(visit, answer=answer)


def _reading(path: str | None) -> Call | None:
    """A GET another page proposes, such as one order; None for anything that is not a plain path of the Core API."""
    return Call("path", f"GET {path}", "GET", path) if path and PATH.fullmatch(path) else None


def _start(visit: Visit, *, key: str = "", answer: Answer | None = None) -> Response:
    html = render_template(
        "portal/start/start.html", key=key, answer=answer, calls=CALLS.values(), wanted=_reading(request.args.get("path")),
        shown_headers=" ".join(SHOWN_HEADERS), has_console_key=bool(secrets_once.console_key(visit.member.person_id)),
    )  # fmt: skip
    response = make_response(html)
    if not visit.is_ready and not key:
        response.headers["Refresh"] = f"2; url={url_for('portal.show_start')}"
    return response
