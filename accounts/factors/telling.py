"""Telling about a change of somebody's factors: the audit log of each of their organisations, and a mail to themselves."""

from typing import Any

from sqlalchemy import select

from accounts.audit import service as audit
from accounts.mail.service import send_mail
from accounts.organisations.models import Membership
from accounts.people.service import get_person
from kit.clock import now
from kit.unit import control

PAGE = "/security"
# Action of the audit log: subject of the mail, and what it means.
CHANGES = {
    "factor.totp_added": (
        "An authenticator app was added to your account",
        "From now on signing in with your password asks for a code of that app, or for a passkey.",
    ),
    "factor.totp_removed": (
        "The authenticator app was removed from your account", "Its codes are no longer accepted.",
    ),
    "factor.passkey_added": (
        "A passkey was added to your account", "It signs you in without a password.",
    ),
    "factor.passkey_removed": ("A passkey was removed from your account", "It no longer signs anybody in."),
    "factor.codes_made": (
        "You have new recovery codes", "Those you had before are worth nothing now.",
    ),
    "factor.code_used": (
        "A recovery code was used on your account", "Each works once. You make new ones on the page about sign-in and security.",
    ),
    "factor.forgotten": (
        "The second factors of your account were taken away",
        "Those who run the platform did it, because you lost them. Log in with your password and set up new ones.",
    ),
}  # fmt: skip


def tell(
    action: str, *, person_id: str, target: str = "", details: dict[str, Any] | None = None, about: str = "",
    is_own: bool = True,
) -> None:  # fmt: skip
    """Record a change of a person's factors and write to them. about: which one, as they named it. is_own: they did it.

    Somebody of no organisation, as an operator may be, has no log of their own; the mail is all that tells of it.
    """
    person = get_person(person_id=person_id)
    query = select(Membership.organisation_id).where(Membership.person_id == person_id).order_by(Membership.organisation_id)
    for organisation_id in control().session.scalars(query):
        audit.record(
            organisation_id=organisation_id, person_id=person_id if is_own else None, action=action,
            target=target or person_id, details=details,
        )  # fmt: skip
    title, meaning = CHANGES[action]
    send_mail(
        kind="factor.changed", to_address=person.email_as_typed, path=PAGE, person_id=person_id,
        context={"title": title, "meaning": meaning, "about": about, "at": now()},
    )  # fmt: skip
