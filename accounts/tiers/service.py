"""Asking for another plan: a partner gives a reason, an operator decides or asks. Changing it is accounts.tiers.changing.

The restaurant's plan is one for all applications that work with it; a request belongs to the application that makes it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.applications.service import get_tenant
from accounts.applications.service import lock_application
from accounts.applications.service import side_for
from accounts.approvals.messages import write_message
from accounts.approvals.texts import checked_text
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.models import Organisation
from accounts.organisations.permissions import ensure
from accounts.tiers.changing import apply_tier
from accounts.tiers.changing import checked_tier
from accounts.tiers.errors import TierAlreadyRequested
from accounts.tiers.errors import TierRequestDecided
from accounts.tiers.impact import Impact
from accounts.tiers.models import PENDING
from accounts.tiers.models import TierMessage
from accounts.tiers.models import TierRequest
from accounts.tiers.telling import tell_of_decision
from accounts.tiers.telling import tell_operators
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

VERDICTS = {"approve": "approved", "refuse": "refused", "ask": "asked"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with whom it is about."""

    request: TierRequest
    application: Application
    organisation: Organisation
    tenant: Tenant


def request_tier(
    member: Member, *, application_id: str, tenant_id: str, tier: str, reason: str, impact: Impact
) -> TierRequest:
    """Ask that a production tenant of an application be put on another plan. impact: what the partner was shown.

    Raises Forbidden for a role that may not, NotFound, Invalid (422) for a bad plan or no reason, TierAlreadyRequested (409).
    """
    ensure(member, "plans.request")
    wanted, reason = checked_tier(tier), checked_text(reason, "reason", needed="say what you need it for")
    side_for(member, application_id=application_id, environment=Environment.PRODUCTION, tenant_id=tenant_id)
    lock_application(application_id)
    tenant = get_tenant(tenant_id=tenant_id)
    if tenant.plan_tier == wanted:
        message = "the restaurant is on this plan"
        raise Invalid(f"There is nothing to change: {message}.", errors=[FieldError("tier", "invalid_value", message)])
    if find_pending(application_id=application_id, tenant_id=tenant_id) is not None:
        raise TierAlreadyRequested
    request = TierRequest(
        id=new_id("trq"), application_id=application_id, tenant_id=tenant_id, state="open", from_tier=tenant.plan_tier or "",
        to_tier=wanted, reason=reason, impact=impact.as_dict(), requested_by=member.person_id, created_at=now(),
    )  # fmt: skip
    control().session.add(request)
    control().session.flush()  # it is read with whom it is about
    found = _asked(request.id)
    tell_operators(found.application, tenant, request, organisation=found.organisation.name, what="new", text=reason)
    _note(member, found, "plan.requested", {"from": request.from_tier, "to": wanted})
    return request


def withdraw(member: Member, *, request_id: str) -> TierRequest:
    """Take a pending request back. Raises Forbidden, NotFound, TierRequestDecided (409)."""
    ensure(member, "plans.request")
    found = _locked(member, request_id)
    found.request.state, found.request.decided_at = "withdrawn", now()
    _note(member, found, "plan.request_withdrawn", {})
    return found.request


def answer(member: Member, *, request_id: str, text: str) -> TierMessage:
    """Write to the operators about a pending request; one they asked about is open again.

    Raises Forbidden, NotFound, Invalid (422), TierRequestDecided (409).
    """
    ensure(member, "plans.request")
    found = _locked(member, request_id)
    message = write_message(TierMessage, member, request_id=request_id, text=text, is_operator=False)
    found.request.state = "open"
    tell_operators(
        found.application, found.tenant, found.request, organisation=found.organisation.name, what="message", text=message.text
    )
    _note(member, found, "plan.message_written", {})
    return message


