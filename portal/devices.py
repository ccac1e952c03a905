"""Letting in a client on a device without a browser: its person types the code it shows, sees what it asks for, and decides.

A code in the address spares the typing and nothing else: it may have been sent by somebody who wants to be let in.
"""

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.oauth import devices
from accounts.oauth import user_codes
from portal import forms
from portal.consent import choice_of
from portal.consent import chosen
from portal.consent import to_security
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page


@page("/device", access=Access.PERSON)
def show_device(visit: Visit) -> str | Response:
    """The form for a code; with a code, who asks for what, and the choice."""
    code = request.values.get("user_code", "").strip()
    is_known = bool(code) and not (visit.refusal and visit.refusal.status == 404)
    waiting = devices.find_waiting(user_code=code) if is_known else None
    if waiting is None:
        return render_template("portal/consent/code.html", code=code)
    if elsewhere := to_security(waiting.client):
        return elsewhere
    return render_template(
        "portal/consent/device.html", code=user_codes.shown(code), asked=waiting.request,
        action=url_for("portal.decide_device"), **choice_of(visit, waiting.client, waiting.request.scopes),
    )  # fmt: skip


@page("/device/code", methods=("POST",), access=Access.PERSON, form="show_device")
def look_up_device(visit: Visit) -> Response:
    """Check a typed code and show what it asks for."""
    code = forms.text("user_code", label="Code", longest=20)
    devices.find_waiting(user_code=code)
    return redirect(url_for("portal.show_device", user_code=user_codes.shown(code)))


@page("/device/decide", methods=("POST",), access=Access.PERSON, form="show_device")
def decide_device(visit: Visit) -> Response:
    """Let the client in or refuse it; the device learns of it within seconds."""
    decision = forms.choice("decision", ("allow", "refuse"), label="Decision")
    code = forms.text("user_code", label="Code", longest=20)
    if decision == "refuse":
        refused = devices.deny(user_code=code)
        return forms.done(f"{refused.client.name} was refused.", url_for("portal.show_device"))
    client = devices.find_waiting(user_code=code).client
    if elsewhere := to_security(client):
        return elsewhere
    allowed = devices.allow(visit.member, user_code=code, **chosen(visit, client))
    return forms.done(
        f"{allowed.client.name} was let in. Go back to your device; it goes on by itself within seconds.",
        url_for("portal.show_device"),
    )
