"""The one table of who may do what in the portal: permissions in plain words and the roles that hold them.

The door of the pages, the services, the buttons people see and the matrix in the documentation read it. What is not in it, nobody
may do. What credentials may do in the API is the scopes' business.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.organisations.members import Member
from accounts.organisations.models import ROLES
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound

ROLE_MEANINGS = {
    "owner": "Does everything, decides who belongs to the organisation, and answers for it.",
    "developer": "Builds: credentials, webhooks, the sandbox and requests to go live.",
    "analyst": "Looks at data, logs and deliveries. Sees no credentials.",
    "finance": "Looks at plans and usage and exports the audit log. Sees no credentials, no logs and no data.",
    "viewer": "Sees what the others work on and changes nothing.",
}
MAKERS = ("owner", "developer")
OWNER = ("owner",)
NOT_FINANCE = ("owner", "developer", "analyst", "viewer")
SEES_CREDENTIALS = ("owner", "developer", "viewer")
OPERATOR: tuple[str, ...] = ()  # no role of an organisation: those who run the platform


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing somebody may do. label finishes the sentence "may …". roles is empty for what only operators may."""

    name: str
    label: str
    group: str
    roles: tuple[str, ...]

    @property
    def is_platform(self) -> bool:
        """Whether it belongs to those who run the platform, whatever their role in an organisation."""
        return not self.roles


# Group → (name, what one may, who may)
_TABLE: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "Applications": (
        ("dashboard.read", "see the dashboard", ROLES),
        ("applications.read", "see applications, their state and plan, and what speaks for going live", ROLES),
        ("applications.write", "add and rename applications", MAKERS),
        ("production.request", "ask for production access and write to the people who run the platform", MAKERS),
        ("console.use", "try calls in the console", MAKERS),
    ),
    "Data and logs": (
        ("data.read", "see what is in the sandbox", NOT_FINANCE),
        ("data.reset", "reset the sandbox", MAKERS),
        ("logs.read", "read the logs of API calls", NOT_FINANCE),
    ),
    "Credentials": (
        ("keys.read", "see which API keys exist and what they may do", SEES_CREDENTIALS),
        ("keys.write", "create, roll and revoke API keys", MAKERS),
        ("clients.read", "see which OAuth clients exist and what they may do", SEES_CREDENTIALS),
        ("clients.write", "register, change and revoke OAuth clients", MAKERS),
        ("pairing.decide", "let a command-line client have a key", MAKERS),
    ),
    "Webhooks": (
        ("webhooks.read", "see webhook endpoints, their deliveries and the inbox", NOT_FINANCE),
        ("webhooks.write", "add, change and delete webhook endpoints", MAKERS),
        ("deliveries.send", "send test events and deliveries again, and empty the inbox", MAKERS),
    ),
    "Connected apps": (
        ("grants.read", "see which applications were let in, by whom and to what", ROLES),
        ("grants.give", "let applications work with the restaurants", MAKERS),
        ("grants.end_own", "end what they let in themselves", ROLES),
        ("grants.end", "end what others let in", MAKERS),
    ),
    "Plans and usage": (
        ("plans.read", "see plans and the one in force", ROLES),
        ("plans.request", "ask for another plan and write about it", ("owner", "developer", "finance")),
        ("usage.read", "see how much was called, and of which quota", ROLES),
    ),
    "Organisation": (
        ("notices.read", "read the notices", ROLES),
        ("notices.write", "mark notices as read, and get the urgent ones by mail", MAKERS),
        ("audit.read", "read the audit log and check that it is whole", ("owner", "developer", "finance", "viewer")),
        ("audit.export", "download the audit log", ("owner", "developer", "finance")),
        ("members.read", "see who belongs to the organisation", ROLES),
        ("members.invite", "invite people", OWNER),
        ("members.write", "change roles and remove members", OWNER),
        ("ownership.transfer", "hand the organisation over", OWNER),
        ("members.leave", "leave the organisation", ROLES),
        ("security.require", "ask every member for a second factor", OWNER),
    ),
    "Running the platform": (
        ("platform.requests", "see requests for production access and their evidence", OPERATOR),
        ("platform.decide", "approve requests, ask for changes and reject them", OPERATOR),
        ("platform.answer", "write to partners about their requests", OPERATOR),
        ("platform.grant", "change what an approved application may do", OPERATOR),
        ("platform.suspend", "suspend applications and reinstate them", OPERATOR),
        ("platform.plans", "see the restaurants' plans and the requests for others", OPERATOR),
        ("platform.plan_decide", "decide about plans and change them", OPERATOR),
        ("platform.organisations", "see organisations, their members and restaurants", OPERATOR),
        ("platform.assign", "say which organisation a restaurant group belongs to", OPERATOR),
        ("platform.mails", "read the mails the platform sent", OPERATOR),
        ("platform.resend", "send a mail again that was given up", OPERATOR),
        ("platform.audit", "read the audit logs of all organisations", OPERATOR),
        ("platform.audit_export", "download the audit logs of all organisations", OPERATOR),
    ),
}
PERMISSIONS = {
    name: Permission(name, label, group, roles) for group, rows in _TABLE.items() for name, label, roles in rows
}


def may(member: Member, name: str) -> bool:
    """Whether the member holds a permission. Raises KeyError for a name that is not in the table."""
    permission = PERMISSIONS[name]
    return member.is_operator if permission.is_platform else may_as(member.role, name)


def may_as(role: str | None, name: str) -> bool:
    """Whether a role of an organisation holds a permission."""
    return role in PERMISSIONS[name].roles


def ensure(member: Member, name: str) -> None:
    """Raise unless the member holds a permission: NotFound for what only operators may (it does not exist for others),
    Forbidden (403) for the rest."""
    if PERMISSIONS[name].is_platform:
        if not member.is_operator:
            raise NotFound
        return
    ensure_as(member.role, name)


def ensure_as(role: str | None, name: str) -> None:
    """Raise Forbidden (403) unless a role of an organisation holds a permission."""
    if not may_as(role, name):
        raise Forbidden(refusal_of(role, name), required_scopes=[])


def checked_role(role: str) -> str:
    """The role. Raises Invalid (422) for one that does not exist."""
    if role not in ROLES:
        known = ", ".join(ROLES)
        raise Invalid(f"A role is one of {known}.", errors=[FieldError("role", "invalid_value", known)])
    return role


def refusal_of(role: str | None, name: str) -> str:
    """Why this role may not do it, and who may."""
    permission = PERMISSIONS[name]
    return f"Your role is {role or 'not set'}. Only {in_words(permission.roles)} may {permission.label}."


def in_words(roles: Iterable[str]) -> str:
    """`owners and developers`."""
    *first, last = [{"analyst": "analysts", "finance": "finance"}.get(role, f"{role}s") for role in roles]
    return f"{', '.join(first)} and {last}" if first else last


def roles_with(name: str) -> tuple[str, ...]:
    """The roles that hold a permission."""
    return PERMISSIONS[name].roles


def groups(*, platform: bool = False) -> dict[str, list[Permission]]:
    """The table as people read it: group → its permissions. platform: those of the people who run the platform."""
    found: dict[str, list[Permission]] = {}
    for permission in PERMISSIONS.values():
        if permission.is_platform == platform:
            found.setdefault(permission.group, []).append(permission)
    return found
