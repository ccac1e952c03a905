"""Keeping segments: who satisfies a rule now, compared with who stands in the segment.

A guest's change is looked at for that guest alone (task `segment.evaluate`); a new rule for everybody, in steps (task
`segment.refresh`); rules that speak of days once a day on the tenant's clock (timer `segment.daily`).
"""

from typing import Any

import orjson

from domain.guestbook import rule_queries
from domain.guests import segments
from domain.guests.watching import EVALUATE_GUEST
from domain.guests.watching import EVALUATE_SEGMENT
from domain.timers.service import set_task
from domain.timers.service import set_timer
from kit.clock import DAY_US
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us

DAILY = "segment.daily"
STEP = 500
BUSY_S = 2.0
# Predicates of a rule that count days back from now, and the bound each becomes.
BY_DAYS = {
    "last_visit_before_days": "last_visit_before", "last_visit_within_days": "last_visit_since",
    "created_before_days": "created_before", "created_within_days": "created_since",
}  # fmt: skip
LISTS = ("tags_any", "tags_all", "tags_none", "cities", "birthday_months", *rule_queries.LISTED)


def evaluate_guest(scope: Scope, guest_id: str) -> None:
    """Let one guest enter and leave segments. The task of a guest who, or whose history, has changed."""
    held = segments.take_segments(scope)
    if held is None:
        set_task(scope, kind=EVALUATE_GUEST, object_id=guest_id, delay_s=BUSY_S)
        return
    now_us, present = tenant_now_us(scope), segments.segments_of(scope, guest_id=guest_id)
    for segment in held:
        row = rule_queries.is_satisfied.row(scope, guest_id=guest_id, **_parameters(segment["rule"], now_us))
        belongs, stands = bool(row and row[0]), segment["id"] in present
        if belongs != stands:
            entered, left = ([guest_id], []) if belongs else ([], [guest_id])
            segments.move_members(scope, segment=segment, entered=entered, left=left)


def refresh_segment(scope: Scope, segment_id: str) -> None:
    """Let at most 500 guests enter and 500 leave a segment, and go on in another task while there are more."""
    if not segments.take_segment(scope, segment_id=segment_id):
        if segments.find_segment(scope, segment_id=segment_id) is not None:
            set_task(scope, kind=EVALUATE_SEGMENT, object_id=segment_id, delay_s=BUSY_S)
        return
    segment = segments.find_segment(scope, segment_id=segment_id)
    if segment is None:
        return
    values = {**_parameters(segment["rule"], tenant_now_us(scope)), "segment_id": segment_id, "rows": STEP}
    if segment["deleted_at"] is not None:
        entered, left = [], [guest["id"] for guest in segments.segment_members(scope, segment_id=segment_id, limit=STEP)]
    else:
        entered = [str(row[0]) for row in rule_queries.entering.rows(scope, **values)]
        left = [str(row[0]) for row in rule_queries.leaving.rows(scope, **values)]
    segments.move_members(scope, segment=segment, entered=entered, left=left)
    if STEP in (len(entered), len(left)):
        set_task(scope, kind=EVALUATE_SEGMENT, object_id=segment_id)
        return
    segments.note_evaluated(scope, segment_id=segment_id)
    if segment["deleted_at"] is None and not BY_DAYS.keys().isdisjoint(segment["rule"]):
        set_timer(scope, kind=DAILY, object_id=segment_id, due_at_us=tenant_now_us(scope) + DAY_US)


def _parameters(rule: Document, now_us: int) -> dict[str, Any]:
    """The values of one rule for rule_queries: every predicate, switched off where the rule lacks it."""
    values: dict[str, Any] = dict.fromkeys(rule_queries.PREDICATES)
    values |= dict.fromkeys(LISTS, "[]") | {"has_email": False, "has_phone": False, "spend_currency": ""}
    used: set[str] = set()
    for name, given in rule.items():
        found = _values_of(name, given, now_us)
        values |= found
        used |= found.keys()
    values["tags_all_count"] = len(set(rule.get("tags_all", ())))
    return {**values, **{f"off_{name}": name not in used for name in rule_queries.PREDICATES}}


def _values_of(name: str, given: Any, now_us: int) -> dict[str, Any]:
    if name in BY_DAYS:
        return {BY_DAYS[name]: now_us - given * DAY_US}
    if name == "consents":
        return {f"consent_{channel}": status for channel, status in given.items()}
    if name == "lifetime_spend":
        bounds = {"min_spend": given.get("min_minor"), "max_spend": given.get("max_minor")}
        return {"spend_currency": given["currency"]} | {bound: value for bound, value in bounds.items() if value is not None}
    if name in LISTS:
        return {name: orjson.dumps([str(one) for one in given]).decode()}
    return {name: given}
