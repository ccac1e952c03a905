"""Telling that prices changed. Amounts are minor units of the item's currency."""

from domain.menus.events import PriceUpdated
from kit.documents import Document
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


def price_changes(before: Document, after: Document) -> list[Document]:
    """What differs between the prices of two documents of one item: [{kind, id, name, old_price_minor, new_price_minor}].

    kind: base or variation. A variation that is new or gone is no price change.
    """
    changes = []
    if before["base_price_minor"] != after["base_price_minor"]:
        changes.append(_change("base", before, after, "base_price_minor"))
    old = {row["id"]: row for row in before["variations"]}
    return changes + [
        _change("variation", old[row["id"]], row, "price_minor")
        for row in after["variations"]
        if row["id"] in old and old[row["id"]]["price_minor"] != row["price_minor"]
    ]


def announce_prices(scope: Scope, *, item: Document, changes: list[Document]) -> None:
    """Record menu.price.updated for an item, with what changed and since when."""
    told = {"currency": item["currency"], "effective_at": tenant_now_us(scope), "changes": changes}
    previous: Document = {}
    for row in changes:
        if row["kind"] == "base":
            previous["price_minor"] = row["old_price_minor"]
        else:
            previous.setdefault(f"{row['kind']}s", {})[row["id"]] = {"price_minor": row["old_price_minor"]}
    record(scope, PriceUpdated(
        object={**item, "price_change": told}, previous=previous, location_id=item["location_id"]
    ))  # fmt: skip


def _change(kind: str, before: Document, after: Document, column: str) -> Document:
    return {
        "kind": kind, "id": after["id"], "name": after["name"], "old_price_minor": before[column],
        "new_price_minor": after[column],
    }  # fmt: skip
