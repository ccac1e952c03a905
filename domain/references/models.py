"""The public ids of one object in each product that shows it."""

from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.scope import TenantOwned


class Reference(TenantOwned):
    """One name of an object. id is `<product>:<noun>:<value>`, so a name leads to one object."""

    __tablename__ = "object_references"

    product: Mapped[str] = mapped_column(String(20))  # tablespot | tabletrack | tablecheck | onetablet | partner
    noun: Mapped[str] = mapped_column(String(20))  # order | reservation | customer | …
    value: Mapped[str] = mapped_column(String(100))
    object_id: Mapped[str] = mapped_column(String(64))

    __table_args__ = (Index("ix_object_references_object", "tenant_id", "object_id"),)
