"""Menus, their categories and whole documents in the Core API, and the allergens."""

from flask import request

from api.core.blueprint import blueprint
from api.core.menu_document_schemas import MenuDocumentIn
from api.core.menu_document_schemas import MenuJobAcceptedOut
from api.core.menu_document_schemas import MenuJobOut
from api.core.menu_drafts import document_values
from api.core.menu_drafts import priced_at
from api.core.menu_schemas import AllergenOut
from api.core.menu_schemas import AllergenQuery
from api.core.menu_schemas import CategoryIn
from api.core.menu_schemas import CategoryOut
from api.core.menu_schemas import CategoryPatch
from api.core.menu_schemas import CategoryQuery
from api.core.menu_schemas import MenuIn
from api.core.menu_schemas import MenuOut
from api.core.menu_schemas import MenuPatch
from api.core.menu_schemas import MenuQuery
from api.core.menu_schemas import WholeMenuOut
from api.core.naming import named
from api.core.tags import expected
from api.core.tags import tagged
from api.core.tags import tagged_page
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.menus import allergens
from domain.menus import service as menus
from kit.documents import Document

MENU, CATEGORY = "/menus/<menu_id>", "/categories/<category_id>"
print_whole = compile_view(WholeMenuOut)


def _by_sort(row: Document) -> list[object]:
    return [row["sort"], row["id"]]


@endpoint(
    blueprint, "GET", "/menus", scope="menus:read", area="menus", query=MenuQuery, returns=MenuOut, is_list=True,
    is_tagged=True,
)  # fmt: skip
def list_menus(call: Call) -> Reply:
    """List menus with their categories.

    With `updated_since` in order of change. Answers 304 to an `If-None-Match` that still holds.
    """
    query = call.query
    rows = menus.list_menus(
        call.scope, limit=query["limit"], after=call.after(), location_id=query.get("location_id"),
        updated_since_us=query.get("updated_since"), ref=named(call, "menu"),
    )  # fmt: skip
    column = "sort" if query.get("updated_since") is None else "updated_at"
    return tagged_page(call, call.page(rows, lambda row: [row[column], row["id"]]))


@endpoint(blueprint, "POST", "/menus", scope="menus:write", area="menus", body=MenuIn, returns=MenuOut, status=201)
def create_menu(call: Call) -> Reply:
    """Create an empty menu.

    Fill it with categories, or at once with `PUT /v1/menus/{id}/document`.
    """
    menu = menus.create_menu(call.scope, values=dict(call.body))
    return Reply(document=menu, headers={"Location": f"/v1/menus/{menu['id']}"})


@endpoint(blueprint, "GET", MENU, scope="menus:read", area="menus", printed=WholeMenuOut)
def read_menu(call: Call, menu_id: str) -> Reply:
    """Read one menu with everything in it: categories, items, variations, modifier groups and modifiers.

    Groups under modifiers are nested, three levels at most. Answers 304 to an `If-None-Match` that still holds, what can be
    ordered now included.
    """
    return tagged(call, print_whole(menus.get_whole_menu(call.scope, menu_id=menu_id)))


