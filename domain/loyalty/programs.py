"""Programs and rewards: what members earn by and what their points buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from domain.loyalty import queries
from domain.loyalty.machine import BENEFITS
from domain.loyalty.machine import KINDS
from domain.loyalty.machine import UNSET
from domain.loyalty.models import MembershipProgram
from domain.loyalty.models import MembershipTier
from domain.loyalty.models import Reward
from domain.loyalty.rules import MULTIPLIER_UNIT
from domain.loyalty.rules import RATE_UNIT
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

WHOLE = 10_000  # 100 % in basis points


@dataclass(frozen=True, slots=True)
class TierDraft:
    """A level: its rank counts from 1, its threshold is in lifetime points."""

    code: str
    tier: int
    name: str
    threshold: int
    multiplier_hundredths: int = MULTIPLIER_UNIT


@dataclass(frozen=True, slots=True)
class SavedProgram:
    """A program, and the secret of its callback when it was made just now: it is never shown again."""

    document: Document
    callback_secret: str | None = None


def create_program(
    scope: Scope,
    *,
    name: str,
    kind: str = "points",
    rate_millionths: int = RATE_UNIT,
    currency: str | None = None,
    callback_url: str | None = None,
    tiers: Sequence[TierDraft] = (),
    id: str | None = None,
) -> SavedProgram:
    """Create a program with its tiers, which stay as they are.

    rate_millionths: points per currency unit, stamps per order, or the share of the net that comes back. callback_url: the
    caller has checked that it may be called. Raises Invalid (422).
    """
    errors = _wrong_tiers(tiers)
    if kind not in KINDS:
        errors.append(_wrong("kind", f"Expected one of {', '.join(KINDS)}."))
    if kind == "cashback" and currency is None:
        errors.append(_wrong("currency", "Cashback is in a currency."))
    if rate_millionths < 0:
        errors.append(_wrong("point_rate", "Expected 0 or more."))
    if errors:
        raise Invalid(errors=errors)
    program_id, now_us = id or new_id("prg"), tenant_now_us(scope)
    secret = signing_secret() if callback_url is not None else None
    append(scope, MembershipProgram, [{
        "id": program_id, "name": name, "kind": kind, "rate_millionths": rate_millionths, "currency": currency,
        "is_active": True, "callback_url": callback_url, "sealed_callback_secret": _sealed(scope, program_id, secret),
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    append(scope, MembershipTier, [
        {
            "id": new_id("tir"), "program_id": program_id, "code": one.code, "tier": one.tier, "name": one.name,
            "threshold": one.threshold, "multiplier_hundredths": one.multiplier_hundredths,
        }
        for one in tiers
    ])  # fmt: skip
    return SavedProgram(get_program(scope, program_id=program_id), secret)


def change_program(
    scope: Scope,
    *,
    program_id: str,
    expected_version: int | None = None,
    name: str = UNSET,
    rate_millionths: int = UNSET,
    is_active: bool = UNSET,
    callback_url: str | None = UNSET,
) -> SavedProgram:
    """Change a program. A callback that it had not before gets a new secret; points already given stay.

    Raises NotFound, Conflict (409 version_conflict).
    """
    before = _locked(scope, queries.lock_program, program_id, "program", expected_version)
    given = {"name": name, "rate_millionths": rate_millionths, "is_active": is_active, "callback_url": callback_url}
    fields = {key: value for key, value in given.items() if value is not UNSET and value != before[key]}
    secret = signing_secret() if fields.get("callback_url") is not None and before["callback_url"] is None else None
    if secret is not None:
        fields["sealed_callback_secret"] = _sealed(scope, program_id, secret)
    if fields:
        _write(scope, queries.change_program, before, fields)
    return SavedProgram(get_program(scope, program_id=program_id), secret)


def get_program(scope: Scope, *, program_id: str) -> Document:
    """Read one program with its tiers, the lowest first. Raises NotFound."""
    return _found(queries.program.document(scope, row_id=program_id), f"There is no program {program_id}.")


def list_programs(
    scope: Scope, *, limit: int, after: list[Any] | None = None, ref: str | None = None
) -> list[Document]:
    """List up to limit + 1 programs, newest first. `after` is [created_at in us, id] of the last row before.

    ref: the key of a name, see domain.references.
    """
    after_us, after_id = after or (None, None)
    return queries.program_list.documents(
        scope, ref is not None, after is not None, ref=ref, after_us=after_us, after_id=after_id, rows=limit + 1
    )


def callback_secret(scope: Scope, *, program_id: str) -> str | None:
    """The secret that signs what a program's callback is sent; None without a callback. Raises NotFound."""
    row = queries.sealed_secret.row(scope, row_id=program_id)
    if row is None:
        raise NotFound(f"There is no program {program_id}.")
    return None if row[0] is None else vault.box.open(row[0], *_place(scope, program_id))


