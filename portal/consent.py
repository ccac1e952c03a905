"""Letting an application in: what it asks for in plain words, and the grants of an organisation.

The request stands in the address of the page and is checked again when the decision is posted: nothing of it is believed
from the form.
"""

from typing import Any
from urllib.parse import urlsplit

from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.applications.models import Tenant
from accounts.applications.service import MAX_PLACES
from accounts.oauth import grants
from accounts.oauth import pushed
from accounts.oauth.models import OAuthClient
from accounts.people.service import get_person
from accounts.plans.scopes import SCOPES
from api.oauth.asking import Asked
from api.oauth.asking import Misasked
from api.oauth.asking import read_authorization
from domain.locations.service import list_locations
from kit.errors import BadRequest
from kit.planes import Environment
from kit.scope import Scope
from portal import forms
from portal.pages import ENV
from portal.pages import Access
from portal.pages import Visit
from portal.pages import browser_of_request
from portal.pages import looked_up_at
from portal.pages import page
from portal.pages import settled

READS_TOO = ("customers:pii", "channel:menus")


def note_arrival() -> None:
    """Give whoever arrives with a pushed request in time the time to decide, whatever this look at the page comes to."""
    if uri := request.args.get("request_uri"):
        settled(pushed.note_arrival, uri=uri)


@page("/oauth/authorize", access=Access.PUBLIC, needs_factor=True, before=note_arrival)
def show_consent(visit: Visit, _: None) -> str | Response:
    """Who asks for what, on whose behalf, and the choice. Whoever is not signed in is asked to, and comes back."""
    asked = _read(visit)
    if isinstance(asked, Response):
        return asked
    return render_template(
        "portal/consent/show.html", action=request.full_path, back=urlsplit(asked.redirect_uri).netloc,
        **choice_of(visit, asked.client, asked.scopes),
    )  # fmt: skip


@page("/oauth/authorize", methods=("POST",), access=Access.PUBLIC, form="show_consent", needs_factor=True)
def decide_consent(visit: Visit) -> Response:
    """Give the grant or refuse it, and send the person back to where they came from."""
    asked = _read(visit)
    if isinstance(asked, Response):
        return asked
    decision = forms.choice("decision", ("allow", "refuse"), label="Decision")
    location = _allow(visit, asked) if decision == "allow" else asked.answer(None)
    return _leave(location, asked.client)


@page(f"{ENV}/apps", permission="grants.read")
def show_apps(visit: Visit) -> str:
    """Every application somebody of the organisation has let in here, and what it may do."""
    found = grants.list_grants(visit.member, environment=visit.environment)
    emails = {app.grant.person_id: get_person(person_id=app.grant.person_id).email for app in found}
    return render_template("portal/consent/apps.html", apps=found, emails=emails, descriptions=SCOPES)


@page(f"{ENV}/apps/<grant_id>/revoke", methods=("POST",), permission="grants.end_own")
def revoke_app(visit: Visit, grant_id: str) -> Response:
    """End what an application was let do; its next call is refused."""
    client = grants.revoke_grant(visit.member, grant_id=grant_id)
    return forms.done(f"{client.name} was disconnected. Its calls are refused from now on.", url_for("portal.show_apps"))


def _allow(visit: Visit, asked: Asked) -> str:
    return asked.answer(grants.give_grant(visit.member, client=asked.client, asked=asked.scopes, **chosen(visit, asked.client)))


def _read(visit: Visit) -> Asked | Response:
    """What is asked for, or where to go instead.

    Nobody is sent on to an application before they have signed in: else anybody could use our address to lead people to a
    site of theirs, with a request that is wrong on purpose (RFC 9700, section 4.11.2).
    """
    asked = read_authorization(request)
    if isinstance(asked, Misasked) and not asked.location:
        raise BadRequest(f"An application sent you here with a request we cannot answer. {asked.detail}")
    if visit.person is None:
        return redirect(url_for("portal.show_login", next=request.full_path))
    if isinstance(asked, Misasked):
        return redirect(asked.location, 303)
    return to_security(asked.client) or asked


def to_security(client: OAuthClient) -> Response | None:
    """Where somebody sets up the second factor they need to let a client in at restaurants that do business, or None."""
    browser = browser_of_request()
    is_live = client.environment == Environment.PRODUCTION
    return redirect(url_for("portal.show_security")) if is_live and browser is not None and browser.is_lacking_live else None


def _leave(location: str, client: OAuthClient) -> Response:
    """A page that goes on to the application by itself.

    Not a redirect: a browser holds where a form leads against the policy form-action, along the whole chain of redirects.
    """
    response = make_response(render_template("portal/consent/leave.html", client=client, location=location))
    response.headers["Refresh"] = f"0; url={location}"
    return response


def choice_of(visit: Visit, client: OAuthClient, scopes: list[str]) -> dict[str, Any]:
    """What a person has to know to let a client in, and what they may choose; for the form both pages share."""
    offer = grants.offer_to(visit.member, client=client)
    return {
        "client": client, "offer": offer, "place": "sandbox" if client.environment == Environment.SANDBOX else "live",
        "ticked": set(request.form.getlist("scopes")) if visit.refusal else set(scopes),
        "restaurants": [(tenant, _locations(tenant)) for tenant in offer.tenants],
        "picked": forms.many("location_ids") if visit.refusal else (), **_in_words(scopes),
    }  # fmt: skip


def chosen(visit: Visit, client: OAuthClient) -> dict[str, Any]:
    """The restaurants, locations and permissions a person has left ticked.

    Raises Invalid (422) for a location of other restaurants than the chosen ones.
    """
    tenant_id, places = forms.text("tenant_id", label="Restaurants", longest=40), forms.many("location_ids")
    tenants = grants.offer_to(visit.member, client=client).tenants if places else []
    known = {location_id for tenant in tenants if tenant.id == tenant_id for location_id, _ in _locations(tenant)}
    if not set(places) <= known:
        raise forms.refuse("location_ids", "Locations: tick some of the restaurants you have chosen, or none for all of them.")
    return {"tenant_id": tenant_id, "scopes": forms.many("scopes"), "location_ids": places}


def _in_words(scopes: list[str]) -> dict[str, list[tuple[str, str]]]:
    """The scopes as what an application may see and what it may change, each with its sentence."""
    listed = [(scope, SCOPES[scope]) for scope in SCOPES if scope in scopes]
    reads = {scope for scope, _ in listed if scope.endswith(":read") or scope in READS_TOO}
    return {
        "sees": [entry for entry in listed if entry[0] in reads], "changes": [entry for entry in listed if entry[0] not in reads],
    }  # fmt: skip


def _locations(tenant: Tenant) -> list[tuple[str, str]]:
    scope = Scope(Environment(tenant.environment), tenant.id)
    documents = looked_up_at(scope, list_locations, limit=MAX_PLACES, after=None, is_active=True)
    return [(document["id"], document["name"]) for document in documents]
