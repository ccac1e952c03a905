"""Plan tiers as data: what each may do, how often, and how long its records are kept.

The only place these numbers exist; pricing pages, docs, limits and retention read them here. A plan belongs to a tenant.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cache
from types import MappingProxyType

API_VERSION = "2026-11-01"  # what a new credential or endpoint is pinned to
AREAS = frozenset({
    "orders", "menus", "payments", "customers", "loyalty", "reservations", "reviews", "campaigns", "analytics", "locations",
    "integrations", "carts", "platform",
})  # fmt: skip
BASIC_EVENTS = frozenset({
    "order.created", "order.completed", "order.cancelled", "payment.confirmed", "payment.refunded",
    "reservation.created", "reservation.cancelled", "review.submitted",
})  # fmt: skip
THREE_RETRIES = (5, 30, 180)
TEN_ATTEMPTS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # Standard Webhooks' schedule, 75 h 35 min


def _limits(read: int | None, write: int | None, status: int | None) -> Mapping[str, int | None]:
    return MappingProxyType({"read": read, "write": write, "status": status})


DATASETS = (
    "orders", "order_lines", "payments", "refunds", "taxes", "discounts", "daily_sales", "customers", "reservations",
    "reviews", "loyalty_transactions",
)  # fmt: skip
FORMATS = ("csv", "json", "jsonl")
INTEGRATION_KINDS = ("pos", "delivery", "accounting", "crm", "hotel", "bi")
EVERYDAY_KINDS = frozenset({"pos", "delivery", "accounting", "crm"})


@dataclass(frozen=True, slots=True)
class Exports:
    """What a plan exports: how many a day, what of, in which formats, how often by itself, and how long files are kept."""

    daily: int = 0
    datasets: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("csv", "json")
    window_days: int | None = None  # longest; None: any
    frequencies: tuple[str, ...] = ()
    kept_hours: int = 24


@dataclass(frozen=True, slots=True, eq=False)
class Tier:
    """One plan. None means the tier has no such calls; an empty event set means no webhooks, None means every type."""

    name: str
    label: str
    core_areas: frozenset[str] = frozenset()
    limits: Mapping[str, int | None] = field(default_factory=lambda: _limits(None, None, None))  # per minute
    burst: int = 0  # calls a second, of all buckets together
    daily_quota: int | None = None  # calls
    max_endpoints: int = 0
    event_types: frozenset[str] | None = frozenset()
    retry_schedule_s: tuple[int, ...] = ()  # wait after each failed attempt
    delivery_timeout_s: int = 10
    max_keys: int = 0
    max_clients: int = 0
    log_days: int = 3
    event_days: int = 7
    exports: Exports = Exports()
    integration_kinds: frozenset[str] = frozenset()
    has_group_views: bool = False  # figures of all locations side by side

    def allows_event(self, event_type: str) -> bool:
        """Whether endpoints under this plan may receive the type."""
        return self.event_types is None or event_type in self.event_types


TIERS: dict[str, Tier] = {
    tier.name: tier
    for tier in (
        Tier("basic", "Basic"),
        Tier("standard", "Standard"),
        Tier(
            "smart", "Smart", core_areas=frozenset({"platform"}), limits=_limits(30, 10, None), burst=30, daily_quota=5_000,
            max_endpoints=2, event_types=BASIC_EVENTS, retry_schedule_s=THREE_RETRIES, delivery_timeout_s=5, max_keys=2,
            exports=Exports(daily=2, datasets=("orders", "payments"), window_days=31),
        ),
        Tier(
            "pro", "Pro", core_areas=AREAS, limits=_limits(300, 120, 240), burst=150, daily_quota=250_000,
            max_endpoints=10, event_types=None, retry_schedule_s=TEN_ATTEMPTS, max_keys=10, max_clients=3, log_days=30,
            event_days=30,
            exports=Exports(daily=20, datasets=DATASETS, window_days=400, frequencies=("daily",), kept_hours=7 * 24),
            integration_kinds=EVERYDAY_KINDS,
        ),
        Tier(
            "enterprise", "Enterprise", core_areas=AREAS, limits=_limits(1_200, 600, 1_200), burst=400,
            daily_quota=2_000_000, max_endpoints=50, event_types=None, retry_schedule_s=TEN_ATTEMPTS, max_keys=100,
            max_clients=25, log_days=90, event_days=90,
            exports=Exports(
                daily=200, datasets=DATASETS, formats=FORMATS, frequencies=("daily", "hourly"), kept_hours=30 * 24
            ),
            integration_kinds=frozenset(INTEGRATION_KINDS), has_group_views=True,
        ),
    )
}  # fmt: skip
SANDBOX = Tier(
    "sandbox", "Sandbox", core_areas=AREAS, limits=_limits(120, 120, 240), burst=120, daily_quota=50_000, max_endpoints=5,
    event_types=None, retry_schedule_s=THREE_RETRIES, max_keys=25, max_clients=10, log_days=7, event_days=7,
    exports=Exports(daily=100, datasets=DATASETS, formats=FORMATS, frequencies=("daily", "hourly"), kept_hours=7 * 24),
    integration_kinds=frozenset(INTEGRATION_KINDS), has_group_views=True,
)  # fmt: skip


def tier_of(plan_tier: str | None) -> Tier:
    """The tier of a tenant; None is a sandbox without a simulated plan. Raises KeyError for an unknown name."""
    return SANDBOX if plan_tier is None else TIERS[plan_tier]


def keeping_tier(plan_tier: str | None, *, is_sandbox: bool) -> Tier:
    """The tier whose days records are kept: a sandbox keeps a week, whatever plan it behaves as."""
    return SANDBOX if is_sandbox else tier_of(plan_tier)


@cache
def tier_with(plan_tier: str | None, limits: tuple[tuple[str, int], ...]) -> Tier:
    """A tier with other limits: read, write and status calls a minute, daily calls. The same object each time."""
    tier, wanted = tier_of(plan_tier), dict(limits)
    per_minute = {bucket: wanted.get(bucket, limit) for bucket, limit in tier.limits.items()}
    return replace(tier, limits=MappingProxyType(per_minute), daily_quota=wanted.get("daily", tier.daily_quota))


def lowest_tier_with(area: str) -> str:
    """Name of the cheapest tier that includes an area. Raises StopIteration for an unknown one."""
    return next(name for name, tier in TIERS.items() if area in tier.core_areas)


def lowest_tier_where(is_enough: Callable[[Tier], bool]) -> str | None:
    """Name of the cheapest tier that a condition holds for, or None."""
    return next((name for name, tier in TIERS.items() if is_enough(tier)), None)


def lowest_tier_above(tier: Tier, attribute: str) -> str | None:
    """Name of the cheapest tier that allows more of `attribute` (max_keys, max_endpoints, …), or None."""
    if tier is SANDBOX:
        return None
    return next((name for name, other in TIERS.items() if getattr(other, attribute) > getattr(tier, attribute)), None)


def lowest_tier_with_event(event_type: str) -> str:
    """Name of the cheapest tier whose endpoints may receive an event type."""
    return next(name for name, tier in TIERS.items() if tier.allows_event(event_type))
