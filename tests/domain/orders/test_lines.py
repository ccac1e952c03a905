"""Modifier rules at every depth, judged without a database."""

from typing import Any

import pytest

from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogGroup
from domain.menus.catalog import CatalogItem
from domain.menus.catalog import CatalogModifier
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.errors import ModifierRules
from domain.orders.lines import choose_lines
from kit.errors import PlatformError

MILK, NUTS = {"code": "milk", "level": "may_contain"}, {"code": "nuts", "level": "contains"}


def _modifier(modifier_id: str, group_id: str, *nested: str, **changes: Any) -> CatalogModifier:
    plain = {"price_minor": 100, "max_quantity": 2, "available": True, "allergens": []}
    return CatalogModifier(
        id=modifier_id, name=modifier_id, group_id=group_id, group_ids=list(nested), **(plain | changes)
    )


def _catalog() -> Catalog:
    """A pizza: a required base (one of two), up to two toppings. Cheese asks for its kind, the kind for its age."""
    pizza = CatalogItem(
        id="pizza", name="Pizza", currency="PLN", location_id=None, price_minor=3000, variations={},
        tax_id=None, tax_name=None,
        tax_rate=None, allergens=[MILK], available=True, unavailable_reason=None, available_again_at=None,
        stock_count=None,
        group_ids=["base", "toppings"],
    )  # fmt: skip
    groups = [
        CatalogGroup("base", "Base", 0, 1, True, ["thin", "thick"]),
        CatalogGroup("toppings", "Toppings", 0, 2, False, ["ham", "olives", "cheese"]),
        CatalogGroup("kind", "Kind", 1, 1, False, ["gouda", "brie"]),
        CatalogGroup("age", "Age", 1, 1, False, ["young", "old"]),
    ]
    modifiers = [
        _modifier("thin", "base"), _modifier("thick", "base"),
        _modifier("ham", "toppings"), _modifier("olives", "toppings"),
        _modifier("cheese", "toppings", "kind", allergens=[{"code": "milk", "level": "contains"}, NUTS]),
        _modifier("gouda", "kind", "age"), _modifier("brie", "kind", available=False), _modifier("young", "age"),
    ]  # fmt: skip
    return Catalog(
        items={"pizza": pizza}, groups={group.id: group for group in groups},
        modifiers={modifier.id: modifier for modifier in modifiers}, charges={}, default_tax=None,
    )  # fmt: skip


def _choose(*modifiers: str | tuple[str, int]) -> Any:
    """Judge a pizza with these modifiers, each a name or (name, quantity)."""
    wanted = [(name, 1) if isinstance(name, str) else name for name in modifiers]
    line = LineDraft(
        item_id="pizza", modifiers=[ModifierDraft(modifier_id=name, quantity=count) for name, count in wanted]
    )
    draft = OrderDraft(source="api", lines=[line])
    return choose_lines(draft, catalog=_catalog(), location={"currency": "PLN"}, wanted_us=None)


@pytest.mark.parametrize(
    "modifiers",
    [("thin",), ("thin", "ham", "olives"), ("thin", ("ham", 2)), ("thick", "cheese", "gouda", "young")],
    ids=["required only", "up to the maximum", "one choice twice", "three levels deep"],
)
def test_choice_is_taken_when_every_group_agrees(modifiers: tuple):
    ((columns, _),) = _choose(*modifiers)
    assert columns["name"] == "Pizza"


@pytest.mark.parametrize(
    ("modifiers", "extra"),
    [
        ((), {"group_id": "base"}),
        (("thin", "thick"), {"group_id": "base"}),
        (("thin", "ham", "olives", "cheese", "gouda", "young"), {"group_id": "toppings"}),
        (("thin", "cheese"), {"group_id": "kind"}),
        (("thin", "cheese", "gouda"), {"group_id": "age"}),
        (("thin", "gouda"), {"modifier_id": "gouda"}),
        (("thin", ("ham", 3)), {"modifier_id": "ham"}),
        (("thin", ("ham", 2), "ham"), {"modifier_id": "ham"}),
    ],
    ids=["required missing", "over the maximum", "over a higher maximum", "nested minimum", "third level minimum",
         "parent not chosen", "too many of one", "too many of one over two entries"],
)  # fmt: skip
def test_choice_is_refused_when_a_rule_breaks(modifiers: tuple, extra: dict):
    with pytest.raises(ModifierRules) as refused:
        _choose(*modifiers)
    assert [(error.field, error.code, error.extra) for error in refused.value.errors] == [
        ("items[0].modifiers", "modifier_rules", extra)
    ]


@pytest.mark.parametrize(
    ("modifier", "code"), [("brie", "item_unavailable"), ("pepper", "unknown_item")], ids=["suspended", "unknown"]
)
def test_choice_is_refused_by_name_when_a_modifier_is(modifier: str, code: str):
    with pytest.raises(PlatformError) as refused:
        _choose("thin", "cheese", modifier)
    assert (refused.value.status, refused.value.code) == (422, code)
    assert [error.field for error in refused.value.errors] == ["items[0].modifiers[2].modifier_id"]


def test_line_carries_the_allergens_of_the_dish_as_ordered():
    ((plain, _),) = _choose("thin")
    ((cheesy, _),) = _choose("thin", "cheese", "gouda", "young")
    assert plain["allergens"] == [MILK]
    assert cheesy["allergens"] == [{"code": "milk", "level": "contains"}, NUTS]
