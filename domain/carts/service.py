"""Carts: filling them. Every function returns the cart as shown.py shows it, priced as of now.

A cart lives for two hours after it was last written to. Turning it into an order is checkout.py.
"""

from collections.abc import Mapping
from typing import Any

from domain.campaigns.promos import canonical_code
from domain.campaigns.promos import resolve_promo
from domain.carts import queries
from domain.carts.checkout import Checkout
from domain.carts.checkout import check_out
from domain.carts.models import Cart
from domain.carts.models import CartLine
from domain.carts.pricing import assess
from domain.carts.rows import EXPIRE
from domain.carts.rows import EXPIRED
from domain.carts.rows import OPEN
from domain.carts.rows import find_locked
from domain.carts.rows import finished
from domain.carts.rows import lock_open_cart
from domain.carts.rows import read_cart
from domain.carts.rows import touched
from domain.carts.shown import shown
from domain.guests.service import get_guest
from domain.locations.service import get_location
from domain.locations.service import get_table
from domain.locations.service import only_location
from domain.orders.drafts import LineDraft
from domain.timers.service import drop_timer
from domain.timers.service import set_task
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import said_in
from kit.scope import Scope
from kit.unit import current
from kit.unit import session
from kit.unit import tenant_now

MOST_LINES = 200
BUSY_S = 2
DEFAULTS: dict[str, Any] = {
    "source": "api", "external_id": None, "table_id": None, "table_less": False, "reservation_id": None, "customer_id": None,
    "customer": None, "promo_code": None, "tip_minor": 0, "notes": None, "allergy_notes": None,
}  # fmt: skip
PLAIN: dict[str, Any] = {"type": "pickup", "requested_at": None, "address": None}  # how a cart wants to be handed over
SETTABLE = frozenset({*DEFAULTS, "fulfillment", "discounts", "charge_ids", "metadata"})
COLUMN = {"metadata": "custom_data"}


def open_cart(
    scope: Scope,
    *,
    location_id: str | None = None,
    lines: list[LineDraft] | tuple[LineDraft, ...] = (),
    may_open_items: bool = False,
    **fields: Any,
) -> Document:
    """Open a cart at a location (None: the only one).

    fields: any of SETTABLE, in the terms of OrderDraft. may_open_items: whether lines may have names and prices of their
    own. Raises ParameterMissing (400), Forbidden (403), Invalid (422).
    """
    with said_in("location_id"):
        location = only_location(scope) if location_id is None else get_location(scope, location_id=location_id)
    values = {
        **DEFAULTS, "discounts": [], "charge_ids": [], "metadata": {}, "fulfillment": PLAIN, **_known(fields),
    }  # fmt: skip
    _check_references(scope, location["id"], values)
    now = tenant_now(scope)
    row = Cart(
        location_id=location["id"], currency=location["currency"], status=OPEN, created_at=now, updated_at=now, expires_at=now,
        version=0, **{COLUMN.get(name, name): value for name, value in values.items()},
    )  # fmt: skip
    session(scope).add(row)
    current(scope).flush()  # its lines refer to it
    _add(scope, row, lines, first=0, may_open_items=may_open_items)
    return _saved(scope, row)


def get_cart(scope: Scope, *, cart_id: str) -> Document:
    """Read one cart, priced as of now. Raises NotFound, CartExpired (410)."""
    return shown(scope, cart=read_cart(scope, cart_id=cart_id))


def change_cart(scope: Scope, *, cart_id: str, expected_version: int | None = None, changes: Mapping[str, Any]) -> Document:
    """Change anything about an open cart but its location and lines. changes: any of SETTABLE.

    Raises NotFound, CartExpired (410), InvalidTransition (409, checked out), Conflict (409), Invalid (422).
    """
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    values = _known(changes)
    _check_references(scope, row.location_id, values)
    for name, value in values.items():
        setattr(row, COLUMN.get(name, name), value)
    return _saved(scope, row)


def delete_cart(scope: Scope, *, cart_id: str) -> None:
    """Throw an open cart away. Raises NotFound, CartExpired (410), InvalidTransition (409, checked out)."""
    row = lock_open_cart(scope, cart_id=cart_id)
    queries.clear_lines.rows(scope, cart_id=cart_id)
    drop_timer(scope, kind=EXPIRE, object_id=cart_id)
    session(scope).delete(row)


def add_line(
    scope: Scope, *, cart_id: str, line: LineDraft, expected_version: int | None = None, may_open_items: bool = False
) -> Document:
    """Put an item into the cart. What cannot be had is put in as well and named among the problems.

    Raises NotFound, CartExpired (410), InvalidTransition (409), Conflict (409), Forbidden (403), Invalid (422, full).
    """
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    present = read_cart(scope, cart_id=cart_id)["lines"]
    if len(present) >= MOST_LINES:
        message = f"A cart holds {MOST_LINES} lines at most."
        raise Invalid(message, errors=[FieldError("items", "validation_failed", message)])
    _add(scope, row, [line], first=present[-1]["position"] + 1 if present else 0, may_open_items=may_open_items)
    return _saved(scope, row)


