"""A location as everybody sees it: with its status now, whether it is open and what business day it has."""

from domain.locations import queries
from domain.locations.hours import business_date
from domain.locations.hours import is_open
from kit.clock import from_us
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import tenant_now_us

ONLINE, PAUSED, OFFLINE = "online", "paused", "offline"
NEVER_CHANGED = {"status": ONLINE, "reason": None, "until": None, "changed_at": None, "changed_by": None}


def get_location(scope: Scope, *, location_id: str) -> Document:
    """Read one location document. Raises NotFound."""
    document = queries.one.document(scope, location_id=location_id)
    if document is None:
        raise NotFound(f"There is no location {location_id}.")
    return with_status(scope, document)


def get_serving_location(scope: Scope, *, location_id: str) -> Document:
    """Read what taking an order needs of a location: terms, status, and its hours around now. Raises NotFound."""
    now_us = tenant_now_us(scope)
    first = from_us(now_us).weekday() - 2
    weekdays = {f"weekday_{number}": (first + number) % 7 for number in range(queries.NEAR_DAYS)}
    document = queries.serving.document(scope, location_id=location_id, **weekdays)
    if document is None:
        raise NotFound(f"There is no location {location_id}.")
    document["status"] = _status_now(document, now_us)
    return document


def with_status(scope: Scope, document: Document) -> Document:
    """Add what only the tenant's clock can tell: the status now, is_open_now and business_date."""
    now_us = tenant_now_us(scope)
    document["status"] = _status_now(document, now_us)
    now = from_us(now_us)
    document["is_open_now"] = is_open(document, now)
    document["business_date"] = business_date(document, now)
    return document


def _status_now(document: Document, now_us: int) -> Document:
    status: Document | None = document["status"]
    if status is None:
        return NEVER_CHANGED.copy()
    if status["status"] == PAUSED and is_over(status["until"], now_us):
        return {**status, "status": ONLINE, "reason": None, "until": None}
    return status


def is_over(until: int | None, at_us: int) -> bool:
    """Whether a pause that ends then has ended. A pause without an end has not."""
    return until is not None and until <= at_us
