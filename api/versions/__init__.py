"""Dated API versions, oldest first. Code speaks the newest; an older one is spoken by undoing changes, newest first.

A new version is a module with its CHANGES and a line in RELEASES. What only adds a field needs no version.
"""

from typing import Any

from marshmallow import Schema

from api.versions import v2026_11_01
from api.versions.changes import PAGE
from api.versions.changes import Change
from api.versions.changes import downgraded
from api.versions.changes import upgraded

RELEASES: dict[str, tuple[Change, ...]] = {"2026-09-01": (), "2026-11-01": v2026_11_01.CHANGES}
VERSIONS = tuple(RELEASES)
CURRENT = VERSIONS[-1]
HEADERS = ("Tableport-Version", "TM-Version")  # the second is the spelling of the Core API's source document


def changes_since(version: str) -> tuple[Change, ...]:
    """What was changed after a version, oldest first. Raises ValueError for an unknown one."""
    newer = VERSIONS[VERSIONS.index(version) + 1 :]
    return tuple(change for release in newer for change in RELEASES[release])


def upgrade(version: str, schema: type[Schema], body: Any) -> Any:
    """A decoded, unchecked request body of an older version in the newest form."""
    return upgraded(schema, body, changes_since(version))


def downgrade(version: str, schema: type[Schema] | None, payload: Any, *, is_list: bool = False) -> Any:
    """An answer in an older version's form. is_list: the payload is a page of objects of the schema."""
    changes = changes_since(version)[::-1]
    if is_list:
        page = dict(payload)
        page["data"] = [downgrade(version, schema, one) for one in page["data"]]
        for change in changes:
            page = change.downgrade(page) if PAGE in change.schemas else page
        return page
    return payload if schema is None else downgraded(schema, payload, changes)
