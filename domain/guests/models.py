"""Guests: who they are, how to reach them, what they allowed, which segments they stand in, and merges of duplicates."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Guest(Versioned, TenantOwned):
    """A person the restaurant knows (the APIs say customer). is_temporary: made from contact data on an order."""

    __tablename__ = "guests"
    _prefix = "cus"

    external_id: Mapped[str | None] = mapped_column(String(64))
    parent_location_id: Mapped[str | None] = mapped_column(String(64))  # the location that looks after the guest
    name_prefix: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(255))  # as first given, returned untouched
    first_name: Mapped[str | None] = mapped_column(String(255))
    last_name: Mapped[str | None] = mapped_column(String(255))
    alt_first_name: Mapped[str | None] = mapped_column(String(255))  # in the other script, e.g. kanji
    alt_last_name: Mapped[str | None] = mapped_column(String(255))
    alpha_first_name: Mapped[str | None] = mapped_column(String(255))  # in Latin letters
    alpha_last_name: Mapped[str | None] = mapped_column(String(255))
    display_name: Mapped[str | None] = mapped_column(String(255))
    company_name: Mapped[str | None] = mapped_column(String(255))
    company_title: Mapped[str | None] = mapped_column(String(255))
    company_division: Mapped[str | None] = mapped_column(String(255))
    gender: Mapped[str | None] = mapped_column(String(10))
    locale: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    memo: Mapped[str | None] = mapped_column(String(2000))
    location_memos: Mapped[list[Any]] = mapped_column(JsonColumn, default=list)  # [{location_id, memo}]
    likes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    dislikes: Mapped[list[str]] = mapped_column(JsonColumn, default=list)
    allergies: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # EU codes and free text
    consents: Mapped[dict[str, Any]] = mapped_column(JsonColumn, default=dict)  # {channel: {status, at, source, proof}}
    is_incognito: Mapped[bool] = mapped_column(default=False)
    is_temporary: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str | None] = mapped_column(String(40))
    search_text: Mapped[str] = mapped_column(Text, default="")  # every name, folded as searches are
    content_digest: Mapped[str | None] = mapped_column(String(64))  # of the create body, when it has an external_id
    merged_into_id: Mapped[str | None] = mapped_column(String(64))
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("uq_guests_external_id", "tenant_id", "external_id", unique=True),
        Index("ix_guests_created", "tenant_id", "created_at", "id"),
        Index("ix_guests_updated", "tenant_id", "updated_at", "id"),
        Index(
            "ix_guests_parent_location", "tenant_id", "parent_location_id",
            sqlite_where=parent_location_id.is_not(None), postgresql_where=parent_location_id.is_not(None),
        ),
        Index(
            "ix_guests_merged_into", "tenant_id", "merged_into_id",
            sqlite_where=merged_into_id.is_not(None), postgresql_where=merged_into_id.is_not(None),
        ),
        ForeignKeyConstraint(["tenant_id", "parent_location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "merged_into_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("merged_into_id <> id", name="not_merged_into_itself"),
    )  # fmt: skip


class GuestContact(TenantOwned):
    """A phone number or e-mail address. `value` is normalised (E.164, lower case), `original` what was typed."""

    __tablename__ = "guest_contacts"
    _prefix = "gct"

    guest_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))  # phone | email
    value: Mapped[str] = mapped_column(String(254))
    original: Mapped[str] = mapped_column(String(254))
    tag: Mapped[str | None] = mapped_column(String(40))  # home, work, …
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("uq_guest_contacts_value", "tenant_id", "guest_id", "kind", "value", unique=True),
        Index("ix_guest_contacts_value", "tenant_id", "kind", "value"),
        CheckConstraint("kind IN ('phone', 'email')", name="kind"),
    )


class GuestSocial(TenantOwned):
    """A name the guest goes by on another service."""

    __tablename__ = "guest_socials"
    _prefix = "gso"

    guest_id: Mapped[str] = mapped_column(String(64))
    service: Mapped[str] = mapped_column(String(40))
    username: Mapped[str] = mapped_column(String(255))
    tag: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_guest_socials_guest", "tenant_id", "guest_id"),
    )


class GuestDate(TenantOwned):
    """A day of the guest's year, such as a birthday. The year may be unknown."""

    __tablename__ = "guest_dates"
    _prefix = "gdt"

    guest_id: Mapped[str] = mapped_column(String(64))
    month: Mapped[int]
    day: Mapped[int]
    year: Mapped[int | None]
    memo: Mapped[str | None] = mapped_column(String(500))
    tag: Mapped[str | None] = mapped_column(String(40))  # birthday, wedding, …
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_guest_dates_guest", "tenant_id", "guest_id"),
        CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="calendar_day"),
    )


