"""The operator's pages: requests for production access, oldest first, decided on evidence, and what follows from a decision."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.approvals import grants
from accounts.approvals import service as approvals
from accounts.approvals import thread
from accounts.approvals.messages import messages_of
from accounts.approvals.models import ProductionMessage
from accounts.plans.scopes import SCOPES
from accounts.plans.scopes import scopes_of
from kit.planes import Environment
from portal import forms
from portal.evidence import in_order
from portal.evidence import lines
from portal.pages import Visit
from portal.pages import page

SAID = {
    "approve": "The request was approved.", "changes": "The partner was asked for changes.",
    "reject": "The request was rejected.",
}  # fmt: skip


@page("/admin", permission="platform.requests")
def show_queue(visit: Visit) -> str:
    """Open requests by age, and what was decided before."""
    return render_template(
        "portal/admin/queue.html", submissions=approvals.queue(visit.member), decided=approvals.decided(visit.member)
    )


@page("/admin/requests/<request_id>", permission="platform.requests")
def show_request(visit: Visit, request_id: str) -> str:
    """One request with its evidence, its messages, and the forms that decide it."""
    submission = approvals.get_request(visit.member, request_id=request_id)
    asked, application = submission.request, submission.application
    everything = in_order(scopes_of(Environment.PRODUCTION))
    is_granted = application.state == "approved"
    ticked = forms.many("scopes") if visit.refusal else application.granted_scopes if is_granted else asked.scopes
    offered = everything if is_granted else asked.scopes or everything
    return render_template(
        "portal/admin/request.html", submission=submission, evidence=lines(asked.evidence, asked.scopes),
        messages=messages_of(ProductionMessage, request_id=request_id), limits=grants.LIMITS,
        scopes=[(scope, SCOPES[scope], scope in (ticked or offered)) for scope in offered],
        withheld=in_order(set(asked.scopes) - set(asked.granted_scopes)) if asked.granted_scopes else (),
    )  # fmt: skip


@page("/admin/requests/<request_id>", methods=("POST",), permission="platform.decide", form="show_request", step_up=True)
def decide_request(visit: Visit, request_id: str) -> Response:
    """Approve, with fewer scopes or other limits if need be, ask for changes, or reject. The partner is told why."""
    word = forms.choice("verdict", tuple(SAID), label="Decision")
    verdict = approvals.Verdict(
        word=word, reason=forms.text("reason", label="Reason", longest=2000, optional=word == "approve"),
        scopes=forms.many("scopes"), limits=_limits(),
    )  # fmt: skip
    approvals.decide(visit.member, request_id=request_id, verdict=verdict)
    return forms.done(SAID[word], url_for("portal.show_queue"))


@page("/admin/requests/<request_id>/message", methods=("POST",), permission="platform.answer", form="show_request")
def write_to_partner(visit: Visit, request_id: str) -> Response:
    """Write to the partner about the request."""
    thread.write_as_operator(visit.member, request_id=request_id, text=forms.text("text", label="Message", longest=2000))
    return forms.done("Sent to the partner.", url_for("portal.show_request", request_id=request_id))


@page("/admin/requests/<request_id>/grant", methods=("POST",), permission="platform.grant", form="show_request", step_up=True)
def change_grant(visit: Visit, request_id: str) -> Response:
    """Give an approved application other scopes or limits."""
    application = approvals.get_request(visit.member, request_id=request_id).application
    reason = forms.text("reason", label="Reason", longest=2000, optional=True)
    grants.change_grant(
        visit.member, application_id=application.id, scopes=forms.many("scopes"), limits=_limits(), reason=reason
    )
    return forms.done("It holds from the next request on.", url_for("portal.show_request", request_id=request_id))


@page("/admin/requests/<request_id>/suspend", methods=("POST",), permission="platform.suspend", form="show_request", step_up=True)
def suspend_application(visit: Visit, request_id: str) -> Response:
    """Stop every credential of the application."""
    application = approvals.get_request(visit.member, request_id=request_id).application
    reason = forms.text("reason", label="Reason", longest=2000)
    grants.suspend(visit.member, application_id=application.id, reason=reason)
    said = f"{application.name} is suspended. Its next request is refused."
    return forms.done(said, url_for("portal.show_request", request_id=request_id))


@page(
    "/admin/requests/<request_id>/reinstate", methods=("POST",), permission="platform.suspend", form="show_request", step_up=True,
)  # fmt: skip
def reinstate_application(visit: Visit, request_id: str) -> Response:
    """End the suspension."""
    application = approvals.get_request(visit.member, request_id=request_id).application
    grants.reinstate(visit.member, application_id=application.id)
    return forms.done(f"{application.name} works again.", url_for("portal.show_request", request_id=request_id))


def _limits() -> dict[str, int]:
    """The limits that were filled in; an empty field leaves the plan's."""
    typed = {name: forms.number(f"limit_{name}", label=label, optional=True) for name, label in grants.LIMITS.items()}
    return {name: value for name, value in typed.items() if value is not None}
