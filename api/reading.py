"""Reads a request: the body as strict JSON within its limit, and query parameters, both through their schema."""

import json
from decimal import Decimal
from typing import Any
from typing import NoReturn

from flask import Request
from marshmallow import ValidationError

from api.draining import IS_READ
from api.loading import Loader
from kit.errors import BadRequest
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import MalformedJson
from kit.errors import ParameterMissing
from kit.errors import PayloadTooLarge
from kit.errors import UnsupportedMediaType

MAX_DEPTH = 32
MAX_DIGITS = 40


def read_body(request: Request, limit: int) -> bytes:
    """The raw body. Raises PayloadTooLarge (413); reads one byte more than the limit, since a chunked body has no length."""
    too_large = PayloadTooLarge(f"The body may have at most {limit} bytes.", limit=limit)
    length = request.content_length
    if (length or 0) > limit:
        raise too_large
    if length is None and not request.headers.get("Transfer-Encoding"):
        return b""
    stream = request.environ["wsgi.input"]
    raw: bytes = stream.read(limit + 1 if length is None else length)
    if len(raw) > limit:
        raise too_large
    request.environ[IS_READ] = True
    return raw


def parse_json(request: Request, raw: bytes) -> Any:
    """Decode a JSON body: UTF-8, no NaN, no duplicate keys, bounded depth and numbers.

    Raises UnsupportedMediaType (415) or MalformedJson (400).
    """
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType("Send the body as Content-Type: application/json.")
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedJson(f"The body is not UTF-8 (byte {error.start}).") from error
    except RecursionError as error:
        raise MalformedJson(f"The body is nested more than {MAX_DEPTH} levels deep.") from error
    except json.JSONDecodeError as error:
        raise MalformedJson(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    if b"\\u" in raw and _has_lone_surrogate(value):
        raise MalformedJson("A string holds half of a surrogate pair, which is not a character.")
    if _depth_exceeds(value, MAX_DEPTH):
        raise MalformedJson(f"The body is nested more than {MAX_DEPTH} levels deep.")
    return value


def load_body(loader: Loader, value: Any) -> Any:
    """Check a decoded body against its schema. Raises Invalid (422) naming every refused field."""
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", errors=[FieldError("", "invalid_type", "Expected an object.")])
    try:
        return loader.load(value)
    except ValidationError as error:
        errors = _field_errors(error.normalized_messages())
        raise Invalid(_summary(errors), errors=errors) from error


def load_query(loader: Loader, request: Request) -> Any:
    """Check query parameters. Raises BadRequest (400) for unknown, repeated, malformed or missing ones."""
    values = request.args.to_dict(flat=False)
    repeated = [name for name, given in values.items() if len(given) > 1]
    if repeated:
        raise BadRequest(f"The parameter {repeated[0]} is given twice.", parameter=repeated[0])
    broken = [name for name, given in values.items() if not is_plain_text(name + given[0])]
    if broken:
        raise BadRequest("Parameters must not hold control characters.", parameter=broken[0].encode("ascii", "replace").decode())
    try:
        return loader.load({name: given[0] for name, given in values.items()})
    except ValidationError as error:
        errors = _field_errors(error.normalized_messages())
        for one in errors:
            if one.code == "required":
                raise ParameterMissing(f"Send {one.field}.", parameter=one.field) from error
        raise BadRequest(_summary(errors), errors=errors) from error


def is_plain_text(text: str) -> bool:
    """Whether a path segment or parameter is free of control characters, which no id or filter of ours contains."""
    return text.isprintable() or not any(char < " " or char == "\x7f" for char in text)


def _summary(errors: list[FieldError]) -> str:
    first = errors[0]
    return f"{first.field}: {first.message}" if first.field else first.message


def _field_errors(messages: dict[Any, Any], path: str = "") -> list[FieldError]:
    found = []
    for key, value in messages.items():
        here = path if key == "_schema" else f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")
        if isinstance(value, dict):
            found += _field_errors(value, here)
        else:
            found += [FieldError(here, _code(str(message)), str(message)) for message in value]
    return found


def _code(message: str) -> str:
    if message == "Missing data for required field.":
        return "required"
    return "unknown_field" if message == "Unknown field." else "invalid"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise json.JSONDecodeError(f"Key {twice[:60]!r} appears twice", "", 0)
    return value


def _no_constant(name: str) -> NoReturn:
    raise json.JSONDecodeError(f"{name} is not JSON", "", 0)


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise json.JSONDecodeError(f"A number has more than {MAX_DIGITS} digits", "", 0)
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > MAX_DIGITS:
        raise json.JSONDecodeError(f"A number has more than {MAX_DIGITS} digits", "", 0)
    return Decimal(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_decimal
)


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return True
    return False


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
