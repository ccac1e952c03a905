"""Taxes and extra charges."""

from typing import Any

import pytest

from domain.menus import service as menus
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.locations import create_location


def test_tax_keeps_its_rate_without_useless_zeros(scope: Scope) -> None:
    with unit_of_work(scope):
        tax = menus.create_tax(scope, name="VAT", rate="0.0800", country="PL")
        after = menus.change_tax(scope, tax_id=tax["id"], changes={"rate": "0.23"}, expected_version=1)
        same = menus.change_tax(scope, tax_id=tax["id"], changes={"rate": "0.2300"})

    assert [row["rate"] for row in (tax, after, same)] == ["0.08", "0.23", "0.23"]
    assert (after["version"], same["version"]) == (2, 2)


@pytest.mark.parametrize("rate", ["1.01", "-0.1"], ids=["above one", "below nothing"])
def test_rate_outside_its_range_is_refused(scope: Scope, rate: str) -> None:
    with pytest.raises(Invalid), unit_of_work(scope):
        menus.create_tax(scope, name="VAT", rate=rate)


def test_tax_that_is_not_there_or_has_changed_is_refused(scope: Scope) -> None:
    with unit_of_work(scope):
        tax = menus.create_tax(scope, name="VAT", rate="0.08")
        with pytest.raises(NotFound):
            menus.change_tax(scope, tax_id="tax_none", changes={})
        with pytest.raises(Conflict):
            menus.change_tax(scope, tax_id=tax["id"], changes={"name": "X"}, expected_version=2)


def test_charge_has_the_currency_of_its_location(scope: Scope) -> None:
    with unit_of_work(scope):
        create_location(scope, id="loc_1", currency="JPY")
        charge = menus.create_charge(scope, values={"name": "Cover", "kind": "fixed", "value": 500, "location_id": "loc_1"})
        after = menus.change_charge(scope, charge_id=charge["id"], changes={"value": 400, "auto_apply": True})
        listed = menus.list_charges(scope, limit=5, after=None, location_id="loc_1")

    assert (charge["currency"], charge["type"], charge["tax_id"], charge["order_types"]) == ("JPY", "fixed", None, [])
    assert (after["value"], after["auto_apply"], after["version"]) == (400, True, 2)
    assert [row["id"] for row in listed] == [charge["id"]]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "percent", "value": 10_001}, "value"),
        ({"kind": "fixed", "value": 1}, "location_id"),
        ({"kind": "percent", "value": 1, "tax_id": "tax_none"}, "tax_id"),
        ({"kind": "percent", "value": 1, "location_id": "loc_none"}, "location_id"),
    ],
    ids=["above all", "of no currency", "tax", "location"],
)
def test_charge_that_breaks_a_rule_is_refused(scope: Scope, values: dict[str, Any], field: str) -> None:
    with unit_of_work(scope):
        create_location(scope, currency="EUR")
        create_location(scope, currency="PLN")
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        menus.create_charge(scope, values={"name": "Cover", **values})

    assert refusal.value.errors[0].field == field
