"""The operator's pages: requests for production access, oldest first, decided on evidence."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.approvals import service as approvals
from portal import forms
from portal.evidence import lines
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page


@page("/admin", access=Access.OPERATOR)
def show_queue(visit: Visit) -> str:
    """Open requests by age, and what was decided before."""
    return render_template(
        "portal/admin/queue.html", submissions=approvals.queue(visit.member), decided=approvals.decided(visit.member)
    )


@page("/admin/requests/<request_id>", access=Access.OPERATOR)
def show_request(visit: Visit, request_id: str) -> str:
    """One request with its evidence and the form that decides it."""
    submission = approvals.get_request(visit.member, request_id=request_id)
    return render_template(
        "portal/admin/request.html", submission=submission, evidence=lines(submission.request.evidence)
    )


@page("/admin/requests/<request_id>", methods=("POST",), access=Access.OPERATOR, form="show_request")
def decide_request(visit: Visit, request_id: str) -> Response:
    """Approve or reject. A rejection tells the partner why."""
    verdict = forms.choice("verdict", ("approve", "reject"), label="Decision")
    reason = forms.text("reason", label="Reason", longest=2000, optional=verdict == "approve")
    approvals.decide(visit.member, request_id=request_id, approve=verdict == "approve", reason=reason)
    said = "approved" if verdict == "approve" else "rejected"
    return forms.done(f"The request was {said}.", url_for("portal.show_queue"))
