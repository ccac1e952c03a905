"""What a caller asks for when placing an order, in canonical form: minor units, canonical ids, nothing judged yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from kit.clock import to_us

UNSET: Any = object()  # an argument that was not given, where None means "clear it"
PERCENT, FIXED, PROMO = "percent", "fixed", "promo"
RESTAURANT, CHANNEL = "restaurant", "channel"  # who collects the money
# What may differ when the same order is sent again: how prices were fixed, what the credential may do, and the booking
# and deposit the table had at that moment.
NOT_CONTENT = frozenset({"quoted_prices", "allow_open_items", "reservation_id", "deposit_minor"})


@dataclass(frozen=True, slots=True)
class ModifierDraft:
    """A chosen modifier of the menu, or (modifier_id None) an open one with its own name and price."""

    modifier_id: str | None = None
    name: str | None = None
    price_minor: int | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A wanted item of the menu, or (item_id None) an open item with its own name and price."""

    item_id: str | None = None
    variation_id: str | None = None
    name: str | None = None
    price_minor: int | None = None
    quantity: int = 1
    modifiers: tuple[ModifierDraft, ...] | list[ModifierDraft] = ()
    notes: str | None = None
    guest_name: str | None = None


@dataclass(frozen=True, slots=True)
class DiscountDraft:
    """A discount of the whole order. value: basis points for percent, minor units for fixed; a promo has a code."""

    type: str
    value: int | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """The body of a create or preview call.

    fulfillment: {type, requested_at (aware datetime, microseconds or None), address}. customer: {name, phone, email},
    used when customer_id is None. quoted_prices: what `quote_of` made from a preview; its prices win over the menu's.
    collected_by `channel`: the guest has paid there, nothing is due here. deposit_minor: of the reservation, applied up to
    the total. reservation_id and deposit_minor are trusted: whoever fills them has read the reservation.
    """

    source: str
    lines: tuple[LineDraft, ...] | list[LineDraft]
    fulfillment: Mapping[str, Any] = field(default_factory=lambda: {"type": "pickup"})
    location_id: str | None = None
    external_id: str | None = None
    table_id: str | None = None
    table_less: bool = False
    reservation_id: str | None = None
    customer_id: str | None = None
    customer: Mapping[str, Any] | None = None
    discounts: tuple[DiscountDraft, ...] | list[DiscountDraft] = ()
    charge_ids: tuple[str, ...] | list[str] = ()
    tip_minor: int = 0
    notes: str | None = None
    allergy_notes: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    quoted_prices: Mapping[str, int] | None = None
    allow_open_items: bool = False
    collected_by: str = RESTAURANT
    channel: str | None = None
    pax: int | None = None
    deposit_minor: int = 0


def requested_us(draft: OrderDraft) -> int | None:
    """When the guest wants the order, in microseconds since the epoch; None for as soon as possible."""
    wanted = draft.fulfillment.get("requested_at")
    return to_us(wanted) if isinstance(wanted, datetime) else wanted


def content_digest(draft: OrderDraft, *, location_id: str) -> str:
    """Fingerprint of everything a caller asked for, so that a repeated natural key can be compared with the first use.
    """
    content = {name: getattr(draft, name) for name in OrderDraft.__slots__ if name not in NOT_CONTENT}
    content |= {"location_id": location_id, "fulfillment": {**draft.fulfillment, "requested_at": requested_us(draft)}}
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
