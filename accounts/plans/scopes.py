"""The scopes a credential can hold. Reading and writing are independent: write does not imply read."""

from collections.abc import Iterable

from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.planes import Environment

SCOPES: dict[str, str] = {
    "orders:read": "Read orders and preview prices",
    "orders:write": "Create orders and change their status",
    "menus:read": "Read menus, items, modifiers, categories, allergens and taxes",
    "menus:write": "Change menus and item availability",
    "payments:read": "Read payments",
    "payments:write": "Take and cancel payments",
    "refunds:write": "Refund payments",
    "customers:read": "Read customers with masked contacts",
    "customers:write": "Create and change customers",
    "customers:pii": "See customers' names and contacts unmasked",
    "customers:delete": "Erase and merge customers",
    "loyalty:read": "Read loyalty programs, members and balances",
    "loyalty:write": "Change memberships, points and rewards",
    "reservations:read": "Read reservations, availability and the waitlist",
    "reservations:write": "Create and change reservations",
    "reviews:read": "Read reviews",
    "reviews:write": "Submit and answer reviews",
    "campaigns:read": "Read campaigns and promo codes",
    "campaigns:write": "Create and send campaigns and promo codes",
    "analytics:read": "Read analytics",
    "locations:read": "Read locations, opening hours and store status",
    "locations:write": "Change opening hours and store status",
    "tables:read": "Read tables and floor plans",
    "tables:write": "Change tables and floor plans",
    "integrations:read": "Read integrations and their sync runs",
    "integrations:write": "Connect, map and disconnect integrations",
    "webhooks:read": "Read webhook endpoints and deliveries",
    "webhooks:write": "Create and change webhook endpoints, retry deliveries",
    "events:read": "Read the event feed",
    "exports:read": "Read and download exports",
    "exports:write": "Start and schedule exports",
    "staff:read": "Read staff members",
    "notifications:read": "Read staff notifications",
    "notifications:write": "Send staff notifications",
    "logs:read": "Read request logs",
    "channel:orders": "Send and cancel orders as an ordering channel",
    "channel:menus": "Pull menus as an ordering channel",
    "pos:session": "Work as a signed-in staff member or guest of the mobile app",
    "sandbox:control": "Reset and steer the sandbox (sandbox only)",
}
SANDBOX_ONLY = frozenset({"sandbox:control"})


def scopes_of(environment: Environment) -> frozenset[str]:
    """Every scope a credential of this environment can hold."""
    return frozenset(SCOPES) - (SANDBOX_ONLY if environment == Environment.PRODUCTION else frozenset())


def checked(scopes: Iterable[str], *, environment: Environment, within: frozenset[str]) -> list[str]:
    """The scopes in catalogue order, each once.

    Raises Invalid for none, an unknown or a sandbox-only scope in production, Forbidden for one outside `within`.
    """
    wanted = set(scopes)
    unknown = sorted(wanted - scopes_of(environment))
    if unknown or not wanted:
        known = (
            f"{unknown[0]!r} is not a scope of the {environment} environment"
            if unknown
            else "Choose at least one scope"
        )
        raise Invalid(f"{known}.", errors=[FieldError("scopes", "invalid_value", known)])
    if missing := sorted(wanted - within):
        raise Forbidden(f"Your own credential does not hold {missing[0]}.", required_scopes=missing)
    return [scope for scope in SCOPES if scope in wanted]
