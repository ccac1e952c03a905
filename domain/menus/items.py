"""Menu items as callers see them: with what can be ordered now, on the tenant's clock.

Every item document leaves this module with `available`, `unavailable_reason` and `available_again_at` (microseconds).
"""

from collections.abc import Iterable
from typing import Any

import orjson

from domain.menus import queries
from domain.menus.allergens import BY_CODE
from domain.menus.allergens import DIETS
from domain.menus.allergens import endangers
from domain.menus.availability import availability
from domain.menus.availability import is_suspended
from domain.menus.search import matches
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import tenant_now_us

_BATCH = 200  # rows read at a time when a filter that only Python can judge throws some away


def get_item(scope: Scope, *, item_id: str, location_id: str | None = None) -> Document:
    """Read one item document, as sold at location_id when given. Raises NotFound, also for a deleted item."""
    row = queries.item.row(scope, location_id is not None, False, item_id=item_id, location_id=location_id)
    if row is None:
        raise NotFound(f"There is no menu item {item_id}.")
    return judged_item(orjson.loads(row[0]), tenant_now_us(scope), row[1])


def find_item(scope: Scope, *, item_id: str) -> Document | None:
    """Read one item document, a deleted one too, or None. For what must be told about an item whatever became of it."""
    row = queries.item.row(scope, False, True, item_id=item_id)
    return None if row is None else judged_item(orjson.loads(row[0]), tenant_now_us(scope), row[1])


def read_items(scope: Scope, *, item_ids: Iterable[str]) -> dict[str, Document]:
    """Read the documents of several items by id in one statement. Unknown and deleted ones are absent."""
    now_us = tenant_now_us(scope)
    rows = queries.item_set.rows(scope, item_ids=orjson.dumps(list(item_ids)).decode())
    documents = (judged_item(orjson.loads(row[0]), now_us, row[1]) for row in rows)
    return {document["id"]: document for document in documents}


def list_items(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None,
    location_id: str | None = None,
    available: bool | None = None,
    allergen_free: tuple[str, ...] = (),
    diet: str | None = None,
    q: str | None = None,
    updated_since_us: int | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 items in menu order, or in order of change when updated_since_us is given.

    `after` is [sort or updated_at, id] of the last item of the page before. allergen_free leaves out items that contain
    or may contain one of the codes, themselves or in any option of a group that must be chosen. ref: the key of a name
    (domain.references).
    Raises Invalid (422) for an unknown allergen code or diet.
    """
    _check_filters(allergen_free, diet)
    shape = (location_id is not None, updated_since_us is not None, ref is not None)
    sort, now_us = ("updated_at" if shape[1] else "sort"), tenant_now_us(scope)
    found: list[Document] = []
    is_narrow = available is not None or bool(allergen_free or diet or q)
    while len(found) <= limit:
        value, last_id = after or (None, None)
        rows = queries.item_list.rows(
            scope, *shape, after is not None, location_id=location_id, updated_since=updated_since_us, ref=ref,
            after_value=value, after_id=last_id, rows=_BATCH if is_narrow else limit + 1,
        )  # fmt: skip
        batch = [judged_item(orjson.loads(row[0]), now_us, row[1]) for row in rows]
        found += _wanted(scope, batch, available=available, allergen_free=allergen_free, diet=diet, q=q)
        if len(batch) < _BATCH:
            break
        after = [batch[-1][sort], batch[-1]["id"]]
    return found[: limit + 1]


def is_sellable(item: Document, now_us: int) -> bool:
    """Tell whether an item or modifier is available but for its schedule, which comes and goes without events."""
    in_stock = item["stock_count"] is None or item["stock_count"] > 0
    is_offered = item.get("is_active", True) and item.get("deleted_at") is None  # a modifier has neither
    return bool(is_offered and in_stock and not is_suspended(item, now_us=now_us))


def _wanted(
    scope: Scope,
    batch: list[Document],
    *,
    available: bool | None,
    allergen_free: tuple[str, ...],
    diet: str | None,
    q: str | None,
) -> list[Document]:
    """Those items of a batch that pass the filters SQL does not judge."""
    kept = [
        item
        for item in batch
        if (available is None or item["available"] is available)
        and (diet is None or diet in item["diets"])
        and (not q or matches(q, item["name"], item["description"]))
    ]
    return _safe(scope, kept, allergen_free) if allergen_free and kept else kept


def _safe(scope: Scope, batch: list[Document], avoided: tuple[str, ...]) -> list[Document]:
    declared: dict[str, set[str]] = {item["id"]: {row["code"] for row in item["allergens"]} for item in batch}
    for row in queries.required_modifiers.documents(scope, item_ids=orjson.dumps(list(declared)).decode()):
        declared[row["item_id"]] |= {allergen["code"] for allergen in row["allergens"]}
    return [
        item for item in batch if not any(endangers(code, other) for code in declared[item["id"]] for other in avoided)
    ]


def judged_item(item: Document, now_us: int, zone: str) -> Document:
    """Add to an item or modifier document whether it can be ordered now."""
    item["available"], item["unavailable_reason"], item["available_again_at"] = availability(
        item, now_us=now_us, time_zone=zone
    )
    return item


def _check_filters(allergen_free: tuple[str, ...], diet: str | None) -> None:
    for code in allergen_free:
        if code not in BY_CODE:
            raise Invalid(errors=[FieldError("allergen_free", "validation_failed", f"{code} is not an allergen code.")])
    if diet is not None and diet not in DIETS:
        raise Invalid(errors=[FieldError("diet", "validation_failed", f"Expected one of {', '.join(DIETS)}.")])
