"""Locations: the door of the capability. Reading them and whether they take orders is here, the rest beside it.

A pause whose end has passed counts as online everywhere, although its row stays until its timer or the next change.
"""

from datetime import datetime
from typing import Any

from domain.locations import queries
from domain.locations.changes import change_location
from domain.locations.changes import change_restaurant
from domain.locations.changes import get_restaurant
from domain.locations.changes import set_hours
from domain.locations.errors import StoreUnavailable
from domain.locations.hours import business_date
from domain.locations.hours import is_open
from domain.locations.reading import OFFLINE
from domain.locations.reading import PAUSED
from domain.locations.reading import get_location
from domain.locations.reading import get_serving_location
from domain.locations.reading import is_over
from domain.locations.reading import with_status
from domain.locations.status import resume_store
from domain.locations.status import set_store_status
from domain.locations.tables import change_area
from domain.locations.tables import change_table
from domain.locations.tables import create_area
from domain.locations.tables import create_table
from domain.locations.tables import get_area
from domain.locations.tables import get_table
from domain.locations.tables import list_areas
from domain.locations.tables import list_tables
from domain.locations.tables import lock_table
from domain.locations.tables import mark_clean
from domain.locations.tables import read_table
from domain.locations.tables import release_lock
from domain.locations.tables import unlock_table
from kit.clock import to_us
from kit.documents import Document
from kit.errors import ParameterMissing
from kit.scope import Scope

__all__ = [
    "business_date", "change_area", "change_location", "change_restaurant", "change_table", "create_area", "create_table",
    "ensure_takes_orders", "get_area", "get_location", "get_restaurant", "get_serving_location", "get_table", "is_open",
    "list_areas", "list_locations", "list_tables", "lock_table", "mark_clean", "only_location", "read_table",
    "release_lock", "resume_store", "set_hours", "set_store_status", "unlock_table",
]  # fmt: skip


def list_locations(
    scope: Scope, *, limit: int, after: list[str] | None, is_active: bool | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 locations by name. `after` is [name, id] of the last one of the page before.

    ref: the key of a name (domain.references).
    """
    name, last_id = after or (None, None)
    documents = queries.listed.documents(
        scope, is_active is not None, ref is not None, after is not None,
        is_active=is_active, ref=ref, after_name=name, after_id=last_id, rows=limit + 1,
    )  # fmt: skip
    return [with_status(scope, document) for document in documents]


def only_location(scope: Scope) -> Document:
    """Read the tenant's single location. Raises ParameterMissing (400) when there are several or none."""
    documents = queries.first_two.documents(scope)
    if len(documents) != 1:
        raise ParameterMissing("Name the location: this restaurant has none or several.", parameter="location_id")
    return with_status(scope, documents[0])


def ensure_takes_orders(scope: Scope, *, location: Document, at: datetime, service: str | None = None) -> None:
    """Check that orders for the instant `at` can be taken, of one service (dine_in, pickup, delivery) or any.

    Raises StoreUnavailable (422) when the location is paused, offline, closed then or not in service.
    """
    status = location["status"]
    if not location["is_active"]:
        raise StoreUnavailable("The location is not in service.", **_why(location, "inactive"))
    if status["status"] == OFFLINE or (status["status"] == PAUSED and not is_over(status["until"], to_us(at))):
        raise StoreUnavailable(f"The location is {status['status']}.", **_why(location, status["status"]))
    if not is_open(location, at, service):
        raise StoreUnavailable("The location is closed at that time.", **_why(location, "closed"))


def _why(location: Document, reason: str) -> dict[str, Any]:
    return {"location_id": location["id"], "reason": reason}
