"""Judges the wanted lines of a draft by the menu and freezes what they cost now.

Owns the checks an order line must pass (item, variation, availability, modifier rules at every depth) and the
snapshot of name, price, tax and allergens. Every fault of a draft is collected before anything is refused. Reads no
database.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogGroup
from domain.menus.catalog import CatalogItem
from domain.menus.catalog import CatalogModifier
from domain.menus.errors import ItemUnavailable
from domain.menus.errors import unavailable_item
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.errors import CurrencyMismatch
from domain.orders.errors import ModifierRules
from domain.orders.errors import UnknownItem
from domain.orders.pricing import PriceLine
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.ids import new_id


@dataclass(slots=True)
class _Context:
    """What every line of one draft is judged by, and the faults found so far."""

    catalog: Catalog
    location: Document
    wanted_us: int | None  # when a scheduled order is wanted
    prices: Mapping[str, int]
    may_open: bool
    paths: list[str]  # of the lines, as refusals name them
    unknown: list[FieldError] = field(default_factory=list)
    foreign: list[FieldError] = field(default_factory=list)
    unavailable: list[FieldError] = field(default_factory=list)
    rules: list[FieldError] = field(default_factory=list)
    invalid: list[FieldError] = field(default_factory=list)


def choose_lines(
    draft: OrderDraft, *, catalog: Catalog, location: Document, wanted_us: int | None, paths: list[str] | None = None
) -> list[tuple[Document, PriceLine]]:
    """Judge every line; returns (columns of the order line without amounts, what pricing needs) per line.

    wanted_us: the instant of a scheduled order; an item that returns by then is fine and stock is not looked at.
    paths: where the caller gave each line, items[n] by default.
    Raises Forbidden for open items without the flag, else UnknownItem, CurrencyMismatch, ItemUnavailable,
    ModifierRules or Invalid (422), each naming every line at fault.
    """
    paths = paths or [f"items[{index}]" for index in range(len(draft.lines))]
    context = _Context(catalog, location, wanted_us, draft.quoted_prices or {}, draft.allow_open_items, paths)
    chosen = [_line(context, line, index) for index, line in enumerate(draft.lines)]
    if wanted_us is None:
        _check_stock(context, draft)
    for fault, errors in (
        (UnknownItem, context.unknown), (CurrencyMismatch, context.foreign), (ItemUnavailable, context.unavailable),
        (ModifierRules, context.rules), (Invalid, context.invalid),
    ):  # fmt: skip
        if errors:
            raise fault(errors=errors)
    return chosen


def require_sellable(catalog: Catalog, wanted: Mapping[str, str]) -> None:
    """Refuse more of items that are not sold now. wanted: item id → where the caller asked. Raises as choose_lines does."""
    unknown = [_unknown(path, "item", item_id) for item_id, path in wanted.items() if catalog.item(item_id) is None]
    if unknown:
        raise UnknownItem(errors=unknown)
    found = ((path, catalog.item(item_id)) for item_id, path in wanted.items())
    errors = [
        unavailable_item(
            field=path, item_id=item.id, reason=item.unavailable_reason, available_again_at=item.available_again_at
        )
        for path, item in found
        if item is not None and not item.available
    ]
    if errors:
        raise ItemUnavailable(errors=errors)


def tracked_quantities(draft: OrderDraft, catalog: Catalog) -> dict[str, int]:
    """Portions the draft takes of each item whose stock is counted."""
    wanted: dict[str, int] = {}
    for line in draft.lines:
        item = catalog.item(line.item_id) if line.item_id is not None else None
        if item is not None and item.stock_count is not None:
            wanted[item.id] = wanted.get(item.id, 0) + line.quantity
    return wanted


def _line(context: _Context, line: LineDraft, index: int) -> tuple[Document, PriceLine]:
    path = context.paths[index]
    tax: tuple[str | None, str | None, str | None] = (None, None, None)
    allergens: list[Document] = []
    if line.item_id is None:
        name, unit_minor = _open(context, line.name, line.price_minor, path)
        modifiers = _modifiers(context, line, {}, path)
        if context.catalog.default_tax is not None:
            tax = (context.catalog.default_tax.id, context.catalog.default_tax.name, context.catalog.default_tax.rate)
    else:
        item = context.catalog.item(line.item_id)
        if item is None:
            context.unknown.append(_unknown(f"{path}.menu_item_id", "item", line.item_id))
            return {}, PriceLine(0, 0)
        name, unit_minor = _chosen_item(context, line, item, path)
        modifiers, allergens = _item_modifiers(context, line, item, path)
        tax = (item.tax_id, item.tax_name, item.tax_rate)
    extras = [(row["price_minor"], row["quantity"]) for row in modifiers]
    _check_amounts(context, line, unit_minor, extras, path)
    columns = {
        "id": new_id("oln"), "position": index, "item_id": line.item_id, "variation_id": line.variation_id,
        "name": name, "unit_minor": unit_minor, "quantity": line.quantity, "modifiers": modifiers,
        "tax_id": tax[0], "tax_name": tax[1], "tax_rate": tax[2], "allergens": allergens,
        "notes": line.notes, "guest_name": line.guest_name, "state": "active", "reason": None, "replaces_id": None,
    }  # fmt: skip
    return columns, PriceLine(unit_minor, line.quantity, extras, tax[2])


def _check_amounts(
    context: _Context, line: LineDraft, unit_minor: int, extras: list[tuple[int, int]], path: str
) -> None:
    if line.quantity < 1 or any(quantity < 1 for _, quantity in extras):
        context.invalid.append(FieldError(f"{path}.quantity", "validation_failed", "Expected 1 or more."))
    if unit_minor + sum(price * quantity for price, quantity in extras) < 0:
        context.invalid.append(FieldError(path, "validation_failed", "A line may not cost less than nothing."))


def _chosen_item(context: _Context, line: LineDraft, item: CatalogItem, path: str) -> tuple[str, int]:
    """Name and unit price of a menu item, with its currency, availability and variation checked."""
    currency = context.location["currency"]
    if item.currency != currency:
        message = f"Item {item.id} is priced in {item.currency}, the location sells in {currency}."
        context.foreign.append(FieldError(f"{path}.menu_item_id", CurrencyMismatch.code, message))
    if not item.available and not _returns_in_time(context, item):
        context.unavailable.append(
            unavailable_item(
                field=f"{path}.menu_item_id", item_id=item.id, reason=item.unavailable_reason,
                available_again_at=item.available_again_at,
            )
        )  # fmt: skip
    if line.variation_id is None:
        return item.name, context.prices.get(item.id, item.price_minor)
    variation = item.variations.get(line.variation_id)
    if variation is None:
        context.unknown.append(_unknown(f"{path}.variation_id", "variation", line.variation_id))
        return item.name, 0
    return item.name, context.prices.get(line.variation_id, variation[1])


def _returns_in_time(context: _Context, item: CatalogItem) -> bool:
    again_at = item.available_again_at
    return context.wanted_us is not None and again_at is not None and again_at <= context.wanted_us


def _open(context: _Context, name: str | None, price_minor: int | None, path: str) -> tuple[str, int]:
    """Name and price of an open line or modifier. Raises Forbidden without the flag."""
    if not context.may_open:
        raise Forbidden(
            "Lines with a name and price of their own need the credential flag allow_open_items besides orders:write.",
            required_scopes=["orders:write"],
        )
    if not name or price_minor is None:
        context.invalid.append(FieldError(path, "validation_failed", "Give a menu id, or a name and a price."))
    return name or "", price_minor or 0


def _item_modifiers(
    context: _Context, line: LineDraft, item: CatalogItem, path: str
) -> tuple[list[Document], list[Document]]:
    """The chosen modifiers of an item and the allergens of the dish with them."""
    if not line.modifiers and not item.group_ids:
        return [], item.allergens
    known = {
        m.modifier_id: context.catalog.modifier(m.modifier_id) for m in line.modifiers if m.modifier_id is not None
    }
    rows = _modifiers(context, line, known, path)
    chosen = {modifier.id: modifier for modifier in known.values() if modifier is not None}
    _check_groups(context, line, item, chosen, f"{path}.modifiers")
    return rows, _with_extras(item.allergens, chosen)


def _modifiers(
    context: _Context, line: LineDraft, known: Mapping[str, CatalogModifier | None], path: str
) -> list[Document]:
    return [
        _modifier(context, m, known.get(m.modifier_id or ""), f"{path}.modifiers[{i}]")
        for i, m in enumerate(line.modifiers)
    ]


def _modifier(context: _Context, wanted: ModifierDraft, modifier: CatalogModifier | None, path: str) -> Document:
    if wanted.modifier_id is None:
        name, price_minor = _open(context, wanted.name, wanted.price_minor, path)
    elif modifier is None:
        context.unknown.append(_unknown(f"{path}.modifier_id", "modifier", wanted.modifier_id))
        name, price_minor = "", 0
    else:
        name, price_minor = modifier.name, context.prices.get(modifier.id, modifier.price_minor)
        if not modifier.available:
            message = f"Modifier {modifier.id} is not available."
            extra = {"modifier_id": modifier.id}
            context.unavailable.append(FieldError(f"{path}.modifier_id", ItemUnavailable.code, message, extra))
    return {
        "id": new_id("olm"), "modifier_id": wanted.modifier_id, "name": name, "price_minor": price_minor,
        "quantity": wanted.quantity,
    }  # fmt: skip


def _check_groups(
    context: _Context, line: LineDraft, item: CatalogItem, chosen: dict[str, CatalogModifier], path: str
) -> None:
    """Hold a line's choices against every group in force, and every choice against the groups."""
    in_force = _groups_in_force(context.catalog, item, chosen)
    for group in in_force:
        if message := _broken(group, sum(1 for modifier_id in group.modifier_ids if modifier_id in chosen)):
            context.rules.append(FieldError(path, ModifierRules.code, message, {"group_id": group.id}))
    offered = {modifier_id for group in in_force for modifier_id in group.modifier_ids}
    quantities: Counter[str | None] = Counter()
    for wanted in line.modifiers:
        quantities[wanted.modifier_id] += wanted.quantity
    for modifier in chosen.values():
        if modifier.id not in offered:
            message = f"{modifier.name} is not offered with this choice."
        elif quantities[modifier.id] > modifier.max_quantity:
            message = f"{modifier.name} can be added {modifier.max_quantity} times at most."
        else:
            continue
        context.rules.append(FieldError(path, ModifierRules.code, message, {"modifier_id": modifier.id}))


