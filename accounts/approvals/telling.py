"""Who is told of what on the way to production: partners by notice and mail, operators by mail. Part of the same transaction."""

from typing import Any

from accounts.applications.models import Application
from accounts.approvals.models import ProductionRequest
from accounts.notices.service import Told
from accounts.notices.service import mail_operators
from accounts.notices.service import notify

TITLES = {
    "approved": "{} may go live", "needs_changes": "{} needs changes before it goes live", "rejected": "{} may not go live",
    "suspended": "{} was suspended", "reinstated": "{} works again", "granted": "What {} may do in production has changed",
}  # fmt: skip
SEVERITIES = {"needs_changes": "warning", "rejected": "warning", "suspended": "error", "granted": "warning"}


def tell_partner(application: Application, decision: str, *, reason: str = "", withheld: list[str] | None = None) -> None:
    """Tell the organisation what was decided about its application. withheld: scopes it asked for and did not get."""
    title = TITLES[decision].format(application.name)
    told = Told(
        kind="production.decided", severity=SEVERITIES.get(decision, "info"), title=title, link=_page_of(application),
        text=reason or ("Its production keys work from now on." if decision in ("approved", "reinstated") else title + "."),
    )  # fmt: skip
    values: dict[str, Any] = {
        "title": title, "decision": decision, "application": application.name, "reason": reason, "withheld": withheld or [],
    }  # fmt: skip
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=values)


def tell_partner_of_message(application: Application, text: str) -> None:
    """Tell the organisation that an operator wrote about its request."""
    title = f"A message about {application.name}"
    told = Told(kind="production.message", severity="warning", title=title, text=text, link=_page_of(application))
    mail = {"application": application.name, "text": text}
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=mail)


def tell_operators(application: Application, request: ProductionRequest, *, organisation: str, what: str, text: str) -> None:
    """Tell everybody who runs the platform. what: new, again (after changes) or message."""
    context = {"application": application.name, "organisation": organisation, "what": what, "text": text}
    mail_operators(kind="production.review", path=f"/admin/requests/{request.id}", context=context)


def _page_of(application: Application) -> str:
    return f"/sandbox/application?application={application.id}"
