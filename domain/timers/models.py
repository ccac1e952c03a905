"""The rows of timers and tasks. Cross-tenant readers see which tenant has something due, and nothing else of it."""

from sqlalchemy import BigInteger
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.scope import TenantOwned


class Timer(TenantOwned):
    """Something to do once. id is `<kind>:<object id>`, so a kind has one timer an object. Deleted by whoever does it."""

    __tablename__ = "timers"

    kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[int | None] = mapped_column(BigInteger)  # microseconds on the tenant's clock; None: a task
    # Real time at which the row becomes due; None while the tenant's clock stands still before due_at.
    wakes_at: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)  # failed ones

    __table_args__ = (
        Index("ix_timers_due", "tenant_id", "due_at"),
        Index("ix_timers_wakes", "wakes_at"),
    )
