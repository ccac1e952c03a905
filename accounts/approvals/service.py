"""Going live: a member asks, an operator decides. A decision changes the application's state and nothing else.

Keys and tenants are not made here: a production key issued before starts to work with the approval.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import get_application
from accounts.applications.service import lock_application
from accounts.approvals.errors import ProductionAlreadyRequested
from accounts.approvals.errors import RequestAlreadyDecided
from accounts.approvals.models import ProductionRequest
from accounts.approvals.queries import deliveries_of
from accounts.approvals.queries import routes_of
from accounts.approvals.queries import scope_of_route
from accounts.approvals.queries import traffic_of
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.members import ensure_maker
from accounts.organisations.members import ensure_operator
from accounts.organisations.models import Organisation
from accounts.plans.catalog import TIERS
from kit.clock import now
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import control

LONGEST = 2000
TOP_ROUTES = 20
ASKABLE = tuple(name for name, tier in TIERS.items() if tier.core_areas)  # plans that include the API


@dataclass(frozen=True, slots=True)
class Submission:
    """A request with whom it is about."""

    request: ProductionRequest
    application: Application
    organisation: Organisation


def evidence(scope: Scope) -> dict[str, Any]:
    """What the tenant's traffic shows a reviewer, counted on its plane from request logs and deliveries.

    Rates are 0.0–1.0, or None when there was nothing to count. hasty_after_429: refused calls followed within a second by
    another refused one of the same credential. scopes_used: what the calls that succeeded needed, by route.
    """
    traffic, delivered = traffic_of(scope), deliveries_of(scope)
    routes = routes_of(scope)
    return {
        "calls": traffic["calls"],
        "first_call_at": traffic["first_at"],
        "last_call_at": traffic["last_at"],
        "error_rate": _rate(traffic["errors"], traffic["calls"]),
        "server_errors": traffic["server_errors"],
        "rate_limited": traffic["limited"],
        "hasty_after_429": traffic["hasty"],
        "writes": traffic["writes"],
        "idempotency_rate": _rate(traffic["with_key"], traffic["writes"]),
        "webhook_deliveries": delivered["finished"],
        "webhook_success_rate": _rate(delivered["succeeded"], delivered["finished"]),
        "routes": [{"method": m, "route": r, "calls": n} for m, r, n in routes[:TOP_ROUTES]],
        "scopes_used": sorted({scope_of_route(method, route) for method, route, _ in routes} - {""}),
    }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def request_production(
    member: Member, *, application_id: str, plan_tier: str, note: str, evidence: dict[str, Any]
) -> ProductionRequest:
    """Ask for production access. evidence: what the sandbox traffic shows (`evidence`).

    Raises Forbidden for a reading role, NotFound, Invalid (422), ProductionAlreadyRequested (409).
    """
    ensure_maker(member.role)
    if plan_tier not in ASKABLE:
        message = f"one of {', '.join(ASKABLE)}"
        raise Invalid(f"The plan must be {message}.", errors=[FieldError("plan_tier", "invalid_value", message)])
    note = _text(note, "note")
    get_application(member, application_id=application_id)
    application = lock_application(application_id)
    if application.state not in ("draft", "rejected"):
        raise ProductionAlreadyRequested(f"The application is {application.state}.")
    request = ProductionRequest(
        id=new_id("prq"), application_id=application_id, state="open", plan_tier=plan_tier, note=note, evidence=evidence,
        requested_by=member.person_id, created_at=now(),
    )  # fmt: skip
    control().session.add(request)
    application.state = "submitted"
    _note(member, application, "production.requested", request, {"plan_tier": plan_tier})
    return request


def withdraw(member: Member, *, application_id: str) -> ProductionRequest:
    """Take the application's open request back; it is a draft again.

    Raises Forbidden, NotFound, RequestAlreadyDecided (409) when none is open.
    """
    ensure_maker(member.role)
    get_application(member, application_id=application_id)
    application = lock_application(application_id)
    query = _of_application(application_id).where(ProductionRequest.state == "open")
    request: ProductionRequest | None = control().session.scalar(query)
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


def _of_application(application_id: str) -> Any:
    return select(ProductionRequest).where(ProductionRequest.application_id == application_id)


def queue(operator: Member) -> list[Submission]:
    """Open requests, the longest waiting first. Raises NotFound for anyone but an operator."""
    ensure_operator(operator)
    order = (ProductionRequest.created_at, ProductionRequest.id)
    rows = control().session.execute(_submissions().where(ProductionRequest.state == "open").order_by(*order))
    return [Submission(*row) for row in rows]


def decided(operator: Member, *, limit: int = 50) -> list[Submission]:
    """Requests no longer open, the latest decision first. Raises NotFound for anyone but an operator."""
    ensure_operator(operator)
    order = (ProductionRequest.decided_at.desc(), ProductionRequest.id.desc())
    rows = control().session.execute(
        _submissions().where(ProductionRequest.state != "open").order_by(*order).limit(limit)
    )
    return [Submission(*row) for row in rows]


def get_request(operator: Member, *, request_id: str) -> Submission:
    """One request with its application and organisation. Raises NotFound, also for anyone but an operator."""
    ensure_operator(operator)
    return _submission(request_id)


def decide(operator: Member, *, request_id: str, approve: bool, reason: str = "") -> ProductionRequest:
    """Approve or reject an open request; a rejection needs a reason, which the partner reads.

    Raises NotFound (also for anyone but an operator), Invalid (422), RequestAlreadyDecided (409).
    """
    ensure_operator(operator)
    reason = _text(reason, "reason")
    if not approve and not reason:
        message = "say what the partner should change"
        raise Invalid("A rejection needs a reason.", errors=[FieldError("reason", "required", message)])
    request, application = _open(request_id, _submission(request_id).application.id)
    request.state = "approved" if approve else "rejected"
    _follow(application, request.state)
    request.decided_by, request.decided_at, request.reason = operator.person_id, now(), reason or None
    _note(operator, application, f"production.{request.state}", request, {"reason": reason})
    return request


def suspend(operator: Member, *, application_id: str, reason: str) -> Application:
    """Stop every credential of an application with the next request. Raises NotFound, Invalid without a reason."""
    ensure_operator(operator)
    reason = _text(reason, "reason")
    if not reason:
        message = "say why the application is suspended"
        raise Invalid("A suspension needs a reason.", errors=[FieldError("reason", "required", message)])
    return _set_state(operator, application_id, "suspended", "application.suspended", {"reason": reason})


def reinstate(operator: Member, *, application_id: str) -> Application:
    """End a suspension: the application is what its requests made of it. Raises NotFound."""
    ensure_operator(operator)
    query = select(ProductionRequest.state).where(ProductionRequest.application_id == application_id).distinct()
    states = set(control().session.scalars(query))
    state = "approved" if "approved" in states else "submitted" if "open" in states else "draft"
    return _set_state(operator, application_id, state, "application.reinstated", {"state": state})


def _set_state(operator: Member, application_id: str, state: str, action: str, details: dict[str, Any]) -> Application:
    application = lock_application(application_id)
    if (application.state == "suspended") == (state == "suspended"):
        return application
    application.state = state
    audit.record(
        organisation_id=application.organisation_id, person_id=operator.person_id, action=action, target=application_id,
        details=details,
    )  # fmt: skip
    revocations.announce()
    return application


def _follow(application: Application, state: str) -> None:
    """Give the application the state its request came to; a suspension outlasts any decision."""
    if application.state != "suspended":
        application.state = state


def _submissions() -> Any:
    return (
        select(ProductionRequest, Application, Organisation)
        .join(Application, Application.id == ProductionRequest.application_id)
        .join(Organisation, Organisation.id == Application.organisation_id)
    )


def _submission(request_id: str) -> Submission:
    row = control().session.execute(_submissions().where(ProductionRequest.id == request_id)).first()
    if row is None:
        raise NotFound
    return Submission(*row)


def _open(request_id: str, application_id: str) -> tuple[ProductionRequest, Application]:
    """The request and its application under the application's lock, so that one decision wins."""
    application = lock_application(application_id)
    query = (
        select(ProductionRequest).where(ProductionRequest.id == request_id).execution_options(populate_existing=True)
    )
    request: ProductionRequest = control().session.scalars(query).one()
    if request.state != "open":
        raise RequestAlreadyDecided(f"The request is {request.state}.")
    return request, application


def _note(
    member: Member, application: Application, action: str, request: ProductionRequest, details: dict[str, Any]
) -> None:
    audit.record(
        organisation_id=application.organisation_id, person_id=member.person_id, action=action, target=application.id,
        details={"request_id": request.id, **details},
    )  # fmt: skip


def _text(value: str, field: str) -> str:
    value = value.replace("\r\n", "\n").strip()
    if len(value) > LONGEST or any(not (character.isprintable() or character in "\n\t") for character in value):
        message = f"at most {LONGEST} characters and no control characters"
        raise Invalid(f"The {field} takes {message}.", errors=[FieldError(field, "invalid_value", message)])
    return value
