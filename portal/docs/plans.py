"""The plan tables: every field of accounts.plans.catalog.Tier as rows, one column a tier and one for the sandbox."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.plans.catalog import AREAS
from accounts.plans.catalog import DATASETS
from accounts.plans.catalog import INTEGRATION_KINDS
from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.plans.catalog import Tier
from accounts.webhooks.catalog import EVENT_TYPES

COLUMNS: tuple[Tier, ...] = (*TIERS.values(), SANDBOX)
NONE = "–"
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about and what each column says."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of the page. fields: which fields of Tier it shows."""

    title: str
    lead: str
    rows: tuple[Row, ...]
    fields: tuple[str, ...]


def tables() -> list[Table]:
    """The tables of the page, in the order people compare them."""
    return [_areas(), _limits(), _webhooks(), _exports(), _extras(), _records()]


@dataclass(frozen=True)
class Difference:
    """A row in which two plans part ways."""

    label: str
    before: str
    after: str


def differences(before: Tier, after: Tier) -> list[Difference]:
    """What another plan changes, in the order of the tables."""
    own, other = COLUMNS.index(before), COLUMNS.index(after)
    rows = (row for table in tables() for row in table.rows)
    return [Difference(row.label, row.cells[own], row.cells[other]) for row in rows if row.cells[own] != row.cells[other]]


def span(seconds: int) -> str:
    """`5 s`, `30 min` or `75 h 35 min`: the two largest units that say it exactly, days only from 7 on."""
    parts = []
    for size, unit in UNITS[1:] if seconds < 7 * 86_400 else UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def attempts(tier: Tier) -> str:
    """How often a webhook is sent at most and over what time."""
    if not tier.retry_schedule_s:
        return NONE
    return f"{len(tier.retry_schedule_s) + 1} in {span(sum(tier.retry_schedule_s))}"


def _row(label: str, say: Callable[[Tier], object]) -> Row:
    return Row(label, tuple(_said(say(tier)) for tier in COLUMNS))


def _said(value: object) -> str:
    if value is None or value is False or value == 0:
        return NONE
    return "Yes" if value is True else f"{value:,}" if isinstance(value, int) else str(value)


def _has_api(tier: Tier, value: int) -> int | None:
    """Days of something that only tiers with calls have."""
    return value if tier.core_areas else None


def _areas() -> Table:
    rows = tuple(_row(area.capitalize(), lambda tier, area=area: area in tier.core_areas) for area in sorted(AREAS))  # type: ignore[misc]
    lead = "Which parts of the API a plan opens. Platform is your own side of it: credentials, webhooks, events and logs."
    return Table("API areas", lead, rows, ("core_areas",))


def _limits() -> Table:
    rows = (
        _row("Read calls a minute", lambda tier: tier.limits["read"]),
        _row("Write calls a minute", lambda tier: tier.limits["write"]),
        _row("Status changes a minute", lambda tier: tier.limits["status"]),
        _row("Calls a second, all together", lambda tier: tier.burst),
        _row("Calls a day", lambda tier: tier.daily_quota),
    )
    lead = "For one application at one restaurant: all its credentials share them. Minutes slide, days are UTC days."
    return Table("Limits", lead, rows, ("limits", "burst", "daily_quota"))


def _webhooks() -> Table:
    rows = (
        _row("Webhook endpoints", lambda tier: tier.max_endpoints),
        _row("Event types", _types),
        _row("Attempts for each event", attempts),
        _row("An attempt may take", lambda tier: span(tier.delivery_timeout_s) if tier.max_endpoints else None),
    )
    lead = "How many endpoints may listen, to what, and how long we keep trying."
    return Table("Webhooks", lead, rows, ("max_endpoints", "event_types", "retry_schedule_s", "delivery_timeout_s"))


def _types(tier: Tier) -> str | None:
    if tier.event_types is None:
        return f"All {len(EVENT_TYPES)}"
    return f"{len(tier.event_types)} basic ones" if tier.event_types else None


def _exports() -> Table:
    rows = (
        _row("Exports a day", lambda tier: tier.exports.daily),
        _row("Datasets", _datasets),
        _row("Formats", lambda tier: ", ".join(tier.exports.formats) if tier.exports.daily else None),
        _row("Days in one file", _window),
        _row("Schedules", lambda tier: ", ".join(tier.exports.frequencies) or None),
        _row("Files are kept", lambda tier: span(tier.exports.kept_hours * 3600) if tier.exports.daily else None),
    )
    lead = "Whole datasets as files. Exports are counted for each application by UTC days."
    return Table("Exports", lead, rows, ("exports",))


def _datasets(tier: Tier) -> str | None:
    if tier.exports.datasets == DATASETS:
        return f"All {len(DATASETS)}"
    return ", ".join(tier.exports.datasets) or None


def _window(tier: Tier) -> str | None:
    if not tier.exports.daily:
        return None
    return "Any number" if tier.exports.window_days is None else str(tier.exports.window_days)


def _extras() -> Table:
    kinds = tuple(_row(kind, lambda tier, kind=kind: kind in tier.integration_kinds) for kind in INTEGRATION_KINDS)  # type: ignore[misc]
    rows = (*kinds, _row("All locations side by side", lambda tier: tier.has_group_views))
    lead = "Kinds of systems that can be connected, and reports over a group of restaurants."
    return Table("Integrations and group views", lead, rows, ("integration_kinds", "has_group_views"))


def _records() -> Table:
    rows = (
        _row("API keys", lambda tier: tier.max_keys),
        _row("OAuth clients", lambda tier: tier.max_clients),
        _row("Request logs are kept", lambda tier: _days(_has_api(tier, tier.log_days))),
        _row("Events are kept", lambda tier: _days(_has_api(tier, tier.event_days))),
    )
    lead = "Numbers are for one application in one environment."
    return Table("Credentials and retention", lead, rows, ("max_keys", "max_clients", "log_days", "event_days"))


def _days(count: int | None) -> str | None:
    return None if count is None else f"{count} days"
