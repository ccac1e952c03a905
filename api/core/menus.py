"""Menus, categories, items, modifier groups, allergens and taxes in the Core API."""

from api.core.blueprint import blueprint
from api.core.menu_schemas import AvailabilityIn
from api.core.menu_schemas import CategoryOut
from api.core.menu_schemas import CategoryQuery
from api.core.menu_schemas import ItemOut
from api.core.menu_schemas import ItemQuery
from api.core.menu_schemas import MenuOut
from api.core.menu_schemas import MenuQuery
from api.core.menu_schemas import ModifierGroupOut
from api.core.menu_schemas import TaxOut
from api.core.schemas import PageQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.menus import allergens
from domain.menus import service as menus
from kit.clock import from_us
from kit.documents import Document


def _by_sort(row: Document) -> list[object]:
    return [row["sort"], row["id"]]


@endpoint(blueprint, "GET", "/menus", scope="menus:read", area="menus", query=MenuQuery, returns=MenuOut, is_list=True)
def list_menus(call: Call) -> Reply:
    """List menus with their categories."""
    rows = menus.list_menus(
        call.scope, limit=call.query["limit"], after=call.after(), location_id=call.query.get("location_id")
    )
    return call.page(rows, _by_sort)


@endpoint(blueprint, "GET", "/menus/<menu_id>", scope="menus:read", area="menus", returns=MenuOut)
def read_menu(call: Call, menu_id: str) -> Document:
    """Read one menu with its categories and the ids of their items."""
    return menus.get_menu(call.scope, menu_id=menu_id)


@endpoint(
    blueprint, "GET", "/categories", scope="menus:read", area="menus", query=CategoryQuery, returns=CategoryOut, is_list=True
)
def list_categories(call: Call) -> Reply:
    """List categories, of one menu or all."""
    rows = menus.list_categories(
        call.scope, limit=call.query["limit"], after=call.after(), menu_id=call.query.get("menu_id")
    )
    return call.page(rows, _by_sort)


@endpoint(blueprint, "GET", "/menu-items", scope="menus:read", area="menus", query=ItemQuery, returns=ItemOut, is_list=True)
def list_items(call: Call) -> Reply:
    """List menu items.

    `allergen_free=milk,nuts` leaves out items that contain or may contain them, required modifiers included.
    """
    query = call.query
    rows = menus.list_items(
        call.scope, limit=query["limit"], after=call.after(), location_id=query.get("location_id"),
        available={"true": True, "false": False}.get(query.get("available", "")),
        allergen_free=query["allergen_free"], diet=query.get("diet"), q=query.get("q"),
        updated_since_us=query.get("updated_since"),
    )  # fmt: skip
    column = "updated_at" if query.get("updated_since") is not None else "sort"
    return call.page(rows, lambda item: [item[column], item["id"]])


@endpoint(blueprint, "GET", "/menu-items/<item_id>", scope="menus:read", area="menus", returns=ItemOut)
def read_item(call: Call, item_id: str) -> Document:
    """Read one menu item with its variations and whether it can be ordered now."""
    return menus.get_item(call.scope, item_id=item_id)


@endpoint(
    blueprint, "PUT", "/menu-items/<item_id>/availability", scope="menus:write", area="menus", body=AvailabilityIn,
    returns=ItemOut,
)  # fmt: skip
def set_availability(call: Call, item_id: str) -> Document:
    """Take an item off the menu ("86") or bring it back.

    With `until` it returns by itself; `stock_count` sets how many are left. Only a real change makes an event.
    """
    body = dict(call.body)
    until = from_us(body.pop("until")) if body.get("until") is not None else body.pop("until", None)
    return menus.set_item_availability(
        call.scope, item_id=item_id, until=until, expected_version=expected_version(call), **body
    )


@endpoint(
    blueprint, "GET", "/modifier-groups", scope="menus:read", area="menus", query=PageQuery, returns=ModifierGroupOut,
    is_list=True,
)  # fmt: skip
def list_modifier_groups(call: Call) -> Reply:
    """List modifier groups with their modifiers."""
    return call.page(menus.list_modifier_groups(call.scope, limit=call.query["limit"], after=call.after()), _by_sort)


@endpoint(blueprint, "GET", "/modifier-groups/<group_id>", scope="menus:read", area="menus", returns=ModifierGroupOut)
def read_modifier_group(call: Call, group_id: str) -> Document:
    """Read one modifier group."""
    return menus.get_modifier_group(call.scope, group_id=group_id)


@endpoint(blueprint, "GET", "/taxes", scope="menus:read", area="menus", query=PageQuery, returns=TaxOut, is_list=True)
def list_taxes(call: Call) -> Reply:
    """List tax rates."""
    rows = menus.list_taxes(call.scope, limit=call.query["limit"], after=call.after())
    return call.page(rows, lambda row: [row["name"], row["id"]])


@endpoint(blueprint, "GET", "/allergens", scope="menus:read", area="menus", plane="none")
def list_allergens(call: Call) -> Reply:
    """List the 14 allergens of EU regulation 1169/2011, Annex II, with their finer codes."""
    return Reply(payload={"data": allergens.documents(), "has_more": False, "next_cursor": None})
