"""Campaigns with what was sent, the codes guests enter, and the systems the restaurants are connected to."""

from random import Random

from domain.campaigns.audience import NO_ADDRESS
from domain.campaigns.models import Campaign
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.models import PromoCode
from domain.campaigns.sending import START
from domain.integrations.models import Integration
from domain.integrations.models import Mapping
from domain.integrations.models import SyncRun
from domain.notifications.models import OutgoingMessage
from domain.timers.service import set_timer
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.guests import ERASED
from sandbox.worlds.standard.guests import MERGED
from sandbox.worlds.standard.guests import guest_rows
from sandbox.worlds.standard.offers import offer_rows
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting

NEWSLETTER = "seg_newsletter"
# key, name, status, days from now it was or will be sent, text
CAMPAIGNS = (
    ("autumn", "Autumn weeks", "sent", -60, "15 % off everything with AUTUMN15."),
    ("terrace", "Terrace opening", "sent", -35, "The terrace is open until the first frost."),
    ("holidays", "Holiday menu", "sent", -21, "Four courses for the holidays, only with a reservation."),
    ("spring", "Spring menu", "scheduled", 14, "Asparagus, peas and everything green."),
    ("quiz", "Quiz night", "draft", None, "Every second Tuesday from eight."),
    ("oysters", "Oyster week", "cancelled", None, "A dozen for the price of ten."),
)
CLICKED_SHARE, BOUNCED_SHARE = 0.12, 0.01
# key, name, kind, provider, state, result of the last run
INTEGRATIONS: tuple[tuple[str, str, str, str, str, str | None], ...] = (
    ("delivery", "Foodcourier", "delivery", "Foodcourier", "connected", "succeeded"),
    ("books", "Bookkeeping", "accounting", "Ledgerly", "degraded", "failed"),
    ("hotel", "Hotel next door", "hotel", "Frontdesk", "disconnected", None),
    ("tills", "Tills", "pos", "Tills & Co", "mapping_required", "succeeded"),
    ("lake", "Data lake", "bi", "Lakeside", "degraded", "failed"),
)  # fmt: skip
MAPPED_PLACE = "vno"
MAPPED = (("2001", "CAESAR", "caesar"), ("2002", "CLASSIC BURGER", "classic"), ("2003", "COLA", "cola"))
UNMAPPED = (("2090", "STAFF MEAL"), ("2091", "OPEN FOOD"))
FAILING_RUNS = {"lake": 4, "books": 1}


def write_outreach(scope: Scope, setting: Setting) -> None:
    """Write campaigns and codes."""
    draw, seeds = setting.seeds("outreach").choices, setting.seeds("outreach:rows")
    reach = {key: _reach(draw, setting) for key, _, status, *_ in CAMPAIGNS if status == "sent"}
    append(scope, Campaign, [_campaign(setting, campaign, reach.get(campaign[0], [])) for campaign in CAMPAIGNS])
    for key, name, status, days, text in CAMPAIGNS:
        if status == "sent":
            _write_sent(scope, seeds, f"cam_{key}", name, text, setting.now_us + (days or 0) * DAY_US, reach[key])
        elif status == "scheduled":
            due_at_us = setting.now_us + (days or 0) * DAY_US
            set_timer(scope, kind=START, object_id=f"cam_{key}", due_at_us=due_at_us)
    append(scope, PromoCode, offer_rows(setting.now_us))


def write_integrations(scope: Scope, setting: Setting) -> None:
    """Write the connected systems in every state, one of them with two references nobody has explained."""
    seeds, now_us = setting.seeds("integrations"), setting.now_us
    dated = {"created_at": now_us - 80 * DAY_US, "updated_at": now_us - 6 * HOUR_US}
    append(scope, Integration, [
        {"id": f"int_{key}", "name": name, "kind": kind, "provider": provider, "state": state, "config": {},
         "location_id": f"loc_{MAPPED_PLACE}_01" if key == "tills" else None, "last_sync_status": result,
         "last_sync_at": now_us - 6 * HOUR_US if result else None, "version": 2, **dated}
        for key, name, kind, provider, state, result in INTEGRATIONS
    ])  # fmt: skip
    seen = [(ref, name, f"itm_{MAPPED_PLACE}_{dish}") for ref, name, dish in MAPPED] + [(*row, None) for row in UNMAPPED]
    append(scope, Mapping, [
        {"id": seeds.id("map"), "integration_id": "int_tills", "kind": "menu_item", "external_ref": ref,
         "external_name": name, "object_id": item_id, "last_seen_at": now_us - 6 * HOUR_US, **dated}
        for ref, name, item_id in seen
    ])  # fmt: skip
    append(scope, SyncRun, [
        _run(seeds, f"int_{key}", result, now_us - 6 * HOUR_US - back * DAY_US)
        for key, _, _, _, _, result in INTEGRATIONS if result
        for back in range(FAILING_RUNS.get(key, 1))
    ])  # fmt: skip


