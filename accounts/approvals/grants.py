"""What an approved application may do in production, and stopping it: both take effect with its next request."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import lock_application
from accounts.approvals.models import ProductionRequest
from accounts.approvals.telling import tell_partner
from accounts.approvals.texts import checked_text
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from accounts.plans.scopes import checked
from accounts.plans.scopes import scopes_of
from kit.errors import FieldError
from kit.errors import Invalid
from kit.planes import Environment
from kit.unit import control

LIMITS = {"read": "Reads a minute", "write": "Writes a minute", "status": "Status changes a minute", "daily": "Calls a day"}
MOST = 10_000_000


def checked_limits(limits: dict[str, int]) -> dict[str, int]:
    """Limits of an application instead of its plan's: any of read, write, status (a minute) and daily (calls).

    Raises Invalid (422) for another name or a number below 1.
    """
    for name, value in limits.items():
        if name not in LIMITS or not 1 <= value <= MOST:
            message = f"a number from 1 to {MOST} for one of {', '.join(LIMITS)}"
            raise Invalid(f"A limit is {message}.", errors=[FieldError(f"limit_{name}", "invalid_value", message)])
    return {name: limits[name] for name in LIMITS if name in limits}


def change_grant(
    operator: Member, *, application_id: str, scopes: Iterable[str], limits: dict[str, int], reason: str = ""
) -> Application:
    """Give an application other scopes and limits in production; its keys follow with their next request.

    Raises NotFound (also for anyone but an operator), Invalid (422), also for an application that is not approved.
    """
    ensure(operator, "platform.grant")
    reason = checked_text(reason, "reason")
    granted = checked(scopes, environment=Environment.PRODUCTION, within=scopes_of(Environment.PRODUCTION))
    allowed = checked_limits(limits)
    application = lock_application(application_id)
    if application.state != "approved":
        raise Invalid("Only an approved application has scopes and limits to change.")
    before = {"scopes": application.granted_scopes, "limits": application.limits}
    if before == {"scopes": granted, "limits": allowed}:
        return application
    application.granted_scopes, application.limits = granted, allowed
    revocations.announce()
    tell_partner(application, "granted", reason=reason)
    details = {"reason": reason, "scopes": granted, "limits": allowed, "before": before}
    _note(operator, application, "production.grant_changed", details)
    return application


def suspend(operator: Member, *, application_id: str, reason: str) -> Application:
    """Stop every credential of an application with the next request. Raises NotFound, Invalid without a reason."""
    ensure(operator, "platform.suspend")
    reason = checked_text(reason, "reason", needed="say why the application is suspended")
    application = lock_application(application_id)
    if application.state != "suspended":
        application.state = "suspended"
        _stop_or_go(operator, application, "suspended", {"reason": reason})
    return application


def reinstate(operator: Member, *, application_id: str) -> Application:
    """End a suspension: the application is what its requests made of it. Raises NotFound."""
    ensure(operator, "platform.suspend")
    application = lock_application(application_id)
    if application.state == "suspended":
        query = select(ProductionRequest.state).where(ProductionRequest.application_id == application_id).distinct()
        states = set(control().session.scalars(query))
        application.state = next(
            (state for found, state in (("approved", "approved"), ("open", "submitted"), ("needs_changes", "needs_changes"))
             if found in states), "draft",
        )  # fmt: skip
        _stop_or_go(operator, application, "reinstated", {"state": application.state})
    return application


def _stop_or_go(operator: Member, application: Application, what: str, details: dict[str, Any]) -> None:
    revocations.announce()
    tell_partner(application, what, reason=str(details.get("reason", "")))
    _note(operator, application, f"application.{what}", details)


def _note(operator: Member, application: Application, action: str, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=application.organisation_id, person_id=operator.person_id, action=action, target=application.id,
        details=details,
    )  # fmt: skip
