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


def with_status(scope: Scope, document: Document) -> Document:
    """Add what only the tenant's clock can tell: the status now, is_open_now and business_date."""
    now_us = tenant_now_us(scope)
    status = document["status"]
    if status is None:
        document["status"] = NEVER_CHANGED.copy()
    elif status["status"] == PAUSED and is_over(status["until"], now_us):
        document["status"] = {**status, "status": ONLINE, "reason": None, "until": None}
    now = from_us(now_us)
    document["is_open_now"] = is_open(document, now)
    document["business_date"] = business_date(document, now)
    return document


def is_over(until: int | None, at_us: int) -> bool:
    """Whether a pause that ends then has ended. A pause without an end has not."""
    return until is not None and until <= at_us
