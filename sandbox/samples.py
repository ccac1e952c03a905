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
        "customer_id": known["customer"], "program_id": "prg_regulars", "code": "R-1042", "tier": "silver", "points": 240,
        "lifetime_points": 640, "status": "active",
    }  # fmt: skip


def _points(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"member_id": new_id("mem"), "order_id": known["order"], "delta": 42, "reason": "earn", "balance": 282}


def _reward(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    reward = {"id": new_id("rwd"), "name": "Free dessert", "points_cost": 200}
    return {"member_id": new_id("mem"), "reward": reward, "order_id": known["order"], "state": "unlocked"}


def _tier(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"member_id": new_id("mem"), "customer_id": known["customer"], "from": "silver", "to": "gold"}


def _reservation(now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "location_id": known["location"], "customer_id": known["customer"], "start_at": now + 6 * HOUR_US,
        "duration_min": 105, "party": {"adult": 2, "senior": 0, "child": 1, "baby": 0, "total": 3},
        "status": "confirmed", "source": "website", "special_request": "By the window, please",
    }  # fmt: skip


def _review(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {
        "order_id": known["order"], "location_id": known["location"], "customer_id": known["customer"], "overall": 2,
        "food": 3, "service": 2, "comment": "The fries were cold.", "language": "en",
        "sentiment": {"score": -0.4, "label": "negative"}, "status": "response_needed",
    }  # fmt: skip


def _campaign(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "Lunch week", "channel": "email", "status": "sent", "sent_at": now,
        "stats": {"recipients": 120, "delivered": 118, "clicked": 0},
    }  # fmt: skip


def _click(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"campaign_id": new_id("cam"), "customer_id": known["customer"], "link": "https://example.com/lunch"}


def _offer(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"campaign_id": new_id("cam"), "order_id": known["order"], "promo_code": "WELCOME10"}


def _promo_use(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"promo_code": "WELCOME10", "order_id": known["order"], "kind": "percent", "value": 10}


def _integration(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Till", "kind": "pos", "state": "connected", "location_id": known["location"], "refs": []}


def _sync_run(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {
        "integration_id": new_id("int"), "state": "done", "started_at": now - 60_000_000, "finished_at": now,
        "counts": {"created": 0, "updated": 12, "failed": 0}, "error": None,
    }  # fmt: skip


def _notification(_now: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"location_id": known["location"], "title": "Table 2 asks for the bill", "kind": "service", "is_read": False}


def _export(now: int, _known: dict[str, Any]) -> dict[str, Any]:
    return {"dataset": "orders", "format": "csv", "status": "ready", "rows": 128, "expires_at": now + 24 * HOUR_US}


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
    "review": ("rev", _review),
    "campaign": ("cam", _campaign),
    "campaign_click": ("clk", _click),
    "campaign_offer": ("cam", _offer),
    "promo_code_use": ("prm", _promo_use),
    "integration": ("int", _integration),
    "sync_run": ("run", _sync_run),
    "notification": ("ntf", _notification),
    "export": ("exp", _export),
    "webhook_endpoint": ("we", _webhook_endpoint),
}
