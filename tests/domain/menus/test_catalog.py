"""The catalog read of order creation."""

from collections.abc import Callable

from domain.locations import service as locations
from domain.menus import service as menus
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.locations import create_location
from tests.factories.menus import create_charge
from tests.factories.menus import create_item
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax
from tests.factories.menus import create_variation


def test_catalog_holds_the_asked_item_with_its_tax_variations_and_groups(scope: Scope) -> None:
    with unit_of_work(scope):
        tax = create_tax(scope, rate="0.08", name="VAT 8 %")
        location = create_location(scope, default_tax_id=tax)
        item = create_item(
            scope, name="Burger", base_price_minor=3850, tax_id=tax, stock_count=7,
            allergens=[{"code": "milk", "level": "contains"}],
        )  # fmt: skip
        large = create_variation(scope, item_id=item, name="Double", price_minor=4850)
        group = create_modifier_group(scope, item_id=item, min_selections=1, max_selections=2, is_required=True)
        bacon = create_modifier(scope, group_id=group, price_minor=400, max_quantity=3)
        create_item(scope)
        document = locations.get_location(scope, location_id=location)
        catalog = menus.catalog_for(scope, location=document, item_ids=[item], modifier_ids=[bacon])

    found = catalog.item(item)
    assert (found.name, found.currency, found.price_minor) == ("Burger", "PLN", 3850)
    assert (found.tax_id, found.tax_name, found.tax_rate) == (tax, "VAT 8 %", "0.08")
    assert found.variations == {large: ("Double", 4850)}
    assert found.allergens == [{"code": "milk", "level": "contains"}]
    assert (found.available, found.unavailable_reason, found.stock_count) == (True, None, 7)
    assert found.group_ids == [group]
    placed = catalog.group(group)
    assert (placed.min_selections, placed.max_selections, placed.is_required) == (1, 2, True)
    assert placed.modifier_ids == [bacon]
    option = catalog.modifier(bacon)
    assert (option.price_minor, option.max_quantity, option.group_id, option.available) == (400, 3, group, True)
    assert (catalog.default_tax.id, catalog.default_tax.rate) == (tax, "0.08")


def test_catalog_holds_nested_groups_when_their_modifier_is_asked(scope: Scope) -> None:
    with unit_of_work(scope):
        location = create_location(scope)
        item = create_item(scope)
        outer = create_modifier_group(scope, item_id=item)
        fries = create_modifier(scope, group_id=outer)
        inner = create_modifier_group(scope, modifier_id=fries, name="Sauce")
        sauce = create_modifier(scope, group_id=inner)
        document = locations.get_location(scope, location_id=location)
        bare = menus.catalog_for(scope, location=document, item_ids=[item], modifier_ids=[])
        full = menus.catalog_for(scope, location=document, item_ids=[item], modifier_ids=[fries, sauce])

    assert bare.group(outer) is not None
    assert bare.group(inner) is None
    assert full.modifier(fries).group_ids == [inner]
    assert full.group(inner).modifier_ids == [sauce]


def test_catalog_holds_only_what_the_location_sells(scope: Scope) -> None:
    with unit_of_work(scope):
        here, there = create_location(scope), create_location(scope)
        everywhere, elsewhere = create_item(scope), create_item(scope, location_id=there)
        charge = create_charge(scope, location_id=here, auto_apply=True, order_types=["dine_in"])
        create_charge(scope, location_id=there)
        document = locations.get_location(scope, location_id=here)
        catalog = menus.catalog_for(scope, location=document, item_ids=[everywhere, elsewhere, "itm_x"], modifier_ids=[])

    assert catalog.item(everywhere).location_id is None
    assert catalog.item(elsewhere) is None
    assert catalog.item("itm_x") is None
    assert catalog.default_tax is None
    assert list(catalog.charges) == [charge]
    assert catalog.charges[charge].order_types == ["dine_in"]
    assert (catalog.charges[charge].auto_apply, catalog.charges[charge].tax_rate) == (True, None)


def test_catalog_is_empty_for_another_tenants_ids(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        theirs = create_item(other)
        create_charge(other)
    with unit_of_work(scope):
        location = create_location(scope)
        document = locations.get_location(scope, location_id=location)
        catalog = menus.catalog_for(scope, location=document, item_ids=[theirs], modifier_ids=[])

    assert catalog.item(theirs) is None
    assert catalog.charges == {}
