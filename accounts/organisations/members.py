"""Who acts in the portal. What their role lets them do stands in accounts.organisations.permissions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in person in one organisation. Operators and people who left may belong to none: then both fields are empty."""

    person_id: str
    organisation_id: str
    role: str
    is_operator: bool
    email: str
    is_confirmed: bool = False  # showed that they read mails to the address
