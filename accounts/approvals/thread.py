"""Messages between a partner and the operators about one request, oldest first."""

from sqlalchemy import select

from accounts.applications.service import get_application
from accounts.approvals.models import ProductionMessage
from accounts.approvals.models import ProductionRequest
from accounts.approvals.queries import submission_of
from accounts.approvals.telling import tell_operators
from accounts.approvals.telling import tell_partner_of_message
from accounts.approvals.texts import checked_text
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure
from kit.clock import now
from kit.ids import new_id
from kit.unit import control


def write_as_partner(member: Member, *, request_id: str, text: str) -> ProductionMessage:
    """Answer the operators. Raises Forbidden for a reading role, NotFound for another organisation's request, Invalid (422)."""
    ensure(member, "production.request")
    found = submission_of(request_id)
    get_application(member, application_id=found.application.id)
    message = add_message(member, found.request, text, is_operator=False)
    tell_operators(found.application, found.request, organisation=found.organisation.name, what="message", text=message.text)
    _note(member, found.organisation.id, found.application.id, request_id)
    return message


def write_as_operator(operator: Member, *, request_id: str, text: str) -> ProductionMessage:
    """Ask the partner something, or tell them. Raises NotFound, also for anyone but an operator, Invalid (422)."""
    ensure(operator, "platform.answer")
    found = submission_of(request_id)
    message = add_message(operator, found.request, text, is_operator=True)
    tell_partner_of_message(found.application, message.text)
    _note(operator, found.organisation.id, found.application.id, request_id)
    return message


def list_messages(*, request_id: str) -> list[ProductionMessage]:
    """The messages of a request its reader has been let to."""
    query = select(ProductionMessage).where(ProductionMessage.request_id == request_id)
    return list(control().session.scalars(query.order_by(ProductionMessage.created_at, ProductionMessage.id)))


def add_message(author: Member, request: ProductionRequest, text: str, *, is_operator: bool) -> ProductionMessage:
    """Write a message and tell nobody. Trusts that the author may. Raises Invalid (422) for an empty or bad text."""
    message = ProductionMessage(
        id=new_id("pmg"), request_id=request.id, person_id=author.person_id, is_operator=is_operator,
        text=checked_text(text, "message", needed="write something"), created_at=now(),
    )  # fmt: skip
    control().session.add(message)
    return message


def _note(author: Member, organisation_id: str, application_id: str, request_id: str) -> None:
    audit.record(
        organisation_id=organisation_id, person_id=author.person_id, action="production.message_written", target=application_id,
        details={"request_id": request_id},
    )  # fmt: skip
