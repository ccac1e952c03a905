"""Campaigns with their recipients, promo codes with their uses, and SMS alerts. Rows."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.documents import JsonColumn
from kit.scope import TenantOwned
from kit.scope import Versioned


class Campaign(Versioned, TenantOwned):
    """One message to the consenting guests of a segment (None: to all of them), and what came of it."""

    __tablename__ = "campaigns"
    _prefix = "cam"

    name: Mapped[str] = mapped_column(String(255))
    channel: Mapped[str] = mapped_column(String(10))  # email | sms | push
    segment_id: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(String(10_000))
    link: Mapped[str | None] = mapped_column(String(2000))
    status: Mapped[str] = mapped_column(String(10), default="draft")
    scheduled_at: Mapped[datetime | None] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)
    reached_to: Mapped[str | None] = mapped_column(String(64))  # the last guest looked at; sending goes on after it
    recipients: Mapped[int] = mapped_column(default=0)  # sent + suppressed + failed
    sent: Mapped[int] = mapped_column(default=0)
    suppressed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    clicked: Mapped[int] = mapped_column(default=0)
    redeemed: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_campaigns_created", "tenant_id", "created_at", "id"),
        Index("ix_campaigns_segment", "tenant_id", "segment_id"),
        ForeignKeyConstraint(["tenant_id", "segment_id"], ["segments.tenant_id", "segments.id"]),
        CheckConstraint("channel IN ('email', 'sms', 'push')", name="channel_known"),
        CheckConstraint("status IN ('draft', 'scheduled', 'sending', 'sent', 'cancelled')", name="status_known"),
        CheckConstraint("status <> 'scheduled' OR scheduled_at IS NOT NULL", name="scheduled_has_an_instant"),
        CheckConstraint("recipients = sent + suppressed + failed", name="every_recipient_counted_once"),
    )


class CampaignRecipient(TenantOwned):
    """What a campaign meant for one guest: sent, suppressed (not allowed or not reachable) or failed; then the click."""

    __tablename__ = "campaign_recipients"
    _prefix = "crp"

    campaign_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(10))  # sent | suppressed | failed
    reason: Mapped[str | None] = mapped_column(String(40))
    message_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    clicked_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "campaign_id", "customer_id"),
        Index("ix_campaign_recipients_customer", "tenant_id", "customer_id"),
        ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaigns.tenant_id", "campaigns.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("clicked_at IS NULL OR status = 'sent'", name="only_the_reached_click"),
    )


class PromoCode(Versioned, TenantOwned):
    """A code guests enter. Stored in capitals, so it is unique whatever the case. used_count: uses not given back."""

    __tablename__ = "promo_codes"
    _prefix = "prm"

    code: Mapped[str] = mapped_column(String(40))
    description: Mapped[str | None] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(10))  # percent | fixed
    value: Mapped[int] = mapped_column(BigInteger)  # basis points, or minor units of `currency`
    currency: Mapped[str | None] = mapped_column(String(3))
    min_subtotal_minor: Mapped[int | None] = mapped_column(BigInteger)
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    max_uses: Mapped[int | None]
    per_customer: Mapped[int | None]
    used_count: Mapped[int] = mapped_column(default=0)
    location_ids: Mapped[list[str]] = mapped_column(JsonColumn, default=list)  # none: valid everywhere
    campaign_id: Mapped[str | None] = mapped_column(String(64))
    is_active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("ix_promo_codes_created", "tenant_id", "created_at", "id"),
        Index("ix_promo_codes_campaign", "tenant_id", "campaign_id"),
        ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaigns.tenant_id", "campaigns.id"]),
        CheckConstraint("code = upper(code)", name="code_in_capitals"),
        CheckConstraint("value > 0 AND (kind <> 'percent' OR value <= 10000)", name="value_in_range"),
        CheckConstraint(
            "currency IS NOT NULL OR (kind = 'percent' AND min_subtotal_minor IS NULL)", name="amounts_have_a_currency"
        ),
        CheckConstraint("used_count >= 0", name="uses_not_negative"),
        CheckConstraint("max_uses IS NULL OR used_count <= max_uses", name="uses_within_maximum"),
    )


class PromoUse(TenantOwned):
    """A promo code on one order. released_at: the order was called off; redeemed_at: it was completed."""

    __tablename__ = "promo_uses"
    _prefix = "pru"

    promo_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    discount_minor: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[datetime] = mapped_column(Instant)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    redeemed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "promo_id"),
        Index("ix_promo_uses_promo", "tenant_id", "promo_id", "customer_id"),
        Index("ix_promo_uses_customer", "tenant_id", "customer_id"),
        ForeignKeyConstraint(["tenant_id", "promo_id"], ["promo_codes.tenant_id", "promo_codes.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
    )


class SmsAlert(Versioned, TenantOwned):
    """A text message to one guest or a segment. accepted: may be and can be reached; those are sent to one after another."""

    __tablename__ = "sms_alerts"
    _prefix = "alr"

    customer_id: Mapped[str | None] = mapped_column(String(64))
    segment_id: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(480))
    status: Mapped[str] = mapped_column(String(10))  # sending | sent
    reached_to: Mapped[str | None] = mapped_column(String(64))
    accepted: Mapped[int]
    suppressed: Mapped[int]
    sent: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_sms_alerts_customer", "tenant_id", "customer_id"),
        Index("ix_sms_alerts_segment", "tenant_id", "segment_id"),
        ForeignKeyConstraint(["tenant_id", "segment_id"], ["segments.tenant_id", "segments.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("(customer_id IS NULL) <> (segment_id IS NULL)", name="one_audience"),
    )
