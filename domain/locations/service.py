"""Locations: reading them, whether they take orders, and their store status.

A pause whose end has passed counts as online everywhere, although its row stays until the next change.
"""

from datetime import datetime
from typing import Any

from domain.locations import queries
from domain.locations.errors import StoreUnavailable
from domain.locations.events import StoreStatusChanged
from domain.locations.hours import business_date
from domain.locations.hours import is_open
from domain.locations.models import StoreStatus
from kit.clock import to_us
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

ONLINE, PAUSED, OFFLINE = "online", "paused", "offline"
STATUSES = (ONLINE, PAUSED, OFFLINE)
NEVER_CHANGED = {"status": ONLINE, "reason": None, "until": None, "changed_at": None}


def get_location(scope: Scope, *, location_id: str) -> Document:
    """Read one location document. Raises NotFound."""
    document = queries.one.document(scope, location_id=location_id)
    if document is None:
        raise NotFound(f"There is no location {location_id}.")
    return _with_status(scope, document)


def list_locations(
    scope: Scope, *, limit: int, after: list[str] | None, is_active: bool | None = None
) -> list[Document]:
    """List up to limit + 1 locations by name. `after` is [name, id] of the last one of the page before."""
    name, last_id = after or (None, None)
    documents = queries.listed.documents(
        scope, is_active is not None, after is not None,
        is_active=is_active, after_name=name, after_id=last_id, rows=limit + 1,
    )  # fmt: skip
    return [_with_status(scope, document) for document in documents]


def only_location(scope: Scope) -> Document:
    """Read the tenant's single location. Raises ParameterMissing (400) when there are several or none."""
    documents = queries.first_two.documents(scope)
    if len(documents) != 1:
        raise ParameterMissing("Name the location: this restaurant has none or several.", parameter="location_id")
    return _with_status(scope, documents[0])


def ensure_takes_orders(scope: Scope, *, location: Document, at: datetime) -> None:
    """Check that orders for the instant `at` can be taken.

    Raises StoreUnavailable (422) when the location is paused, offline, closed then or not in service.
    """
    status = location["status"]
    if not location["is_active"]:
        raise StoreUnavailable("The location is not in service.", **_why(location, "inactive"))
    if status["status"] == OFFLINE or (status["status"] == PAUSED and not _is_over(status["until"], to_us(at))):
        raise StoreUnavailable(f"The location is {status['status']}.", **_why(location, status["status"]))
    if not is_open(location, at):
        raise StoreUnavailable("The location is closed at that time.", **_why(location, "closed"))


def set_store_status(
    scope: Scope, *, location_id: str, status: str, until: datetime | None = None, reason: str | None = None
) -> Document:
    """Put a location online, on pause or offline and record store.status.updated when something changed.

    until: end of a pause, refused with another status and in the past. Returns the location document.
    Raises NotFound, Invalid (422).
    """
    before = get_location(scope, location_id=location_id)["status"]
    _check_status(scope, status, until)
    own_row = StoreStatus.owned_by(scope).where(StoreStatus.location_id == location_id)
    row = session(scope).scalar(own_row.with_for_update())
    wanted = {"status": status, "reason": reason, "until": None if until is None else to_us(until)}
    if all(before[name] == value for name, value in wanted.items()):
        return get_location(scope, location_id=location_id)
    if row is None:
        row = StoreStatus(location_id=location_id)
        session(scope).add(row)
    row.status, row.reason, row.until = status, reason, until
    row.changed_at, row.changed_by = tenant_now(scope), scope.actor.id
    document = get_location(scope, location_id=location_id)
    previous = {name: before[name] for name, value in wanted.items() if before[name] != value}
    record(scope, StoreStatusChanged(object=document, previous={"status": previous}, location_id=location_id))
    return document


def get_table(scope: Scope, *, location_id: str, table_id: str) -> Document:
    """Read a dining table of that location. Raises NotFound, also for a table of another location."""
    document = queries.one_table.document(scope, table_id=table_id)
    if document is None or document["location_id"] != location_id:
        raise NotFound(f"There is no table {table_id} at this location.")
    return document


def list_tables(scope: Scope, *, limit: int, after: list[str] | None, location_id: str | None = None) -> list[Document]:
    """List up to limit + 1 dining tables by name. `after` is [name, id] of the last one of the page before."""
    name, last_id = after or (None, None)
    return queries.listed_tables.documents(
        scope, location_id is not None, after is not None,
        location_id=location_id, after_name=name, after_id=last_id, rows=limit + 1,
    )  # fmt: skip


def _why(location: Document, reason: str) -> dict[str, Any]:
    return {"location_id": location["id"], "reason": reason}


def _check_status(scope: Scope, status: str, until: datetime | None) -> None:
    if status not in STATUSES:
        message = f"Expected one of {', '.join(STATUSES)}."
        raise Invalid(errors=[FieldError("status", "validation_failed", message)])
    if until is not None and (status != PAUSED or until <= tenant_now(scope)):
        message = "Only a pause has an end, and it lies in the future."
        raise Invalid(errors=[FieldError("until", "validation_failed", message)])


def _with_status(scope: Scope, document: Document) -> Document:
    status = document["status"]
    if status is None:
        document["status"] = NEVER_CHANGED.copy()
    elif status["status"] == PAUSED and status["until"] is not None and _is_over(status["until"], tenant_now_us(scope)):
        document["status"] = {**status, "status": ONLINE, "reason": None, "until": None}
    return document


def _is_over(until: int | None, at_us: int) -> bool:
    return until is not None and until <= at_us


__all__ = [
    "business_date", "ensure_takes_orders", "get_location", "get_table", "is_open", "list_locations", "list_tables",
    "only_location", "set_store_status",
]  # fmt: skip
