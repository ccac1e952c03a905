"""Areas and dining tables: reading and changing them, who works on one right now, and which may be put together."""

from datetime import timedelta

from domain.locations import queries
from domain.locations.changes import Values
from domain.locations.changes import taken_once
from domain.locations.errors import TableUnavailable
from domain.locations.events import TableUpdated
from domain.locations.models import Area
from domain.locations.models import DiningTable
from domain.locations.models import TableLock
from domain.locations.reading import get_location
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

LOCK_S = 300
UNLOCK = "table.unlock"
BUSY_S = 5.0
NOT_TOLD = ("version", "updated_at")


def get_table(scope: Scope, *, location_id: str, table_id: str) -> Document:
    """Read a dining table of that location. Raises NotFound, also for a table of another location."""
    document = queries.one_table.document(scope, table_id=table_id)
    if document is None or document["location_id"] != location_id:
        raise NotFound(f"There is no table {table_id} at this location.")
    return _shown(scope, document)


def read_table(scope: Scope, *, table_id: str) -> Document:
    """Read a dining table. Raises NotFound."""
    document = queries.one_table.document(scope, table_id=table_id)
    if document is None:
        raise NotFound(f"There is no table {table_id}.")
    return _shown(scope, document)


def list_tables(
    scope: Scope, *, limit: int, after: list[str] | None, location_id: str | None = None, area_id: str | None = None,
    ref: str | None = None,
) -> list[Document]:  # fmt: skip
    """List up to limit + 1 dining tables by name. `after` is [name, id] of the last one of the page before."""
    name, last_id = after or (None, None)
    rows = queries.listed_tables.documents(
        scope, location_id is not None, area_id is not None, ref is not None, after is not None,
        location_id=location_id, area_id=area_id, ref=ref, after_name=name, after_id=last_id, rows=limit + 1,
    )  # fmt: skip
    return [_shown(scope, row) for row in rows]


def create_table(scope: Scope, *, values: Values) -> Document:
    """Create a dining table and return its document.

    values: location_id, name, seats_max, and any of seats_min, kind, is_active, area_id, x, y, combinable_with (ids of
    tables of the same location, which then name this one too and record table.updated).
    Raises DuplicateReference (409, the name), Invalid (422).
    """
    location_id = values["location_id"]
    try:
        get_location(scope, location_id=location_id)
    except NotFound as missing:
        raise _refused("location_id", missing.detail) from missing
    _check(scope, location_id, values)
    now = tenant_now(scope)
    table = DiningTable(created_at=now, updated_at=now, **{**values, "combinable_with": []})
    with taken_once(scope, "name", table.name):
        session(scope).add(table)
    if values.get("combinable_with"):
        _combine(scope, table, values["combinable_with"])
    return read_table(scope, table_id=table.id)


def change_table(scope: Scope, *, table_id: str, changes: Values, expected_version: int | None = None) -> Document:
    """Change a dining table, record table.updated and return its document. Equal values change nothing.

    changes: what create_table takes but the location. A change of combinable_with changes the other tables with it.
    Raises NotFound, Conflict (409 version_conflict), DuplicateReference (409, the name), Invalid (422).
    """
    if "combinable_with" in changes:
        location_id = read_table(scope, table_id=table_id)["location_id"]
        # All in one order, as two calls may combine the same tables from both sides.
        held = DiningTable.owned_by(scope).where(DiningTable.location_id == location_id).order_by(DiningTable.id)
        session(scope).scalars(held.with_for_update(key_share=True)).all()
    table = _locked(scope, table_id)
    if expected_version is not None and table.version != expected_version:
        raise Conflict(f"The table is at version {table.version} now.", current_version=table.version)
    before = read_table(scope, table_id=table_id)
    _check(scope, table.location_id, changes, {"seats_min": table.seats_min, "seats_max": table.seats_max})
    with taken_once(scope, "name", str(changes.get("name"))):
        for name, value in changes.items():
            if name != "combinable_with":
                setattr(table, name, value)
    if "combinable_with" in changes:
        _combine(scope, table, changes["combinable_with"])
    return _announced(scope, table, before)


