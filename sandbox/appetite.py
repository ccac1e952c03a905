"""What simulated guests order: drafts the menu of a location accepts, chosen from a generator that repeats."""

from dataclasses import dataclass
from random import Random
from typing import Any

from domain.locations.service import list_tables
from domain.menus.service import list_items
from domain.menus.service import list_modifier_groups
from domain.orders.service import LineDraft
from domain.orders.service import ModifierDraft
from domain.orders.service import OrderDraft
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope

_PAGE = 100
SOURCES = ("website", "app", "phone", "kiosk")
TYPES = ("dine_in", "dine_in", "pickup", "delivery")
ADDRESS = {"line1": "12 Station Road", "line2": None, "city": "Old Town", "postal_code": None, "country": None}
NAMES = ("Ada Lind", "Bruno Costa", "Chen Wei", "Dalia Petrauskaitė", "Emre Kaya", "Fatima Zahra", "Grzegorz Wilk", "Hana Sato")


@dataclass(frozen=True, slots=True)
class Choice:
    """What one location has to offer now."""

    location_id: str
    items: list[Document]
    table_ids: list[str]
    groups: dict[str, Document]  # modifier groups by id

    def draft(self, luck: Random, *, source: str | None = None, **more: Any) -> OrderDraft:
        """A draft of one to three lines. more: other fields of the draft."""
        kind = luck.choice(TYPES)
        if kind == "dine_in" and not self.table_ids:
            kind = "pickup"
        items = luck.sample(self.items, k=min(len(self.items), luck.randint(1, 3)))
        fields: dict[str, Any] = {
            "source": source or ("pos" if kind == "dine_in" else luck.choice(SOURCES)),
            "location_id": self.location_id,
            "lines": [self.line(item, luck) for item in items],
            "fulfillment": {"type": kind, "address": ADDRESS if kind == "delivery" else None},
            "table_id": luck.choice(self.table_ids) if kind == "dine_in" else None,
            **more,
        }
        return OrderDraft(**fields)

    def line(self, item: Document, luck: Random) -> LineDraft:
        """One or two of an item, with the modifiers it asks for at least."""
        chosen = [
            ModifierDraft(modifier_id=modifier["id"])
            for group_id in item["modifier_group_ids"]
            for modifier in _needed(self.groups[group_id])
        ]
        variations = item["variations"]
        return LineDraft(
            item_id=item["id"], variation_id=luck.choice(variations)["id"] if variations else None,
            quantity=luck.randint(1, 2), modifiers=chosen,
        )  # fmt: skip


def choice_of(scope: Scope, *, location_id: str) -> Choice:
    """Read what a location has to offer to simulated guests: items on sale whose stock nobody counts. Raises NotFound."""
    items = list_items(scope, limit=_PAGE, after=None, location_id=location_id, available=True)
    offered = [item for item in items[:_PAGE] if item["stock_count"] is None]
    if not offered:
        raise NotFound(f"Location {location_id} has nothing on sale that a simulated guest could order.")
    tables = list_tables(scope, limit=_PAGE, after=None, location_id=location_id)
    groups = {group["id"]: group for group in list_modifier_groups(scope, limit=1000, after=None)}
    return Choice(location_id, offered, [table["id"] for table in tables if table["is_active"]], groups)


def _needed(group: Document) -> list[Document]:
    """As many modifiers of a group as it asks for at least."""
    least = max(group["min_selections"], 1 if group["is_required"] else 0)
    on_sale: list[Document] = [modifier for modifier in group["modifiers"] if not modifier.get("is_suspended")]
    return on_sale[:least]
