"""Keeping promo codes: creating, changing and listing them. Using them on orders is promos.py."""

import re
from typing import Any

import orjson

from domain.campaigns import promo_queries as queries
from domain.campaigns.models import PromoCode
from domain.campaigns.promos import canonical_code
from domain.campaigns.rows import find_campaign
from kit.clock import from_us
from kit.clock import to_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

PERCENT, FIXED = "percent", "fixed"
KINDS = (PERCENT, FIXED)
WHOLE = 10_000  # basis points in 100 %
CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,39}")
DEFAULTS: dict[str, Any] = {
    "description": None, "currency": None, "min_subtotal_minor": None, "starts_at": None, "ends_at": None, "max_uses": None,
    "per_customer": None, "location_ids": [], "campaign_id": None, "is_active": True,
}  # fmt: skip
INSTANTS = ("starts_at", "ends_at")


def create_promo_code(scope: Scope, *, code: str, kind: str, value: int, **rest: Any) -> Document:
    """Create a promo code and return its document.

    value: basis points of a percent code, minor units of `currency` of a fixed one. rest: any of DEFAULTS, instants in
    microseconds. Raises DuplicateReference (409) for a code that exists in any case, Invalid (422), TypeError.
    """
    if unknown := set(rest) - set(DEFAULTS):
        raise TypeError(f"a promo code has no {sorted(unknown)}")
    columns = {**DEFAULTS, **rest, "code": canonical_code(code), "kind": kind, "value": value}
    _check(scope, columns, used=0)
    now_us = tenant_now_us(scope)
    row = {
        **columns, "location_ids": orjson.dumps(columns["location_ids"]).decode(), "id": new_id("prm"), "used_count": 0,
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }  # fmt: skip
    if queries.insert_promo.row(scope, **row) is None:
        raise DuplicateReference(f"The promo code {columns['code']} exists already.", promo_code=columns["code"])
    return get_promo_code(scope, code=columns["code"])


def change_promo_code(
    scope: Scope, *, code: str, expected_version: int | None = None, changes: dict[str, Any]
) -> Document:  # fmt: skip
    """Change what a code is worth or when it may be used; orders that used it keep what they got.

    changes: kind, value and any of DEFAULTS. Raises NotFound, Conflict (409 version_conflict), Invalid (422).
    """
    wanted = PromoCode.owned_by(scope).where(PromoCode.code == canonical_code(code)).with_for_update()
    row: PromoCode | None = session(scope).scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise _unknown(code)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(f"The promo code is at version {row.version} now.", current_version=row.version)
    before = {name: _plain(getattr(row, name)) for name in ("code", "kind", "value", *DEFAULTS)}
    fields = {name: value for name, value in changes.items() if value != before[name]}
    if fields:
        _check(scope, before | fields, used=row.used_count)
        for name, value in fields.items():
            setattr(row, name, from_us(value) if name in INSTANTS and value is not None else value)
        row.version += 1
        row.updated_at = tenant_now(scope)
    return get_promo_code(scope, code=row.code)


def get_promo_code(scope: Scope, *, code: str) -> Document:
    """Read one promo code, however it is capitalised. Raises NotFound."""
    document = queries.by_code.document(scope, code=canonical_code(code))
    if document is None:
        raise _unknown(code)
    return document


def list_promo_codes(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    campaign_id: str | None = None,
    is_active: bool | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 promo codes, newest first. `after` is [created_at in us, id] of the last row before."""
    wanted = {"campaign_id": campaign_id, "is_active": is_active, "ref": ref}
    return newest_documents(queries.listed, scope, limit=limit, after=after, filters=wanted)


def _plain(value: Any) -> Any:
    return to_us(value) if hasattr(value, "tzinfo") else value


def _check(scope: Scope, columns: dict[str, Any], *, used: int) -> None:
    errors = [*_faults(columns, used)]
    if columns["campaign_id"] is not None and find_campaign(scope, campaign_id=columns["campaign_id"]) is None:
        errors.append(("campaign_id", f"There is no campaign {columns['campaign_id']}."))
    known = {row[0] for row in queries.location_ids.rows(scope)} if columns["location_ids"] else set()
    for index, location_id in enumerate(columns["location_ids"]):
        if location_id not in known:
            errors.append((f"location_ids[{index}]", f"There is no location {location_id}."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


def _faults(columns: dict[str, Any], used: int) -> list[tuple[str, str]]:
    """What is wrong with a code that can be told without reading anything."""
    starts_at, ends_at, limit = columns["starts_at"], columns["ends_at"], columns["max_uses"]
    has_amount = columns["kind"] == FIXED or columns["min_subtotal_minor"] is not None
    rules = [
        (CODE.fullmatch(columns["code"]), "code", "Three to 40 letters A to Z, digits, hyphens and underscores."),
        (columns["kind"] in KINDS, "kind", f"Expected one of {', '.join(KINDS)}."),
        (columns["value"] > 0, "value", "Expected more than 0."),
        (columns["kind"] != PERCENT or columns["value"] <= WHOLE, "value", "Expected 100 % at most."),
        (columns["currency"] is not None or not has_amount, "currency", "An amount has a currency."),
        (starts_at is None or ends_at is None or starts_at < ends_at, "ends_at", "Expected an instant after starts_at."),
        (limit is None or limit >= max(used, 1), "max_uses", f"Expected {max(used, 1)} or more."),
        (columns["per_customer"] is None or columns["per_customer"] >= 1, "per_customer", "Expected 1 or more."),
    ]
    return [(path, message) for holds, path, message in rules if not holds]


def _unknown(code: str) -> NotFound:
    return NotFound(f"There is no promo code {code}.")
