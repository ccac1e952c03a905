"""The closed sets of words the Core API uses, and the check that names them."""

from marshmallow import validate

ORDER_STATUSES = (
    "draft", "scheduled", "pending", "accepted", "preparing", "ready", "picked_up",
    "completed", "rejected", "cancelled", "failed",
)  # fmt: skip
SOURCES = ("website", "app", "qr", "kiosk", "pos", "phone", "marketplace", "voice", "api")
PAYMENT_STATUSES = ("unpaid", "partially_paid", "paid", "partially_refunded", "refunded")
METHODS = ("cash", "card", "wallet", "bank", "voucher", "points", "room_charge", "other")
CANCEL_REASONS = (
    "out_of_stock", "kitchen_busy", "store_closed", "customer_request", "duplicate", "fraud",
    "unable_to_deliver", "other",
)  # fmt: skip
REASON_FIELDS = {"cancelled": "cancel_reason", "rejected": "reject_reason"}  # status → the field that says why
PAYMENT_MOVES = ("created", "confirmed", "failed", "cancelled", "partially_refunded", "refunded")
FULFILLMENTS = ("dine_in", "pickup", "delivery", "curbside")
DELIVERY_STATUSES = (
    "requested", "assigned", "en_route_to_store", "arrived_at_store", "picked_up", "en_route_to_customer", "delivered",
    "cancelled",
)  # fmt: skip
REFUND_REASONS = (
    "quality", "missing_item", "late", "duplicate", "fraud", "customer_request", "price_adjustment", "other",
)  # fmt: skip


def one_of(*choices: str) -> validate.OneOf:
    """Accept these words only, and name them in the refusal."""
    return validate.OneOf(choices, error="Expected one of: {choices}.")