def lock_table(
    scope: Scope, *, table_id: str, locked_by: str, ttl_s: int = LOCK_S, is_forced: bool = False
) -> Document:
    """Let one member of staff work on a table alone for ttl_s seconds, and record table.updated.

    Locking again prolongs and records nothing. is_forced takes it over. Returns the table document.
    Raises NotFound, TableUnavailable (409) when somebody else has it.
    """
    table, lock, before = _with_lock(scope, table_id)
    _require_own(before, locked_by, is_forced)
    now = tenant_now(scope)
    if lock is None:
        lock = TableLock(table_id=table_id)
        session(scope).add(lock)
    was_mine = before["lock"] is not None and before["lock"]["locked_by"] == locked_by
    lock.locked_by, lock.expires_at = locked_by, now + timedelta(seconds=ttl_s)
    lock.locked_at = lock.locked_at if was_mine else now
    set_timer(scope, kind=UNLOCK, object_id=table_id, due_at_us=to_us(lock.expires_at))
    if was_mine:
        return read_table(scope, table_id=table_id)
    return _announced(scope, table, before)


def unlock_table(scope: Scope, *, table_id: str, locked_by: str, is_forced: bool = False) -> Document:
    """Give a table free again and record table.updated; a table nobody holds stays as it is. Returns the table document.

    Raises NotFound, TableUnavailable (409) when somebody else holds it and is_forced is False.
    """
    table, lock, before = _with_lock(scope, table_id)
    _require_own(before, locked_by, is_forced)
    if lock is not None:
        session(scope).delete(lock)
    return _announced(scope, table, before)


def release_lock(scope: Scope, table_id: str) -> None:
    """Timer: forget a table's lock that is over, and record table.updated."""
    query = DiningTable.owned_by(scope).where(DiningTable.id == table_id)
    table = session(scope).scalar(query.with_for_update(skip_locked=True, key_share=True))
    if table is None and session(scope).scalar(query) is not None:
        # Waiting here could block whoever has the row and sets this timer anew.
        set_task(scope, kind=UNLOCK, object_id=table_id, delay_s=BUSY_S)
    lock = session(scope).scalar(TableLock.owned_by(scope).where(TableLock.table_id == table_id))
    if table is None or lock is None or lock.expires_at > tenant_now(scope):
        return
    gone = {"locked_by": lock.locked_by, "locked_at": to_us(lock.locked_at), "expires_at": to_us(lock.expires_at)}
    before = {**read_table(scope, table_id=table_id), "lock": gone}
    session(scope).delete(lock)
    _announced(scope, table, before)


def mark_clean(scope: Scope, *, table_id: str) -> Document:
    """Note that a table is ready for the next guests, record table.updated and return its document. Raises NotFound."""
    table = _locked(scope, table_id)
    before = read_table(scope, table_id=table_id)
    table.cleaned_at = tenant_now(scope)
    return _announced(scope, table, before)


def get_area(scope: Scope, *, area_id: str) -> Document:
    """Read one area. Raises NotFound."""
    document = queries.one_area.document(scope, area_id=area_id)
    if document is None:
        raise NotFound(f"There is no area {area_id}.")
    return document


