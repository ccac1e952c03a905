"""Sending a campaign, 500 recipients at a time, each step a transaction of its own.

A step locks the campaign, asks for the consent of every recipient, writes messages and recipients, and sets the task of
the next step. So it can stop anywhere and go on, calling the campaign off ends it, and nobody is written to twice.
"""

from domain.campaigns import queries
from domain.campaigns.audience import Candidate
from domain.campaigns.audience import next_candidates
from domain.campaigns.events import CampaignSent
from domain.campaigns.machine import SCHEDULED
from domain.campaigns.machine import SENDING
from domain.campaigns.machine import SENT
from domain.campaigns.models import Campaign
from domain.campaigns.models import CampaignRecipient
from domain.campaigns.rows import find_campaign
from domain.campaigns.rows import lock_campaign
from domain.campaigns.rows import lock_if_free
from domain.campaigns.rows import read_campaign
from domain.notifications.service import send_message
from domain.timers.service import drop_timer
from domain.timers.service import set_task
from kit.documents import Document
from kit.documents import append
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import current
from kit.unit import tenant_now

START, SEND = "campaign.start", "campaign.send"
STEP = 500
BUSY_S = 2  # until a campaign that somebody is changing right now is looked at again


def start_scheduled(scope: Scope, campaign_id: str) -> None:
    """Start a campaign whose time has come. Timer campaign.start."""
    row = lock_if_free(scope, campaign_id=campaign_id)
    if row is not None and row.status == SCHEDULED:
        begin(scope, row)
    elif row is None and find_campaign(scope, campaign_id=campaign_id) is not None:
        set_task(scope, kind=START, object_id=campaign_id, delay_s=BUSY_S)


def begin(scope: Scope, row: Campaign) -> None:
    """Put a locked campaign to sending and ask a worker for the first step. Trusts that the move is legal."""
    drop_timer(scope, kind=START, object_id=row.id)
    row.status, row.started_at = SENDING, tenant_now(scope)
    _changed(scope, row)
    set_task(scope, kind=SEND, object_id=row.id)


def send_step(scope: Scope, campaign_id: str) -> None:
    """Send to the next recipients; after the last ones record campaign.sent. Task campaign.send.

    May wait for the campaign's row, because nothing that holds it touches this task.
    """
    row = lock_campaign(scope, campaign_id=campaign_id)
    if row.status != SENDING:
        return
    before = read_campaign(scope, campaign_id=campaign_id)
    candidates = next_candidates(
        scope, channel=row.channel, segment_id=row.segment_id, after_id=row.reached_to, limit=STEP
    )
    _reach(scope, row, candidates)
    if len(candidates) == STEP:
        _changed(scope, row)
        set_task(scope, kind=SEND, object_id=row.id)
        return
    row.status, row.sent_at = SENT, tenant_now(scope)
    _changed(scope, row)
    after = read_campaign(scope, campaign_id=campaign_id)
    record(scope, CampaignSent(object=after, previous=_differences(before, after)))


def _reach(scope: Scope, row: Campaign, candidates: list[Candidate]) -> None:
    """Write the messages of one step and what became of each recipient."""
    if not candidates:
        return
    text = f"{row.body}\n{row.link}" if row.link else row.body
    rows, now = [], tenant_now(scope)
    for candidate in candidates:
        message_id = None
        if candidate.to is not None:
            message_id = send_message(
                scope, channel=row.channel, to=candidate.to, subject=row.subject, body=text,
                customer_id=candidate.customer_id, campaign_id=row.id, kind="campaign",
            )  # fmt: skip
        rows.append({
            "id": new_id("crp"), "campaign_id": row.id, "customer_id": candidate.customer_id,
            "status": "sent" if message_id else "suppressed", "reason": candidate.obstacle, "message_id": message_id,
            "at": now,
        })  # fmt: skip
    append(scope, CampaignRecipient, rows)
    failed = len(queries.fail_undelivered.rows(scope, campaign_id=row.id))
    suppressed = sum(1 for candidate in candidates if candidate.to is None)
    row.recipients += len(candidates)
    row.sent += len(candidates) - suppressed - failed
    row.suppressed += suppressed
    row.failed += failed
    row.reached_to = candidates[-1].customer_id


def _changed(scope: Scope, row: Campaign) -> None:
    row.version += 1
    row.updated_at = tenant_now(scope)
    current(scope).flush()  # documents are read by the driver


def _differences(before: Document, after: Document) -> Document:
    ignored = ("version", "updated_at")
    return {name: value for name, value in before.items() if value != after[name] and name not in ignored}
