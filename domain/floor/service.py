"""The live floor of a location. Reads only."""

from collections import Counter
from collections import defaultdict
from typing import Any

import orjson

from domain.floor import queries
from domain.floor.states import DIRTY_US
from domain.floor.states import SOON_US
from domain.floor.states import STATES
from domain.floor.states import state_of
from domain.locations.service import get_location
from kit.documents import Document
from kit.scope import Scope
from kit.unit import tenant_now_us


def read_floor(scope: Scope, *, location_id: str) -> Document:
    """Read what goes on at each active table of a location now.

    Returns {location_id, currency, at, counts: {state: int}, tables: [table columns + lock, state, order {id, number, status,
    total_minor, due_minor} | None, reservation {id, status, start_at, end_at, party_size} | None, hold {id, start_at,
    expires_at} | None]}, tables by name. Raises NotFound.
    """
    location = get_location(scope, location_id=location_id)
    now_us = tenant_now_us(scope)
    row = queries.floor.row(
        scope, location_id=location_id, now=now_us, soon=now_us + SOON_US, since=now_us - DIRTY_US
    )
    tables, orders, reservations, holds = (orjson.loads(part) for part in row or ("[]", "[]", "[]", "[]"))
    ordered = _by_table(sorted(orders, key=lambda one: (one["created_at"], one["id"])))
    expected = _by_table(sorted(reservations, key=lambda one: (one["start_at"], one["id"])))
    held = _by_table([{**hold, "table_id": table_id} for hold in holds for table_id in hold["table_ids"]])
    seen = []
    for table in sorted(tables, key=lambda one: (one["name"], one["id"])):
        if table["lock"] is not None and table["lock"]["expires_at"] <= now_us:
            table["lock"] = None
        key = table["id"]
        seen.append({**table, **state_of(table, ordered[key], expected[key], held[key], now_us=now_us)})
    counts = Counter(table["state"] for table in seen)
    return {
        "location_id": location_id, "currency": location["currency"], "at": now_us, "tables": seen,
        "counts": {state: counts[state] for state in STATES},
    }  # fmt: skip


def _by_table(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row["table_id"]].append(row)
    return grouped
