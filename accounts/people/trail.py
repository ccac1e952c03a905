"""What somebody changes about their own account, in the audit log of each organisation they belong to.

An operator who belongs to none has no log: there is no organisation whose business it would be.
"""

from typing import Any

from sqlalchemy import select

from accounts.audit import service as audit
from accounts.organisations.models import Membership
from kit.unit import control


def note(
    person_id: str, action: str, *, target: str = "", details: dict[str, Any] | None = None, is_own: bool = True
) -> None:
    """Record a change. target: what was changed; the person themselves when empty. details: never a secret.

    is_own: the person did it, not somebody who runs the installation.
    """
    query = select(Membership.organisation_id).where(Membership.person_id == person_id).order_by(Membership.organisation_id)
    for organisation_id in control().session.scalars(query).all():
        audit.record(
            organisation_id=organisation_id, person_id=person_id if is_own else None, action=action,
            target=target or person_id, details=details,
        )  # fmt: skip
