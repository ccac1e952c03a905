"""Connected systems: making, changing and ending them, and their state. Mappings and runs live in their own modules.

A state other than connected and disconnected follows from what happens: mapping_required from a reference that means
nothing here, degraded from a failed run. Each change of state locks the integration's row first.
"""

from typing import Any

import orjson

from domain.integrations import queries
from domain.integrations.events import IntegrationConnected
from domain.integrations.events import IntegrationDisconnected
from domain.integrations.machine import ASKED_FOR
from domain.integrations.machine import CONNECTED
from domain.integrations.machine import DISCONNECTED
from domain.integrations.machine import MOVES
from domain.integrations.machine import STATES
from domain.integrations.models import Integration
from domain.locations.service import get_location
from domain.orders.machine import require_move
from kit.crypto import vault
from kit.documents import Document
from kit.documents import append
from kit.errors import Conflict
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.ids import new_id
from kit.newest import newest_documents
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us

UNSET: Any = object()
FAILED = "failed"


def create_integration(
    scope: Scope, *, name: str, kind: str, provider: str | None = None, location_id: str | None = None,
    config: dict[str, str] | None = None, secrets: dict[str, str] | None = None,
) -> Document:  # fmt: skip
    """Connect a system and record integration.connected. Returns the integration document.

    secrets: name→value; they are sealed, and only their names are ever shown. Raises NotFound for the location.
    """
    if location_id is not None:
        get_location(scope, location_id=location_id)
    at, integration_id = tenant_now_us(scope), new_id("int")
    append(scope, Integration, [{
        "id": integration_id, "name": name, "kind": kind, "provider": provider, "location_id": location_id,
        "state": CONNECTED, "config": config or {}, "created_at": at, "updated_at": at,
        **_sealed(scope, integration_id, secrets or {}),
    }])  # fmt: skip
    document = get_integration(scope, integration_id=integration_id)
    record(scope, IntegrationConnected(object=document, location_id=location_id))
    return document


def get_integration(scope: Scope, *, integration_id: str) -> Document:
    """Read one integration; `unmapped` counts references without a meaning. Raises NotFound."""
    document = queries.one.document(scope, integration_id=integration_id)
    if document is None:
        raise NotFound(f"There is no integration {integration_id}.")
    return document


def lock_integration(scope: Scope, *, integration_id: str) -> Document:
    """Read one integration after locking its row. Raises NotFound."""
    queries.lock.rows(scope, integration_id=integration_id)
    return get_integration(scope, integration_id=integration_id)


def list_integrations(
    scope: Scope, *, limit: int, after: list[Any] | None = None, kind: str | None = None, state: str | None = None,
    location_id: str | None = None,
) -> list[Document]:  # fmt: skip
    """List up to limit + 1 integrations, newest first. `after` is [created_at in us, id] of the last one before."""
    given = {"kind": kind, "state": state, "location_id": location_id}
    return newest_documents(queries.listed, scope, limit=limit, after=after, filters=given)


def change_integration(
    scope: Scope, *, integration_id: str, expected_version: int | None = None, state: str | None = None,
    secrets: dict[str, str | None] | None = None, **fields: Any,
) -> Document:  # fmt: skip
    """Change name, provider, config (replaced whole), secrets (by name, None removes one) or state of an integration.

    state: connected or disconnected; the one it has is no change. Records integration.connected or .disconnected.
    Raises NotFound, Conflict (409, version), InvalidTransition (409; also while references need a mapping), Invalid.
    """
    before = lock_integration(scope, integration_id=integration_id)
    if expected_version is not None and expected_version != before["version"]:
        raise Conflict(f"The integration is at version {before['version']} now.", current_version=before["version"])
    changes = {name: value for name, value in fields.items() if before[name] != value}
    if secrets:
        changes |= _sealed(scope, integration_id, _merged(read_secrets(scope, integration_id=integration_id), secrets))
    if state is not None and state != before["state"]:
        _require_state(before, state)
        changes["state"] = state
    if changes:
        write(scope, integration_id=integration_id, changes=changes)
    return announce(scope, before=before)


