"""Messages that leave the platform (e-mail, SMS, push) and notices to staff. Rows."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.scope import TenantOwned
from kit.scope import Versioned


class OutgoingMessage(TenantOwned):
    """One message to one recipient. In a sandbox it is written here and goes nowhere."""

    __tablename__ = "outgoing_messages"
    _prefix = "msg"

    channel: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))  # campaign | alert | receipt | reservation | …
    recipient: Mapped[str] = mapped_column(String(254))  # phone, e-mail address or device
    subject: Mapped[str | None] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[str | None] = mapped_column(String(64))
    campaign_id: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))  # why it failed, or what came back
    created_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_outgoing_messages_created", "tenant_id", "created_at", "id"),
        Index("ix_outgoing_messages_customer", "tenant_id", "customer_id"),
        Index("ix_outgoing_messages_campaign", "tenant_id", "campaign_id"),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("channel IN ('email', 'sms', 'push')", name="channel"),
        CheckConstraint("status IN ('queued', 'sent', 'failed', 'suppressed')", name="status"),
    )


class StaffNotification(Versioned, TenantOwned):
    """A notice to the staff of one location, or of all of them."""

    __tablename__ = "staff_notifications"
    _prefix = "ntf"

    location_id: Mapped[str | None] = mapped_column(String(64))  # None: every location
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(String(2000))
    is_read: Mapped[bool] = mapped_column(default=False)
    read_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (
        Index("ix_staff_notifications_created", "tenant_id", "created_at", "id"),
        Index("ix_staff_notifications_location", "tenant_id", "location_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        CheckConstraint("is_read = (read_at IS NOT NULL)", name="read_at_when_read"),
    )
