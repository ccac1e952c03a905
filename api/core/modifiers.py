"""Modifier groups and modifiers in the Core API."""

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.menu_drafts import group_values
from api.core.menu_drafts import priced_at
from api.core.menu_items import availability_values
from api.core.menu_schemas import AvailabilityIn
from api.core.modifier_schemas import ModifierGroupIn
from api.core.modifier_schemas import ModifierGroupOut
from api.core.modifier_schemas import ModifierGroupPatch
from api.core.modifier_schemas import ModifierOut
from api.core.modifier_schemas import NamedQuery
from api.core.naming import named
from api.core.tags import expected
from api.core.tags import tagged
from api.core.tags import tagged_page
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.menus import service as menus
from kit.documents import Document

GROUPS, GROUP, MODIFIER = "/modifier-groups", "/modifier-groups/<group_id>", "/modifiers/<modifier_id>"
print_group = compile_view(ModifierGroupOut)
print_modifier = compile_view(ModifierOut)


@endpoint(
    blueprint, "GET", GROUPS, scope="menus:read", area="menus", query=NamedQuery, returns=ModifierGroupOut, is_list=True,
    is_tagged=True,
)  # fmt: skip
def list_modifier_groups(call: Call) -> Reply:
    """List modifier groups with their modifiers."""
    rows = menus.list_modifier_groups(
        call.scope, limit=call.query["limit"], after=call.after(), ref=named(call, "modifier_group")
    )
    return tagged_page(call, call.page(rows, lambda row: [row["sort"], row["id"]]))


@endpoint(
    blueprint, "POST", GROUPS, scope="menus:write", area="menus", body=ModifierGroupIn, returns=ModifierGroupOut, status=201
)
def create_modifier_group(call: Call) -> Reply:
    """Create a modifier group with its modifiers.

    Offer it with an item through `modifier_group_ids` of the item, or under a modifier through those of the modifier; groups
    nest three levels deep at most.
    """
    body = call.body
    to = Amounts(lambda: str(body["currency"])) if "currency" in body else priced_at(call, None)
    group = menus.create_modifier_group(call.scope, values=group_values(body, to))
    return Reply(document=group, headers={"Location": f"/v1/modifier-groups/{group['id']}"})


@endpoint(blueprint, "GET", GROUP, scope="menus:read", area="menus", printed=ModifierGroupOut)
def read_modifier_group(call: Call, group_id: str) -> Reply:
    """Read one modifier group with its modifiers and whether they can be chosen now."""
    return tagged(call, print_group(menus.get_modifier_group(call.scope, group_id=group_id)))


@endpoint(blueprint, "PATCH", GROUP, scope="menus:write", area="menus", body=ModifierGroupPatch, returns=ModifierGroupOut)
def change_modifier_group(call: Call, group_id: str) -> Document:
    """Change a modifier group.

    `modifiers` is the whole new list: one sent with its `id` is changed, one without is new, a missing one goes. The change
    shows on every item that offers the group.
    """
    to = Amounts(lambda: str(menus.get_modifier_group(call.scope, group_id=group_id)["currency"]))
    return menus.change_modifier_group(
        call.scope, group_id=group_id, changes=group_values(call.body, to), expected_version=expected(call)
    )


@endpoint(blueprint, "GET", MODIFIER, scope="menus:read", area="menus", printed=ModifierOut)
def read_modifier(call: Call, modifier_id: str) -> Reply:
    """Read one modifier and whether it can be chosen now."""
    return tagged(call, print_modifier(menus.read_modifier(call.scope, modifier_id=modifier_id)))


@endpoint(
    blueprint, "PUT", f"{MODIFIER}/availability", scope="menus:write", area="menus", body=AvailabilityIn, returns=ModifierOut
)
def set_modifier_availability(call: Call, modifier_id: str) -> Document:
    """Take a modifier off sale or bring it back, wherever it is offered.

    With `until` it returns by itself; `stock_count` sets how many are left. Only a real change makes an event.
    """
    return menus.set_modifier_availability(
        call.scope, modifier_id=modifier_id, expected_version=expected(call), **availability_values(call.body)
    )
