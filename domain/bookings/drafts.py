"""What a caller asks for when booking, in canonical form: canonical ids, nothing judged yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

UNSET: Any = object()  # an argument that was not given, where None means "clear it"
CONTACT = ("name", "phone", "email")
# What may differ when the same booking is sent again: how it was taken in, and a hold that has done its work since.
NOT_CONTENT = frozenset({"hold_id", "is_forced"})


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes. The total is what tables and deposits go by."""

    adult: int = 0
    senior: int = 0
    child: int = 0
    baby: int = 0

    @property
    def total(self) -> int:
        return self.adult + self.senior + self.child + self.baby

    def as_document(self) -> dict[str, int]:
        return {"adult": self.adult, "senior": self.senior, "child": self.child, "baby": self.baby}


@dataclass(frozen=True, slots=True)
class ReservationDraft:
    """The body of a booking.

    start: aware datetime or microseconds, or a naive datetime in the location's local time; None with a hold, which then
    also gives what else is missing. table_ids empty: the best free ones. contact: {name, phone, email}, used to find or
    make the customer when customer_id is None. status: None lets the deposit policy decide, `requested` asks staff.
    deposit_minor: what to ask for, None for what the location's policy says. is_forced: whatever the opening hours.
    is_import: a record from another system; when its end is past it takes no tables and may have any status.
    """

    source: str
    location_id: str | None
    start: datetime | int | None = None
    party: Party | None = None
    duration_minutes: int | None = None
    table_ids: tuple[str, ...] = ()
    customer_id: str | None = None
    contact: Mapping[str, Any] | None = None
    status: str | None = None
    sub_status: str | None = None
    channel: str | None = None
    external_id: str | None = None
    ref: str | None = None
    seat_kind: str | None = None
    special_request: str | None = None
    memo: str | None = None
    flags: tuple[str, ...] = ()
    hold_id: str | None = None
    deposit_minor: int | None = None
    is_forced: bool = False
    is_import: bool = False


def content_digest(draft: ReservationDraft) -> str:
    """Fingerprint of what was asked for, so that a repeated natural key can be compared with its first use."""
    content = {name: getattr(draft, name) for name in ReservationDraft.__slots__ if name not in NOT_CONTENT}
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
