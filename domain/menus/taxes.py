"""Taxes and extra charges. Orders copy what they use, so a change counts for later orders only.

Rates are decimal strings (0.08 is 8 %). A charge's value is basis points for percent, minor units for fixed.
"""

from decimal import Decimal
from typing import Any

from domain.menus import modifier_queries as queries
from domain.menus.checks import Values
from domain.menus.checks import check_tax
from domain.menus.checks import refused
from domain.menus.checks import selling_currency
from domain.menus.models import ExtraCharge
from domain.menus.models import Tax
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

ORDER_TYPES = ("dine_in", "pickup", "delivery", "curbside")
WHOLE = 10_000  # basis points


def get_tax(scope: Scope, *, tax_id: str) -> Document:
    """Read one tax. Raises NotFound."""
    document = queries.tax.document(scope, tax_id=tax_id)
    if document is None:
        raise NotFound(f"There is no tax {tax_id}.")
    return document


def list_taxes(scope: Scope, *, limit: int, after: list[Any] | None, ref: str | None = None) -> list[Document]:
    """List up to limit + 1 taxes by name. `after` is [name, id] of the last one of the page before."""
    value, last_id = after or (None, None)
    return queries.tax_list.documents(
        scope, ref is not None, after is not None, ref=ref, after_value=value, after_id=last_id, rows=limit + 1
    )


def create_tax(scope: Scope, *, name: str, rate: str, country: str | None = None, code: str | None = None) -> Document:
    """Create a tax and return its document. Raises Invalid (422) for a rate outside 0 to 1."""
    now = tenant_now(scope)
    tax = Tax(name=name, rate=_rate(rate), country=country, code=code, created_at=now, updated_at=now)
    session(scope).add(tax)
    return get_tax(scope, tax_id=tax.id)


def change_tax(scope: Scope, *, tax_id: str, changes: Values, expected_version: int | None = None) -> Document:
    """Change name, rate, country or code of a tax and return its document. Raises NotFound, Conflict, Invalid (422)."""
    if "rate" in changes:
        changes = {**changes, "rate": _rate(changes["rate"])}
    tax = session(scope).scalar(Tax.owned_by(scope).where(Tax.id == tax_id).with_for_update())
    if tax is None:
        raise NotFound(f"There is no tax {tax_id}.")
    _change(scope, tax, changes, expected_version)
    return get_tax(scope, tax_id=tax_id)


def get_charge(scope: Scope, *, charge_id: str) -> Document:
    """Read one extra charge, with `type` (its kind again) and currency. Raises NotFound."""
    document = queries.charge.document(scope, charge_id=charge_id)
    if document is None:
        raise NotFound(f"There is no charge {charge_id}.")
    return document


def list_charges(
    scope: Scope, *, limit: int, after: list[Any] | None, location_id: str | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 extra charges by name. `after` is [name, id] of the last one of the page before."""
    value, last_id = after or (None, None)
    return queries.charge_list.documents(
        scope, location_id is not None, ref is not None, after is not None, location_id=location_id, ref=ref,
        after_value=value, after_id=last_id, rows=limit + 1,
    )  # fmt: skip


def create_charge(scope: Scope, *, values: Values) -> Document:
    """Create an extra charge and return its document.

    values: name, kind, value, and any of location_id (None: everywhere), order_types, tax_id (None: not taxed), auto_apply.
    Raises Invalid (422).
    """
    if values.get("location_id") is not None or values["kind"] == "fixed":
        selling_currency(scope, location_id=values.get("location_id"))
    _check_charge(scope, values["kind"], values)
    now = tenant_now(scope)
    charge = ExtraCharge(created_at=now, updated_at=now, **values)
    session(scope).add(charge)
    return get_charge(scope, charge_id=charge.id)


def change_charge(scope: Scope, *, charge_id: str, changes: Values, expected_version: int | None = None) -> Document:
    """Change name, value, order_types, tax_id or auto_apply of a charge and return its document.

    Raises NotFound, Conflict, Invalid (422).
    """
    query = ExtraCharge.owned_by(scope).where(ExtraCharge.id == charge_id).with_for_update()
    charge = session(scope).scalar(query)
    if charge is None:
        raise NotFound(f"There is no charge {charge_id}.")
    _check_charge(scope, charge.kind, changes)
    _change(scope, charge, changes, expected_version)
    return get_charge(scope, charge_id=charge_id)


def _change(scope: Scope, row: Tax | ExtraCharge, changes: Values, expected_version: int | None) -> None:
    if expected_version is not None and row.version != expected_version:
        raise Conflict(f"It is at version {row.version} now.", current_version=row.version)
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.version += 1
        row.updated_at = tenant_now(scope)


def _check_charge(scope: Scope, kind: str, values: Values) -> None:
    check_tax(scope, values.get("tax_id"))
    if kind == "percent" and not 0 <= values.get("value", 0) <= WHOLE:
        raise refused("value", "Expected 0 to 100 percent.")


def _rate(text: str) -> str:
    """A rate as it is kept: without useless zeros."""
    rate = Decimal(text)
    if not 0 <= rate <= 1:
        raise refused("rate", "Expected a decimal between 0 and 1; 0.08 is 8 %.")
    return format(rate.normalize(), "f")
