"""Filters on the way from events to deliveries. Only endpoints that have some pay: an object is printed when one asks."""

import logging
from typing import Any

from sqlalchemy import Row
from sqlalchemy import RowMapping

from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.filters import holds
from api.events import represent

log = logging.getLogger(__name__)


class Objects:
    """The object of one event as endpoints see it, printed once for all that agree in version and scopes.

    It is the whole object, also where the body of the event would be too large to hold it.
    """

    def __init__(self, event: dict[str, Any]) -> None:
        self._event = event
        self._shown: dict[tuple[str, frozenset[str]], dict[str, Any]] = {}

    def seen_by(self, subscription: Row[Any] | Any) -> dict[str, Any]:
        """The object in an endpoint's version and for its scopes."""
        version, scopes = form = subscription.api_version, frozenset(subscription.scopes)
        if form not in self._shown:
            kind, document = EVENT_TYPES[self._event["type"]].object, self._event["body"]["object"]
            self._shown[form] = represent(kind, document, api_version=version, scopes=scopes)
        return self._shown[form]


def passes(subscription: Row[Any] | Any, event: RowMapping, objects: Objects) -> bool:
    """Whether an event that an endpoint wants also fulfils its filters. A test event always does."""
    if not subscription.filters or event["only_endpoint_id"] is not None:
        return True
    try:
        shown = objects.seen_by(subscription)
    except Exception:  # what cannot be printed must not hold up the others; its delivery will say that it failed
        log.exception("event could not be filtered", extra={"event_id": event["id"]})
        return True
    return holds(subscription.filters, shown)
