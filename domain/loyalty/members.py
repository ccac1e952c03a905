"""Memberships: joining a program, changing, importing, leaving. Points are moved in ledger.py."""

from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any

import orjson

from domain.loyalty import queries
from domain.loyalty.events import MemberJoined
from domain.loyalty.events import MembershipCreated
from domain.loyalty.events import MembershipDeleted
from domain.loyalty.ledger import get_member
from domain.loyalty.ledger import lock_member
from domain.loyalty.ledger import move_points
from domain.loyalty.ledger import record_updated
from domain.loyalty.machine import MOVES
from domain.loyalty.machine import UNSET
from domain.loyalty.machine import require_move
from domain.loyalty.models import MembershipCustomer
from domain.timers.service import drop_timer
from domain.timers.service import set_timer
from kit.clock import to_us
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now
from kit.unit import tenant_now_us

EXPIRE = "loyalty.expire"
CODE_CHARS = 10


def create_member(
    scope: Scope,
    *,
    program_id: str,
    customer_ids: Sequence[str],
    code: str | None = None,
    status: str = "active",
    start_date: str | None = None,
    expiry_date: str | None = None,
    points: int = 0,
    lifetime_points: int | None = None,
) -> Document:
    """Make customers members of a program, on one membership, and return its document.

    code: unique in the program, made up when absent. Dates: YYYY-MM-DD; start_date defaults to today. points and
    lifetime_points (at least points) come from elsewhere and become ledger entries. Records membership.created, and before
    it loyalty.member.created when the status is active. Raises Invalid (422) for unknown ids and wrong values,
    DuplicateReference (409) when the code is taken or a customer is in the program already.
    """
    lifetime = points if lifetime_points is None else lifetime_points
    start_date = start_date or tenant_now(scope).date().isoformat()
    errors = [*_wrong_state(status, start_date, expiry_date), *_wrong_points(points, lifetime)]
    if errors:
        raise Invalid(errors=errors)
    _require_open(scope, program_id)
    _require_free(scope, program_id, customer_ids)
    member_id, now_us = new_id("mem"), tenant_now_us(scope)
    code = code or member_id[-CODE_CHARS:]
    written = queries.enrol.row(
        scope, id=member_id, program_id=program_id, code=code, tier_id=None, points=0, lifetime_points=0, entries=0,
        status=status, start_date=start_date, expiry_date=expiry_date, deleted_at=None, version=1, created_at=now_us,
        updated_at=now_us,
    )  # fmt: skip
    if written is None:
        raise DuplicateReference(f"The code {code} is taken in this program.", errors=[_wrong("code", "The code is taken.")])
    _put_customers(scope, member_id, customer_ids)
    _keep_expiry(scope, member_id, status, expiry_date)
    member = _opened(scope, get_member(scope, member_id=member_id), points, lifetime)
    if status == "active":
        record(scope, MemberJoined(object=member))
    record(scope, MembershipCreated(object=member))
    return member


def change_member(
    scope: Scope,
    *,
    member_id: str,
    expected_version: int | None = None,
    status: str = UNSET,
    code: str = UNSET,
    start_date: str | None = UNSET,
    expiry_date: str | None = UNSET,
) -> Document:
    """Change a membership and return it. What equals the present value is no change and records nothing.

    Records membership.updated, and before it loyalty.member.created when it becomes active. Raises NotFound, Conflict (409
    version_conflict), InvalidTransition (409), DuplicateReference (409, the code), Invalid (422).
    """
    before = lock_member(scope, member_id=member_id)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The membership is at version {before['version']} now.", current_version=before["version"])
    given = {"status": status, "code": code, "start_date": start_date, "expiry_date": expiry_date}
    fields = {name: value for name, value in given.items() if value is not UNSET and value != before[name]}
    if not fields:
        return before
    wanted = before | fields
    if errors := _wrong_state(wanted["status"], wanted["start_date"], wanted["expiry_date"]):
        raise Invalid(errors=errors)
    if "status" in fields:
        require_move(before["status"], wanted["status"])
    if "code" in fields:
        _require_free_code(scope, before["program_id"], wanted["code"])
    after = _write(scope, before, fields)
    _keep_expiry(scope, member_id, after["status"], after["expiry_date"])
    if fields.get("status") == "active":
        record(scope, MemberJoined(object=after))
    record_updated(scope, before=before, after=after)
    return after


def delete_member(scope: Scope, *, member_id: str, is_erased: bool = False) -> None:
    """Take a membership out of every read; its ledger stays. Records membership.deleted. Raises NotFound.

    is_erased: its customer is erased, so the event does not tell the code, which may be a phone number.
    """
    before = lock_member(scope, member_id=member_id)
    # The code becomes free for another membership of the program.
    _write(scope, before, {"deleted_at": tenant_now_us(scope), "code": member_id}, is_last=True)
    drop_timer(scope, kind=EXPIRE, object_id=member_id)
    record(scope, MembershipDeleted(object={**before, "code": member_id} if is_erased else before))


def list_members(
    scope: Scope,
    *,
    limit: int,
    after: list[Any] | None = None,
    program_id: str | None = None,
    customer_id: str | None = None,
    code: str | None = None,
    status: str | None = None,
    tier: str | None = None,
    ref: str | None = None,
    updated_since_us: int | None = None,
) -> list[Document]:
    """List up to limit + 1 members, newest first. `after` is [created_at in us, id] of the last row before.

    tier: a tier's code. ref: the key of a name, see domain.references.
    """
    wanted = {
        "program_id": program_id, "customer_id": customer_id, "code": code, "status": status, "tier": tier, "ref": ref,
        "updated_since_us": updated_since_us,
    }  # fmt: skip
    return newest_documents(queries.member_list, scope, limit=limit, after=after, filters=wanted)


