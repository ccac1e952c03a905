"""What another system's references mean here, and what is done when one means nothing.

A reference is known by its kind and text. One that was seen and has no object, or whose object is gone or switched off,
needs somebody to say what it means: the integration then stands at mapping_required.
"""

from dataclasses import dataclass
from typing import Any

from domain.integrations import queries
from domain.integrations.events import MappingRequired
from domain.integrations.machine import CONNECTED
from domain.integrations.machine import DEGRADED
from domain.integrations.machine import MAPPING_REQUIRED
from domain.integrations.service import announce
from domain.integrations.service import get_integration
from domain.integrations.service import lock_integration
from domain.integrations.service import write
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.ids import new_id
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

MOST_NAMED = 100  # unresolved references an event carries
MAPPED = "mapped"


@dataclass(frozen=True, slots=True)
class ReferenceSeen:
    """A reference of the other system. kind: menu_item, modifier, tax, table or folio."""

    kind: str
    external_ref: str
    external_name: str | None = None
    object_id: str | None = None


def list_mappings(
    scope: Scope, *, integration_id: str, limit: int, after: list[Any] | None = None, only_unresolved: bool = False
) -> list[Document]:
    """List up to limit + 1 mappings by kind and reference, each with `status`: mapped, unmapped or missing.

    `after` is [kind, external_ref] of the last one before. Raises NotFound for the integration.
    """
    get_integration(scope, integration_id=integration_id)
    return _read(scope, integration_id, limit=limit, after=after, only_unresolved=only_unresolved)


def put_mappings(
    scope: Scope, *, integration_id: str, mappings: list[ReferenceSeen], replaces_all: bool = False
) -> Document:
    """Say what references mean and return the integration. object_id None takes a meaning away.

    replaces_all: every reference not named is forgotten. When nothing is left without a meaning, an integration that
    stood at mapping_required is connected again. Raises NotFound, Invalid (422) for an object that does not exist or a
    reference named twice.
    """
    before = lock_integration(scope, integration_id=integration_id)
    _check(scope, mappings)
    now = tenant_now_us(scope)
    if replaces_all:
        named = {f"kind_{index}": one.kind for index, one in enumerate(mappings)}
        named |= {f"ref_{index}": one.external_ref for index, one in enumerate(mappings)}
        queries.drop_others.rows(scope, len(mappings), integration_id=integration_id, **named)
    for one in mappings:
        queries.put_mapping.rows(
            scope, row_id=new_id("map"), integration_id=integration_id, kind=one.kind, external_ref=one.external_ref,
            external_name=one.external_name, object_id=one.object_id, seen_at=None, now=now,
        )  # fmt: skip
    is_open = bool(_read(scope, integration_id, limit=1, only_unresolved=True))
    if before["state"] == MAPPING_REQUIRED and not is_open:
        write(scope, integration_id=integration_id, changes={"state": CONNECTED})
    return announce(scope, before=before)


def see_references(scope: Scope, *, integration_id: str, refs: list[ReferenceSeen]) -> dict[tuple[str, str], str]:
    """Note references that came from the other system; return what they mean: {(kind, external_ref): object id}.

    Those missing in the result mean nothing here. When one of them is new, or the integration was well until now, it
    moves to mapping_required and integration.mapping_required is recorded with all that need a meaning.
    """
    before = lock_integration(scope, integration_id=integration_id)
    wanted = {(one.kind, one.external_ref) for one in refs}
    known = {(row["kind"], row["external_ref"]): row for row in _known(scope, integration_id, refs)}
    now = tenant_now_us(scope)
    for one in refs:
        queries.see.rows(
            scope, row_id=new_id("map"), integration_id=integration_id, kind=one.kind, external_ref=one.external_ref,
            external_name=one.external_name, now=now,
        )  # fmt: skip
    meanings = {key: known[key]["object_id"] for key in wanted & known.keys() if known[key]["status"] == MAPPED}
    unresolved = wanted - meanings.keys()
    is_news = bool(unresolved - known.keys()) or before["state"] in (CONNECTED, DEGRADED)
    if unresolved and is_news:
        require_mapping(scope, before=before)
    return meanings


def require_mapping(scope: Scope, *, before: Document) -> None:
    """Move a locked integration to mapping_required, unless it is disconnected, and record what needs a meaning."""
    if before["state"] in (CONNECTED, DEGRADED):
        write(scope, integration_id=before["id"], changes={"state": MAPPING_REQUIRED})
    after = get_integration(scope, integration_id=before["id"])
    refs = [
        {name: row[name] for name in ("kind", "external_ref", "external_name", "object_id")} | {"reason": row["status"]}
        for row in _read(scope, before["id"], limit=MOST_NAMED - 1, only_unresolved=True)
    ]
    previous = {"state": before["state"]} if after["state"] != before["state"] else None
    shown = {"id": after["id"], "integration": after, "refs": refs}
    record(scope, MappingRequired(object=shown, previous=previous, location_id=after["location_id"]))


def _read(
    scope: Scope, integration_id: str, *, limit: int, after: list[Any] | None = None, only_unresolved: bool = False
) -> list[Document]:
    kind, ref = after or (None, None)
    return queries.mapping_list.documents(
        scope, only_unresolved, after is not None, integration_id=integration_id, after_kind=kind, after_ref=ref,
        row_limit=limit + 1,
    )  # fmt: skip


def _known(scope: Scope, integration_id: str, refs: list[ReferenceSeen]) -> list[Document]:
    """The mappings with these references, of whatever kind."""
    texts = sorted({one.external_ref for one in refs})
    named = {f"ref_{index}": text for index, text in enumerate(texts)}
    return queries.mappings_of.documents(scope, len(texts), integration_id=integration_id, **named) if texts else []


def _check(scope: Scope, mappings: list[ReferenceSeen]) -> None:
    """Every reference is named once and every object exists. One statement for each kind."""
    errors, seen = [], set()
    for index, one in enumerate(mappings):
        if (one.kind, one.external_ref) in seen:
            message = f"{one.kind} {one.external_ref} is named twice."
            errors.append(FieldError(f"mappings[{index}].external_ref", "validation_failed", message))
        seen.add((one.kind, one.external_ref))
    for kind in dict.fromkeys(one.kind for one in mappings):
        wanted = sorted({one.object_id for one in mappings if one.kind == kind and one.object_id is not None})
        present = _existing(scope, kind, wanted)
        errors += [
            FieldError(f"mappings[{index}].object_id", "resource_not_found", f"There is no {kind} {one.object_id}.")
            for index, one in enumerate(mappings)
            if one.kind == kind and one.object_id is not None and one.object_id not in present
        ]
    if errors:
        raise Invalid(errors=errors)


def _existing(scope: Scope, kind: str, ids: list[str]) -> set[str]:
    if not ids:
        return set()
    parameters = {f"id_{index}": object_id for index, object_id in enumerate(ids)}
    return {str(row[0]) for row in queries.existing.rows(scope, kind, len(ids), **parameters)}