def create_reward(
    scope: Scope,
    *,
    program_id: str,
    name: str,
    points_cost: int,
    benefit: str,
    benefit_value: int | None = None,
    currency: str | None = None,
    item_id: str | None = None,
    description: str | None = None,
    id: str | None = None,
) -> Document:
    """Create what points buy. benefit_value: basis points (percent) or minor units of currency (fixed). Raises Invalid."""
    errors = _wrong_benefit(benefit, benefit_value, currency, item_id)
    if points_cost < 1:
        errors.append(_wrong("points_cost", "Expected 1 or more."))
    if queries.program.row(scope, row_id=program_id) is None:
        errors.append(_wrong("program_id", f"There is no program {program_id}."))
    if item_id is not None and queries.item.row(scope, row_id=item_id) is None:
        errors.append(_wrong("benefit.item_id", f"There is no item {item_id}."))
    if errors:
        raise Invalid(errors=errors)
    reward_id, now_us = id or new_id("rwd"), tenant_now_us(scope)
    append(scope, Reward, [{
        "id": reward_id, "program_id": program_id, "name": name, "description": description, "points_cost": points_cost,
        "benefit": benefit, "benefit_value": benefit_value, "currency": currency, "item_id": item_id, "is_active": True,
        "version": 1, "created_at": now_us, "updated_at": now_us,
    }])  # fmt: skip
    return get_reward(scope, reward_id=reward_id)


def change_reward(
    scope: Scope,
    *,
    reward_id: str,
    expected_version: int | None = None,
    name: str = UNSET,
    description: str | None = UNSET,
    points_cost: int = UNSET,
    is_active: bool = UNSET,
) -> Document:
    """Change a reward; what members have redeemed stays as it was. Raises NotFound, Conflict (409 version_conflict)."""
    before = _locked(scope, queries.lock_reward, reward_id, "reward", expected_version)
    given = {"name": name, "description": description, "points_cost": points_cost, "is_active": is_active}
    fields = {key: value for key, value in given.items() if value is not UNSET and value != before[key]}
    if fields:
        _write(scope, queries.change_reward, before, fields)
    return get_reward(scope, reward_id=reward_id)


def get_reward(scope: Scope, *, reward_id: str) -> Document:
    """Read one reward. Raises NotFound."""
    return _found(queries.reward.document(scope, row_id=reward_id), f"There is no reward {reward_id}.")


def list_rewards(
    scope: Scope, *, limit: int, after: list[Any] | None = None, program_id: str | None = None, member_id: str | None = None
) -> list[Document]:
    """List up to limit + 1 rewards on offer, cheapest first. `after` is [points_cost, id] of the last row before.

    member_id: those of the member's program, with is_unlocked telling whether the balance reaches them.
    """
    wanted = {"program_id": program_id, "member_id": member_id}
    filters = {name: value for name, value in wanted.items() if value is not None}
    cost, last_id = after or (None, None)
    return queries.reward_list.documents(
        scope, tuple(filters), after is not None, **filters, after_cost=cost, after_id=last_id, rows=limit + 1
    )


def _wrong(field: str, message: str) -> FieldError:
    return FieldError(field, "validation_failed", message)


def _wrong_tiers(tiers: Sequence[TierDraft]) -> list[FieldError]:
    errors = []
    ranked = sorted(tiers, key=lambda one: one.tier)
    if len({one.code for one in tiers}) != len(tiers) or len({one.tier for one in tiers}) != len(tiers):
        errors.append(_wrong("tiers", "Each tier needs a code and a rank of its own."))
    if any(higher.threshold <= lower.threshold for lower, higher in pairwise(ranked)):
        errors.append(_wrong("tiers", "A higher tier needs a higher threshold."))
    return errors


def _wrong_benefit(benefit: str, value: int | None, currency: str | None, item_id: str | None) -> list[FieldError]:
    if benefit not in BENEFITS:
        return [_wrong("benefit.type", f"Expected one of {', '.join(BENEFITS)}.")]
    if benefit == "item":
        return [] if item_id is not None else [_wrong("benefit.item_id", "Say which item.")]
    if value is None or value < 1 or (benefit == "percent" and value > WHOLE):
        upto = " and at most 100" if benefit == "percent" else ""
        return [_wrong("benefit.value", f"Expected more than 0{upto}.")]
    return [_wrong("benefit.currency", "Say the currency.")] if benefit == "fixed" and currency is None else []


def _locked(scope: Scope, lock: Any, row_id: str, noun: str, expected_version: int | None) -> Document:
    before = _found(lock.document(scope, row_id=row_id), f"There is no {noun} {row_id}.")
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The {noun} is at version {before['version']} now.", current_version=before["version"])
    return before


def _write(scope: Scope, change: Any, before: Document, columns: dict[str, Any]) -> None:
    at = max(tenant_now_us(scope), before["updated_at"])
    values = {f"new_{name}": value for name, value in columns.items()}
    change.rows(scope, *columns, row_id=before["id"], changed_at=at, **values)


def _sealed(scope: Scope, program_id: str, secret: str | None) -> str | None:
    return None if secret is None else vault.box.seal(secret, *_place(scope, program_id))


def _place(scope: Scope, program_id: str) -> tuple[str, ...]:
    return (scope.environment, scope.tenant_id, "loyalty_programs", program_id, "callback")


def _found(document: Document | None, message: str) -> Document:
    if document is None:
        raise NotFound(message)
    return document
