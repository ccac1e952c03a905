"""What an order's end means elsewhere: promo codes given back or paid off, points earned, segments looking again.

Trusts that the order's row is locked. Costs an ordinary order without a customer and without a promo code nothing.
"""

from domain.campaigns.promos import offer_redeemed
from domain.campaigns.promos import release_promo
from domain.guests.service import history_changed
from domain.loyalty.service import earn_for_order
from domain.orders.drafts import PROMO
from domain.orders.machine import GIVES_STOCK_BACK
from kit.documents import Document
from kit.scope import Scope


def after_move(scope: Scope, *, order: Document) -> None:
    """Do what the status an order just reached entails. Call after its event was recorded."""
    has_promo = any(discount["type"] == PROMO for discount in order["discounts"])
    if order["status"] in GIVES_STOCK_BACK and has_promo:
        release_promo(scope, order_id=order["id"])
    elif order["status"] == "completed":
        if has_promo:
            offer_redeemed(scope, order=order)
        earn_points(scope, order=order)
    if order["status"] in ("completed", *GIVES_STOCK_BACK):
        note_history(scope, order=order)


def note_history(scope: Scope, *, order: Document) -> None:
    """Say that what the order's customer has ordered or paid has changed."""
    if order["customer_id"] is not None:
        history_changed(scope, guest_id=order["customer_id"])


def earn_points(scope: Scope, *, order: Document) -> None:
    """Credit points for an order that is completed and of which nothing is due, once."""
    if order["customer_id"] is not None and order["status"] == "completed" and order["due_minor"] == 0:
        earn_for_order(scope, order=order)
