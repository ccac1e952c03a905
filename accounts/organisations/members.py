"""Who acts in the portal, and what their role lets them change."""

from dataclasses import dataclass

from kit.errors import Forbidden
from kit.errors import NotFound

MAKERS = ("owner", "developer")  # may change keys, endpoints and applications; the other roles read


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in person in one organisation. An operator may belong to none: then organisation_id and role are empty."""

    person_id: str
    organisation_id: str
    role: str
    is_operator: bool
    email: str
    is_confirmed: bool = False  # showed that they read mails to the address


def ensure_maker(role: str | None) -> None:
    """Raise Forbidden (403) unless the role may change keys, endpoints and applications."""
    if role not in MAKERS:
        raise Forbidden(
            f"Your role is {role or 'not set'}; only owners and developers may change this.", required_scopes=[]
        )


def ensure_owner(member: Member) -> None:
    """Raise Forbidden (403) unless the member owns the organisation."""
    if member.role != "owner":
        raise Forbidden(f"Your role is {member.role or 'not set'}; only owners may change members.", required_scopes=[])


def ensure_operator(member: Member) -> None:
    """Raise NotFound for everyone else: operator pages do not exist for them."""
    if not member.is_operator:
        raise NotFound
