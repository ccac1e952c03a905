"""Modifier rules at every depth, judged without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.menus.catalog import Catalog
from domain.menus.catalog import CatalogGroup
from domain.menus.catalog import CatalogItem
from domain.menus.catalog import CatalogModifier
from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.errors import ModifierRules
from domain.orders.lines import choose_lines
from domain.orders.pricing import gross_of
from kit.errors import PlatformError

MILK, NUTS = {"code": "milk", "level": "may_contain"}, {"code": "nuts", "level": "contains"}


def _modifier(modifier_id: str, group_id: str, *nested: str, **changes: Any) -> CatalogModifier:
    plain = {"price_minor": 100, "max_quantity": 2, "available": True, "allergens": []}
    return CatalogModifier(
        id=modifier_id, name=modifier_id, group_id=group_id, group_ids=list(nested), **(plain | changes)
    )


def _item(group_ids: list[str], **changes: Any) -> CatalogItem:
    plain: dict[str, Any] = {
        "id": "pizza", "name": "Pizza", "currency": "PLN", "location_id": None, "price_minor": 3000, "variations": {},
        "tax_id": None, "tax_name": None, "tax_rate": None, "allergens": [MILK], "available": True,
        "unavailable_reason": None, "available_again_at": None, "stock_count": None,
    }  # fmt: skip
    return CatalogItem(group_ids=group_ids, **(plain | changes))


def _menu(item: CatalogItem, groups: list[CatalogGroup], modifiers: list[CatalogModifier]) -> Catalog:
    return Catalog(
        items={item.id: item}, groups={group.id: group for group in groups},
        modifiers={modifier.id: modifier for modifier in modifiers}, charges={}, default_tax=None,
    )  # fmt: skip


def _catalog() -> Catalog:
    """A pizza: a required base (one of two), up to two toppings. Cheese asks for its kind, the kind for its age."""
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
    return _menu(_item(["base", "toppings"]), groups, modifiers)


def _judged(catalog: Catalog, line: LineDraft) -> Any:
    draft = OrderDraft(source="api", lines=[line])
    return choose_lines(draft, catalog=catalog, location={"currency": "PLN"}, wanted_us=None)


def _choose(*modifiers: str | tuple[str, int]) -> Any:
    """Judge a pizza with these modifiers, each a name or (name, quantity)."""
    wanted = [(name, 1) if isinstance(name, str) else name for name in modifiers]
    line = LineDraft(
        item_id="pizza", modifiers=[ModifierDraft(modifier_id=name, quantity=count) for name, count in wanted]
    )
    return _judged(_catalog(), line)


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


PRICED = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 5000), st.integers(1, 2)), max_size=4)


@settings(max_examples=200, deadline=None)
@given(
    base=st.integers(0, 10_000), variations=st.lists(st.integers(0, 10_000), max_size=3), pick=st.integers(0, 3),
    extras=PRICED, quantity=st.integers(1, 999),
)  # fmt: skip
def test_line_costs_its_variation_or_else_its_base_and_its_extras(
    base: int, variations: list[int], pick: int, extras: dict[str, tuple[int, int]], quantity: int
):
    catalog = _menu(
        _item(["any"], price_minor=base, variations={f"v{n}": ("", price) for n, price in enumerate(variations)}),
        [CatalogGroup("any", "Any", 0, 9, False, list("abcd"))],
        [_modifier(name, "any", price_minor=price) for name, (price, _) in extras.items()],
    )
    variation_id = f"v{pick}" if pick < len(variations) else None
    chosen = [ModifierDraft(modifier_id=name, quantity=count) for name, (_, count) in extras.items()]
    line = LineDraft(item_id="pizza", variation_id=variation_id, modifiers=chosen, quantity=quantity)
    ((columns, price_line),) = _judged(catalog, line)
    unit = base if variation_id is None else variations[pick]
    assert columns["unit_minor"] == unit
    assert gross_of(price_line) == (unit + sum(price * count for price, count in extras.values())) * quantity


@st.composite
def trees(draw: Any, depth: int = 3, is_open: bool = True) -> list[dict[str, Any]]:
    """Groups of choices; each choice may open groups of its own, three levels deep. Most selections are nearly right."""
    groups = []
    for _ in range(draw(st.integers(1 if depth == 3 else 0, 2))):
        size, is_slip = draw(st.integers(1, 3)), draw(st.integers(0, 11)) == 0
        least = draw(st.integers(0, min(2, size)))
        rules = {"least": least, "most": draw(st.integers(max(1, least), 3)), "is_required": draw(st.booleans())}
        fewest = max(least, int(rules["is_required"])) if is_open else 0
        count = draw(st.integers(0, size) if is_slip else st.integers(fewest, min(rules["most"], size) if is_open else 0))
        options = [
            {"most": draw(st.integers(1, 2)), "taken": draw(st.sampled_from([1, 1, 1, 1, 1, 1, 2])) if n < count else 0,
             "groups": draw(trees(depth - 1, n < count)) if depth > 1 else []}
            for n in range(size)
        ]  # fmt: skip
        groups.append({**rules, "options": options})
    return groups


def _obeys(groups: list[dict[str, Any]]) -> bool:
    """Whether every group that counts has as many choices as it wants, and nothing was chosen that nobody offered."""
    for group in groups:
        taken = [option for option in group["options"] if option["taken"]]
        least = max(group["least"], int(group["is_required"]))
        if not least <= len(taken) <= group["most"] or any(option["taken"] > option["most"] for option in taken):
            return False
        if not all(_obeys(option["groups"]) if option["taken"] else _is_untouched(option) for option in group["options"]):
            return False
    return True


def _is_untouched(option: dict[str, Any]) -> bool:
    below = [other for group in option["groups"] for other in group["options"]]
    return not any(other["taken"] for other in below) and all(map(_is_untouched, below))


@settings(max_examples=400, deadline=None)
@given(trees())
def test_choices_are_taken_when_they_obey_every_group_at_every_depth(tree: list[dict[str, Any]]):
    groups: list[CatalogGroup] = []
    modifiers: list[CatalogModifier] = []
    wanted: list[ModifierDraft] = []

    def plant(level: list[dict[str, Any]]) -> list[str]:
        planted = []
        for group in level:
            group_id = f"g{len(groups)}"
            row = CatalogGroup(group_id, group_id, group["least"], group["most"], group["is_required"], [])
            groups.append(row)
            planted.append(group_id)
            for option in group["options"]:
                name = f"m{len(modifiers)}"
                modifiers.append(_modifier(name, group_id, max_quantity=option["most"]))
                place = modifiers[-1]
                row.modifier_ids.append(name)
                if option["taken"]:
                    wanted.append(ModifierDraft(modifier_id=name, quantity=option["taken"]))
                place.group_ids = plant(option["groups"])
        return planted

    catalog = _menu(_item(plant(tree)), groups, modifiers)
    try:
        _judged(catalog, LineDraft(item_id="pizza", modifiers=wanted))
    except ModifierRules:
        assert not _obeys(tree)
    else:
        assert _obeys(tree)
