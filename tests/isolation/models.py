"""Tables of the isolation tests alone, written as carelessly as the guards must forgive: relationships join by id only.

They have a metadata of their own (bind key), so that neither migrations nor the walk over the real tables meet them.
"""

from sqlalchemy import Column
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import foreign
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from kit.planes import db
from kit.scope import TenantOwned


class Shelved(TenantOwned):
    """Base that moves its tables out of the planes' metadata."""

    __abstract__ = True
    __bind_key__ = "isolation_tests"


class Tag(Shelved):
    __tablename__ = "isolation_tags"

    name: Mapped[str] = mapped_column(String(80))


class Jar(Shelved):
    __tablename__ = "isolation_jars"

    shelf_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "shelf_id"], ["isolation_shelves.tenant_id", "isolation_shelves.id"]),
    )


jar_tags = Table(
    "isolation_jar_tags",
    Jar.metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("jar_id", String(64), primary_key=True),
    Column("tag_id", String(64), primary_key=True),
)
Jar.tags = relationship(
    Tag,
    secondary=jar_tags,
    primaryjoin=Jar.id == jar_tags.c.jar_id,
    secondaryjoin=jar_tags.c.tag_id == Tag.id,
    viewonly=True,
)


class Shelf(Shelved):
    __tablename__ = "isolation_shelves"

    name: Mapped[str] = mapped_column(String(80))
    jars: Mapped[list[Jar]] = relationship(primaryjoin=lambda: Shelf.id == foreign(Jar.shelf_id), viewonly=True)


METADATA = db.metadatas["isolation_tests"]
jars = Jar.__table__
shelves = Shelf.__table__
