"""Campaigns: writing them, planning them, starting and calling them off. Sending itself lives in sending.py.

A campaign is scheduled exactly when it has an instant to start at; that instant is a timer on the tenant's clock.
"""

from typing import Any

from domain.campaigns import queries
from domain.campaigns.events import CampaignCreated
from domain.campaigns.machine import CANCELLED
from domain.campaigns.machine import CHANNELS
from domain.campaigns.machine import DRAFT
from domain.campaigns.machine import EDITABLE
from domain.campaigns.machine import EMAIL
from domain.campaigns.machine import MOVES
from domain.campaigns.machine import SCHEDULED
from domain.campaigns.machine import SENDING
from domain.campaigns.machine import SENT
from domain.campaigns.machine import SMS
from domain.campaigns.models import Campaign
from domain.campaigns.results import record_click
from domain.campaigns.rows import lock_campaign
from domain.campaigns.rows import read_campaign
from domain.campaigns.sending import START
from domain.campaigns.sending import begin
from domain.guests.segments import find_segment
from domain.timers.service import drop_timer
from domain.timers.service import set_timer
from kit.clock import from_us
from kit.clock import to_us
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.newest import newest_documents
from kit.outbox import record
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now
from kit.unit import tenant_now_us

MAX_SMS = 480
CONTENT = ("name", "channel", "segment_id", "subject", "body", "link")


def create_campaign(
    scope: Scope,
    *,
    name: str,
    channel: str,
    body: str,
    subject: str | None = None,
    link: str | None = None,
    segment_id: str | None = None,
    scheduled_at_us: int | None = None,
) -> Document:
    """Write a campaign and record campaign.created. It is a draft, or scheduled when it has an instant to start at.

    segment_id None: every guest. Raises Invalid (422).
    """
    content = {
        "name": name, "channel": channel, "segment_id": segment_id, "subject": subject, "body": body, "link": link,
    }  # fmt: skip
    _check(scope, content, scheduled_at_us)
    now = tenant_now(scope)
    row = Campaign(**content, status=DRAFT, created_at=now, updated_at=now)
    session(scope).add(row)
    if scheduled_at_us is not None:
        _schedule(scope, row, scheduled_at_us)
    document = read_campaign(scope, campaign_id=row.id)
    record(scope, CampaignCreated(object=document))
    return document


def change_campaign(
    scope: Scope,
    *,
    campaign_id: str,
    expected_version: int | None = None,
    status: str | None = None,
    changes: dict[str, Any] | None = None,
) -> Document:
    """Change what a campaign says and when it starts, or call it off. Records nothing.

    changes: any of CONTENT, and scheduled_at_us (None takes the plan back). status: draft, scheduled or cancelled.
    Raises NotFound, Conflict (409 version_conflict), InvalidTransition (409, also for a change of what is being sent),
    Invalid (422).
    """
    row = lock_campaign(scope, campaign_id=campaign_id)
    if expected_version is not None and row.version != expected_version:
        raise Conflict(f"The campaign is at version {row.version} now.", current_version=row.version)
    wanted = dict(changes or {})
    planned = wanted.pop("scheduled_at_us", _planned(row))
    content = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    target = _target(row, status, planned)
    is_moved = planned != _planned(row)
    if not content and target == row.status and not is_moved:
        return read_campaign(scope, campaign_id=campaign_id)
    _require_change(row, target, is_edited=bool(content) or (is_moved and target != CANCELLED))
    _check(scope, {name: getattr(row, name) for name in CONTENT} | content, planned if is_moved else None)
    for name, value in content.items():
        setattr(row, name, value)
    _apply_target(scope, row, target, planned)
    row.version += 1
    row.updated_at = tenant_now(scope)
    return read_campaign(scope, campaign_id=campaign_id)


def send_campaign(scope: Scope, *, campaign_id: str) -> Document:
    """Start sending a draft or scheduled campaign now; a worker does it, and campaign.sent says when it is done.

    Raises NotFound, InvalidTransition (409) in any other state, also while it is being sent already.
    """
    row = lock_campaign(scope, campaign_id=campaign_id)
    if row.status not in EDITABLE:
        raise _no_way(row.status, SENDING)
    begin(scope, row)
    return read_campaign(scope, campaign_id=campaign_id)


