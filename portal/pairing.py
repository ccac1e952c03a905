"""Pairing a command-line client: a person who is signed in types the code their terminal shows, and decides."""

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.oauth import user_codes
from accounts.pairing import service as pairing
from accounts.plans.scopes import scopes_of
from kit.planes import Environment
from portal import forms
from portal.pages import Visit
from portal.pages import page


@page("/cli", permission="pairing.decide")
def show_pairing(visit: Visit) -> str:
    """The form for a code; with a code, what would be granted to whom."""
    code = (request.form.get("code") or request.args.get("code", "")).strip()
    found = pairing.find_pairing(user_code=code) if code and (visit.is_restored or not visit.refusal) else None
    shown = user_codes.shown(code) if found else code
    count = len(scopes_of(Environment.SANDBOX))
    return render_template("portal/pairing/show.html", pairing=found, code=shown, scopes_count=count)


@page("/cli/code", methods=("POST",), permission="pairing.decide", form="show_pairing")
def look_up_pairing(visit: Visit) -> Response:
    """Check a typed code and show what it asks for."""
    code = forms.text("code", label="Code", longest=20)
    pairing.find_pairing(user_code=code)
    return redirect(url_for("portal.show_pairing", code=code))


@page("/cli/decide", methods=("POST",), permission="pairing.decide", form="show_pairing", step_up=True)
def decide_pairing(visit: Visit) -> Response:
    """Approve or deny; the client learns of it within seconds."""
    decision = forms.choice("decision", ("approve", "deny"), label="Decision")
    code = forms.text("code", label="Code", longest=20)
    decided = pairing.decide(visit.side, user_code=code, is_approved=decision == "approve")
    if decision == "deny":
        return forms.done(f"{decided.machine} was denied. It gets no key.", url_for("portal.show_pairing"))
    return forms.done(
        f"{decided.machine} is paired. Its key appears here within seconds; revoke it to end the pairing.",
        url_for("portal.show_keys", environment="sandbox"),
    )
