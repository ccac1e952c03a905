"""The payment's states and the moves between them, and the words payments and refunds use."""

from collections.abc import Mapping

MOVES: Mapping[str, tuple[str, ...]] = {
    "created": ("confirmed", "failed", "cancelled"),
    "confirmed": ("partially_refunded", "refunded"),
    "partially_refunded": ("partially_refunded", "refunded"),
    "failed": (),
    "cancelled": (),
    "refunded": (),
}
METHODS = ("cash", "card", "wallet", "bank", "voucher", "points", "room_charge", "other")
REFUND_REASONS = (
    "quality", "missing_item", "late", "duplicate", "fraud", "customer_request", "price_adjustment", "other",
)  # fmt: skip
TAKES_NO_PAYMENT = ("rejected", "cancelled", "failed")  # orders in these states give money back only
