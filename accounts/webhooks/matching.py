"""Which events an endpoint receives. Relaying asks it when an event happened, a replay when it is sent again.

An endpoint (`subscription`) is a row or anything with its attributes; an event is a row or document.
"""

import logging
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import OWN_ONLY
from accounts.webhooks.catalog import covers
from accounts.webhooks.dialects import tells
from accounts.webhooks.filters import holds

log = logging.getLogger(__name__)

Event = Mapping[Any, Any]
Represent = Callable[..., dict[str, Any]]  # prints an object for an endpoint: api.events.represent


class Objects:
    """The object of one event as endpoints see it, printed once for all that agree in version and scopes.

    It is the whole object, also where the body of the event would be too large to hold it.
    """

    def __init__(self, event: Event, represent: Represent) -> None:
        self._event = event
        self._represent = represent
        self._shown: dict[tuple[str, frozenset[str]], dict[str, Any]] = {}

    def seen_by(self, subscription: Any) -> dict[str, Any]:
        """The object in an endpoint's version and for its scopes."""
        version, scopes = form = subscription.api_version, frozenset(subscription.scopes)
        if form not in self._shown:
            kind, document = EVENT_TYPES[self._event["type"]].object, self._event["body"]["object"]
            self._shown[form] = self._represent(kind, document, api_version=version, scopes=scopes)
        return self._shown[form]


def receives(subscription: Any, event: Event, objects: Objects) -> bool:
    """Whether an endpoint receives an event: of its types, scopes, dialect and places, fit for it, and through its filters.

    A test event names its only endpoint, which then receives it whatever it asked for, but never beyond its scopes.
    """
    kind = EVENT_TYPES.get(event["type"])
    if kind is None or kind.scope not in subscription.scopes:
        return False
    if not tells(subscription.dialect, event, subscription.dialect_options):
        return False
    if event["only_endpoint_id"] is not None:
        return bool(event["only_endpoint_id"] == subscription.id)
    if not covers(subscription.event_types, event["type"]) or not is_fit(subscription, event):
        return False
    if subscription.location_ids and event["location_id"] not in (None, *subscription.location_ids):
        return False
    return not subscription.filters or _passes(subscription, event, objects)


def is_fit(subscription: Any, event: Event) -> bool:
    """Whether an event is about nothing another application may not know, and not the endpoint's own where it wants none."""
    is_own = event["application_id"] == subscription.application_id
    return is_own if event["type"] in OWN_ONLY else not (is_own and subscription.exclude_own)


def _passes(subscription: Any, event: Event, objects: Objects) -> bool:
    try:
        shown = objects.seen_by(subscription)
    except Exception:  # what cannot be printed must not hold up the others; its delivery will say that it failed
        log.exception("event could not be filtered", extra={"event_id": event["id"]})
        return True
    return holds(subscription.filters, shown)
