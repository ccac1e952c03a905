"""Campaigns and promo codes. Inside an open unit of work, written without events."""

from typing import Any

from domain.campaigns.models import Campaign
from domain.campaigns.models import PromoCode
from domain.guests.models import Segment
from domain.guests.models import SegmentMembership
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def create_promo(scope: Scope, **changes: Any) -> str:
    """A code for 10 % off, valid everywhere and for ever; returns the code."""
    row = {"code": new_id("code").upper(), "kind": "percent", "value": 1000, "location_ids": [], **changes}
    _write(scope, PromoCode, "prm", row)
    return str(row["code"])


def create_campaign(scope: Scope, **changes: Any) -> str:
    """A draft of an e-mail to everybody."""
    row = {"name": "Lunch week", "channel": "email", "subject": "Lunch week", "body": "Soup for 9.", **changes}
    return _write(scope, Campaign, "cam", row)


def create_segment(scope: Scope, *guest_ids: str, **changes: Any) -> str:
    """A segment with these members."""
    segment_id = _write(scope, Segment, "seg", {"name": "Regulars", "rule": {}, **changes})
    append(scope, SegmentMembership, [
        {"id": new_id("sgm"), "segment_id": segment_id, "guest_id": guest_id, "entered_at": tenant_now_us(scope)}
        for guest_id in guest_ids
    ])  # fmt: skip
    return segment_id


def _write(scope: Scope, model: Any, prefix: str, row: dict[str, Any]) -> str:
    now = tenant_now_us(scope)
    row = {"id": new_id(prefix), "created_at": now, "updated_at": now, **row}
    append(scope, model, [row])
    return str(row["id"])