class GuestAddress(TenantOwned):
    """A postal address."""

    __tablename__ = "guest_addresses"
    _prefix = "gad"

    guest_id: Mapped[str] = mapped_column(String(64))
    label: Mapped[str | None] = mapped_column(String(80))
    line1: Mapped[str | None] = mapped_column(String(255))
    line2: Mapped[str | None] = mapped_column(String(255))
    city: Mapped[str | None] = mapped_column(String(120))
    region: Mapped[str | None] = mapped_column(String(120))
    postal_code: Mapped[str | None] = mapped_column(String(20))
    country: Mapped[str | None] = mapped_column(String(2))
    instructions: Mapped[str | None] = mapped_column(String(500))
    lat: Mapped[float | None]
    lng: Mapped[float | None]
    tag: Mapped[str | None] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_guest_addresses_guest", "tenant_id", "guest_id"),
    )


class GuestTag(TenantOwned):
    """A word the restaurant files a guest under."""

    __tablename__ = "guest_tags"
    _prefix = "gtg"

    guest_id: Mapped[str] = mapped_column(String(64))
    tag: Mapped[str] = mapped_column(String(80))
    added_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        UniqueConstraint("tenant_id", "guest_id", "tag"),
        Index("ix_guest_tags_tag", "tenant_id", "tag", "guest_id"),
    )


class ConsentChange(TenantOwned):
    """One entry of a guest's append-only consent history. What holds now stands in Guest.consents."""

    __tablename__ = "consent_changes"
    _prefix = "cns"

    guest_id: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(20))
    old_status: Mapped[str] = mapped_column(String(10))
    new_status: Mapped[str] = mapped_column(String(10))
    source: Mapped[str | None] = mapped_column(String(80))
    proof: Mapped[str | None] = mapped_column(String(500))
    actor_type: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_consent_changes_guest", "tenant_id", "guest_id", "at"),
        CheckConstraint("new_status IN ('granted', 'denied', 'unknown')", name="new_status"),
    )


class DuplicateSuggestion(TenantOwned):
    """Two guests one set of contact data pointed to: perhaps one person. Never merged without being asked."""

    __tablename__ = "guest_duplicates"
    _prefix = "dup"

    guest_id: Mapped[str] = mapped_column(String(64))  # the one the phone belongs to
    other_id: Mapped[str] = mapped_column(String(64))  # the one the e-mail belongs to
    seen_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        ForeignKeyConstraint(["tenant_id", "other_id"], ["guests.tenant_id", "guests.id"]),
        UniqueConstraint("tenant_id", "guest_id", "other_id"),
        Index("ix_guest_duplicates_other", "tenant_id", "other_id"),
    )


class Segment(Versioned, TenantOwned):
    """A saved rule that guests satisfy or not. Deleted ones stay until their last member has left."""

    __tablename__ = "segments"
    _prefix = "seg"

    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(500))
    rule: Mapped[dict[str, Any]] = mapped_column(JsonColumn)  # {predicate: value}, all of them must hold
    evaluated_at: Mapped[datetime | None] = mapped_column(Instant)  # None until all guests were looked at once
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (Index("ix_segments_created", "tenant_id", "created_at", "id"),)


class SegmentMembership(TenantOwned):
    """A guest stands in a segment."""

    __tablename__ = "segment_memberships"
    _prefix = "sgm"

    segment_id: Mapped[str] = mapped_column(String(64))
    guest_id: Mapped[str] = mapped_column(String(64))
    entered_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "segment_id"], ["segments.tenant_id", "segments.id"]),
        ForeignKeyConstraint(["tenant_id", "guest_id"], ["guests.tenant_id", "guests.id"]),
        UniqueConstraint("tenant_id", "segment_id", "guest_id"),
        Index("ix_segment_memberships_guest", "tenant_id", "guest_id"),
    )


class GuestMerge(Versioned, TenantOwned):
    """Duplicates that became one guest. The victims vanish at once; what belongs to them moves while state is `moving`."""

    __tablename__ = "guest_merges"
    _prefix = "mrg"

    victor_id: Mapped[str] = mapped_column(String(64))
    victim_ids: Mapped[list[str]] = mapped_column(JsonColumn)
    state: Mapped[str] = mapped_column(String(10), default="queued")
    moved_counts: Mapped[dict[str, int]] = mapped_column(JsonColumn, default=dict)  # {"orders": 2, …}
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "victor_id"], ["guests.tenant_id", "guests.id"]),
        Index("ix_guest_merges_victor", "tenant_id", "victor_id"),
        CheckConstraint("state IN ('queued', 'moving', 'done', 'failed')", name="state"),
    )