def _run(seeds: Seeds, integration_id: str, result: str, at: int) -> Row:
    counts = {"mapped": 0, "unmapped": 0, "missing": 0, "unmapped_items": 0}
    if integration_id == "int_tills":
        counts |= {"mapped": len(MAPPED), "unmapped": len(UNMAPPED)}
    failures = [{"kind": None, "external_ref": None, "object_id": None, "reason": "unreachable"}] if result == "failed" else []
    return {
        "id": seeds.id("run"), "integration_id": integration_id, "status": result, "started_by": "manual", "counts": counts,
        "failures": failures, "created_at": at, "finished_at": at,
    }  # fmt: skip


def _reach(draw: Random, setting: Setting) -> list[Row]:
    """One entry for everybody who allows e-mail: sent, clicked, bounced or without an address."""
    living = guest_rows(setting)[: -MERGED - ERASED]
    allowed = [row for row in living if row["consents"].get("email_marketing", {}).get("status") == "granted"]
    reached = []
    for row in sorted(allowed, key=lambda row: row["id"]):
        address = row["emails"][0]["value"] if row["emails"] else None
        is_bounced = address is not None and draw.random() < BOUNCED_SHARE
        status = "suppressed" if address is None else "failed" if is_bounced else "sent"
        has_clicked = status == "sent" and draw.random() < CLICKED_SHARE
        reached.append({"guest_id": row["id"], "address": address, "status": status, "has_clicked": has_clicked})
    return reached


def _campaign(setting: Setting, campaign: tuple[str, str, str, int | None, str], reach: list[Row]) -> Row:
    key, name, status, days, text = campaign
    at = setting.now_us + (days or 0) * DAY_US if days else None
    counts = {state: sum(row["status"] == state for row in reach) for state in ("sent", "suppressed", "failed")}
    created = setting.now_us - 90 * DAY_US if status == "sent" else setting.now_us - 9 * DAY_US
    is_sent = status == "sent"
    return {
        "id": f"cam_{key}", "name": name, "channel": "email", "segment_id": NEWSLETTER, "subject": name, "body": text,
        "link": f"https://group.example.com/{key}", "status": status, "scheduled_at": at if status == "scheduled" else None,
        "started_at": at if is_sent else None, "sent_at": at if is_sent else None,
        "cancelled_at": setting.now_us - 8 * DAY_US if status == "cancelled" else None,
        "reached_to": reach[-1]["guest_id"] if reach else None, "recipients": len(reach), **counts,
        "clicked": sum(row["has_clicked"] for row in reach), "version": 3 if is_sent else 2,
        "created_at": created, "updated_at": at if is_sent and at else created,
    }  # fmt: skip


def _write_sent(
    scope: Scope, seeds: Seeds, campaign_id: str, subject: str, text: str, at: int, reach: list[Row]
) -> None:
    messages = {row["guest_id"]: seeds.id("msg") for row in reach if row["address"]}
    append(scope, OutgoingMessage, [
        {"id": messages[row["guest_id"]], "channel": "email", "kind": "campaign", "recipient": row["address"],
         "subject": subject, "body": text, "customer_id": row["guest_id"], "campaign_id": campaign_id,
         "status": row["status"], "reason": "bounced" if row["status"] == "failed" else None, "created_at": at}
        for row in reach if row["address"]
    ])  # fmt: skip
    append(scope, CampaignRecipient, [
        {"id": seeds.id("crp"), "campaign_id": campaign_id, "customer_id": row["guest_id"], "status": row["status"],
         "reason": None if row["address"] else NO_ADDRESS, "message_id": messages.get(row["guest_id"]), "at": at,
         "clicked_at": at + HOUR_US if row["has_clicked"] else None}
        for row in reach
    ])  # fmt: skip
