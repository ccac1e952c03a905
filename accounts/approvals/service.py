"""Going live: a member asks, an operator decides, asks for changes, or grants less than was asked for.

Keys and tenants are not made here: a production key issued before starts to work with the approval.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import get_application
from accounts.applications.service import lock_application
from accounts.approvals.errors import ProductionAlreadyRequested
from accounts.approvals.errors import RequestAlreadyDecided
from accounts.approvals.grants import checked_limits
from accounts.approvals.messages import write_message
from accounts.approvals.models import ProductionMessage
from accounts.approvals.models import ProductionRequest
from accounts.approvals.queries import Submission
from accounts.approvals.queries import submission_of
from accounts.approvals.queries import submissions
from accounts.approvals.telling import tell_operators
from accounts.approvals.telling import tell_partner
from accounts.approvals.texts import checked_text
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from accounts.organisations.service import get_organisation
from accounts.people.confirming import ensure_confirmed
from accounts.plans.catalog import TIERS
from accounts.plans.scopes import checked
from accounts.plans.scopes import scopes_of
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

ASKABLE = tuple(name for name, tier in TIERS.items() if tier.core_areas)  # plans that include the API
PENDING = ("open", "needs_changes")
VERDICTS = {"approve": "approved", "changes": "needs_changes", "reject": "rejected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an operator decides. word: approve, changes or reject.

    scopes: what is granted, None for all that was asked for; limits: instead of the plan's (checked_limits).
    """

    word: str
    reason: str = ""
    scopes: Iterable[str] | None = None
    limits: dict[str, int] = field(default_factory=dict)


def request_production(
    member: Member, *, application_id: str, plan_tier: str, scopes: Iterable[str], note: str, evidence: dict[str, Any]
) -> ProductionRequest:
    """Ask for production access, or ask again after changes were wanted: then it is the same request with new evidence.

    evidence: what the sandbox traffic shows (accounts.approvals.evidence).
    Raises Forbidden for a reading role, AddressUnconfirmed (403), NotFound, Invalid (422), ProductionAlreadyRequested (409).
    """
    ensure(member, "production.request")
    ensure_confirmed(member)
    if plan_tier not in ASKABLE:
        message = f"one of {', '.join(ASKABLE)}"
        raise Invalid(f"The plan must be {message}.", errors=[FieldError("plan_tier", "invalid_value", message)])
    asked = {
        "plan_tier": plan_tier, "note": checked_text(note, "note"), "evidence": evidence,
        "scopes": checked(scopes, environment=Environment.PRODUCTION, within=scopes_of(Environment.PRODUCTION)),
    }  # fmt: skip
    get_application(member, application_id=application_id)
    application = lock_application(application_id)
    if application.state not in ("draft", "rejected", "needs_changes"):
        raise ProductionAlreadyRequested(f"The application is {application.state}.")
    request = _pending(application_id)
    is_again = request is not None
    if request is None:
        request = ProductionRequest(
            id=new_id("prq"), application_id=application_id, requested_by=member.person_id, created_at=now(), granted_scopes=[]
        )
        control().session.add(request)
    for name, value in asked.items():
        setattr(request, name, value)
    request.state, request.submitted_at, request.reason = "open", now(), None
    request.decided_by = request.decided_at = None
    application.state = "submitted"
    control().session.flush()  # a note becomes a message of the request
    if is_again and request.note:
        write_message(ProductionMessage, member, request_id=request.id, text=request.note, is_operator=False)
    name = get_organisation(member).name
    tell_operators(application, request, organisation=name, what="again" if is_again else "new", text=request.note)
    action = "production.resubmitted" if is_again else "production.requested"
    _note(member, application, action, request, {"plan_tier": plan_tier, "scopes": request.scopes})
    return request


def withdraw(member: Member, *, application_id: str) -> ProductionRequest:
    """Take the application's pending request back; it is a draft again.

    Raises Forbidden, NotFound, RequestAlreadyDecided (409) when none is pending.
    """
    ensure(member, "production.request")
    get_application(member, application_id=application_id)
    application = lock_application(application_id)
    request = _pending(application_id)
    if request is None:
        raise RequestAlreadyDecided("No request of this application is open.")
    request.state, request.decided_at = "withdrawn", now()
    _follow(application, "draft")
    _note(member, application, "production.withdrawn", request, {})
    return request


def list_requests(member: Member, *, application_id: str) -> list[ProductionRequest]:
    """Every request of a member's application, newest first. Raises NotFound for another organisation's application."""
    get_application(member, application_id=application_id)
    order = (ProductionRequest.created_at.desc(), ProductionRequest.id.desc())
    return list(control().session.scalars(_of_application(application_id).order_by(*order)))


