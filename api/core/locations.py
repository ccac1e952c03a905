"""The restaurant and its locations in the Core API: fields, hours, status."""

from typing import Any

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.location_schemas import HoursIn
from api.core.location_schemas import HoursOut
from api.core.location_schemas import LocationOut
from api.core.location_schemas import LocationPatch
from api.core.location_schemas import LocationQuery
from api.core.location_schemas import LocationStatusOut
from api.core.location_schemas import RestaurantOut
from api.core.location_schemas import RestaurantPatch
from api.core.location_schemas import StatusIn
from api.core.naming import named
from api.core.tags import expected
from api.core.tags import tagged
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.guests.service import normalize_phone
from domain.locations import service as locations
from domain.locations.errors import CurrencyIsFixed
from domain.menus.service import get_tax
from domain.menus.service import list_items
from domain.orders.service import list_orders
from kit.clock import from_us
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound

LOCATIONS, LOCATION = "/locations", "/locations/<location_id>"
RENAMED = {"no_show_grace_minutes": "no_show_grace_min"}
print_location = compile_view(LocationOut)


@endpoint(blueprint, "GET", "/restaurant", scope="locations:read", area="locations", returns=RestaurantOut)
def read_restaurant(call: Call) -> Document:
    """Read the restaurant all locations belong to."""
    return locations.get_restaurant(call.scope)


@endpoint(
    blueprint, "PATCH", "/restaurant", scope="locations:write", area="locations", body=RestaurantPatch, returns=RestaurantOut
)
def change_restaurant(call: Call) -> Document:
    """Change the restaurant's name, its translations, slug or default currency."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    return locations.change_restaurant(call.scope, changes=changes, expected_version=expected_version(call))


@endpoint(
    blueprint, "GET", LOCATIONS, scope="locations:read", area="locations", query=LocationQuery, returns=LocationOut,
    is_list=True,
)  # fmt: skip
def list_locations(call: Call) -> Reply:
    """List the locations this credential may see."""
    active = {"true": True, "false": False}.get(call.query.get("active", ""))
    rows = locations.list_locations(
        call.scope, limit=call.query["limit"], after=call.after(), is_active=active, ref=named(call, "location")
    )
    return call.page(rows, lambda row: [row["name"], row["id"]])


@endpoint(blueprint, "GET", LOCATION, scope="locations:read", area="locations", printed=LocationOut)
def read_location(call: Call, location_id: str) -> Reply:
    """Read one location with its hours, whether it takes orders now, and its business date."""
    return tagged(call, print_location(locations.get_location(call.scope, location_id=location_id)))


@endpoint(
    blueprint, "PATCH", LOCATION, scope="locations:write", area="locations", body=LocationPatch, returns=LocationOut,
    errors=(CurrencyIsFixed, DuplicateReference),
)  # fmt: skip
def change_location(call: Call, location_id: str) -> Document:
    """Change a location.

    `time_zone` is an IANA name. `currency` cannot change once orders or items at the location are priced in it. Phones are
    stored in E.164.
    """
    before = locations.get_location(call.scope, location_id=location_id)
    return locations.change_location(
        call.scope, location_id=location_id, changes=_values(call, before), expected_version=expected(call),
        is_priced="currency" in call.body and _is_priced(call, location_id),
    )  # fmt: skip


@endpoint(blueprint, "GET", f"{LOCATION}/hours", scope="locations:read", area="locations", returns=HoursOut)
def read_hours(call: Call, location_id: str) -> Document:
    """Read a location's weekly and special opening hours, in its own time zone."""
    return locations.get_location(call.scope, location_id=location_id)


@endpoint(
    blueprint, "PUT", f"{LOCATION}/hours", scope="locations:write", area="locations", body=HoursIn, returns=HoursOut
)
def set_hours(call: Call, location_id: str) -> Document:
    """Replace a location's weekly hours, its special dates, or both.

    Each list sent is the whole new list. Periods of one service may not overlap; one that closes at or before its opening
    ends the next day. A special date replaces the weekly hours of that day. Without any hours a location is always open.
    """
    return locations.set_hours(
        call.scope, location_id=location_id, opening_hours=call.body.get("opening_hours"),
        special_hours=call.body.get("special_hours"), expected_version=expected(call),
    )  # fmt: skip


@endpoint(blueprint, "GET", f"{LOCATION}/status", scope="locations:read", area="locations", returns=LocationStatusOut)
def read_status(call: Call, location_id: str) -> Document:
    """Read whether a location is online, paused or offline, and whether it takes orders now."""
    return _status(locations.get_location(call.scope, location_id=location_id))


@endpoint(
    blueprint, "PUT", f"{LOCATION}/status", scope="locations:write", area="locations", body=StatusIn,
    returns=LocationStatusOut, bucket="status",
)  # fmt: skip
def set_status(call: Call, location_id: str) -> Document:
    """Put a location online, on pause or offline.

    A pause with `until` ends by itself. Only a real change makes an event.
    """
    body = dict(call.body)
    until = body.pop("until", None)
    document = locations.set_store_status(
        call.scope, location_id=location_id, until=None if until is None else from_us(until), **body
    )
    return _status(document)


def _status(location: Document) -> Document:
    status = location["status"]
    takes_orders = location["is_active"] and location["is_open_now"] and status["status"] == "online"
    return {**status, "location_id": location["id"], "is_open_now": location["is_open_now"], "takes_orders": takes_orders}


def _values(call: Call, before: Document) -> dict[str, Any]:
    """The columns a body changes: amounts in minor units, the phone in E.164."""
    body = {RENAMED.get(name, name): value for name, value in call.body.items() if name != "version"}
    to = Amounts(lambda: str(body.get("currency", before["currency"])))
    if "cash_rounding" in body:
        body["cash_rounding_minor"] = to.minor(body.pop("cash_rounding"), "cash_rounding")
    if "deposit_policy" in body:
        policy = dict(body["deposit_policy"])
        if "amount" in policy:
            policy["amount_minor"] = to.minor(policy.pop("amount"), "deposit_policy.amount")
        body["deposit_policy"] = policy
    if body.get("phone") is not None:
        body["phone"] = normalize_phone(body["phone"], country=body.get("country", before["country"]))
    if body.get("default_tax_id") is not None:
        _require_tax(call, body["default_tax_id"])
    return body


def _require_tax(call: Call, tax_id: str) -> None:
    try:
        get_tax(call.scope, tax_id=tax_id)
    except NotFound as missing:
        raise Invalid(errors=[FieldError("default_tax_id", "validation_failed", missing.detail)]) from missing


def _is_priced(call: Call, location_id: str) -> bool:
    """Whether amounts in the location's currency exist: orders taken there or items sold there."""
    orders = list_orders(call.scope, limit=1, after=None, location_id=location_id)
    return bool(orders or list_items(call.scope, limit=1, after=None, location_id=location_id))
