"""Moving points: the only place that writes a balance, a ledger entry and a tier.

The member row is locked first and judged after that. A balance is moved by one conditional update, which also finds the
tier that the lifetime points now reach.
"""

from typing import Any

from domain.loyalty import queries
from domain.loyalty.errors import InsufficientPoints
from domain.loyalty.events import MembershipUpdated
from domain.loyalty.events import PointsEarned
from domain.loyalty.events import RewardUnlocked
from domain.loyalty.events import TierUpdated
from domain.loyalty.machine import BY_HAND
from domain.loyalty.machine import LIFETIME
from domain.loyalty.machine import refused_move
from domain.loyalty.models import EARN
from domain.loyalty.models import PointsTransaction
from domain.loyalty.rules import kept_minor
from kit.documents import Document
from kit.documents import append
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

ALWAYS_DIFFERENT = ("version", "updated_at")


def get_member(scope: Scope, *, member_id: str) -> Document:
    """Read one member. Raises NotFound."""
    document = queries.member.document(scope, member_id=member_id)
    if document is None:
        raise NotFound(f"There is no member {member_id}.")
    return document


def lock_member(scope: Scope, *, member_id: str) -> Document:
    """Hold the membership until the transaction ends and read it after that. Raises NotFound.

    Two statements: PostgreSQL re-reads a row it waited for, but not the subqueries of the same statement.
    """
    queries.lock_member.row(scope, member_id=member_id)
    return get_member(scope, member_id=member_id)


def post_points(
    scope: Scope,
    *,
    member_id: str,
    delta: int,
    reason: str,
    order: Document | None = None,
    note: str | None = None,
) -> Document:
    """Write a ledger entry by hand and return it.

    reason: earn (delta > 0, for an active member, once per order and program), expire (delta < 0) or adjust. order: the
    locked order document the points are for. Records what the move means for rewards and tier, and loyalty.points.earned
    or else membership.updated. Raises NotFound, Invalid, InsufficientPoints (422), DuplicateReference, InvalidTransition
    (409).
    """
    _check(delta, reason)
    before = lock_member(scope, member_id=member_id)
    if reason == EARN:
        require_active(before, "earn")
        if order is not None and has_earned(scope, program_id=before["program_id"], order_id=order["id"]):
            raise DuplicateReference(f"Order {order['id']} has earned its points already.", order_id=order["id"])
    entry, after = move_points(scope, before=before, delta=delta, reason=reason, order=order, note=note)
    announce(scope, before=before, after=after, entry=entry)
    return entry


def require_active(member: Document, what: str) -> None:
    """Raise InvalidTransition (409) unless the member may earn and spend."""
    if member["status"] != "active":
        raise refused_move(member["status"], what, f"A {member['status']} membership does not {what}.")


def has_earned(scope: Scope, *, program_id: str, order_id: str) -> bool:
    """Whether an order has earned points in a program, for whatever member."""
    row = queries.has_earned.row(scope, program_id=program_id, order_id=order_id)
    return row is not None and bool(row[0])


def move_points(
    scope: Scope,
    *,
    before: Document,
    delta: int,
    reason: str,
    order: Document | None = None,
    redemption_id: str | None = None,
    note: str | None = None,
) -> tuple[Document, Document]:
    """Move the balance of a locked member; returns the ledger entry and the member as it is now. Records nothing.

    Raises InsufficientPoints (422) when the balance would fall below zero.
    """
    at = max(tenant_now_us(scope), before["updated_at"])
    row = queries.move.row(
        scope, member_id=before["id"], delta=delta, lifetime_delta=delta if reason in LIFETIME else 0, changed_at=at
    )
    if row is None:
        required = -delta
        message = f"The balance is {before['points']}; this needs {required}."
        raise InsufficientPoints(message, balance=before["points"], required=required)
    entry = {
        "id": new_id("ptx"), "membership_id": before["id"], "program_id": before["program_id"], "position": row[1],
        "delta": delta, "reason": reason, "order_id": None if order is None else order["id"],
        "redemption_id": redemption_id, "note": note, "balance_after": row[0], "created_at": at,
    }  # fmt: skip
    base = _base_of(order) if reason == EARN and order is not None else {}
    append(scope, PointsTransaction, [entry | base])
    return entry, get_member(scope, member_id=before["id"])


def announce(scope: Scope, *, before: Document, after: Document, entry: Document) -> None:
    """Record what moving points meant. A redemption has an event of its own, which comes first."""
    reason, delta = entry["reason"], entry["delta"]
    if reason == EARN:
        earned = {"id": entry["id"], "member": after, "delta": delta, "balance": after["points"], "order_id": entry["order_id"]}
        record(scope, PointsEarned(object=earned, previous={"balance": before["points"]}))
    if delta > 0:
        announce_unlocked(scope, before=before, after=after)
    if before["tier_id"] != after["tier_id"]:
        moved = {"id": after["id"], "member": after, "from": before["tier"], "to": after["tier"]}
        record(scope, TierUpdated(object=moved, previous={"tier": before["tier"]}))
    if reason != EARN and not (reason == "redeem" and delta < 0):
        record_updated(scope, before=before, after=after)


def announce_unlocked(scope: Scope, *, before: Document, after: Document) -> None:
    """Record each reward whose cost the balance has risen to."""
    crossed = queries.crossed.documents(
        scope, program_id=after["program_id"], old_points=before["points"], new_points=after["points"]
    )
    for reward in crossed:
        unlocked = {"id": reward["id"], "member": after, "reward": reward, "redemption_id": None, "order_id": None}
        record(scope, RewardUnlocked(object=unlocked))


def record_updated(scope: Scope, *, before: Document, after: Document) -> None:
    """Record membership.updated with the old values of what differs."""
    previous = {name: value for name, value in before.items() if value != after[name] and name not in ALWAYS_DIFFERENT}
    record(scope, MembershipUpdated(object=after, previous=previous))


def list_entries(scope: Scope, *, member_id: str, limit: int, after: list[Any] | None) -> list[Document]:
    """List up to limit + 1 ledger entries of a member, newest first. `after` is [position]. Raises NotFound."""
    get_member(scope, member_id=member_id)
    position = after[0] if after else None
    return queries.entry_list.documents(
        scope, after is not None, member_id=member_id, after_position=position, rows=limit + 1
    )  # fmt: skip


def _base_of(order: Document) -> dict[str, int]:
    return {"base_minor": kept_minor(order), "refunded_before_minor": order["refunded_minor"]}


def _check(delta: int, reason: str) -> None:
    errors = []
    if reason not in BY_HAND:
        errors.append(("reason", f"Expected one of {', '.join(BY_HAND)}."))
    if delta == 0:
        errors.append(("delta", "Expected another number than 0."))
    elif reason == EARN and delta < 0:
        errors.append(("delta", "Earned points are more than 0."))
    elif reason == "expire" and delta > 0:
        errors.append(("delta", "Expired points are less than 0."))
    if errors:
        raise Invalid(errors=[FieldError(path, "validation_failed", message) for path, message in errors])
