"""What guests order: drawn lines as an order keeps them, with every choice the menu asks for."""

from random import Random

from domain.orders.pricing import PriceLine
from kit.documents import Document
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.dishes import LOW_STOCK
from sandbox.worlds.standard.dishes import SOLD_OUT
from sandbox.worlds.standard.kitchen import DEAREST
from sandbox.worlds.standard.kitchen import Choices
from sandbox.worlds.standard.kitchen import Extra
from sandbox.worlds.standard.kitchen import Sold
from sandbox.worlds.standard.kitchen import price_list
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import weighted

HOW_MANY = {1: 20, 2: 34, 3: 28, 4: 12, 5: 6}
QUANTITIES = {1: 80, 2: 16, 3: 4}
EXTRA_SHARE = 0.35
NOTES = ("No onions", "Sauce on the side", "Extra crispy", "Well done, please")


class Waiter:
    """Takes the orders of one place."""

    def __init__(self, place: Place, seeds: Seeds) -> None:
        items = price_list(place)
        never = SOLD_OUT | set(LOW_STOCK) | {DEAREST}
        self._paid = [item for key, item in items.items() if key not in never and item.minor]
        self._free = [item for item in items.values() if not item.minor] or self._paid
        self._seeds = seeds

    def lines(self, *, is_free: bool) -> list[Document]:
        """One to five lines; only of what costs nothing when is_free."""
        draw = self._seeds.choices
        if is_free:
            return [self.line(draw.choice(self._free), 0, is_free=True)]
        items = draw.sample(self._paid, min(weighted(draw, HOW_MANY), len(self._paid)))
        return [self.line(item, position) for position, item in enumerate(items)]

    def another(self, position: int, replaces_id: str) -> Document:
        """A line given for one that was taken off."""
        return self.line(self._seeds.choices.choice(self._paid), position) | {"replaces_id": replaces_id}

    def line(self, item: Sold, position: int, *, is_free: bool = False) -> Document:
        draw = self._seeds.choices
        variation_id, unit = draw.choice(item.sizes) if item.sizes else (None, item.minor)
        extras = [] if is_free else self._extras(draw, item.groups)
        return {
            "id": self._seeds.id("oln"), "position": position, "item_id": item.id, "variation_id": variation_id,
            "name": item.name, "unit_minor": unit, "quantity": weighted(draw, QUANTITIES),
            "modifiers": [
                {"id": self._seeds.id("olm"), "modifier_id": extra.id, "name": extra.name, "price_minor": extra.minor,
                 "quantity": 1}
                for extra in extras
            ],
            "tax_id": item.tax.id if item.tax else None, "tax_name": item.tax.name if item.tax else None,
            "tax_rate": item.tax.rate if item.tax else None, "allergens": _allergens(item, extras),
            "notes": draw.choice(NOTES) if draw.random() < 0.04 else None, "guest_name": None, "state": "active",
            "reason": None, "replaces_id": None,
        }  # fmt: skip

    def _extras(self, draw: Random, groups: list[Choices]) -> list[Extra]:
        chosen: list[Extra] = []
        for group in groups:
            wanted = group.least or (1 if draw.random() < EXTRA_SHARE else 0)
            for extra in draw.sample(group.extras, wanted):
                chosen.append(extra)
                if extra.opens is not None:
                    chosen += self._extras(draw, [extra.opens])
        return chosen


def price_line(line: Document) -> PriceLine:
    """A line as the pricing takes it."""
    return PriceLine(
        line["unit_minor"], line["quantity"], [(row["price_minor"], row["quantity"]) for row in line["modifiers"]],
        line["tax_rate"],
    )  # fmt: skip


def _allergens(item: Sold, extras: list[Extra]) -> list[Document]:
    """Those of the dish with its extras; `contains` wins over `may_contain`."""
    levels: dict[str, str] = {}
    for entry in [*item.allergens, *(entry for extra in extras for entry in extra.allergens)]:
        if levels.get(entry["code"]) != "contains":
            levels[entry["code"]] = entry["level"]
    return [{"code": code, "level": level} for code, level in levels.items()]
