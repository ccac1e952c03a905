"""What a key may be given: the scopes, ready-made selections of them, and the grid the portal's form shows."""

from accounts.plans.scopes import SCOPES

READ_ONLY = tuple(scope for scope in SCOPES if scope.endswith(":read"))
PRESETS: dict[str, tuple[str, ...]] = {
    "read_only": READ_ONLY,
    "pos": (
        "orders:read", "orders:write", "menus:read", "payments:read", "payments:write", "reservations:read",
        "reservations:write", "reviews:read", "locations:read", "tables:read", "tables:write", "webhooks:read",
        "webhooks:write", "events:read",
    ),
    "ordering_channel": ("channel:orders", "channel:menus", "menus:read", "locations:read", "events:read"),
    "crm": (
        "customers:read", "customers:write", "customers:pii", "customers:delete", "loyalty:read", "loyalty:write",
        "reservations:read", "reservations:write", "campaigns:read", "campaigns:write", "locations:read", "webhooks:read",
        "webhooks:write", "events:read",
    ),
    "bi": (
        "orders:read", "payments:read", "menus:read", "customers:read", "loyalty:read", "reservations:read", "reviews:read",
        "campaigns:read", "analytics:read", "locations:read", "exports:read", "exports:write",
    ),
    "full": tuple(SCOPES),
}  # fmt: skip
RESOURCES: dict[str, tuple[str, ...]] = {
    resource: tuple(scope.partition(":")[2] for scope in SCOPES if scope.partition(":")[0] == resource)
    for resource in dict.fromkeys(scope.partition(":")[0] for scope in SCOPES)
}  # resource → its actions, e.g. "orders" → ("read", "write")

__all__ = ["PRESETS", "READ_ONLY", "RESOURCES", "SCOPES"]
