"""The operator's pages of organisations: who belongs to them, and which restaurant groups are theirs."""

from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.restaurants import service as restaurants
from portal import forms
from portal.pages import Visit
from portal.pages import page

SHOWN = 50


@page("/admin/organisations", permission="platform.organisations")
def show_partners(visit: Visit) -> str:
    """Organisations by name, newest first."""
    words = _words("q")
    found = restaurants.search_organisations(visit.member, words=words, limit=SHOWN + 1)
    return render_template("portal/admin/organisations.html", found=found[:SHOWN], has_more=len(found) > SHOWN, words=words)


@page("/admin/organisations/<organisation_id>", permission="platform.organisations")
def show_partner(visit: Visit, organisation_id: str) -> str:
    """One organisation, and the restaurant groups it could be given."""
    words = _words("restaurants")
    return render_template(
        "portal/admin/organisation.html", partner=restaurants.get_partner(visit.member, organisation_id=organisation_id),
        unassigned=restaurants.search_unassigned(visit.member, words=words, limit=SHOWN), words=words,
    )  # fmt: skip


@page(
    "/admin/organisations/<organisation_id>/restaurants", methods=("POST",), permission="platform.assign", form="show_partner",
    step_up=True,
)  # fmt: skip
def assign_restaurants(visit: Visit, organisation_id: str) -> Response:
    """Give a restaurant group to the organisation."""
    tenant = restaurants.assign(
        visit.member, organisation_id=organisation_id, tenant_id=forms.text("tenant_id", label="Restaurant group", longest=40)
    )
    return forms.done(f"{tenant.name} belongs to this organisation now.", _home(organisation_id))


@page("/admin/organisations/<organisation_id>/restaurants/<tenant_id>/release", methods=("POST",),
      permission="platform.assign", form="show_partner", step_up=True)  # fmt: skip
def release_restaurants(visit: Visit, organisation_id: str, tenant_id: str) -> Response:
    """Take a restaurant group from the organisation, with what its people let in."""
    tenant = restaurants.release(visit.member, organisation_id=organisation_id, tenant_id=tenant_id)
    return forms.done(f"{tenant.name} belongs to nobody now.", _home(organisation_id))


def _home(organisation_id: str) -> str:
    return url_for("portal.show_partner", organisation_id=organisation_id)


def _words(name: str) -> str:
    """A search as a database takes it: PostgreSQL refuses a NUL instead of finding nothing."""
    return "".join(character for character in request.args.get(name, "")[:100] if character.isprintable())
