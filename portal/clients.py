"""OAuth clients of one environment: list, register, change, revoke. A secret is shown on the next page and never again."""

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.keys.catalog import PRESETS
from accounts.keys.catalog import SCOPES
from accounts.oauth import service as oauth
from accounts.oauth.service import GRANT_TYPES
from accounts.oauth.service import KINDS
from accounts.plans.scopes import scopes_of
from portal import forms
from portal import secrets_once
from portal.keys import grid_of
from portal.pages import ENV
from portal.pages import Visit
from portal.pages import current_url
from portal.pages import page

KIND_LABELS = (
    ("confidential", "On our servers: it keeps a secret"), ("public", "On people's devices or in browsers: it has no secret"),
)  # fmt: skip

DEMANDS = (
    ("is_pushed_only", "PAR", "It must push what it asks for to /oauth/par; an address that asks by itself is refused"),
    ("is_bound_only", "DPoP", "Its tokens are bound to a key it proves with each call; without a proof it gets none"),
)


@page(f"{ENV}/clients", permission="clients.read")
def show_clients(visit: Visit) -> str:
    """Every client of this environment and the form for a new one."""
    offered = scopes_of(visit.environment)
    picked = set(request.form.getlist("scopes")) if visit.refusal else offered & set(PRESETS["read_only"])
    return render_template(
        "portal/clients/list.html", clients=oauth.list_clients(visit.side), once=secrets_once.take("clients"),
        grid=grid_of(offered), picked=picked, descriptions=SCOPES, kinds=KIND_LABELS, grant_types=GRANT_TYPES,
        chosen=set(request.form.getlist("grant_types")) if visit.refusal else {"authorization_code"},
        demands=DEMANDS, demanded=_ticked() if visit.refusal else set(),
    )  # fmt: skip


@page(f"{ENV}/clients", methods=("POST",), permission="clients.write", form="show_clients", step_up=True)
def create_client(visit: Visit) -> Response:
    """Register a client and carry its secret, if it has one, to the list, where it is shown once."""
    issued = oauth.create_client(
        visit.side, name=forms.text("name", label="Name", longest=80), scopes=forms.many("scopes"),
        kind=forms.choice("kind", KINDS, label="Where it runs"), grant_types=forms.many("grant_types"),
        redirect_uris=forms.lines("redirect_uris"), is_pushed_only=forms.is_ticked("is_pushed_only"),
        is_bound_only=forms.is_ticked("is_bound_only"),
    )  # fmt: skip
    if not issued.secret:
        return forms.done(f"{issued.client.name} is registered.", url_for("portal.show_client", client_id=issued.client.id))
    secrets_once.put("clients", id=issued.client.id, text=issued.secret, title=f"{issued.client.name} is registered")
    return redirect(url_for("portal.show_clients"))


@page(f"{ENV}/clients/<client_id>", permission="clients.read")
def show_client(visit: Visit, client_id: str) -> str:
    """One client: what it may ask for, where people are sent back to, and how to change or revoke it."""
    client = oauth.get_client(visit.side, client_id=client_id)
    return render_template(
        "portal/clients/show.html", client=client, descriptions=SCOPES, grant_types=GRANT_TYPES,
        uris="\n".join(client.redirect_uris), metadata_url=current_url("/.well-known/oauth-authorization-server"),
        chosen=set(request.form.getlist("grant_types")) if visit.refusal else set(client.grant_types),
        demands=DEMANDS, demanded=_ticked() if visit.refusal else {name for name, *_ in DEMANDS if getattr(client, name)},
    )  # fmt: skip


@page(f"{ENV}/clients/<client_id>", methods=("POST",), permission="clients.write", form="show_client", step_up=True)
def change_client(visit: Visit, client_id: str) -> Response:
    """Change a client's name, redirect addresses, grant types and what it must do to be heard."""
    changed = oauth.change_client(
        visit.side, client_id=client_id, name=forms.text("name", label="Name", longest=80),
        grant_types=forms.many("grant_types"), redirect_uris=forms.lines("redirect_uris"),
        is_pushed_only=forms.is_ticked("is_pushed_only"), is_bound_only=forms.is_ticked("is_bound_only"),
    )  # fmt: skip
    return forms.done(f"{changed.name} was changed.", url_for("portal.show_client", client_id=client_id))


@page(f"{ENV}/clients/<client_id>/revoke", methods=("POST",), permission="clients.write", form="show_client")
def revoke_client(visit: Visit, client_id: str) -> Response:
    """End a client and all its tokens at once."""
    client = oauth.revoke_client(visit.side, client_id=client_id)
    return forms.done(f"{client.name} was revoked. Its tokens are refused from now on.", url_for("portal.show_clients"))


def _ticked() -> set[str]:
    return {name for name, *_ in DEMANDS if forms.is_ticked(name)}
