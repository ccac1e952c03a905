"""What partners and operators write to each other about a request, oldest first: of production access, and of another plan."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from typing import TypeVar

from sqlalchemy import String
from sqlalchemy import select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from accounts.approvals.texts import checked_text
from accounts.organisations.members import Member
from kit.clock import Instant
from kit.clock import now
from kit.ids import new_id
from kit.planes import ControlModel
from kit.unit import control


class Message(ControlModel):
    """One message about a request. Each kind of request has a table of its own, with its `request_id`."""

    __abstract__ = True
    id_prefix: ClassVar[str]

    id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-2)
    request_id: Mapped[str]
    person_id: Mapped[str] = mapped_column(String(40))
    is_operator: Mapped[bool]
    text: Mapped[str] = mapped_column(String(2000))
    created_at: Mapped[datetime] = mapped_column(Instant, default=now)


AnyMessage = TypeVar("AnyMessage", bound=Message)


def write_message(
    kind: type[AnyMessage], author: Member, *, request_id: str, text: str, is_operator: bool
) -> AnyMessage:
    """Write a message and tell nobody. Trusts that the author may. Raises Invalid (422) for an empty or bad text."""
    message = kind(
        id=new_id(kind.id_prefix), request_id=request_id, person_id=author.person_id, is_operator=is_operator,
        text=checked_text(text, "message", needed="write something"), created_at=now(),
    )  # fmt: skip
    control().session.add(message)
    return message


def messages_of(kind: type[AnyMessage], *, request_id: str) -> Sequence[AnyMessage]:
    """The messages of a request its reader has been let to."""
    query = select(kind).where(kind.request_id == request_id).order_by(kind.created_at, kind.id)
    return list(control().session.scalars(query))