def list_areas(
    scope: Scope, *, limit: int, after: list[str] | None, location_id: str | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 areas by name. `after` is [name, id] of the last one of the page before."""
    name, last_id = after or (None, None)
    return queries.listed_areas.documents(
        scope, location_id is not None, ref is not None, after is not None,
        location_id=location_id, ref=ref, after_name=name, after_id=last_id, rows=limit + 1,
    )  # fmt: skip


def create_area(scope: Scope, *, location_id: str, name: str, sort: int = 0) -> Document:
    """Create an area of a location and return its document. Raises DuplicateReference (409, the name), Invalid (422)."""
    try:
        get_location(scope, location_id=location_id)
    except NotFound as missing:
        raise _refused("location_id", missing.detail) from missing
    now = tenant_now(scope)
    area = Area(location_id=location_id, name=name, sort=sort, created_at=now, updated_at=now)
    with taken_once(scope, "name", name):
        session(scope).add(area)
    return get_area(scope, area_id=area.id)


def change_area(scope: Scope, *, area_id: str, changes: Values, expected_version: int | None = None) -> Document:
    """Change name or sort of an area and return its document. Raises NotFound, Conflict, DuplicateReference (409)."""
    area = session(scope).scalar(Area.owned_by(scope).where(Area.id == area_id).with_for_update(key_share=True))
    if area is None:
        raise NotFound(f"There is no area {area_id}.")
    if expected_version is not None and area.version != expected_version:
        raise Conflict(f"The area is at version {area.version} now.", current_version=area.version)
    if changed := {name: value for name, value in changes.items() if getattr(area, name) != value}:
        with taken_once(scope, "name", str(changed.get("name"))):
            for name, value in changed.items():
                setattr(area, name, value)
            area.version += 1
            area.updated_at = tenant_now(scope)
    return get_area(scope, area_id=area_id)


def _announced(scope: Scope, table: DiningTable, before: Document) -> Document:
    """The document of a table that may have changed, with its version and event. Trusts that the row is locked."""
    after = read_table(scope, table_id=table.id)
    previous = {name: value for name, value in before.items() if after[name] != value and name not in NOT_TOLD}
    if not previous:
        return after
    table.version += 1
    table.updated_at = tenant_now(scope)
    after = read_table(scope, table_id=table.id)
    record(scope, TableUpdated(object=after, previous=previous, location_id=table.location_id))
    return after


def _combine(scope: Scope, table: DiningTable, table_ids: list[str]) -> None:
    """Write which tables one may be put together with, on both sides. Trusts that the other tables are locked."""
    query = DiningTable.owned_by(scope).where(DiningTable.location_id == table.location_id).order_by(DiningTable.id)
    others = {row.id: row for row in session(scope).scalars(query.with_for_update(key_share=True)) if row.id != table.id}
    for index, table_id in enumerate(table_ids):
        if table_id not in others or table_id in table_ids[:index]:
            message = f"There is no other table {table_id} at this location, or it is named twice."
            raise _refused(f"combinable_with[{index}]", message)
    for other in others.values():
        wanted = [one for one in other.combinable_with if one != table.id] + [table.id] * (other.id in table_ids)
        if set(wanted) != set(other.combinable_with):
            before = read_table(scope, table_id=other.id)
            other.combinable_with = wanted
            _announced(scope, other, before)
    table.combinable_with = list(table_ids)


def _check(scope: Scope, location_id: str, values: Values, present: Values | None = None) -> None:
    seats = {"seats_min": 1, **(present or {}), **values}
    if seats["seats_min"] > seats["seats_max"]:
        raise _refused("seats.min", "The minimum may not be above the maximum.")
    area_id = values.get("area_id")
    if area_id is not None:
        area = queries.one_area.document(scope, area_id=area_id)
        if area is None or area["location_id"] != location_id:
            raise _refused("area_id", f"There is no area {area_id} at this location.")


def _locked(scope: Scope, table_id: str) -> DiningTable:
    query = DiningTable.owned_by(scope).where(DiningTable.id == table_id).with_for_update(key_share=True)
    table: DiningTable | None = session(scope).scalar(query)
    if table is None:
        raise NotFound(f"There is no table {table_id}.")
    return table


def _with_lock(scope: Scope, table_id: str) -> tuple[DiningTable, TableLock | None, Document]:
    table = _locked(scope, table_id)
    lock = session(scope).scalar(TableLock.owned_by(scope).where(TableLock.table_id == table_id))
    return table, lock, read_table(scope, table_id=table_id)


def _require_own(before: Document, locked_by: str, is_forced: bool) -> None:
    lock = before["lock"]
    if lock is not None and lock["locked_by"] != locked_by and not is_forced:
        raise TableUnavailable(
            f"{lock['locked_by']} is working on this table.", conflict={"table_id": before["id"], **lock}, alternatives=[]
        )



def _shown(scope: Scope, table: Document) -> Document:
    """A lock whose time has passed is none, whether or not its timer has come."""
    if table["lock"] is not None and table["lock"]["expires_at"] <= tenant_now_us(scope):
        table["lock"] = None
    return table


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, "validation_failed", message)])