def delete_integration(scope: Scope, *, integration_id: str) -> None:
    """End an integration with its mappings and runs. Records integration.disconnected unless it was. Raises NotFound."""
    before = lock_integration(scope, integration_id=integration_id)
    for name in ("mappings", "runs"):
        queries.clear.rows(scope, name, integration_id=integration_id)
    queries.remove.rows(scope, integration_id=integration_id)
    if before["state"] != DISCONNECTED:
        ended = before | {"state": DISCONNECTED}
        record(scope, IntegrationDisconnected(
            object=ended, previous={"state": before["state"]}, location_id=before["location_id"]
        ))  # fmt: skip


def read_secrets(scope: Scope, *, integration_id: str) -> dict[str, str]:
    """The secrets of an integration in the clear, for whoever calls the other system. Never for an answer or a log."""
    row = queries.sealed.row(scope, integration_id=integration_id)
    if row is None:
        raise NotFound(f"There is no integration {integration_id}.")
    if row[0] is None:
        return {}
    secrets: dict[str, str] = orjson.loads(vault.box.open(row[0], *_place(scope, integration_id)))
    return secrets


def health(scope: Scope, *, most: int = 500) -> Document:
    """How the connections are: {status: ok | attention, counts: {state: number}, integrations: [document]}.

    attention: one is degraded, needs a mapping, or its last run failed.
    """
    rows = list_integrations(scope, limit=most)
    counts = dict.fromkeys(STATES, 0)
    for row in rows:
        counts[row["state"]] += 1
    is_well = all(row["state"] in ASKED_FOR and row["last_sync_status"] != FAILED for row in rows)
    return {"status": "ok" if is_well else "attention", "counts": counts, "integrations": rows}


def write(scope: Scope, *, integration_id: str, changes: Document) -> None:
    """Set columns of a locked integration, its next version and the time."""
    json = {name: orjson.dumps(value).decode() for name, value in changes.items() if isinstance(value, dict | list)}
    parameters = {f"new_{name}": value for name, value in (changes | json).items()}
    queries.change.rows(
        scope, tuple(changes), integration_id=integration_id, changed_at=tenant_now_us(scope), **parameters
    )


def announce(scope: Scope, *, before: Document) -> Document:
    """Read a changed integration and record what its move between states means; the document."""
    after = get_integration(scope, integration_id=before["id"])
    event = {CONNECTED: IntegrationConnected, DISCONNECTED: IntegrationDisconnected}.get(after["state"])
    if event is not None and after["state"] != before["state"]:
        previous = {"state": before["state"]}
        record(scope, event(object=after, previous=previous, location_id=after["location_id"]))
    return after


def _require_state(before: Document, state: str) -> None:
    if state not in ASKED_FOR:
        raise Invalid(errors=[FieldError("state", "validation_failed", f"Expected one of {', '.join(ASKED_FOR)}.")])
    require_move(MOVES, before["state"], state)
    if state == CONNECTED and before["state"] != DISCONNECTED and before["unmapped"]:
        data: dict[str, Any] = {"from": before["state"], "to": state, "allowed": [DISCONNECTED]}
        raise InvalidTransition(f"{before['unmapped']} references need a mapping first.", **data)


def _merged(present: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    merged = present | changes
    return {name: value for name, value in merged.items() if value is not None}


def _sealed(scope: Scope, integration_id: str, secrets: dict[str, str]) -> Document:
    """The two columns of an integration's secrets."""
    text = orjson.dumps(secrets).decode()
    sealed = vault.box.seal(text, *_place(scope, integration_id)) if secrets else None
    return {"secret_names": sorted(secrets), "sealed_secrets": sealed}


def _place(scope: Scope, integration_id: str) -> tuple[str, ...]:
    return (scope.environment, scope.tenant_id, "integrations", integration_id, "secrets")
