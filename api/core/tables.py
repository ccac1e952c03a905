"""Areas, tables and the live floor in the Core API."""

from typing import Any

from api.core.blueprint import blueprint
from api.core.naming import named
from api.core.table_schemas import AreaIn
from api.core.table_schemas import AreaOut
from api.core.table_schemas import AreaPatch
from api.core.table_schemas import AreaQuery
from api.core.table_schemas import FloorOut
from api.core.table_schemas import LocationTableQuery
from api.core.table_schemas import LockIn
from api.core.table_schemas import TableIn
from api.core.table_schemas import TableOut
from api.core.table_schemas import TablePatch
from api.core.table_schemas import TableQuery
from api.core.table_schemas import UnlockIn
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.floor.service import read_floor as floor_of
from domain.locations import service as locations
from domain.locations.errors import TableUnavailable
from kit.documents import Document
from kit.errors import DuplicateReference

LOCATION, TABLES, TABLE = "/locations/<location_id>", "/tables", "/tables/<table_id>"
AREAS, AREA = "/areas", "/areas/<area_id>"


def _by_name(row: Document) -> list[object]:
    return [row["name"], row["id"]]


@endpoint(blueprint, "GET", f"{LOCATION}/floor", scope="tables:read", area="locations", returns=FloorOut)
def read_floor(call: Call, location_id: str) -> Document:
    """Read what goes on at each table of a location right now.

    `bill`: served, and money is due. `seated`: a party sits there. `dirty`: a party left within the last half hour and nobody
    has marked the table clean. `reserved`: a party is expected within the hour. `held`: a guest is booking it. `free`:
    nothing of that. The order, reservation and hold that stand behind the state come with it.
    """
    return floor_of(call.scope, location_id=location_id)


@endpoint(
    blueprint, "GET", f"{LOCATION}/tables", scope="tables:read", area="locations", query=LocationTableQuery,
    returns=TableOut, is_list=True,
)  # fmt: skip
def list_tables_of_location(call: Call, location_id: str) -> Reply:
    """List the tables of one location by name."""
    locations.get_location(call.scope, location_id=location_id)
    return _tables(call, location_id)


@endpoint(blueprint, "GET", TABLES, scope="tables:read", area="locations", query=TableQuery, returns=TableOut, is_list=True)
def list_tables(call: Call) -> Reply:
    """List tables by name, of one location or all."""
    return _tables(call, call.query.get("location_id"))


@endpoint(
    blueprint, "POST", TABLES, scope="tables:write", area="locations", body=TableIn, returns=TableOut, status=201,
    errors=(DuplicateReference,),
)  # fmt: skip
def create_table(call: Call) -> Reply:
    """Create a table. Its name is unique at its location.

    Tables in `combinable_with` can then be put together with it, and name it in turn.
    """
    table = locations.create_table(call.scope, values=_values(call.body))
    return Reply(document=table, headers={"Location": f"/v1/tables/{table['id']}"})


@endpoint(blueprint, "GET", TABLE, scope="tables:read", area="locations", returns=TableOut)
def read_table(call: Call, table_id: str) -> Document:
    """Read one table and who works on it right now."""
    return locations.read_table(call.scope, table_id=table_id)


@endpoint(
    blueprint, "PATCH", TABLE, scope="tables:write", area="locations", body=TablePatch, returns=TableOut,
    errors=(DuplicateReference,),
)  # fmt: skip
def change_table(call: Call, table_id: str) -> Document:
    """Change a table. `combinable_with` is the whole new list; the other tables follow."""
    return locations.change_table(
        call.scope, table_id=table_id, changes=_values(call.body), expected_version=expected_version(call)
    )


@endpoint(
    blueprint, "POST", f"{TABLE}/lock", scope="tables:write", area="locations", body=LockIn, returns=TableOut,
    errors=(TableUnavailable,),
)  # fmt: skip
def lock_table(call: Call, table_id: str) -> Document:
    """Let one member of staff work on a table alone, for five minutes unless `ttl_seconds` says otherwise.

    Locking again prolongs. 409 `table_unavailable` when somebody else has it; `force` takes it over.
    """
    body = call.body
    return locations.lock_table(
        call.scope, table_id=table_id, locked_by=body.get("staff", call.scope.actor.id), ttl_s=body["ttl_seconds"],
        is_forced=body["force"],
    )  # fmt: skip


@endpoint(
    blueprint, "POST", f"{TABLE}/unlock", scope="tables:write", area="locations", body=UnlockIn, returns=TableOut,
    errors=(TableUnavailable,),
)  # fmt: skip
def unlock_table(call: Call, table_id: str) -> Document:
    """Give a table free again. 409 `table_unavailable` when somebody else has it; `force` unlocks all the same."""
    return locations.unlock_table(
        call.scope, table_id=table_id, locked_by=call.body.get("staff", call.scope.actor.id), is_forced=call.body["force"]
    )


@endpoint(blueprint, "POST", f"{TABLE}/clean", scope="tables:write", area="locations", returns=TableOut)
def mark_clean(call: Call, table_id: str) -> Document:
    """Say that a table is ready for the next guests."""
    return locations.mark_clean(call.scope, table_id=table_id)


@endpoint(blueprint, "GET", AREAS, scope="tables:read", area="locations", query=AreaQuery, returns=AreaOut, is_list=True)
def list_areas(call: Call) -> Reply:
    """List areas, such as rooms and terraces, by name."""
    rows = locations.list_areas(
        call.scope, limit=call.query["limit"], after=call.after(), location_id=call.query.get("location_id"),
        ref=named(call, "area"),
    )  # fmt: skip
    return call.page(rows, _by_name)


@endpoint(
    blueprint, "POST", AREAS, scope="tables:write", area="locations", body=AreaIn, returns=AreaOut, status=201,
    errors=(DuplicateReference,),
)  # fmt: skip
def create_area(call: Call) -> Reply:
    """Create an area of a location. Its name is unique there."""
    area = locations.create_area(call.scope, **call.body)
    return Reply(document=area, headers={"Location": f"/v1/areas/{area['id']}"})


@endpoint(blueprint, "GET", AREA, scope="tables:read", area="locations", returns=AreaOut)
def read_area(call: Call, area_id: str) -> Document:
    """Read one area."""
    return locations.get_area(call.scope, area_id=area_id)


@endpoint(
    blueprint, "PATCH", AREA, scope="tables:write", area="locations", body=AreaPatch, returns=AreaOut,
    errors=(DuplicateReference,),
)  # fmt: skip
def change_area(call: Call, area_id: str) -> Document:
    """Change an area's name or place in the order."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    return locations.change_area(call.scope, area_id=area_id, changes=changes, expected_version=expected_version(call))


def _tables(call: Call, location_id: str | None) -> Reply:
    rows = locations.list_tables(
        call.scope, limit=call.query["limit"], after=call.after(), location_id=location_id,
        area_id=call.query.get("area_id"), ref=named(call, "table"),
    )  # fmt: skip
    return call.page(rows, _by_name)


def _values(body: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in body.items() if name not in ("seats", "version")}
    seats = body.get("seats", {})
    return values | {f"seats_{name}": value for name, value in seats.items()}
