"""Made-up objects for event types whose resources this installation does not hold, in canonical document form.

Instants are microseconds, money is minor units. Contact data stays out: these objects are shown to every subscriber.
"""

from collections.abc import Callable
from typing import Any

from kit.ids import new_id

HOUR_US = 3_600_000_000


def sample(noun: str, *, now_us: int, known: dict[str, Any]) -> dict[str, Any]:
    """Make an object of one kind of the event catalogue. known: ids of the tenant's own objects, or None, by kind."""
    prefix, body = _SAMPLES[noun]
    dates = {"version": 1, "created_at": now_us - HOUR_US, "updated_at": now_us}
    return {"id": new_id(prefix), **body(now_us, known), **dates}


def has_sample(noun: str) -> bool:
    """Tell whether objects of this kind are made up."""
    return noun in _SAMPLES


def _segment(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    segment = {"id": new_id("seg"), "name": "Regulars"}
    return {"customer_id": known["customer"], "segment": segment, "change": "entered"}


def _tag(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"customer_id": known["customer"], "tag": "regular"}


def _consent(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "customer_id": known["customer"], "channel": "email_marketing", "from": "unknown", "to": "granted",
        "source": "website",
    }  # fmt: skip


def _merge(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "victor_id": known["customer"], "victim_ids": [new_id("cus")], "state": "done",
        "moved_counts": {"orders": 2, "reservations": 1},
    }  # fmt: skip


def _membership(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "program_id": "prg_regulars", "customer_ids": [known["customer"]] if known["customer"] else [], "code": "R-1042",
        "tier_id": "tir_silver", "tier": {"id": "tir_silver", "code": "silver", "tier": 2, "name": "Silver"}, "points": 282,
        "lifetime_points": 640, "status": "active", "start_date": "2025-03-01", "expiry_date": None, "refs": [],
    }  # fmt: skip


def _member(now: int, known: dict[str, Any]) -> dict[str, Any]:
    dates = {"version": 1, "created_at": now - HOUR_US, "updated_at": now}
    return {"id": new_id("mem"), **_membership(now, known), **dates}


def _points(now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"member": _member(now, known), "delta": 42, "balance": 282, "order_id": known["order"]}


def _reward(now: int, known: dict[str, Any]) -> dict[str, Any]:
    reward = {
        "id": new_id("rwd"), "program_id": "prg_regulars", "name": "Free dessert", "description": None, "points_cost": 200,
        "benefit": "percent", "benefit_value": 1000, "currency": None, "item_id": None, "is_active": True,
        "is_unlocked": True, "version": 1, "created_at": now - HOUR_US, "updated_at": now,
    }  # fmt: skip
    return {"member": _member(now, known), "reward": reward, "redemption_id": None, "order_id": known["order"]}


def _tier(now: int, known: dict[str, Any]) -> dict[str, Any]:
    member = _member(now, known)
    lower = {"id": "tir_bronze", "code": "bronze", "tier": 1, "name": "Bronze"}
    return {"member": member, "from": lower, "to": member["tier"]}


def _reservation(now: int, known: dict[str, Any]) -> dict[str, Any]:
    deposit = {
        "status": "none", "required_minor": 0, "paid_minor": 0, "pending_minor": 0, "refunded_minor": 0, "applied_minor": 0,
        "refund_ends_at": None,
    }  # fmt: skip
    return {
        "ref": "SAMPLE0001", "location_id": known["location"], "customer_id": known["customer"],
        "start_at": now + 6 * HOUR_US, "end_at": now + 8 * HOUR_US, "duration_minutes": 120, "party_size": 3,
        "party": {"adult": 2, "senior": 0, "child": 1, "baby": 0, "total": 3}, "table_ids": [], "tables": [],
        "status": "confirmed", "is_late": False, "source": "website", "special_request": "By the window, please",
        "contact": {"name": "Jane Doe", "phone": "+37060012345", "email": "jane@example.com"}, "currency": "EUR",
        "deposit": deposit, "cancel": None, "flags": [], "status_history": [], "refs": [],
    }  # fmt: skip


def _hold(now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "location_id": known["location"], "table_ids": [], "start_at": now + 6 * HOUR_US, "end_at": now + 8 * HOUR_US,
        "duration_minutes": 120, "party_size": 2, "status": "expired", "expires_at": now,
    }  # fmt: skip


def _review(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": known["order"], "reservation_id": None, "location_id": known["location"],
        "customer_id": known["customer"], "author_name": None, "source": "api", "overall": 2, "food": 3, "service": 2,
        "ambience": None, "comment": "The fries were cold.", "language": "en", "refs": [], "response": None,
        "sentiment": {"score": -0.459, "label": "negative"}, "status": "response_needed",
    }  # fmt: skip


def _campaign(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Lunch week", "channel": "email", "subject": "Lunch week", "body": "Soup!", "status": "sent", "sent_at": now,
        "recipients": 120, "sent": 118, "suppressed": 2, "failed": 0, "clicked": 0, "redeemed": 0, "promo_codes": [], "refs": [],
    }  # fmt: skip


def _click(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"campaign_id": new_id("cam"), "customer_id": known["customer"], "link": "https://example.com/lunch"}


def _offer(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"campaign_id": new_id("cam"), "order_id": known["order"], "promo_code": "WELCOME10"}


def _promo_use(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"promo_code": "WELCOME10", "order_id": known["order"], "kind": "percent", "value": 10}


def _integration(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Till", "kind": "pos", "provider": "Tills & Co", "state": "connected", "location_id": known["location"],
        "config": {}, "secret_names": ["key"], "unmapped": 0, "last_sync_at": None, "last_sync_status": None,
    }  # fmt: skip


def _mapping_required(now: int, known: dict[str, Any]) -> dict[str, Any]:
    integration = sample("integration", now_us=now, known=known) | {"state": "mapping_required", "unmapped": 1}
    reference = {"kind": "menu_item", "external_ref": "4711", "external_name": "Soup", "object_id": None, "reason": "unmapped"}
    return {"integration": integration, "refs": [reference]}


def _sync_run(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "integration_id": new_id("int"), "status": "succeeded", "started_by": "manual", "finished_at": now,
        "counts": {"mapped": 12, "unmapped": 0, "missing": 0, "unmapped_items": 3}, "failures": [],
    }  # fmt: skip


def _notification(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"location_id": known["location"], "title": "Table 2 asks for the bill", "kind": "service", "is_read": False}


def _export(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": "orders", "format": "csv", "has_bom": False, "from_date": "2026-01-11", "to_date": "2026-01-11",
        "location_ids": [], "is_masked": True, "status": "ready", "row_count": 128, "size_bytes": 24_310,
        "sha256": "9f" * 32, "failure": None, "schedule_id": None, "started_at": now, "finished_at": now,
        "expires_at": now + 24 * HOUR_US,
    }  # fmt: skip


def _webhook_endpoint(_now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": "https://hooks.sandbox.invalid/fail-502", "description": "", "event_types": ["*"], "state": "disabled",
        "disabled_reason": "no_success_for_5_days",
    }  # fmt: skip


_SAMPLES: dict[str, tuple[str, Callable[[int, dict[str, Any]], dict[str, Any]]]] = {
    "customer_segment": ("seg", _segment),
    "customer_tag": ("ctg", _tag),
    "customer_consent": ("cns", _consent),
    "customer_merge": ("mrg", _merge),
    "loyalty_member": ("mem", _membership),
    "loyalty_points": ("ptx", _points),
    "loyalty_reward": ("rdm", _reward),
    "loyalty_tier": ("mem", _tier),
    "membership": ("mem", _membership),
    "reservation": ("res", _reservation),
    "hold": ("hld", _hold),
    "review": ("rev", _review),
    "campaign": ("cam", _campaign),
    "campaign_click": ("clk", _click),
    "campaign_offer": ("cam", _offer),
    "promo_code_use": ("prm", _promo_use),
    "integration": ("int", _integration),
    "integration_mapping": ("int", _mapping_required),
    "sync_run": ("run", _sync_run),
    "notification": ("ntf", _notification),
    "export": ("exp", _export),
    "webhook_endpoint": ("we", _webhook_endpoint),
}