def decide(operator: Member, *, request_id: str, word: str, note: str) -> TierRequest:
    """Approve a pending request, refuse it, or ask the partner something; the last two need a note.

    An approval changes the plan in the same transaction. Raises NotFound (also for anyone but an operator), Invalid (422),
    TierRequestDecided (409).
    """
    ensure(operator, "platform.plan_decide")
    if word not in VERDICTS:
        message = f"one of {', '.join(VERDICTS)}"
        raise Invalid(f"A decision is {message}.", errors=[FieldError("verdict", "invalid_value", message)])
    note = checked_text(note, "note", needed="" if word == "approve" else "the partner has to know why, or what to answer")
    found = _locked(None, request_id)
    request = found.request
    request.state = VERDICTS[word]
    if word == "ask":
        write_message(TierMessage, operator, request_id=request_id, text=note, is_operator=True)
    else:
        request.decided_by, request.decided_at, request.note = operator.person_id, now(), note
    _note(operator, found, f"plan.request_{request.state}", {"to": request.to_tier, "note": note})
    if word == "approve":
        apply_tier(operator, tenant_id=request.tenant_id, tier=request.to_tier, reason=note)
    else:
        tell_of_decision(found.application, found.tenant, request, text=note)
    return request


def find_pending(*, application_id: str, tenant_id: str) -> TierRequest | None:
    """The request of an application about a tenant that waits for a decision or an answer, if any."""
    query = select(TierRequest).where(
        TierRequest.application_id == application_id, TierRequest.tenant_id == tenant_id, TierRequest.state.in_(PENDING)
    )
    request: TierRequest | None = control().session.scalar(query)
    return request


def list_requests(member: Member, *, application_id: str, tenant_id: str) -> list[TierRequest]:
    """Every request of a member's application about a tenant, newest first. Raises NotFound."""
    side_for(member, application_id=application_id, environment=Environment.PRODUCTION, tenant_id=tenant_id)
    query = select(TierRequest).where(TierRequest.application_id == application_id, TierRequest.tenant_id == tenant_id)
    return list(control().session.scalars(query.order_by(TierRequest.created_at.desc(), TierRequest.id.desc())))


def queue(operator: Member) -> list[Asked]:
    """Open requests, the longest waiting first. Raises NotFound for anyone but an operator."""
    ensure(operator, "platform.plans")
    rows = _all_asked().where(TierRequest.state.in_(PENDING)).order_by(TierRequest.created_at, TierRequest.id)
    return [Asked(*row) for row in control().session.execute(rows)]


def get_asked(operator: Member, *, request_id: str) -> Asked:
    """One request with whom it is about. Raises NotFound, also for anyone but an operator."""
    ensure(operator, "platform.plans")
    return _asked(request_id)


def list_tenants(operator: Member, *, limit: int = 200) -> list[Tenant]:
    """Production tenants by name, for the pages of operators. Raises NotFound for anyone else."""
    ensure(operator, "platform.plans")
    query = select(Tenant).where(Tenant.environment == Environment.PRODUCTION).order_by(Tenant.name, Tenant.id)
    return list(control().session.scalars(query.limit(limit)))


def _all_asked() -> Any:
    return (
        select(TierRequest, Application, Organisation, Tenant)
        .join(Application, Application.id == TierRequest.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Tenant, Tenant.id == TierRequest.tenant_id)
    )


def _asked(request_id: str) -> Asked:
    again = _all_asked().where(TierRequest.id == request_id).execution_options(populate_existing=True)
    row = control().session.execute(again).first()
    if row is None:
        raise NotFound
    return Asked(*row)


def _locked(member: Member | None, request_id: str) -> Asked:
    """A pending request under its application's lock, so that one decision wins. member: whose it must be, None: anybody's."""
    found = _asked(request_id)
    if member is not None and found.organisation.id != member.organisation_id:
        raise NotFound
    lock_application(found.application.id)
    found = _asked(request_id)
    if found.request.state not in PENDING:
        raise TierRequestDecided(f"The request is {found.request.state}.")
    return found


def _note(author: Member, found: Asked, action: str, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=found.organisation.id, person_id=author.person_id, action=action, target=found.tenant.id,
        details={"request_id": found.request.id, "application_id": found.application.id, **details},
    )  # fmt: skip
