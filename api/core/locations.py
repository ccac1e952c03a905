"""Locations in the Core API."""

from api.core.blueprint import blueprint
from api.core.menu_schemas import LocationOut
from api.core.menu_schemas import LocationQuery
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from domain.locations import service as locations
from kit.documents import Document


@endpoint(
    blueprint, "GET", "/locations", scope="locations:read", area="locations", query=LocationQuery, returns=LocationOut,
    is_list=True,
)  # fmt: skip
def list_locations(call: Call) -> Reply:
    """List the locations this credential may see."""
    active = {"true": True, "false": False}.get(call.query.get("active", ""))
    rows = locations.list_locations(call.scope, limit=call.query["limit"], after=call.after(), is_active=active)
    return call.page(rows, lambda row: [row["name"], row["id"]])


@endpoint(blueprint, "GET", "/locations/<location_id>", scope="locations:read", area="locations", returns=LocationOut)
def read_location(call: Call, location_id: str) -> Document:
    """Read one location with its hours and whether it takes orders now."""
    return locations.get_location(call.scope, location_id=location_id)


@endpoint(blueprint, "GET", "/locations/<location_id>/hours", scope="locations:read", area="locations")
def read_hours(call: Call, location_id: str) -> Reply:
    """Read a location's weekly and special opening hours."""
    document = locations.get_location(call.scope, location_id=location_id)
    return Reply(payload={name: document[name] for name in ("time_zone", "opening_hours", "special_hours")})