def queue(operator: Member) -> list[Submission]:
    """Open requests, the longest waiting first. Raises NotFound for anyone but an operator."""
    ensure(operator, "platform.requests")
    order = (ProductionRequest.submitted_at, ProductionRequest.id)
    rows = control().session.execute(submissions().where(ProductionRequest.state == "open").order_by(*order))
    return [Submission(*row) for row in rows]


def decided(operator: Member, *, limit: int = 50) -> list[Submission]:
    """Requests no longer open, the latest decision first. Raises NotFound for anyone but an operator."""
    ensure(operator, "platform.requests")
    order = (ProductionRequest.decided_at.desc(), ProductionRequest.id.desc())
    rows = control().session.execute(
        submissions().where(ProductionRequest.state != "open").order_by(*order).limit(limit)
    )
    return [Submission(*row) for row in rows]


def get_request(operator: Member, *, request_id: str) -> Submission:
    """One request with its application and organisation. Raises NotFound, also for anyone but an operator."""
    ensure(operator, "platform.requests")
    return submission_of(request_id)


def decide(operator: Member, *, request_id: str, verdict: Verdict) -> ProductionRequest:
    """Approve an open request, want changes of it, or reject it; the last two need a reason, which the partner reads.

    An approval gives the application its scopes and limits. Wanted changes keep the request: the partner submits it again.
    Raises NotFound (also for anyone but an operator), Invalid (422), RequestAlreadyDecided (409).
    """
    ensure(operator, "platform.decide")
    if verdict.word not in VERDICTS:
        message = f"one of {', '.join(VERDICTS)}"
        raise Invalid(f"A decision is {message}.", errors=[FieldError("verdict", "invalid_value", message)])
    is_approval = verdict.word == "approve"
    reason = checked_text(verdict.reason, "reason", needed="" if is_approval else "say what the partner should change")
    request, application = _open(request_id, submission_of(request_id).application.id)
    withheld: list[str] = []
    if is_approval:
        withheld = _grant(application, request, verdict)
    request.state = VERDICTS[verdict.word]
    _follow(application, request.state)
    request.decided_by, request.decided_at, request.reason = operator.person_id, now(), reason or None
    if verdict.word == "changes":
        write_message(ProductionMessage, operator, request_id=request.id, text=reason, is_operator=True)
    tell_partner(application, request.state, reason=reason, withheld=withheld)
    details = {"scopes": request.granted_scopes, "withheld": withheld, "limits": application.limits} if is_approval else {}
    _note(operator, application, f"production.{request.state}", request, {"reason": reason, **details})
    return request


def _grant(application: Application, request: ProductionRequest, verdict: Verdict) -> list[str]:
    """Give the application what the verdict grants; return the scopes that were asked for and are withheld."""
    asked = request.scopes or sorted(scopes_of(Environment.PRODUCTION))
    granted = asked if verdict.scopes is None else verdict.scopes
    request.granted_scopes = checked(granted, environment=Environment.PRODUCTION, within=scopes_of(Environment.PRODUCTION))
    application.granted_scopes, application.limits = request.granted_scopes, checked_limits(verdict.limits)
    revocations.announce()  # a former grant may be remembered
    return [scope for scope in asked if scope not in request.granted_scopes]


def _of_application(application_id: str) -> Any:
    return select(ProductionRequest).where(ProductionRequest.application_id == application_id)


def _pending(application_id: str) -> ProductionRequest | None:
    """The request that is open or waits for changes. Trusts that the application is locked."""
    query = _of_application(application_id).where(ProductionRequest.state.in_(PENDING))
    request: ProductionRequest | None = control().session.scalar(query.execution_options(populate_existing=True))
    return request


def _follow(application: Application, state: str) -> None:
    """Give the application the state its request came to; a suspension outlasts any decision."""
    if application.state != "suspended":
        application.state = state


def _open(request_id: str, application_id: str) -> tuple[ProductionRequest, Application]:
    """The request and its application under the application's lock, so that one decision wins."""
    application = lock_application(application_id)
    query = (
        select(ProductionRequest).where(ProductionRequest.id == request_id).execution_options(populate_existing=True)
    )
    request: ProductionRequest = control().session.scalars(query).one()
    if request.state != "open":
        raise RequestAlreadyDecided(f"The request is {request.state.replace('_', ' ')}.")
    return request, application


def _note(
    member: Member, application: Application, action: str, request: ProductionRequest, details: dict[str, Any]
) -> None:
    audit.record(
        organisation_id=application.organisation_id, person_id=member.person_id, action=action, target=application.id,
        details={"request_id": request.id, **details},
    )  # fmt: skip
