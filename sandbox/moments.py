"""What events are about that are no objects of their own: a tag given, points earned, a link followed, a code used.

Each names real objects of the tenant, in the form the capability that owns the event gives it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from accounts.plans.catalog import API_VERSION
from accounts.webhooks.models import DISABLED_AFTER
from domain.campaigns.service import list_campaigns
from domain.campaigns.service import list_recipients
from domain.guests.changing import named
from domain.guests.segments import segment_members
from domain.loyalty.service import get_member
from domain.loyalty.service import get_program
from domain.loyalty.service import get_redemption
from domain.loyalty.service import get_reward
from domain.loyalty.service import list_entries
from domain.loyalty.service import list_rewards
from kit.documents import Document
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us
from sandbox import queries
from sandbox.objects import own_object

EARN = "earn"
FAILING_US = DISABLED_AFTER // timedelta(microseconds=1)
Moment = Callable[[Scope, str | None], Document]


def moment(scope: Scope, *, noun: str, object_id: str | None) -> Document:
    """What an event of this noun is about. object_id: of the customer, member, campaign, promo code or integration.

    Raises NotFound.
    """
    return _MOMENTS[noun](scope, object_id)


def has_moment(noun: str) -> bool:
    """Tell whether events of this noun are about something that is no object of its own."""
    return noun in _MOMENTS


def _customer_segment(scope: Scope, object_id: str | None) -> Document:
    segment = own_object(scope, kind="segment")
    members = [] if object_id else segment_members(scope, segment_id=segment["id"], limit=1)
    guest = members[0] if members else own_object(scope, kind="customer", object_id=object_id)
    return {**named(guest), "segment": {"id": segment["id"], "name": segment["name"]}, "change": "entered"}


def _customer_tag(scope: Scope, object_id: str | None) -> Document:
    guest = own_object(scope, kind="customer", object_id=object_id)
    return {**named(guest), "tag": guest["tags"][-1] if guest["tags"] else "regular"}


def _customer_consent(scope: Scope, object_id: str | None) -> Document:
    guest = own_object(scope, kind="customer", object_id=object_id)
    consent = guest["consents"]["email_marketing"]
    return {
        **named(guest), "channel": "email_marketing", "from": "unknown",
        "to": "granted" if consent["status"] == "unknown" else consent["status"], "source": consent["source"] or "website",
        "at": consent["at"] or tenant_now_us(scope),
    }  # fmt: skip


def _loyalty_points(scope: Scope, object_id: str | None) -> Document:
    member = own_object(scope, kind="membership", object_id=object_id)
    entries = list_entries(scope, member_id=member["id"], limit=50, after=None)
    earned = next((entry for entry in entries if entry["reason"] == EARN), None)
    made_up = {"id": new_id("ptx"), "delta": 42, "order_id": None}
    entry = earned or made_up
    return {"id": entry["id"], "member": member, "delta": entry["delta"], "balance": member["points"],
            "order_id": entry["order_id"]}  # fmt: skip


def _loyalty_unlocked(scope: Scope, object_id: str | None) -> Document:
    member = own_object(scope, kind="membership", object_id=object_id)
    rewards = list_rewards(scope, limit=50, program_id=member["program_id"], member_id=member["id"])
    reached = [reward for reward in rewards if reward["points_cost"] <= member["points"]] or rewards
    reward = reached[-1] if reached else own_object(scope, kind="loyalty_reward")
    reward = {name: value for name, value in reward.items() if name != "is_unlocked"}
    return {"id": reward["id"], "member": member, "reward": reward, "redemption_id": None, "order_id": None}


def _loyalty_tier(scope: Scope, object_id: str | None) -> Document:
    member = own_object(scope, kind="membership", object_id=object_id)
    tiers = get_program(scope, program_id=member["program_id"])["tiers"]
    below = [tier for tier in tiers if member["tier"] is not None and tier["tier"] < member["tier"]["tier"]]
    before = {name: below[-1][name] for name in member["tier"]} if below else None
    return {"id": member["id"], "member": member, "from": before, "to": member["tier"]}


def _campaign_click(scope: Scope, object_id: str | None) -> Document:
    sent = [] if object_id else list_campaigns(scope, limit=1, status="sent")
    campaign = sent[0] if sent else own_object(scope, kind="campaign", object_id=object_id)
    reached = list_recipients(scope, campaign_id=campaign["id"], limit=1, status="sent")
    recipient = reached[0] if reached else {"id": new_id("crp"), "customer_id": own_object(scope, kind="customer")["id"]}
    return {
        "id": recipient["id"], "campaign_id": campaign["id"], "customer_id": recipient["customer_id"],
        "clicked_at": tenant_now_us(scope), "campaign": campaign,
    }  # fmt: skip


def _campaign_offer(scope: Scope, object_id: str | None) -> Document:
    campaign = own_object(scope, kind="campaign", object_id=object_id)
    order, promo = own_object(scope, kind="order"), own_object(scope, kind="promo_code")
    return {
        "id": new_id("pru"), "campaign_id": campaign["id"], "order_id": order["id"], "customer_id": order["customer_id"],
        "promo_code": promo["code"], "at": tenant_now_us(scope), "campaign": campaign, "order": order,
    }  # fmt: skip


def _promo_code_use(scope: Scope, object_id: str | None) -> Document:
    promo, order = own_object(scope, kind="promo_code", object_id=object_id), own_object(scope, kind="order")
    taken = order["subtotal_minor"] * promo["value"] // 10_000 if promo["kind"] == "percent" else promo["value"]
    return {
        "id": new_id("pru"), "promo_id": promo["id"], "order_id": order["id"], "customer_id": order["customer_id"],
        "currency": order["currency"], "discount_minor": min(taken, order["subtotal_minor"]),
        "used_at": tenant_now_us(scope), "promo": promo, "order": order,
    }  # fmt: skip


def _integration_mapping(scope: Scope, object_id: str | None) -> Document:
    integration = own_object(scope, kind="integration", object_id=object_id)
    unknown = {
        "kind": "menu_item", "external_ref": "4711", "external_name": "SOUP", "object_id": None, "reason": "unmapped",
    }  # fmt: skip
    shown = {**integration, "state": "mapping_required", "unmapped": 1}
    return {"id": integration["id"], "integration": shown, "refs": [unknown]}


def _webhook_endpoint(scope: Scope, object_id: str | None) -> Document:
    """The tenant's copy of an endpoint. None can be made here: endpoints live on another plane."""
    row = queries.endpoint.document(scope, object_id is not None, endpoint_id=object_id)
    if row is None and object_id is not None:
        raise NotFound(f"There is no webhook endpoint {object_id}.")
    known: dict[str, Any] = row or {
        "id": new_id("we"), "url": "https://hooks.sandbox.invalid/fail-502", "event_types": ["*"], "api_version": API_VERSION,
        "exclude_own": False, "location_ids": [], "filters": [], "header_names": [], "signature": "v1", "public_key": None,
        "max_in_flight": 32, "max_per_second": None, "version": 1, "created_at": tenant_now_us(scope),
    }  # fmt: skip
    return {**known, "description": "", "state": "disabled", "disabled_reason": "no_success_for_5_days",
            "updated_at": known["created_at"]}  # fmt: skip


