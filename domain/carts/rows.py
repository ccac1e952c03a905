"""Locking and reading a cart, and the two hours it lives without being touched."""

from typing import Any

from domain.carts import queries
from domain.carts.errors import CartExpired
from domain.carts.models import Cart
from domain.timers.service import drop_timer
from domain.timers.service import set_timer
from kit.clock import from_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import current
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

OPEN, CHECKED_OUT, EXPIRED = "open", "checked_out", "expired"
EXPIRE = "cart.expire"
IDLE_US = 2 * 3600 * 1_000_000


def read_cart(scope: Scope, *, cart_id: str) -> Document:
    """Read one cart as stored: its columns and its lines by position. Raises NotFound, CartExpired (410)."""
    document = queries.one.document(scope, cart_id=cart_id)
    if document is None:
        raise NotFound(f"There is no cart {cart_id}.")
    if document["status"] == EXPIRED or (document["status"] == OPEN and document["expires_at"] <= tenant_now_us(scope)):
        raise _expired(cart_id)
    return document


def lock_open_cart(scope: Scope, *, cart_id: str, expected_version: int | None = None) -> Cart:
    """Hold an open cart's row until the transaction ends.

    Raises NotFound, CartExpired (410), InvalidTransition (409) once it is checked out, Conflict (409 version_conflict).
    """
    row = find_locked(scope, cart_id=cart_id)
    if row is None:
        raise NotFound(f"There is no cart {cart_id}.")
    if row.status == CHECKED_OUT:
        data: dict[str, Any] = {"from": CHECKED_OUT, "to": OPEN, "allowed": [], "order_id": row.order_id}
        raise InvalidTransition(f"The cart has become the order {row.order_id}.", **data)
    if row.status == EXPIRED or row.expires_at <= tenant_now(scope):
        raise _expired(cart_id)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(f"The cart is at version {row.version} now.", current_version=row.version)
    return row


def find_locked(scope: Scope, *, cart_id: str, may_wait: bool = True) -> Cart | None:
    """Hold a cart's row until the transaction ends, or return None; may_wait False: also when it is held elsewhere."""
    wanted = Cart.owned_by(scope).where(Cart.id == cart_id).with_for_update(skip_locked=not may_wait)
    row: Cart | None = session(scope).scalar(wanted.execution_options(populate_existing=True))
    return row


def touched(scope: Scope, row: Cart) -> None:
    """Note that somebody used a locked cart: it lives for another two hours."""
    now_us = tenant_now_us(scope)
    row.version = (row.version or 0) + 1
    row.updated_at, row.expires_at = from_us(now_us), from_us(now_us + IDLE_US)
    current(scope).flush()  # documents are read by the driver
    set_timer(scope, kind=EXPIRE, object_id=row.id, due_at_us=now_us + IDLE_US)


def finished(scope: Scope, row: Cart) -> None:
    """Note that a locked cart has come to its end, and forget the contact data in it."""
    row.version += 1
    row.updated_at, row.customer = tenant_now(scope), None
    drop_timer(scope, kind=EXPIRE, object_id=row.id)


def _expired(cart_id: str) -> CartExpired:
    return CartExpired(f"The cart {cart_id} was not used for two hours.")
