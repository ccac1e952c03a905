"""Segments: saved rules and who satisfies them. Deciding who does is domain.guestbook's, which sees orders and bookings.

A rule is {predicate: value}; all predicates must hold. Temporary guests stand in no segment.
"""

from typing import Any

import orjson

from domain.guests import queries
from domain.guests import watch_queries
from domain.guests.changing import named
from domain.guests.events import CustomerSegmentUpdated
from domain.guests.models import Segment
from domain.guests.models import SegmentMembership
from domain.guests.service import list_guests
from domain.guests.watching import EVALUATE_SEGMENT
from domain.timers.service import set_task
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

UNSET: Any = object()
ENTERED, LEFT = "entered", "left"
MOST_SEGMENTS = 200


def create_segment(scope: Scope, *, name: str, rule: Document, description: str | None = None) -> Document:
    """Save a rule; its members are found by a worker, which then records customer.segment.updated for each.

    Raises Invalid (422) above 200 segments.
    """
    if watch_queries.count_segments.rows(scope)[0][0] >= MOST_SEGMENTS:
        raise Invalid(f"A restaurant has at most {MOST_SEGMENTS} segments.")
    segment_id, now_us = new_id("seg"), tenant_now_us(scope)
    append(scope, Segment, [{
        "id": segment_id, "name": name, "description": description, "rule": rule, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    set_task(scope, kind=EVALUATE_SEGMENT, object_id=segment_id)
    return get_segment(scope, segment_id=segment_id)


def change_segment(
    scope: Scope,
    *,
    segment_id: str,
    expected_version: int | None = None,
    name: str = UNSET,
    description: str | None = UNSET,
    rule: Document = UNSET,
) -> Document:
    """Change a segment. Another rule has its members found anew. Raises NotFound, Conflict (409)."""
    before = lock_segment(scope, segment_id=segment_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The segment is at version {before['version']} now.", current_version=before["version"])
    given = {"name": name, "description": description, "rule": rule}
    columns = {key: value for key, value in given.items() if value is not UNSET and value != before[key]}
    if not columns:
        return before
    if "rule" in columns:
        set_task(scope, kind=EVALUATE_SEGMENT, object_id=segment_id)
    values = {f"new_{key}": orjson.dumps(value).decode() if key == "rule" else value for key, value in columns.items()}
    watch_queries.change_segment.rows(
        scope, tuple(columns), True, segment_id=segment_id, changed_at=tenant_now_us(scope), **values
    )
    return get_segment(scope, segment_id=segment_id)


def delete_segment(scope: Scope, *, segment_id: str) -> None:
    """Delete a segment. Its members leave it, with an event each, by a worker. Raises NotFound."""
    lock_segment(scope, segment_id=segment_id)
    now_us = tenant_now_us(scope)
    watch_queries.change_segment.rows(
        scope, ("deleted_at",), True, segment_id=segment_id, new_deleted_at=now_us, changed_at=now_us
    )
    set_task(scope, kind=EVALUATE_SEGMENT, object_id=segment_id)


def get_segment(scope: Scope, *, segment_id: str) -> Document:
    """Read one segment document: its columns and members_count. Raises NotFound."""
    document = watch_queries.segment.document(scope, False, segment_id=segment_id)
    if document is None:
        raise NotFound(f"There is no segment {segment_id}.")
    return document


def find_segment(scope: Scope, *, segment_id: str) -> Document | None:
    """Read one segment document, a deleted one too, or None."""
    return watch_queries.segment.document(scope, True, segment_id=segment_id)


def list_segments(
    scope: Scope, *, limit: int, after: list[Any] | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 segments, newest first. `after` is [created_at in us, id] of the last one before.

    ref: the key of a name, see domain.references.
    """
    after_us, after_id = after or (None, None)
    return watch_queries.segment_list.documents(
        scope, ref is not None, after is not None, ref=ref, after_us=after_us, after_id=after_id, rows=limit + 1
    )


def segment_members(scope: Scope, *, segment_id: str, after_id: str | None = None, limit: int = 500) -> list[Document]:
    """Up to `limit` guests of a segment in the order of their ids, after one. For work in steps."""
    return list_guests(scope, limit=limit - 1, after=[None, after_id] if after_id else None, segment_id=segment_id, sort="id")


def lock_segment(scope: Scope, *, segment_id: str) -> Document:
    """Hold a segment, so that nobody else moves its members, and read it after that. Raises NotFound for deleted ones."""
    watch_queries.lock_segment.row(scope, segment_id=segment_id)
    return get_segment(scope, segment_id=segment_id)


def take_segments(scope: Scope) -> list[Document] | None:
    """Hold all segments and read them, in the order of their ids; None when somebody else holds one of them.

    For timers: whoever holds a segment may be waiting for the timer, so a timer must not wait for the segment.
    """
    held = watch_queries.take_all.rows(scope)
    segments = watch_queries.all_segments.documents(scope, rows=MOST_SEGMENTS + 1)
    return segments if len(held) == len(segments) else None


def take_segment(scope: Scope, *, segment_id: str) -> bool:
    """Hold a segment, a deleted one too. False when somebody else holds it, or there is none."""
    return watch_queries.take.row(scope, segment_id=segment_id) is not None


def segments_of(scope: Scope, *, guest_id: str) -> set[str]:
    """Ids of the segments a guest stands in."""
    return {str(row[0]) for row in watch_queries.segments_of.rows(scope, guest_id=guest_id)}


def note_evaluated(scope: Scope, *, segment_id: str) -> None:
    """Say that every guest was looked at."""
    now_us = tenant_now_us(scope)
    watch_queries.change_segment.rows(scope, ("evaluated_at",), False, segment_id=segment_id, new_evaluated_at=now_us)


def move_members(scope: Scope, *, segment: Document, entered: list[str], left: list[str]) -> None:
    """Let guests enter and leave a segment and record customer.segment.updated for each. Trusts that it is held."""
    now_us = tenant_now_us(scope)
    if left:
        leaving = orjson.dumps(left).decode()
        watch_queries.leave_segment.rows(scope, segment_id=segment["id"], guest_ids=leaving)
    append(scope, SegmentMembership, [
        {"id": new_id("sgm"), "segment_id": segment["id"], "guest_id": guest_id, "entered_at": now_us} for guest_id in entered
    ])  # fmt: skip
    rows = queries.external_ids.rows(scope, guest_ids=orjson.dumps([*entered, *left]).decode())
    names = {row[0]: {"id": row[0], "external_id": row[1]} for row in rows}
    shown = {"id": segment["id"], "name": segment["name"]}
    for change, guest_ids in ((ENTERED, entered), (LEFT, left)):
        for guest_id in guest_ids:
            if guest_id in names:  # who was erased or merged has left without a word
                about = named(names[guest_id])
                record(scope, CustomerSegmentUpdated(object={**about, "segment": shown, "change": change}))