def get_campaign(scope: Scope, *, campaign_id: str) -> Document:
    """Read one campaign with its results so far. Raises NotFound."""
    return read_campaign(scope, campaign_id=campaign_id)


def list_campaigns(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    status: str | None = None,
    channel: str | None = None,
    segment_id: str | None = None,
    ref: str | None = None,
) -> list[Document]:
    """List up to limit + 1 campaigns, newest first. `after` is [created_at in us, id] of the last row before."""
    wanted = {"status": status, "channel": channel, "segment_id": segment_id, "ref": ref}
    return newest_documents(queries.listed, scope, limit=limit, after=after, filters=wanted)


def list_recipients(
    scope: Scope, *, campaign_id: str, limit: int, after: list[Any] | None = None, status: str | None = None
) -> list[Document]:
    """List up to limit + 1 recipients by customer id. `after` is [customer_id] of the last row before. Raises NotFound."""
    read_campaign(scope, campaign_id=campaign_id)
    return queries.recipient_list.documents(
        scope, status is not None, after is not None,
        campaign_id=campaign_id, status=status, after_id=after[0] if after else None, rows=limit + 1,
    )  # fmt: skip


def _planned(row: Campaign) -> int | None:
    return None if row.scheduled_at is None else to_us(row.scheduled_at)


def _target(row: Campaign, status: str | None, planned: int | None) -> str:
    """The state a change leads to. A plan decides between draft and scheduled unless the state is asked for."""
    if status is None:
        return row.status if row.status not in EDITABLE else DRAFT if planned is None else SCHEDULED
    if status == SCHEDULED and planned is None:
        message = "A scheduled campaign says when it starts."
        raise Invalid(message, errors=[FieldError("scheduled_at", "validation_failed", message)])
    if status in (SENDING, SENT) and status != row.status:
        message = "Sending is started at /v1/campaigns/{id}/send; it ends by itself."
        raise Invalid(message, errors=[FieldError("status", "validation_failed", message)])
    return status


def _require_change(row: Campaign, target: str, *, is_edited: bool) -> None:
    if target != row.status and target not in MOVES[row.status]:
        raise _no_way(row.status, target)
    if is_edited and row.status not in EDITABLE:
        raise _no_way(row.status, DRAFT)


def _no_way(current: str, target: str) -> InvalidTransition:
    data: dict[str, Any] = {"from": current, "to": target, "allowed": list(MOVES[current])}
    return InvalidTransition(f"A campaign that is {current} can be neither changed nor sent any more.", **data)


def _apply_target(scope: Scope, row: Campaign, target: str, planned: int | None) -> None:
    """Put a locked campaign into its new state and keep its timer right. Trusts that the move is legal."""
    if target == SCHEDULED and planned is not None:
        _schedule(scope, row, planned)
        return
    if row.status == SCHEDULED:
        drop_timer(scope, kind=START, object_id=row.id)
    if target == CANCELLED:
        row.cancelled_at = tenant_now(scope)
    elif target == DRAFT:
        row.scheduled_at = None
    row.status = target


def _schedule(scope: Scope, row: Campaign, at_us: int) -> None:
    row.scheduled_at, row.status = from_us(at_us), SCHEDULED
    set_timer(scope, kind=START, object_id=row.id, due_at_us=at_us)


def _check(scope: Scope, content: dict[str, Any], scheduled_at_us: int | None) -> None:
    errors = []
    if content["channel"] not in CHANNELS:
        errors.append(("channel", f"Expected one of {', '.join(CHANNELS)}."))
    if content["channel"] == EMAIL and not content["subject"]:
        errors.append(("message.subject", "An e-mail has a subject."))
    if content["channel"] == SMS and len(content["body"]) > MAX_SMS:
        errors.append(("message.body", f"A text message has at most {MAX_SMS} characters."))
    if content["segment_id"] is not None and find_segment(scope, segment_id=content["segment_id"]) is None:
        errors.append(("segment_id", f"There is no segment {content['segment_id']}."))
    if scheduled_at_us is not None and scheduled_at_us <= tenant_now_us(scope):
        errors.append(("scheduled_at", "Expected an instant in the future."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])


__all__ = [
    "change_campaign", "create_campaign", "get_campaign", "list_campaigns", "list_recipients",
    "record_click", "send_campaign",
]  # fmt: skip