def change_line(
    scope: Scope,
    *,
    cart_id: str,
    line_id: str,
    changes: Mapping[str, Any],
    expected_version: int | None = None,
    may_open_items: bool = False,
) -> Document:
    """Change a line: variation_id, quantity, modifiers (as in LineDraft), notes, guest_name. Raises as add_line."""
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    line = _line(scope, row, line_id)
    values = dict(changes)
    if "modifiers" in values:
        values["modifiers"] = _modifiers(values["modifiers"], may_open_items)
    for name, value in values.items():
        setattr(line, name, value)
    return _saved(scope, row)


def remove_line(scope: Scope, *, cart_id: str, line_id: str, expected_version: int | None = None) -> Document:
    """Take a line out of the cart. Raises NotFound, CartExpired (410), InvalidTransition (409), Conflict (409)."""
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    session(scope).delete(_line(scope, row, line_id))
    return _saved(scope, row)


def apply_promo(scope: Scope, *, cart_id: str, code: str, expected_version: int | None = None) -> Document:
    """Put a promo code on the cart, instead of the one before.

    Raises PromoInvalid (422) when it cannot be used for the cart as it is, and what change_cart raises.
    """
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    cart = read_cart(scope, cart_id=cart_id) | {"promo_code": None}
    preview = assess(scope, cart=cart).preview
    promo = resolve_promo(
        scope, code=code, currency=row.currency, subtotal_minor=preview["subtotal_minor"] if preview else 0,
        location_id=row.location_id, customer_id=row.customer_id,
    )  # fmt: skip
    row.promo_code = promo.code
    return _saved(scope, row)


def remove_promo(scope: Scope, *, cart_id: str, expected_version: int | None = None) -> Document:
    """Take the promo code off the cart. Raises what change_cart raises."""
    row = lock_open_cart(scope, cart_id=cart_id, expected_version=expected_version)
    row.promo_code = None
    return _saved(scope, row)


def expire_cart(scope: Scope, cart_id: str) -> None:
    """Empty a cart nobody has used for two hours. Timer cart.expire."""
    # Not waited for: whoever holds the cart may be about to move this timer, whose row is held here.
    row = find_locked(scope, cart_id=cart_id, may_wait=False)
    if row is None and queries.one.document(scope, cart_id=cart_id) is not None:
        set_task(scope, kind=EXPIRE, object_id=cart_id, delay_s=BUSY_S)
    if row is None or row.status != OPEN or row.expires_at > tenant_now(scope):
        return
    queries.clear_lines.rows(scope, cart_id=cart_id)
    row.status = EXPIRED
    finished(scope, row)


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - SETTABLE:
        raise TypeError(f"a cart has no {sorted(unknown)}")
    values = dict(fields)
    if "fulfillment" in values:
        values["fulfillment"] = {**PLAIN, **values["fulfillment"]}
    if values.get("promo_code") is not None:
        values["promo_code"] = canonical_code(values["promo_code"])
    return values


def _check_references(scope: Scope, location_id: str, values: Mapping[str, Any]) -> None:
    if values.get("table_id") is not None:
        with said_in("table_id"):
            get_table(scope, location_id=location_id, table_id=values["table_id"])
    if values.get("customer_id") is not None:
        with said_in("customer_id"):
            get_guest(scope, guest_id=values["customer_id"])


def _add(
    scope: Scope, row: Cart, lines: list[LineDraft] | tuple[LineDraft, ...], *, first: int, may_open_items: bool
) -> None:
    for position, line in enumerate(lines, first):
        if line.item_id is None:
            _require_open_items(may_open_items)
        session(scope).add(
            CartLine(
                cart_id=row.id, position=position, item_id=line.item_id, variation_id=line.variation_id, name=line.name,
                price_minor=line.price_minor, quantity=line.quantity, modifiers=_modifiers(line.modifiers, may_open_items),
                notes=line.notes, guest_name=line.guest_name,
            )
        )  # fmt: skip


def _modifiers(modifiers: Any, may_open_items: bool) -> list[Document]:
    if any(modifier.modifier_id is None for modifier in modifiers):
        _require_open_items(may_open_items)
    return [
        {"modifier_id": m.modifier_id, "name": m.name, "price_minor": m.price_minor, "quantity": m.quantity} for m in modifiers
    ]


def _require_open_items(may_open_items: bool) -> None:
    if not may_open_items:
        raise Forbidden(
            "Lines with a name and price of their own need the credential flag allow_open_items besides orders:write.",
            required_scopes=["orders:write"],
        )


def _line(scope: Scope, row: Cart, line_id: str) -> CartLine:
    wanted = CartLine.owned_by(scope).where(CartLine.id == line_id, CartLine.cart_id == row.id)
    line: CartLine | None = session(scope).scalar(wanted)
    if line is None:
        raise NotFound(f"The cart has no line {line_id}.")
    return line


def _saved(scope: Scope, row: Cart) -> Document:
    touched(scope, row)
    return shown(scope, cart=read_cart(scope, cart_id=row.id))


__all__ = [
    "Checkout", "add_line", "apply_promo", "change_cart", "change_line", "check_out", "delete_cart", "expire_cart", "get_cart",
    "open_cart", "remove_line", "remove_promo",
]  # fmt: skip