@endpoint(blueprint, "PATCH", MENU, scope="menus:write", area="menus", body=MenuPatch, returns=MenuOut)
def change_menu(call: Call, menu_id: str) -> Document:
    """Change a menu's name, schedule or other fields of its own."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    return menus.change_menu(call.scope, menu_id=menu_id, changes=changes, expected_version=expected(call))


@endpoint(blueprint, "DELETE", MENU, scope="menus:write", area="menus", status=204)
def delete_menu(call: Call, menu_id: str) -> Reply:
    """Delete a menu and its categories. Its items stay."""
    menus.delete_menu(call.scope, menu_id=menu_id, expected_version=expected(call))
    return Reply(status=204)


@endpoint(
    blueprint, "PUT", f"{MENU}/document", scope="menus:write", area="menus", body=MenuDocumentIn, returns=MenuJobAcceptedOut,
    status=202, cost=5,
)  # fmt: skip
def upload_menu(call: Call, menu_id: str) -> Reply:
    """Replace everything in a menu with a document.

    The document is worked off soon after; `GET /v1/menu-jobs/{id}` tells how far. What carries an `id` is changed; without
    one, items are matched by `sku` and everything else by name in the same place, and what is new is created. An entry that
    is only an `id` refers to what is there. What the document does not hold is removed from the menu, and items on no other
    menu are deleted. An entry that breaks a rule is left out and listed in the job's `errors`; then nothing is deleted.
    `stock_count` counts for new items only.
    """
    to = priced_at(call, menus.get_menu(call.scope, menu_id=menu_id)["location_id"])
    job = menus.upload_menu(call.scope, menu_id=menu_id, document=document_values(call.body, to))
    return Reply(document=job, headers={"Location": f"/v1/menu-jobs/{job['id']}"})


@endpoint(blueprint, "GET", "/menu-jobs/<job_id>", scope="menus:read", area="menus", returns=MenuJobOut)
def read_menu_job(call: Call, job_id: str) -> Document:
    """Read how far the upload of a menu is, what it has changed and what it had to leave out."""
    return menus.get_menu_job(call.scope, job_id=job_id)


@endpoint(
    blueprint, "GET", "/categories", scope="menus:read", area="menus", query=CategoryQuery, returns=CategoryOut, is_list=True,
    is_tagged=True,
)  # fmt: skip
def list_categories(call: Call) -> Reply:
    """List categories, of one menu or all."""
    rows = menus.list_categories(
        call.scope, limit=call.query["limit"], after=call.after(), menu_id=call.query.get("menu_id"),
        ref=named(call, "category"),
    )  # fmt: skip
    return tagged_page(call, call.page(rows, _by_sort))


@endpoint(
    blueprint, "POST", "/categories", scope="menus:write", area="menus", body=CategoryIn, returns=CategoryOut, status=201
)
def create_category(call: Call) -> Reply:
    """Create a category of a menu, with its items in order."""
    category = menus.create_category(call.scope, values=dict(call.body))
    return Reply(document=category, headers={"Location": f"/v1/categories/{category['id']}"})


@endpoint(blueprint, "GET", CATEGORY, scope="menus:read", area="menus", returns=CategoryOut)
def read_category(call: Call, category_id: str) -> Document:
    """Read one category with the ids of its items."""
    return menus.get_category(call.scope, category_id=category_id)


@endpoint(blueprint, "PATCH", CATEGORY, scope="menus:write", area="menus", body=CategoryPatch, returns=CategoryOut)
def change_category(call: Call, category_id: str) -> Document:
    """Change a category. `item_ids` is the whole new list in order."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    return menus.change_category(call.scope, category_id=category_id, changes=changes, expected_version=expected(call))


@endpoint(blueprint, "DELETE", CATEGORY, scope="menus:write", area="menus", status=204)
def delete_category(call: Call, category_id: str) -> Reply:
    """Delete a category. Its items stay."""
    menus.delete_category(call.scope, category_id=category_id, expected_version=expected(call))
    return Reply(status=204)


@endpoint(
    blueprint, "GET", "/allergens", scope="menus:read", area="menus", plane="none", query=AllergenQuery, returns=AllergenOut,
    is_list=True,
)  # fmt: skip
def list_allergens(call: Call) -> Reply:
    """List the 14 allergens of EU regulation 1169/2011, Annex II, with their finer codes.

    `name` is in the language of `locale`, else of `Accept-Language`, else English; `Content-Language` says which.
    """
    wanted = call.query.get("locale")
    offered = request.accept_languages if wanted is None else [(wanted, 1)]
    language = allergens.language_of(tag for tag, _ in offered)
    known = allergens.documents(language)
    start = int((call.after() or [0])[0])
    reply = call.page(known[start : start + call.query["limit"] + 1], lambda row: [known.index(row) + 1])
    reply.headers |= {"Content-Language": language, "Vary": "Accept-Language"}
    return reply
