"""The application itself: its name, both environments side by side, and the way to production."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.applications import service as applications
from accounts.approvals import service as approvals
from accounts.plans.catalog import TIERS
from kit.planes import Environment
from kit.unit import control
from portal import forms
from portal.evidence import lines
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page
from sandbox.provision import provision

OFFERED = tuple(TIERS[name] for name in approvals.ASKABLE)


@page(f"{ENV}/application")
def show_application(visit: Visit) -> str:
    """State, tenants and plan of both environments, the request for production and its history."""
    sides = {
        place: applications.side_for(visit.member, application_id=visit.side.application_id, environment=environment)
        for place, environment in (("sandbox", Environment.SANDBOX), ("live", Environment.PRODUCTION))
    }
    tenants = {
        place: applications.get_tenant(tenant_id=side.tenant_id) if side.tenant_id else None
        for place, side in sides.items()
    }
    found = approvals.list_requests(visit.member, application_id=visit.side.application_id)
    return render_template(
        "portal/application/show.html", tenants=tenants, tiers=[(tier.name, tier.label) for tier in OFFERED],
        latest=found[0] if found else None, evidence=lines(found[0].evidence) if found else [],
    )  # fmt: skip


@page(f"{ENV}/application", methods=("POST",), form="show_application")
def rename_application(visit: Visit) -> Response:
    """Give the application another name or description."""
    applications.rename_application(
        visit.member, application_id=visit.side.application_id, name=forms.text("name", label="Name", longest=80),
        description=forms.text("description", label="Description", longest=500, optional=True),
    )  # fmt: skip
    return forms.done("Saved.", url_for("portal.show_application"))


@page("/applications", methods=("POST",), form="show_application")
def create_application(visit: Visit) -> Response:
    """Add an application with a sandbox of its own."""
    made = applications.create_application(visit.member, name=forms.text("name", label="Name", longest=80))
    tenant = applications.create_tenant(environment=Environment.SANDBOX, application_id=made.id, name=made.name)
    tenant_id = tenant.id
    control().after_commit.append(lambda: provision(tenant_id))
    return forms.done(f"{made.name} is there, with a sandbox of its own.",
                      url_for("portal.show_keys", environment="sandbox", application=made.id))  # fmt: skip


@page("/sandbox/application/request", methods=("POST",), plane=Plane.READ, form="show_application")
def request_production(visit: Visit) -> Response:
    """Ask to go live. What the sandbox traffic shows is measured now and travels with the request."""
    approvals.request_production(
        visit.member, application_id=visit.side.application_id,
        plan_tier=forms.choice("plan_tier", tuple(tier.name for tier in OFFERED), label="Plan"),
        note=forms.text("note", label="Note", longest=2000, optional=True), evidence=approvals.evidence(visit.scope),
    )  # fmt: skip
    return forms.done("The request is in. You can go on in the sandbox meanwhile.", url_for("portal.show_application"))


@page("/sandbox/application/withdraw", methods=("POST",), form="show_application")
def withdraw_request(visit: Visit) -> Response:
    """Take the open request back."""
    approvals.withdraw(visit.member, application_id=visit.side.application_id)
    return forms.done("The request was withdrawn.", url_for("portal.show_application"))


@page("/sandbox/application/evidence", plane=Plane.READ)
def show_evidence(visit: Visit) -> str:
    """What a request made now would carry: the partner sees what the reviewer will see."""
    return render_template("portal/application/evidence.html", evidence=lines(approvals.evidence(visit.scope)))
