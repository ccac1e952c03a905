"""What the gate and the views exchange: the operation an endpoint promises, the call it serves, the reply it gives."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from inspect import cleandoc
from typing import Any
from typing import TypedDict

import orjson
from marshmallow import Schema

from api.auth import Principal
from api.downloads import FileAnswer
from api.fields import Body
from kit.errors import PlatformError
from kit.page import CursorKey
from kit.scope import Scope

PUBLIC = "public"  # scope= of an endpoint any authenticated credential may call


class Promise(TypedDict, total=False):
    """What an operation takes and gives, as `endpoint` is told it; the defaults stand in Operation."""

    area: str
    body: type[Schema] | None
    query: type[Schema]
    returns: type[Schema]
    printed: type[Schema]
    repeat_status: int
    media: tuple[str, ...]
    is_list: bool
    is_tagged: bool
    is_background: bool
    status: int
    errors: tuple[type[PlatformError], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What one endpoint promises; the source of its documentation."""

    name: str
    docstring: str
    method: str
    path: str
    product: str
    scope: str
    bucket: str
    area: str = "platform"  # what a plan must include
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    returns: type[Schema] | None = None  # how a document is printed
    is_list: bool = False
    is_tagged: bool = False  # a list that has an entity tag too
    is_background: bool = False  # asked by a program all day: not logged when it works, and no part of a day's quota
    status: int = 200
    errors: tuple[type[PlatformError], ...] = ()
    printed: type[Schema] | None = None  # what the view prints by itself, when that is not `returns`
    repeat_status: int | None = None  # of a request whose natural key was used before
    media: tuple[str, ...] = ()  # media types of an operation that answers with a file

    @property
    def summary(self) -> str:
        return self.docstring.strip().partition("\n")[0]

    @property
    def description(self) -> str:
        return cleandoc(self.docstring.strip().partition("\n")[2])

    @property
    def writes(self) -> bool:
        return self.method != "GET"


@dataclass(slots=True)
class Reply:
    """A view's answer: a document for the operation's representation, or a ready `payload`."""

    document: Any = None
    payload: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    file: FileAnswer | None = None  # sent as it lies on the disk
    refusal: PlatformError | None = None  # commit the transaction, then answer with this refusal


@dataclass(slots=True)
class Call:
    """One request on its way through the gate, as the view sees it."""

    principal: Principal
    scope: Scope
    request_id: str
    version: str
    body: Any = None
    query: Any = None
    operation: Any = None

    def page(self, rows: list[Any], position: Callable[[Any], list[Any]]) -> Reply:
        """A list answer from limit+1 rows. `position` gives the sort values a cursor continues after."""
        limit = self.query["limit"]
        more = len(rows) > limit
        shown = rows[:limit]
        cursor = cursors.key.seal(position(shown[-1]), *self._binding()) if more else None
        return Reply(payload={"data": shown, "has_more": more, "next_cursor": cursor})

    def after(self) -> list[Any] | None:
        """The position the request's cursor continues after. Raises InvalidCursor (400)."""
        cursor = self.query.get("cursor")
        return cursors.key.open(cursor, *self._binding()) if cursor else None

    def _binding(self) -> tuple[str, ...]:
        filters = {key: value for key, value in self.query.items() if key not in ("cursor", "limit")}
        bound = orjson.dumps(filters, option=orjson.OPT_SORT_KEYS, default=str).decode()
        return self.scope.environment, self.scope.tenant_id, self.operation.name, bound


class Cursors:
    """Holder of the installation's cursor key."""

    key: CursorKey

    def configure(self, secret_key: str) -> None:
        self.key = CursorKey(secret_key)


@dataclass
class GateSettings:
    """What the gate needs from the settings."""

    max_body_bytes: int = 1_048_576


cursors = Cursors()
gate_settings = GateSettings()
operations: list[Operation] = []

class NoQuery(Body):
    """An endpoint without parameters."""
