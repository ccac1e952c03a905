"""The application itself: its name, both environments side by side, and the way to production."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.applications import service as applications
from accounts.approvals import service as approvals
from accounts.approvals import thread
from accounts.approvals.evidence import evidence as evidence_of
from accounts.approvals.messages import messages_of
from accounts.approvals.models import ProductionMessage
from accounts.plans.catalog import TIERS
from accounts.plans.scopes import SCOPES
from accounts.plans.scopes import scopes_of
from kit.errors import NotFound
from kit.planes import Environment
from kit.unit import control
from portal import forms
from portal.evidence import in_order
from portal.evidence import lines
from portal.evidence import scope_of
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import page
from sandbox.provision import provision

OFFERED = tuple(TIERS[name] for name in approvals.ASKABLE)


@page(f"{ENV}/application", permission="applications.read")
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
    latest = found[0] if found else None
    return render_template(
        "portal/application/show.html", tenants=tenants, latest=latest,
        evidence=lines(latest.evidence, latest.scopes) if latest else [],
        messages=messages_of(ProductionMessage, request_id=latest.id) if latest else [],
        withheld=in_order(set(latest.scopes) - set(latest.granted_scopes)) if latest and latest.granted_scopes else (),
    )  # fmt: skip


@page(f"{ENV}/application", methods=("POST",), permission="applications.write", form="show_application")
def rename_application(visit: Visit) -> Response:
    """Give the application another name or description."""
    applications.rename_application(
        visit.member, application_id=visit.side.application_id, name=forms.text("name", label="Name", longest=80),
        description=forms.text("description", label="Description", longest=500, optional=True),
    )  # fmt: skip
    return forms.done("Saved.", url_for("portal.show_application"))


@page("/applications", methods=("POST",), permission="applications.write", form="show_application")
def create_application(visit: Visit) -> Response:
    """Add an application with a sandbox of its own."""
    made = applications.create_application(visit.member, name=forms.text("name", label="Name", longest=80))
    tenant = applications.create_tenant(environment=Environment.SANDBOX, application_id=made.id, name=made.name)
    tenant_id = tenant.id
    control().after_commit.append(lambda: provision(tenant_id))
    return forms.done(f"{made.name} is there, with a sandbox of its own.",
                      url_for("portal.show_keys", environment="sandbox", application=made.id))  # fmt: skip


@page(
    "/sandbox/application/request", methods=("POST",), permission="production.request", plane=Plane.READ, form="show_evidence",
    step_up=True,
)  # fmt: skip
def request_production(visit: Visit) -> Response:
    """Ask to go live. What the sandbox traffic shows is measured now and travels with the request."""
    approvals.request_production(
        visit.member, application_id=visit.side.application_id,
        plan_tier=forms.choice("plan_tier", tuple(tier.name for tier in OFFERED), label="Plan"), scopes=forms.many("scopes"),
        note=forms.text("note", label="Note", longest=2000, optional=True),
        evidence=evidence_of(visit.scope, scope_of=scope_of),
    )  # fmt: skip
    return forms.done("The request is in. You can go on in the sandbox meanwhile.", url_for("portal.show_application"))


@page("/sandbox/application/withdraw", methods=("POST",), permission="production.request", form="show_application")
def withdraw_request(visit: Visit) -> Response:
    """Take the pending request back."""
    approvals.withdraw(visit.member, application_id=visit.side.application_id)
    return forms.done("The request was withdrawn.", url_for("portal.show_application"))


@page("/sandbox/application/message", methods=("POST",), permission="production.request", form="show_application")
def answer_operators(visit: Visit) -> Response:
    """Write to the operators about the latest request."""
    found = approvals.list_requests(visit.member, application_id=visit.side.application_id)
    if not found:
        raise NotFound("There is no request to write about.")
    thread.write_as_partner(visit.member, request_id=found[0].id, text=forms.text("text", label="Message", longest=2000))
    return forms.done("Sent to the people who run the platform.", url_for("portal.show_application"))


@page("/sandbox/application/evidence", permission="applications.read", plane=Plane.READ)
def show_evidence(visit: Visit) -> str:
    """The go-live checklist: what a request made now would carry, and the form that makes it."""
    found = evidence_of(visit.scope, scope_of=scope_of)
    offered = in_order(scopes_of(Environment.PRODUCTION))
    picked = forms.many("scopes") if visit.refusal else found["scopes_used"]
    return render_template(
        "portal/application/evidence.html", evidence=lines(found), tiers=[(tier.name, tier.label) for tier in OFFERED],
        scopes=[(scope, SCOPES[scope], scope in picked) for scope in offered],
        may_ask=visit.application is not None and visit.application.state in ("draft", "rejected", "needs_changes"),
    )  # fmt: skip
