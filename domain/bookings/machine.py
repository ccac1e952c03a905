"""The reservation's states and the moves between them, as data, and what each state means for its tables."""

from collections.abc import Mapping

# A hold (`held`) is a row of its own until it is used; it leads to the first two.
MOVES: Mapping[str, tuple[str, ...]] = {
    "held": ("requested", "confirmed", "cancelled"),
    "requested": ("confirmed", "rejected", "cancelled"),
    "confirmed": ("arrived", "seated", "cancelled", "no_show", "requested"),
    "arrived": ("seated", "cancelled", "no_show"),
    "seated": ("completed",),
    "no_show": ("arrived", "seated"),
    "completed": (),
    "cancelled": (),
    "rejected": (),
}
STATUSES = tuple(status for status in MOVES if status != "held")
BLOCKING = frozenset({"requested", "confirmed", "arrived", "seated"})
CALLED_OFF = frozenset({"cancelled", "rejected"})
EXPECTED = frozenset({"requested", "confirmed"})
SOURCES = ("api", "website", "app", "phone", "walk_in", "pos", "marketplace", "crm")
CANCEL_REASONS = (
    "guest_request", "change_of_plans", "illness", "weather", "restaurant_closed", "overbooked", "duplicate", "other",
)  # fmt: skip
SEAT_KINDS = ("indoor", "outdoor", "bar", "private", "counter", "tatami")
# What the next step of a visit is when nothing unusual happens; for playing a guest in the sandbox.
USUAL: Mapping[str, str] = {
    "requested": "confirmed", "confirmed": "arrived", "arrived": "seated", "seated": "completed", "no_show": "arrived",
}  # fmt: skip
