"""Menu items in the Core API."""

from typing import Any

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.menu_drafts import item_values
from api.core.menu_drafts import priced_at
from api.core.menu_schemas import AvailabilityIn
from api.core.menu_schemas import BulkAvailabilityIn
from api.core.menu_schemas import BulkAvailabilityOut
from api.core.menu_schemas import ItemIn
from api.core.menu_schemas import ItemOut
from api.core.menu_schemas import ItemPatch
from api.core.menu_schemas import ItemQuery
from api.core.naming import named
from api.core.tags import expected
from api.core.tags import tagged
from api.core.tags import tagged_page
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.menus import service as menus
from kit.clock import from_us
from kit.documents import Document
from kit.errors import PlatformError

ITEMS, ITEM = "/menu-items", "/menu-items/<item_id>"
print_item = compile_view(ItemOut)


@endpoint(
    blueprint, "GET", ITEMS, scope="menus:read", area="menus", query=ItemQuery, returns=ItemOut, is_list=True, is_tagged=True
)
def list_items(call: Call) -> Reply:
    """List menu items.

    `allergen_free=milk,nuts` leaves out items that contain or may contain them, required modifiers included. With
    `updated_since` in order of change. Answers 304 to an `If-None-Match` that still holds.
    """
    query = call.query
    rows = menus.list_items(
        call.scope, limit=query["limit"], after=call.after(), location_id=query.get("location_id"),
        available={"true": True, "false": False}.get(query.get("available", "")),
        allergen_free=query["allergen_free"], diet=query.get("diet"), q=query.get("q"),
        updated_since_us=query.get("updated_since"), ref=named(call, "item"),
    )  # fmt: skip
    column = "updated_at" if query.get("updated_since") is not None else "sort"
    return tagged_page(call, call.page(rows, lambda item: [item[column], item["id"]]))


@endpoint(blueprint, "POST", ITEMS, scope="menus:write", area="menus", body=ItemIn, returns=ItemOut, status=201)
def create_item(call: Call) -> Reply:
    """Create a menu item, with its variations and its places in categories and modifier groups.

    Its price is in the currency of `location_id`, or of all locations when it is left out.
    """
    values = item_values(call.body, priced_at(call, call.body.get("location_id")))
    item = menus.create_item(call.scope, values=values)
    return Reply(document=item, headers={"Location": f"/v1/menu-items/{item['id']}"})


@endpoint(blueprint, "GET", ITEM, scope="menus:read", area="menus", printed=ItemOut)
def read_item(call: Call, item_id: str) -> Reply:
    """Read one menu item with its variations and whether it can be ordered now."""
    return tagged(call, print_item(menus.get_item(call.scope, item_id=item_id)))


@endpoint(blueprint, "PATCH", ITEM, scope="menus:write", area="menus", body=ItemPatch, returns=ItemOut)
def change_item(call: Call, item_id: str) -> Document:
    """Change a menu item.

    Lists replace the present ones whole: a variation sent with its `id` is changed, one without is new, a missing one goes.
    Orders already placed keep their prices. A new price makes `menu.price.updated` besides `menu.item.updated`.
    """
    to = Amounts(lambda: str(menus.get_item(call.scope, item_id=item_id)["currency"]))
    return menus.change_item(
        call.scope, item_id=item_id, changes=item_values(call.body, to), expected_version=expected(call)
    )


@endpoint(blueprint, "DELETE", ITEM, scope="menus:write", area="menus", status=204)
def delete_item(call: Call, item_id: str) -> Reply:
    """Delete a menu item. Orders that name it stay as they are."""
    menus.delete_item(call.scope, item_id=item_id, expected_version=expected(call))
    return Reply(status=204)


@endpoint(
    blueprint, "PUT", f"{ITEM}/availability", scope="menus:write", area="menus", body=AvailabilityIn, returns=ItemOut
)
def set_availability(call: Call, item_id: str) -> Document:
    """Take an item off the menu ("86") or bring it back.

    With `until` it returns by itself; `stock_count` sets how many are left. Only a real change makes an event.
    """
    return menus.set_item_availability(
        call.scope, item_id=item_id, expected_version=expected(call), **availability_values(call.body)
    )


@endpoint(
    blueprint, "POST", f"{ITEMS}/availability", scope="menus:write", area="menus", body=BulkAvailabilityIn,
    printed=BulkAvailabilityOut, cost=5,
)  # fmt: skip
def set_availabilities(call: Call) -> Reply:
    """Take up to 500 items off the menu or bring them back.

    Each has a result of its own; a refused one leaves the others alone.
    """
    rows = call.body["items"]
    wanted = [menus.Wanted(row["menu_item_id"], **availability_values(row)) for row in rows]
    outcomes = menus.set_items_availability(call.scope, wanted=wanted)
    results = [_result(index, rows[index]["menu_item_id"], outcome) for index, outcome in enumerate(outcomes)]
    return Reply(payload={"results": results})


def availability_values(body: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of an availability's body."""
    values = {name: value for name, value in body.items() if name != "menu_item_id"}
    if values.get("until") is not None:
        values["until"] = from_us(values["until"])
    return values


def _result(index: int, item_id: str, outcome: Document | PlatformError) -> dict[str, Any]:
    if not isinstance(outcome, PlatformError):
        return {"index": index, "status": "updated", "id": item_id, "available": outcome["available"], "error": None}
    first = outcome.errors[0] if outcome.errors else None
    error = {
        "code": outcome.code, "message": first.message if first else outcome.detail, "field": first.field if first else None,
    }  # fmt: skip
    return {"index": index, "status": "refused", "id": item_id, "available": None, "error": error}
