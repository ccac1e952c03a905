"""What a credential that is restricted to locations may call, and where what it calls for is.

One mechanism for every endpoint: the location is known from the path (its own id, or an object's), from the query or from the
body, and whatever is elsewhere answers like an id that does not exist. An operation whose location nobody can tell is refused.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from api.operations import Call
from api.operations import Operation
from api.operations import Reply
from domain.bookings.hold_rows import read_hold
from domain.bookings.service import get_reservation
from domain.bookings.waitlist import get_waiting
from domain.carts.rows import read_cart
from domain.locations.tables import get_area
from domain.locations.tables import read_table
from domain.notifications.service import get_notice
from domain.orders.service import get_order
from domain.reviews.rows import get_review
from kit.documents import Document
from kit.errors import LocationRestricted
from kit.errors import NotFound
from kit.errors import ParameterMissing
from kit.scope import Scope

FIELD = "location_id"
# Path parameter → who reads the object it names, whose document says where it is.
LOCATED: dict[str, Callable[[Scope, str], Document]] = {
    "order_id": lambda scope, name: get_order(scope, order_id=name),
    "cart_id": lambda scope, name: read_cart(scope, cart_id=name),
    "reservation_id": lambda scope, name: get_reservation(scope, reservation_id=name),
    "hold_id": lambda scope, name: read_hold(scope, hold_id=name),
    "entry_id": lambda scope, name: get_waiting(scope, entry_id=name),
    "review_id": lambda scope, name: get_review(scope, review_id=name),
    "table_id": lambda scope, name: read_table(scope, table_id=name),
    "area_id": lambda scope, name: get_area(scope, area_id=name),
    "notification_id": lambda scope, name: get_notice(scope, notice_id=name),
}
PARTS = frozenset({"line_id"})  # of an object that is located itself
ABOUT_NONE = frozenset({"core.read_me", "core.read_usage", "core.list_event_types", "core.list_allergens"})
LOCATIONS = "core.list_locations"  # its rows are the locations


@cache
def is_located(operation: Operation) -> bool:
    """Whether it can be told where a call of this operation works, or it works nowhere."""
    if operation.product != "core":
        return False
    if operation.name in ABOUT_NONE or operation.name == LOCATIONS:
        return True
    parameters = set(re.findall(r"<(\w+)>", operation.path))
    if parameters:
        return bool(parameters & {FIELD, *LOCATED}) and parameters <= {FIELD, *LOCATED} | PARTS
    asked = operation.query if operation.method == "GET" else operation.body
    return asked is not None and FIELD in asked().fields


def require_located(operation: Operation, *, plane: str) -> None:
    """Raise LocationRestricted (403) for an operation such a credential cannot call.

    plane: what the gate opens for it; only in the tenant's own transaction can it be looked up where something is.
    """
    if not is_located(operation) or (plane != "data" and operation.name not in ABOUT_NONE):
        raise LocationRestricted("This key may work at some locations only, and this operation is about all of them.",
                                 required_scopes=[])  # fmt: skip


def require_here(call: Call, operation: Operation, arguments: dict[str, str]) -> None:
    """Raise NotFound (404) unless the call works at the credential's locations; needs the tenant's transaction.

    A list is asked for one location at a time: with a single one it is filled in, else ParameterMissing (400) asks for it.
    """
    allowed = call.scope.location_ids
    for name, value in arguments.items():
        if name == FIELD:
            _require(value in allowed)
        elif name in LOCATED:
            _require(_location_of(call.scope, name, value) in allowed)
    if arguments or operation.name in ABOUT_NONE or operation.name == LOCATIONS:
        if isinstance(call.body, dict) and call.body.get(FIELD) is not None:
            _require(call.body[FIELD] in allowed)
        return
    asked = call.query if operation.method == "GET" else call.body
    if asked.get(FIELD) is None:
        if len(allowed) > 1:
            raise ParameterMissing("This key may work at some locations only: name one of them.", parameter=FIELD)
        asked[FIELD] = next(iter(allowed))
    _require(asked[FIELD] in allowed)


def only_here(call: Call, operation: Operation, reply: Any) -> Any:
    """The reply without what is elsewhere. Raises NotFound (404), which also undoes the call, when all of it is."""
    allowed = call.scope.location_ids
    reply = reply if isinstance(reply, Reply) else Reply(document=reply)
    if operation.name in ABOUT_NONE:
        return reply
    key = "id" if operation.name == LOCATIONS else FIELD
    if operation.is_list and reply.payload is not None:
        reply.payload = {**reply.payload, "data": [row for row in reply.payload["data"] if row.get(key) in (None, *allowed)]}
    elif isinstance(reply.document, dict) and reply.document.get(FIELD) is not None:
        _require(reply.document[FIELD] in allowed)
    return reply


def _location_of(scope: Scope, name: str, value: str) -> Any:
    """Where an object is; None when it does not exist, so that both answer alike."""
    try:
        return LOCATED[name](scope, value)[FIELD]
    except NotFound:
        return None


def _require(is_here: bool) -> None:
    if not is_here:
        raise NotFound
