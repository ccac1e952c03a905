"""The map of the portal: which sections exist in which environment. The layout lists these and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One entry of the navigation. `views` are the pages that belong to it, for marking where the reader is."""

    label: str
    endpoint: str
    views: tuple[str, ...]
    places: tuple[str, ...] = ("sandbox", "live")


SECTIONS = (
    Section("Dashboard", "portal.show_dashboard", ("show_dashboard",)),
    Section("Application", "portal.show_application", ("show_application", "show_evidence")),
    Section("API keys", "portal.show_keys", ("show_keys", "show_key", "show_pairing")),
    Section("OAuth clients", "portal.show_clients", ("show_clients", "show_client")),
    Section("Connected apps", "portal.show_apps", ("show_apps",)),
    Section("Webhooks", "portal.show_webhooks", ("show_webhooks", "show_endpoint", "show_delivery")),
    Section("Inbox", "portal.show_inbox", ("show_inbox",), ("sandbox",)),
    Section("Logs", "portal.show_logs", ("show_logs", "show_log")),
    Section("Usage", "portal.show_usage", ("show_usage",)),
    Section("Plan", "portal.show_plan", ("show_plan",)),
    Section("Sandbox data", "portal.show_data", ("show_data",), ("sandbox",)),
)

DOCS = (
    Section("Quickstart", "portal.show_quickstart", ("show_quickstart",)),
    Section("Examples", "portal.show_examples", ("show_examples",)),
    Section("Reference", "portal.show_reference", ("show_reference", "show_area")),
    Section("Errors", "portal.show_errors", ("show_errors",)),
    Section("Events", "portal.show_events", ("show_events",)),
    Section("Verify webhooks", "portal.show_receiving", ("show_receiving",)),
    Section("Sandbox", "portal.show_sandbox", ("show_sandbox",)),
    Section("Versions", "portal.show_versions", ("show_versions",)),
    Section("OAuth", "portal.show_oauth", ("show_oauth",)),
    Section("Scopes", "portal.show_scopes", ("show_scopes",)),
    Section("Roles", "portal.show_roles", ("show_roles",)),
    Section("Plans", "portal.show_plans", ("show_plans",)),
)


def sections(place: str) -> list[Section]:
    """The sections of one environment, in the order people meet them."""
    return [section for section in SECTIONS if place in section.places]


def twin(view: str, place: str) -> str:
    """Where the environment switch leads: the same section over there, or the dashboard when it has no such section."""
    here = next((section for section in SECTIONS if view in section.views), None)
    other = "live" if place == "sandbox" else "sandbox"
    return here.endpoint if here and other in here.places else "portal.show_dashboard"