def expire_membership(scope: Scope, member_id: str) -> None:
    """End a membership whose last day is over: its points expire and it is cancelled. Records membership.updated."""
    try:
        before = lock_member(scope, member_id=member_id)
    except NotFound:
        return
    if before["expiry_date"] is None or tenant_now_us(scope) < _end_of_us(before["expiry_date"]):
        return
    current = before
    if current["points"]:
        _, current = move_points(scope, before=current, delta=-current["points"], reason="expire", note="Membership expired")
    if current["status"] == "active":
        current = _write(scope, current, {"status": "cancelled"})
    if current != before:
        record_updated(scope, before=before, after=current)


def move_customer(scope: Scope, *, victim_id: str, victor_id: str, limit: int = 500) -> int:
    """Hand up to `limit` memberships of a merged customer to another; returns how many, 0 when none is left.

    Points stay on their membership, so the other customer may then hold two of one program. Records nothing.
    """
    moved = queries.moved_customer.rows(scope, victim_id=victim_id, victor_id=victor_id, rows=limit)
    if not moved:
        queries.dropped_customer.rows(scope, victim_id=victim_id)  # cards both held: the other is on them already
    return len(moved)


def _wrong(field: str, message: str) -> FieldError:
    return FieldError(field, "validation_failed", message)


def _wrong_state(status: str, start_date: str | None, expiry_date: str | None) -> list[FieldError]:
    errors = []
    if status not in MOVES:
        errors.append(_wrong("status", f"Expected one of {', '.join(MOVES)}."))
    for field, value in (("start_date", start_date), ("expiry_date", expiry_date)):
        if value is not None and not _is_date(value):
            errors.append(_wrong(field, "Expected a date such as 2026-01-12."))
    if not errors and start_date is not None and expiry_date is not None and expiry_date < start_date:
        errors.append(_wrong("expiry_date", "Expected the start date or a later one."))
    return errors


def _wrong_points(points: int, lifetime: int) -> list[FieldError]:
    if points < 0:
        return [_wrong("points", "Expected 0 or more.")]
    return [_wrong("lifetime_points", "Expected at least the points.")] if lifetime < points else []


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _require_open(scope: Scope, program_id: str) -> None:
    program = queries.program.document(scope, row_id=program_id)
    if program is None:
        raise Invalid(errors=[_wrong("program_id", f"There is no program {program_id}.")])
    if not program["is_active"]:
        raise Invalid(errors=[_wrong("program_id", "The program takes no new members.")])


def _require_free(scope: Scope, program_id: str, customer_ids: Sequence[str]) -> None:
    """Lock the customers; refuse unknown ones and those who are in the program already, cancelled memberships included."""
    ids = orjson.dumps(list(customer_ids)).decode()
    known = {row[0] for row in queries.lock_customers.rows(scope, ids=ids)}
    missing = [customer_id for customer_id in customer_ids if customer_id not in known]
    if missing or not customer_ids:
        message = f"There is no customer {missing[0]}." if missing else "Expected a customer."
        raise Invalid(errors=[_wrong("customer_id", message)])
    taken = queries.membership_in.row(scope, ids=ids, program_id=program_id)
    if taken is not None:
        customer_id, member_id, status = taken
        again = " Set its status to active to join again." if status == "cancelled" else ""
        raise DuplicateReference(
            f"Customer {customer_id} has the membership {member_id} of this program.{again}", member_id=member_id
        )


def _require_free_code(scope: Scope, program_id: str, code: str) -> None:
    # The program row stands for its codes: whoever changes one waits here for whoever does the same.
    queries.lock_program.row(scope, row_id=program_id)
    if list_members(scope, limit=1, program_id=program_id, code=code):
        raise DuplicateReference(f"The code {code} is taken in this program.", errors=[_wrong("code", "The code is taken.")])


def _put_customers(scope: Scope, member_id: str, customer_ids: Sequence[str]) -> None:
    append(scope, MembershipCustomer, [
        {"id": new_id("mcu"), "membership_id": member_id, "customer_id": customer_id, "position": position}
        for position, customer_id in enumerate(dict.fromkeys(customer_ids))
    ])  # fmt: skip


def _opened(scope: Scope, member: Document, points: int, lifetime: int) -> Document:
    """Write an opening balance. What was spent before is an entry too, so that the ledger explains both numbers."""
    if lifetime:
        _, member = move_points(scope, before=member, delta=lifetime, reason="adjust", note="Opening balance")
    if lifetime > points:
        _, member = move_points(scope, before=member, delta=points - lifetime, reason="redeem", note="Spent before")
    return member


def _keep_expiry(scope: Scope, member_id: str, status: str, expiry_date: str | None) -> None:
    if expiry_date is None or status == "cancelled":
        drop_timer(scope, kind=EXPIRE, object_id=member_id)
    else:
        set_timer(scope, kind=EXPIRE, object_id=member_id, due_at_us=_end_of_us(expiry_date))


def _end_of_us(day: str) -> int:
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return to_us(midnight + timedelta(days=1))


def _write(scope: Scope, before: Document, columns: dict[str, Any], *, is_last: bool = False) -> Document:
    at = max(tenant_now_us(scope), before["updated_at"])
    values = {f"new_{name}": value for name, value in columns.items()}
    queries.change_member.rows(scope, *columns, row_id=before["id"], changed_at=at, **values)
    return before if is_last else get_member(scope, member_id=before["id"])