def _webhook_failing(scope: Scope, object_id: str | None) -> Document:
    """An endpoint that took nothing for two and a half days."""
    since = tenant_now_us(scope) - FAILING_US // 2
    return {**_webhook_endpoint(scope, object_id), "state": "enabled", "disabled_reason": None, "percent": 50,
            "failing_since": since, "disabled_at_earliest": since + FAILING_US}  # fmt: skip


def redeemed_reward(scope: Scope, object_id: str | None) -> Document:
    """What loyalty.reward.redeemed is about: the newest redemption, else the reward a member could have."""
    newest = None if object_id else queries.newest.row(scope, "reward_redemptions", False)
    if newest is None:
        return _loyalty_unlocked(scope, object_id) | dict.fromkeys(("id", "redemption_id"), new_id("rdm"))
    bought = get_redemption(scope, redemption_id=newest[0])
    member = get_member(scope, member_id=bought["membership_id"])
    return {"id": bought["id"], "member": member, "reward": get_reward(scope, reward_id=bought["reward_id"]),
            "redemption_id": bought["id"], "order_id": bought["order_id"]}  # fmt: skip


_MOMENTS: dict[str, Moment] = {
    "customer_segment": _customer_segment, "customer_tag": _customer_tag, "customer_consent": _customer_consent,
    "loyalty_points": _loyalty_points, "loyalty_reward": _loyalty_unlocked, "loyalty_tier": _loyalty_tier,
    "campaign_click": _campaign_click, "campaign_offer": _campaign_offer, "promo_code_use": _promo_code_use,
    "integration_mapping": _integration_mapping, "webhook_endpoint": _webhook_endpoint,
    "webhook_failing": _webhook_failing,
}  # fmt: skip
