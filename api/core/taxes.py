"""Taxes and extra charges in the Core API."""

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.menu_drafts import charge_value
from api.core.menu_drafts import priced_at
from api.core.modifier_schemas import ChargeIn
from api.core.modifier_schemas import ChargeOut
from api.core.modifier_schemas import ChargePatch
from api.core.modifier_schemas import ChargeQuery
from api.core.modifier_schemas import NamedQuery
from api.core.modifier_schemas import TaxIn
from api.core.modifier_schemas import TaxOut
from api.core.modifier_schemas import TaxPatch
from api.core.naming import named
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.menus import service as menus
from kit.documents import Document


def _by_name(row: Document) -> list[object]:
    return [row["name"], row["id"]]


@endpoint(blueprint, "GET", "/taxes", scope="menus:read", area="menus", query=NamedQuery, returns=TaxOut, is_list=True)
def list_taxes(call: Call) -> Reply:
    """List tax rates."""
    rows = menus.list_taxes(call.scope, limit=call.query["limit"], after=call.after(), ref=named(call, "tax"))
    return call.page(rows, _by_name)


@endpoint(blueprint, "POST", "/taxes", scope="menus:write", area="menus", body=TaxIn, returns=TaxOut, status=201)
def create_tax(call: Call) -> Reply:
    """Create a tax rate."""
    tax = menus.create_tax(call.scope, **call.body)
    return Reply(document=tax, headers={"Location": f"/v1/taxes/{tax['id']}"})


@endpoint(blueprint, "GET", "/taxes/<tax_id>", scope="menus:read", area="menus", returns=TaxOut)
def read_tax(call: Call, tax_id: str) -> Document:
    """Read one tax rate."""
    return menus.get_tax(call.scope, tax_id=tax_id)


@endpoint(blueprint, "PATCH", "/taxes/<tax_id>", scope="menus:write", area="menus", body=TaxPatch, returns=TaxOut)
def change_tax(call: Call, tax_id: str) -> Document:
    """Change a tax rate. Orders already placed keep theirs."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    return menus.change_tax(call.scope, tax_id=tax_id, changes=changes, expected_version=expected_version(call))


@endpoint(blueprint, "GET", "/charges", scope="menus:read", area="menus", query=ChargeQuery, returns=ChargeOut, is_list=True)
def list_charges(call: Call) -> Reply:
    """List extra charges, such as service and packaging."""
    rows = menus.list_charges(
        call.scope, limit=call.query["limit"], after=call.after(), location_id=call.query.get("location_id"),
        ref=named(call, "charge"),
    )  # fmt: skip
    return call.page(rows, _by_name)


@endpoint(blueprint, "POST", "/charges", scope="menus:write", area="menus", body=ChargeIn, returns=ChargeOut, status=201)
def create_charge(call: Call) -> Reply:
    """Create an extra charge. With `auto_apply` every later order of its `order_types` carries it."""
    body = dict(call.body)
    body["value"] = charge_value(body["value"], body["kind"], priced_at(call, body.get("location_id")))
    charge = menus.create_charge(call.scope, values=body)
    return Reply(document=charge, headers={"Location": f"/v1/charges/{charge['id']}"})


@endpoint(blueprint, "GET", "/charges/<charge_id>", scope="menus:read", area="menus", returns=ChargeOut)
def read_charge(call: Call, charge_id: str) -> Document:
    """Read one extra charge."""
    return menus.get_charge(call.scope, charge_id=charge_id)


@endpoint(blueprint, "PATCH", "/charges/<charge_id>", scope="menus:write", area="menus", body=ChargePatch, returns=ChargeOut)
def change_charge(call: Call, charge_id: str) -> Document:
    """Change an extra charge. Orders already placed keep theirs."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    if "value" in changes:
        charge = menus.get_charge(call.scope, charge_id=charge_id)
        changes["value"] = charge_value(changes["value"], charge["kind"], Amounts(lambda: str(charge["currency"])))
    return menus.change_charge(
        call.scope, charge_id=charge_id, changes=changes, expected_version=expected_version(call)
    )
