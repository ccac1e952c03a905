"""Messages between a partner and the operators about one request, oldest first."""

from accounts.applications.service import get_application
from accounts.approvals.messages import write_message
from accounts.approvals.models import ProductionMessage
from accounts.approvals.queries import submission_of
from accounts.approvals.telling import tell_operators
from accounts.approvals.telling import tell_partner_of_message
from accounts.audit import service as audit
from accounts.organisations.members import Member
from accounts.organisations.permissions import ensure


def write_as_partner(member: Member, *, request_id: str, text: str) -> ProductionMessage:
    """Answer the operators. Raises Forbidden for a reading role, NotFound for another organisation's request, Invalid (422)."""
    ensure(member, "production.request")
    found = submission_of(request_id)
    get_application(member, application_id=found.application.id)
    message = write_message(ProductionMessage, member, request_id=request_id, text=text, is_operator=False)
    tell_operators(found.application, found.request, organisation=found.organisation.name, what="message", text=message.text)
    _note(member, found.organisation.id, found.application.id, request_id)
    return message


def write_as_operator(operator: Member, *, request_id: str, text: str) -> ProductionMessage:
    """Ask the partner something, or tell them. Raises NotFound, also for anyone but an operator, Invalid (422)."""
    ensure(operator, "platform.answer")
    found = submission_of(request_id)
    message = write_message(ProductionMessage, operator, request_id=request_id, text=text, is_operator=True)
    tell_partner_of_message(found.application, message.text)
    _note(operator, found.organisation.id, found.application.id, request_id)
    return message


def _note(author: Member, organisation_id: str, application_id: str, request_id: str) -> None:
    audit.record(
        organisation_id=organisation_id, person_id=author.person_id, action="production.message_written", target=application_id,
        details={"request_id": request_id},
    )  # fmt: skip
