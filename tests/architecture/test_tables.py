"""Every table of the data planes keeps its tenant in every key."""

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import PrimaryKeyConstraint
from sqlalchemy import Table
from sqlalchemy import UniqueConstraint

from api.process import MODELS
from kit.planes import db

# Foreign keys without an index, and why.
BARE = {"orders(tenant_id, location_id)": "a location goes with its whole tenant only; an order pays for every index"}
TABLES = list(db.metadatas["plane"].tables.values()) if MODELS else []


def test_every_primary_key_starts_with_the_tenant() -> None:
    assert [table.name for table in TABLES if next(iter(table.primary_key.columns)).name != "tenant_id"] == []


def test_every_foreign_key_carries_the_tenant() -> None:
    keys = [key for table in TABLES for key in table.constraints if isinstance(key, ForeignKeyConstraint)]
    assert [str(key.name) for key in keys if key.column_keys[0] != "tenant_id"] == []


def test_every_unique_key_starts_with_the_tenant() -> None:
    constraints = [key for table in TABLES for key in table.constraints if isinstance(key, UniqueConstraint)]
    unique = [index for table in TABLES for index in table.indexes if index.unique]
    assert [str(key.name) for key in (*constraints, *unique) if key.columns[0].name != "tenant_id"] == []


def test_every_foreign_key_is_indexed() -> None:
    bare = [f"{table.name}({', '.join(columns)})" for table in TABLES for columns in _unindexed(table)]
    assert bare == list(BARE)


def _unindexed(table: Table) -> list[list[str]]:
    unique = [key for key in table.constraints if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)]
    indexed = [[column.name for column in key.columns] for key in (*unique, *table.indexes)]
    keys = [list(key.column_keys) for key in table.foreign_key_constraints]
    return [key for key in keys if not any(set(columns[: len(key)]) == set(key) for columns in indexed)]
