"""Refusals of carts."""

from kit.errors import Gone
from kit.errors import Invalid


class CartExpired(Gone):
    """Nobody touched the cart for two hours."""

    code, title = "cart_expired", "The cart has expired"


class TotalsMismatch(Invalid):
    """Data: total_minor (what the order would cost) and currency."""

    code, title = "totals_mismatch", "The total is not what the caller expected"
