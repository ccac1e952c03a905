"""Putting a location online, on pause or offline, and the end of a pause."""

from datetime import datetime

from domain.locations.events import StoreStatusChanged
from domain.locations.models import Location
from domain.locations.models import StoreStatus
from domain.locations.reading import OFFLINE
from domain.locations.reading import ONLINE
from domain.locations.reading import PAUSED
from domain.locations.reading import get_location
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

STATUSES = (ONLINE, PAUSED, OFFLINE)
RESUME = "store.resume"
BUSY_S = 5.0


def set_store_status(
    scope: Scope, *, location_id: str, status: str, until: datetime | None = None, reason: str | None = None
) -> Document:
    """Put a location online, on pause or offline and record store.status.updated when something changed.

    until: end of a pause, refused with another status and in the past. Returns the location document.
    Raises NotFound, Invalid (422).
    """
    # Orders only refer to the location, so they do not wait for this lock.
    held = Location.owned_by(scope).where(Location.id == location_id).with_for_update(key_share=True)
    if session(scope).scalar(held) is None:
        raise NotFound(f"There is no location {location_id}.")
    _check_status(scope, status, until)
    before = get_location(scope, location_id=location_id)
    wanted = {"status": status, "reason": reason, "until": None if until is None else to_us(until)}
    if all(before["status"][name] == value for name, value in wanted.items()):
        return before
    row = session(scope).scalar(StoreStatus.owned_by(scope).where(StoreStatus.location_id == location_id))
    if row is None:
        row = StoreStatus(location_id=location_id)
        session(scope).add(row)
    row.status, row.reason, row.until = status, reason, until
    row.changed_at, row.changed_by = tenant_now(scope), scope.actor.id
    if until is not None:
        set_timer(scope, kind=RESUME, object_id=location_id, due_at_us=to_us(until))
    return _announced(scope, location_id, {name: before["status"][name] for name in wanted})


def resume_store(scope: Scope, location_id: str) -> None:
    """Timer: put a location online when its pause is over, and record store.status.updated."""
    query = StoreStatus.owned_by(scope).where(StoreStatus.location_id == location_id)
    row = session(scope).scalar(query.with_for_update(skip_locked=True))
    if row is None and session(scope).scalar(query) is not None:
        # Waiting here could block whoever has the row and sets this timer anew.
        set_task(scope, kind=RESUME, object_id=location_id, delay_s=BUSY_S)
    if row is None or row.status != PAUSED or row.until is None or row.until > tenant_now(scope):
        return
    before = {"status": row.status, "reason": row.reason, "until": to_us(row.until)}
    row.status, row.reason, row.until = ONLINE, None, None
    row.changed_at, row.changed_by = tenant_now(scope), scope.actor.id
    _announced(scope, location_id, before)


def _announced(scope: Scope, location_id: str, before: Document) -> Document:
    document = get_location(scope, location_id=location_id)
    previous = {name: value for name, value in before.items() if document["status"][name] != value}
    record(scope, StoreStatusChanged(object=document, previous={"status": previous}, location_id=location_id))
    return document


def _check_status(scope: Scope, status: str, until: datetime | None) -> None:
    if status not in STATUSES:
        message = f"Expected one of {', '.join(STATUSES)}."
        raise Invalid(errors=[FieldError("status", "validation_failed", message)])
    if until is not None and (status != PAUSED or until <= tenant_now(scope)):
        message = "Only a pause has an end, and it lies in the future."
        raise Invalid(errors=[FieldError("until", "validation_failed", message)])
