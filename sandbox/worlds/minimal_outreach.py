"""What the minimal world tells its guests and what they say: campaigns, promo codes, reviews. And its connected till."""

from typing import Any

from domain.campaigns.models import Campaign
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoCode
from domain.integrations.models import Integration
from domain.integrations.models import Mapping
from domain.integrations.models import SyncRun
from domain.notifications.models import OutgoingMessage
from domain.reviews.models import Review
from domain.reviews.sentiment import sentiment_of
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds

SENT_TO = (("cus_anna", "anna.nowak@example.com"), ("cus_hanako", "hanako@example.jp"), ("cus_piotr", "piotr@example.com"))
WINTER = "Soup of the day on us, all January."
PROMOS: tuple[dict[str, Any], ...] = (
    {"id": "prm_welcome10", "code": "WELCOME10", "description": "10 % off the first order", "kind": "percent", "value": 1000},
    {"id": "prm_expired5", "code": "EXPIRED5", "description": "5 PLN off, over by now", "kind": "fixed", "value": 500,
     "currency": "PLN"},
)  # fmt: skip
REVIEWS: tuple[dict[str, Any], ...] = (
    # days: before now; the newest comes first
    {"id": "rev_001", "days": 0, "order_id": "ord_89407", "customer_id": "cus_piotr", "overall": 5, "food": 5, "service": 5,
     "comment": "Excellent burger and very friendly service!", "language": "en", "source": "website"},
    {"id": "rev_002", "days": 3, "customer_id": "cus_jonas", "overall": 2, "food": 2, "service": 3,
     "comment": "The fries were cold and the wait was terrible.", "language": "en", "source": "api",
     "status": "response_needed"},
    {"id": "rev_003", "days": 9, "customer_id": "cus_anna", "overall": 4, "ambience": 5, "source": "website",
     "comment": "Pyszne jedzenie, miła obsługa.", "language": "pl", "status": "responded",
     "response_text": "Dziękujemy i zapraszamy ponownie!", "response_is_public": True},
)  # fmt: skip
MAPPED = (("1001", "BACON CHEESEBURGER", "itm_bacon_cheeseburger"), ("1002", "FRIES", "itm_fries"),
          ("1003", "LEMONADE", "itm_lemonade"))  # fmt: skip


def build_outreach(scope: Scope, *, seeds: Seeds, location_id: str, dated: dict[str, int], now_us: int) -> None:
    """Write campaigns with what was sent, promo codes, reviews with their sentiment, and the integration."""
    _build_campaigns(scope, seeds, now_us)
    append(scope, PromoCode, [
        {**promo, "ends_at": now_us - 10 * DAY_US if promo["code"] == "EXPIRED5" else None, **dated} for promo in PROMOS
    ])  # fmt: skip
    append(scope, Review, [_review(review, location_id, now_us) for review in REVIEWS])
    _build_till(scope, seeds, location_id, dated, now_us)


def _build_campaigns(scope: Scope, seeds: Seeds, now_us: int) -> None:
    sent_us = now_us - 20 * DAY_US
    shared = {"channel": "email", "segment_id": "seg_newsletter"}
    append(scope, Campaign, [
        {"id": "cam_lunch_week", "name": "Lunch week", "subject": "Lunch week", "body": "Two courses, 39 PLN, until Friday.",
         "link": "https://bistro.example.com/lunch", "status": "draft", **shared,
         "created_at": now_us - DAY_US, "updated_at": now_us - DAY_US},
        {"id": "cam_winter", "name": "Winter soups", "subject": "Something warm", "body": WINTER, "status": "sent", **shared,
         "started_at": sent_us, "sent_at": sent_us, "recipients": len(SENT_TO), "sent": len(SENT_TO),
         "reached_to": SENT_TO[-1][0], "version": 3, "created_at": sent_us - DAY_US, "updated_at": sent_us},
    ])  # fmt: skip
    messages = {guest_id: seeds.id("msg") for guest_id, _ in SENT_TO}
    append(scope, OutgoingMessage, [
        {"id": messages[guest_id], "channel": "email", "kind": "campaign", "recipient": email, "subject": "Something warm",
         "body": WINTER, "customer_id": guest_id, "campaign_id": "cam_winter", "status": "sent", "created_at": sent_us}
        for guest_id, email in SENT_TO
    ])  # fmt: skip
    append(scope, CampaignRecipient, [
        {"id": seeds.id("crp"), "campaign_id": "cam_winter", "customer_id": guest_id, "status": "sent",
         "message_id": messages[guest_id], "at": sent_us}
        for guest_id, _ in SENT_TO
    ])  # fmt: skip


def _review(review: dict[str, Any], location_id: str, now_us: int) -> dict[str, Any]:
    """The row of a review, judged as a submitted one is; every later step is a version."""
    row = {name: value for name, value in review.items() if name != "days"}
    heard = sentiment_of(row["comment"], language=row["language"])
    at = now_us - review["days"] * DAY_US - 90 * MINUTE_US
    steps = {"new": 0, "response_needed": 1, "responded": 1}[row.get("status", "new")]
    return {
        **row, "location_id": location_id, "author_id": row["customer_id"], "sentiment_thousandths": heard.thousandths,
        "sentiment_label": heard.label, "responded_at": at + HOUR_US if "response_text" in row else None,
        "version": 2 + steps, "created_at": at, "updated_at": at + (HOUR_US if "response_text" in row else 0),
    }  # fmt: skip


def _build_till(scope: Scope, seeds: Seeds, location_id: str, dated: dict[str, int], now_us: int) -> None:
    synced_us = now_us - 6 * HOUR_US
    append(scope, Integration, [
        {"id": "int_till", "name": "Till at the bar", "kind": "pos", "provider": "Tills & Co", "location_id": location_id,
         "state": "connected", "config": {"register": "1"}, "last_sync_at": synced_us, "last_sync_status": "succeeded",
         **dated}
    ])  # fmt: skip
    append(scope, Mapping, [
        {"id": seeds.id("map"), "integration_id": "int_till", "kind": "menu_item", "external_ref": ref, "external_name": name,
         "object_id": item_id, "last_seen_at": synced_us, **dated}
        for ref, name, item_id in MAPPED
    ])  # fmt: skip
    append(scope, SyncRun, [
        {"id": "run_till", "integration_id": "int_till", "status": "succeeded", "started_by": "manual",
         "counts": {"mapped": len(MAPPED), "unmapped": 0, "missing": 0, "unmapped_items": 7}, "failures": [],
         "created_at": synced_us, "finished_at": synced_us}
    ])  # fmt: skip
