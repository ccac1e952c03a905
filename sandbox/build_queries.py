"""Registered statements of worlds that are written in parts."""

from typing import Any

from sqlalchemy import update

from kit.documents import TENANT
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from sandbox.models import WorldBuild

builds: Any = WorldBuild.__table__
_document = as_document(fields_of(*[column for column in builds.c if column.name != "tenant_id"]))

take_part = registered_write(
    "worlds.take_part",
    lambda: (
        update(builds)
        .where(builds.c.tenant_id == TENANT, builds.c.parts_done < builds.c.parts)
        .values(parts_done=builds.c.parts_done + 1)
        .returning(_document)
    ),
)
