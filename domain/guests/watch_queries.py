"""Registered statements about what guests are watched for: segments, their members, and possible duplicates."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.guests.models import DuplicateSuggestion
from domain.guests.models import Segment
from domain.guests.models import SegmentMembership
from domain.references.queries import is_called
from domain.references.queries import refs_of
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import as_json
from kit.json_sql import fields_of
from kit.json_sql import one_of
from kit.newest import newest_first

segments = Segment.__table__
memberships = SegmentMembership.__table__
duplicates = DuplicateSuggestion.__table__


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _document() -> Any:
    members = (
        select(func.count())
        .where(memberships.c.tenant_id == TENANT, memberships.c.segment_id == segments.c.id)
        .correlate(segments)
        .scalar_subquery()
    )
    own = [column for column in segments.c if column.name != "tenant_id"]
    return as_document(fields_of(*own, members_count=members, refs=as_json(refs_of(segments.c.id, segments))))


def _alive() -> tuple[Any, ...]:
    return segments.c.tenant_id == TENANT, segments.c.deleted_at.is_(None)


def _one(is_deleted_too: bool) -> Any:
    conditions = (segments.c.tenant_id == TENANT,) if is_deleted_too else _alive()
    return select(_document()).where(*conditions, segments.c.id == _text("segment_id"))


def _listed(is_named: bool, is_continued: bool) -> Any:
    statement = select(_document()).where(*_alive())
    if is_named:
        statement = statement.where(is_called(segments.c.id, segments))
    return newest_first(statement, segments.c.created_at, segments.c.id, is_continued=is_continued)


def _change(names: tuple[str, ...], is_versioned: bool) -> Any:
    values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=segments.c[name].type) for name in names}
    if is_versioned:
        values |= {"version": segments.c.version + 1, "updated_at": _big("changed_at")}
    return update(segments).where(segments.c.tenant_id == TENANT, segments.c.id == _text("segment_id")).values(values)


def _suggest() -> Any:
    values = {
        name: bindparam(name, type_=duplicates.c[name].type) for name in ("id", "guest_id", "other_id", "seen_at")
    }
    return insert(duplicates).values(tenant_id=TENANT, **values).on_conflict_do_nothing()


def _suggested() -> Any:
    guest_id = _text("guest_id")
    return (
        select(duplicates.c.guest_id, duplicates.c.other_id, duplicates.c.seen_at)
        .where(duplicates.c.tenant_id == TENANT, or_(duplicates.c.guest_id == guest_id, duplicates.c.other_id == guest_id))
        .order_by(duplicates.c.seen_at, duplicates.c.id)
    )


def _leave() -> Any:
    named = (memberships.c.segment_id == _text("segment_id"), one_of(memberships.c.guest_id, _text("guest_ids")))
    return delete(memberships).where(memberships.c.tenant_id == TENANT, *named)


def _forget_members() -> Any:
    return delete(memberships).where(
        memberships.c.tenant_id == TENANT, one_of(memberships.c.guest_id, _text("guest_ids"))
    )


def _forget_duplicates() -> Any:
    either = or_(
        one_of(duplicates.c.guest_id, _text("guest_ids")), one_of(duplicates.c.other_id, _text("guest_ids"))
    )
    return delete(duplicates).where(duplicates.c.tenant_id == TENANT, either)


segment = registered_read("segments.one", _one, example=(False,))
lock_segment = registered_read(
    "segments.lock",
    lambda: select(segments.c.id).where(segments.c.tenant_id == TENANT, segments.c.id == _text("segment_id")).with_for_update(),
)
segment_list = registered_read("segments.listed", _listed, example=(True, True))
any_segment = registered_read("segments.any", lambda: select(segments.c.id).where(*_alive()).limit(1))
all_segments = registered_read(
    "segments.all", lambda: select(_document()).where(*_alive()).order_by(segments.c.id).limit(_big("rows"))
)
count_segments = registered_read("segments.count", lambda: select(func.count()).select_from(segments).where(*_alive()))
take_all = registered_read(
    "segments.take_all",
    lambda: select(segments.c.id).where(*_alive()).order_by(segments.c.id).with_for_update(skip_locked=True),
)
take = registered_read(
    "segments.take",
    lambda: (
        select(segments.c.id)
        .where(segments.c.tenant_id == TENANT, segments.c.id == _text("segment_id"))
        .with_for_update(skip_locked=True)
    ),
)
segments_of = registered_read(
    "segments.of_guest",
    lambda: select(memberships.c.segment_id).where(
        memberships.c.tenant_id == TENANT, memberships.c.guest_id == _text("guest_id")
    ),
)
change_segment = registered_write("segments.change", _change, example=(("name", "rule"), True))
leave_segment = registered_write("segments.leave", _leave)
forget_members = registered_write("segments.forget_members", _forget_members)
forget_duplicates = registered_write("guests.forget_duplicates", _forget_duplicates)
suggest = registered_write("guests.suggest_duplicate", _suggest)
suggested = registered_read("guests.suggested_duplicates", _suggested)
