"""Making any event of the catalogue happen: through the real outbox, marked synthetic.

The object is the tenant's own: the named one, the newest, or one that is made by the services when there is none. What the
event says about itself (an order.ready is about a ready order) and the caller's overrides are laid over it; the object
itself stays as it is. In production, where a partner may test an endpoint, nothing that was made remains.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from accounts.webhooks.catalog import EVENT_TYPES
from kit.documents import Document
from kit.outbox import Event
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import savepoint
from sandbox.errors import refused
from sandbox.meanings import meaning
from sandbox.meanings import previous_of
from sandbox.moments import has_moment
from sandbox.moments import moment
from sandbox.moments import redeemed_reward
from sandbox.objects import own_object
from sandbox.overrides import overlaid

MAX_OVERRIDES_BYTES = 8_192
SAME_AS = {"loyalty_member": "membership"}  # nouns of the catalogue for one kind of object
_EVENTS: dict[str, type[Event]] = {name: type("Triggered", (Event,), {"type": name}) for name in EVENT_TYPES}


def trigger_event(
    scope: Scope, *, type: str, object_id: str | None = None, overrides: dict[str, Any] | None = None,
    only_endpoint_id: str | None = None,
) -> str:  # fmt: skip
    """Record one event of any type and return its id. Changes no object, and makes one only where a sandbox has none.

    object_id: one of the tenant's objects of that kind; of what happened to one (a tag, points, a click) the object it
    happened to. overrides: fields of the object to show with other values. only_endpoint_id: deliver to this endpoint alone.
    Raises NotFound for an object that is not the tenant's, Invalid (422) for an unknown type or field.
    """
    if type not in EVENT_TYPES:
        raise refused("type", f"{type} is not an event type.")
    if len(orjson.dumps(overrides or {})) > MAX_OVERRIDES_BYTES:
        raise refused("overrides", f"Expected at most {MAX_OVERRIDES_BYTES} bytes.")
    noun = EVENT_TYPES[type].object
    with _undone_in_production(scope):
        found = _object(scope, type, noun, object_id)
        told = meaning(scope, type=type, found=found)
    shown = overlaid({**found, **told}, overrides or {})
    location_id = found["id"] if noun == "location" else shown.get("location_id")
    event = _EVENTS[type](
        object=shown, previous=previous_of(found, shown), location_id=location_id, is_synthetic=True,
        only_endpoint_id=only_endpoint_id,
    )  # fmt: skip
    return record(scope, event).id


@contextmanager
def _undone_in_production(scope: Scope) -> Iterator[None]:
    """Take back whatever had to be made for an event: a restaurant that is no sandbox gets no object nobody asked for."""
    if scope.environment != Environment.PRODUCTION:
        yield
        return
    with savepoint(scope, is_kept=False):
        yield


def _object(scope: Scope, type_: str, noun: str, object_id: str | None) -> Document:
    if type_ == "loyalty.reward.redeemed":
        return redeemed_reward(scope, object_id)
    if has_moment(noun):
        return moment(scope, noun=noun, object_id=object_id)
    return own_object(scope, kind=SAME_AS.get(noun, noun), object_id=object_id)
