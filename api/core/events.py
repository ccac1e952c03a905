"""The event feed of the Core API, for consumers without a public URL."""

import orjson

from accounts.webhooks import queries
from accounts.webhooks.catalog import EVENT_TYPES
from api import events as rendering
from api.core.blueprint import blueprint
from api.core.platform_schemas import EventOut
from api.core.platform_schemas import EventQuery
from api.core.platform_schemas import EventsOut
from api.core.platform_schemas import EventTypesOut
from api.gate import endpoint
from api.operations import PUBLIC
from api.operations import Call
from api.operations import Reply
from kit.documents import Document
from kit.errors import NotFound


@endpoint(blueprint, "GET", "/events", scope="events:read", query=EventQuery, printed=EventsOut)
def list_events(call: Call) -> Reply:
    """List committed events in the order they were committed.

    Continue with `after_sequence` = the last `sequence` you handled. Only events whose object this credential may read are
    listed.
    """
    query = call.query
    types = _readable(call, query["types"])
    # No type at all would mean every type to the query: a credential that may read none of them gets none.
    rows = queries.list_events(
        call.scope, after_sequence=query["after_sequence"], types=types, limit=query["limit"]
    ) if types else []
    shown = rows[: query["limit"]]
    return Reply(payload={"data": [_print(call, row) for row in shown], "has_more": len(rows) > len(shown)})


@endpoint(blueprint, "GET", "/events/<event_id>", scope="events:read", printed=EventOut)
def read_event(call: Call, event_id: str) -> Reply:
    """Read one event as an endpoint would receive it."""
    row = queries.get_event(call.scope, event_id=event_id)
    if row["type"] not in _readable(call, ()):
        raise NotFound()
    return Reply(payload=_print(call, row))


@endpoint(blueprint, "GET", "/event-types", scope=PUBLIC, printed=EventTypesOut, plane="none")
def list_event_types(call: Call) -> Reply:
    """List every event type with the scope its subscribers need."""
    data = [{"type": name, "scope": kind.scope, "description": kind.description} for name, kind in EVENT_TYPES.items()]
    return Reply(payload={"data": data, "has_more": False, "next_cursor": None})


def _readable(call: Call, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The types among `wanted` (all when empty) that this credential's scopes and plan let it see."""
    principal = call.principal
    return tuple(
        name
        for name, kind in EVENT_TYPES.items()
        if kind.scope in principal.scopes and principal.tier.allows_event(name) and (not wanted or name in wanted)
    )


def _print(call: Call, row: Document) -> Document:
    body: Document = orjson.loads(rendering.render(row, api_version=call.version, scopes=call.principal.scopes))
    return body