def _groups_in_force(catalog: Catalog, item: CatalogItem, chosen: Mapping[str, CatalogModifier]) -> list[CatalogGroup]:
    """The item's groups and those nested under a chosen modifier that is itself offered, at any depth."""
    waiting, in_force = list(item.group_ids), []
    while waiting:
        group = catalog.group(waiting.pop())
        if group is None or group in in_force:
            continue
        in_force.append(group)
        for modifier_id in group.modifier_ids:
            if modifier_id in chosen:
                waiting += chosen[modifier_id].group_ids
    return in_force


def _broken(group: CatalogGroup, count: int) -> str | None:
    """What a group objects to in `count` different choices, or None."""
    least = max(group.min_selections, 1 if group.is_required else 0)
    if least <= count <= group.max_selections:
        return None
    return f"{group.name}: choose between {least} and {group.max_selections}, not {count}."


def _with_extras(allergens: list[Document], chosen: dict[str, CatalogModifier]) -> list[Document]:
    """Allergens of the dish as ordered: an extra can add one, and `contains` wins over `may_contain`."""
    if not any(modifier.allergens for modifier in chosen.values()):
        return allergens
    levels: dict[str, str] = {}
    for entry in [*allergens, *(entry for modifier in chosen.values() for entry in modifier.allergens)]:
        if levels.get(entry["code"]) != "contains":
            levels[entry["code"]] = entry["level"]
    return [{"code": code, "level": level} for code, level in levels.items()]


def _check_stock(context: _Context, draft: OrderDraft) -> None:
    """Name every line of an item of which the draft wants more than there is."""
    short = {
        item_id
        for item_id, quantity in tracked_quantities(draft, context.catalog).items()
        if quantity > _stock(context.catalog, item_id)
    }
    named = {error.field for error in context.unavailable}
    for index, line in enumerate(draft.lines):
        path = f"{context.paths[index]}.menu_item_id"
        if line.item_id in short and path not in named:
            context.unavailable.append(unavailable_item(field=path, item_id=line.item_id, reason="stock"))


def _stock(catalog: Catalog, item_id: str) -> int:
    item = catalog.item(item_id)
    return item.stock_count or 0 if item is not None else 0


def _unknown(path: str, kind: str, value: str) -> FieldError:
    return FieldError(path, UnknownItem.code, f"There is no {kind} {value} at this location.")
