"""Promo codes on orders: judging a code, using it up with an order, giving it back, and knowing when it paid off.

Orders call this while they hold their own row. Nothing here prices anything: a code is a percentage or an amount, and
what it takes off is the business of pricing. Keeping the codes themselves is promo_codes.py.
"""

from dataclasses import dataclass
from typing import Any

from domain.campaigns import promo_queries as queries
from domain.campaigns.errors import promo_refusal
from domain.campaigns.events import OfferRedeemed
from domain.campaigns.events import PromoCodeUsed
from domain.campaigns.results import count_redemption
from kit.documents import Document
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


@dataclass(frozen=True, slots=True)
class Promo:
    """What a code is worth. kind percent: value in basis points; kind fixed: value in minor units of the order."""

    id: str
    code: str
    kind: str
    value: int
    campaign_id: str | None


def resolve_promo(
    scope: Scope,
    *,
    code: str,
    currency: str,
    subtotal_minor: int,
    location_id: str,
    customer_id: str | None = None,
    is_anonymous: bool = False,
    field: str = "code",
) -> Promo:
    """Judge a code for an order that is about to be placed or is only previewed. One statement, writes nothing.

    subtotal_minor: of the order before any discount. customer_id None with is_anonymous False: the customer is not
    known yet (contact data only), so a limit per customer is judged by use_promo. field: where the caller gave the
    code, e.g. `discounts[0].code`. Raises PromoInvalid (422) with the reason.
    """
    found = queries.judged.document(
        scope, customer_id is not None, code=canonical_code(code), customer_id=customer_id
    )  # fmt: skip
    if found is None:
        raise promo_refusal("unknown", code=code, field=field)
    reason = _reason_against(found, tenant_now_us(scope), location_id, currency, subtotal_minor)
    if reason is None and found["per_customer"] is not None:
        if is_anonymous:
            reason = "customer_required"
        elif found["customer_uses"] >= found["per_customer"]:
            reason = "per_customer_limit"
    if reason is not None:
        raise promo_refusal(reason, code=found["code"], field=field)
    return Promo(found["id"], found["code"], found["kind"], found["value"], found["campaign_id"])


def use_promo(scope: Scope, *, promo: Promo, order: Document, discount_minor: int, field: str = "code") -> None:
    """Use a resolved code for an order that was just written, and record promo_code.used.

    discount_minor: what it took off. Call after order.created was recorded. Raises PromoInvalid (422): exhausted when
    another order took the last use meanwhile, per_customer_limit, customer_required, already_used.
    """
    now_us = tenant_now_us(scope)
    row = queries.count_use.row(scope, promo_id=promo.id, changed_at=now_us)
    if row is None:
        raise promo_refusal("exhausted", code=promo.code, field=field)
    _check_customer(scope, promo, order, limit=row[1], field=field)
    use = {
        "id": new_id("pru"), "promo_id": promo.id, "order_id": order["id"], "customer_id": order["customer_id"],
        "currency": order["currency"], "discount_minor": discount_minor, "used_at": now_us,
    }  # fmt: skip
    if queries.add_use.row(scope, **use, released_at=None, redeemed_at=None) is None:
        raise promo_refusal("already_used", code=promo.code, field=field)
    shown = queries.by_id.document(scope, promo_id=promo.id)
    record(scope, PromoCodeUsed(object={**use, "promo": shown, "order": order}, location_id=order["location_id"]))


def release_promo(scope: Scope, *, order_id: str) -> None:
    """Give the uses of an order back because it was rejected, cancelled or failed. Harmless when it used none."""
    now_us = tenant_now_us(scope)
    for _, promo_id in queries.mark_uses.rows(scope, "released_at", order_id=order_id, marked_at=now_us):
        queries.uncount_use.rows(scope, promo_id=promo_id, changed_at=now_us)


def offer_redeemed(scope: Scope, *, order: Document) -> None:
    """Note that an order with promo codes was completed; records campaign.offer_redeemed for codes of a campaign, once.

    Harmless for an order without codes.
    """
    now_us = tenant_now_us(scope)
    for use_id, promo_id in queries.mark_uses.rows(scope, "redeemed_at", order_id=order["id"], marked_at=now_us):
        promo = queries.by_id.document(scope, promo_id=promo_id)
        if promo is None or promo["campaign_id"] is None:
            continue
        campaign = count_redemption(scope, campaign_id=promo["campaign_id"])
        shown = {
            "id": use_id, "campaign_id": campaign["id"], "order_id": order["id"], "customer_id": order["customer_id"],
            "promo_code": promo["code"], "at": now_us, "campaign": campaign, "order": order,
        }  # fmt: skip
        record(scope, OfferRedeemed(object=shown, location_id=order["location_id"]))


def canonical_code(code: str) -> str:
    """The stored form of a code as somebody typed it."""
    return code.strip().upper()


def _check_customer(scope: Scope, promo: Promo, order: Document, *, limit: int | None, field: str) -> None:
    """Judge the limit per customer, with the code's row locked: nobody else's use is on its way."""
    if limit is None:
        return
    if order["customer_id"] is None:
        raise promo_refusal("customer_required", code=promo.code, field=field)
    row: Any = queries.uses_of_customer.row(scope, promo_id=promo.id, customer_id=order["customer_id"])
    if row[0] >= limit:
        raise promo_refusal("per_customer_limit", code=promo.code, field=field)


def _reason_against(
    found: Document, now_us: int, location_id: str, currency: str, subtotal_minor: int
) -> str | None:  # fmt: skip
    """Why a code cannot be used by anybody for such an order, or None."""
    ends_at, starts_at, limit = found["ends_at"], found["starts_at"], found["max_uses"]
    reasons = {
        "inactive": not found["is_active"],
        "not_started": starts_at is not None and now_us < starts_at,
        "expired": ends_at is not None and now_us >= ends_at,
        "exhausted": limit is not None and found["used_count"] >= limit,
        "wrong_location": bool(found["location_ids"]) and location_id not in found["location_ids"],
        "wrong_currency": found["currency"] is not None and found["currency"] != currency,
        "min_subtotal": found["min_subtotal_minor"] is not None and subtotal_minor < found["min_subtotal_minor"],
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
