"""What guests say, its sentiment, and the answers. Rows."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import Instant
from kit.scope import TenantOwned
from kit.scope import Versioned


class Review(Versioned, TenantOwned):
    """One guest's opinion of one visit. sentiment_thousandths: -1000 … 1000, None without words to judge."""

    __tablename__ = "reviews"
    _prefix = "rev"

    location_id: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str | None] = mapped_column(String(64))
    reservation_id: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[str | None] = mapped_column(String(64))
    # The customer at the time of writing: a merge moves customer_id, and the uniqueness below must not stand in its way.
    author_id: Mapped[str | None] = mapped_column(String(64))
    author_name: Mapped[str | None] = mapped_column(String(255))
    source: Mapped[str] = mapped_column(String(40), default="api")
    overall: Mapped[int]
    food: Mapped[int | None]
    service: Mapped[int | None]
    ambience: Mapped[int | None]
    comment: Mapped[str | None] = mapped_column(String(4000))
    language: Mapped[str | None] = mapped_column(String(20))
    sentiment_thousandths: Mapped[int | None]
    sentiment_label: Mapped[str | None] = mapped_column(String(10))  # negative | neutral | positive
    response_text: Mapped[str | None] = mapped_column(String(2000))
    response_is_public: Mapped[bool | None]
    responded_at: Mapped[datetime | None] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(String(20), default="new")  # new | response_needed | responded | resolved

    __table_args__ = (
        UniqueConstraint("tenant_id", "order_id", "author_id"),
        UniqueConstraint("tenant_id", "reservation_id", "author_id"),
        Index("ix_reviews_created", "tenant_id", "created_at", "id"),
        Index("ix_reviews_location", "tenant_id", "location_id", "created_at"),
        Index("ix_reviews_customer", "tenant_id", "customer_id"),
        ForeignKeyConstraint(["tenant_id", "location_id"], ["locations.tenant_id", "locations.id"]),
        ForeignKeyConstraint(["tenant_id", "order_id"], ["orders.tenant_id", "orders.id"]),
        ForeignKeyConstraint(["tenant_id", "reservation_id"], ["reservations.tenant_id", "reservations.id"]),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["guests.tenant_id", "guests.id"]),
        CheckConstraint("overall BETWEEN 1 AND 5", name="overall_in_range"),
        CheckConstraint("food BETWEEN 1 AND 5", name="food_in_range"),
        CheckConstraint("service BETWEEN 1 AND 5", name="service_in_range"),
        CheckConstraint("ambience BETWEEN 1 AND 5", name="ambience_in_range"),
        CheckConstraint("sentiment_thousandths BETWEEN -1000 AND 1000", name="sentiment_in_range"),
        CheckConstraint("sentiment_label IN ('negative', 'neutral', 'positive')", name="label_known"),
        CheckConstraint("status IN ('new', 'response_needed', 'responded', 'resolved')", name="status_known"),
    )
