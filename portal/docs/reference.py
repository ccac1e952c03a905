"""The reference: what the gate registered, with parameters and bodies as the OpenAPI document describes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from api.openapi import document
from api.operations import PUBLIC
from api.operations import Operation
from api.operations import operations

SHAPES = ("anyOf", "allOf", "oneOf")
DEEPEST = 3
BOUNDS = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " entries"))


@dataclass(frozen=True)
class Value:
    """One parameter or field. place: path, query, header or body."""

    name: str
    place: str
    kind: str
    is_required: bool
    notes: tuple[str, ...]
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One operation as the page shows it."""

    operation: Operation
    anchor: str
    area: str  # the page it stands on
    path: str
    parameters: tuple[Value, ...]
    body: tuple[Value, ...]
    answer: str
    answer_fields: tuple[str, ...]

    @property
    def scope(self) -> str:
        """The scope it needs; empty when any credential will do."""
        return "" if self.operation.scope == PUBLIC else self.operation.scope


@dataclass(frozen=True)
class Area:
    """One page of the reference: the operations of an area of a product."""

    name: str
    title: str
    entries: tuple[Entry, ...]


@cache
def areas() -> dict[str, Area]:
    """Every area by the name in its address, in alphabetical order, the platform's own last."""
    described = document()
    found = [_entry(operation, described) for operation in operations]
    titles = {_name(operation): _title(operation) for operation in operations}
    ordered = sorted(titles, key=lambda name: (titles[name] in LAST, titles[name]))
    return {name: Area(name, titles[name], tuple(entry for entry in found if entry.area == name)) for name in ordered}


def entries() -> list[Entry]:
    """Every operation, area by area."""
    return [entry for area in areas().values() for entry in area.entries]


LAST = ("Platform", "Sandbox")


def _title(operation: Operation) -> str:
    if operation.product == "sandbox":
        return "Sandbox"
    area = operation.area.capitalize()
    return area if operation.product == "core" else f"{operation.product.capitalize()}: {area}"


def _name(operation: Operation) -> str:
    return _title(operation).lower().replace(": ", "-")


def _entry(operation: Operation, described: dict[str, Any]) -> Entry:
    path = re.sub(r"<(\w+)>", r"{\1}", operation.path)
    found = described["paths"][path][operation.method.lower()]
    schemas = described["components"]["schemas"]
    parameters = tuple(
        _value(item["name"], item["in"], {**item["schema"], "description": item.get("description", "")}, item.get("required"))
        for item in found["parameters"]
    )
    body = found["requestBody"]["content"]["application/json"]["schema"] if "requestBody" in found else {}
    success = found["responses"][str(operation.status)].get("content", {}).get("application/json", {}).get("schema", {})
    rows = success.get("properties", {}).get("data", {}).get("items", success) if operation.is_list else success
    return Entry(
        operation, operation.name.replace(".", "-"), _name(operation), path, parameters, tuple(_fields(body, schemas)),
        f"{operation.status} {HTTPStatus(operation.status).phrase}", tuple(_whole(rows, schemas).get("properties", {})),
    )  # fmt: skip


def _fields(schema: dict[str, Any], schemas: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[Value]:
    """The fields of an object and of the objects in it: `items[].quantity`."""
    whole = _whole(schema, schemas)
    for name, part in whole.get("properties", {}).items():
        inner = _whole(part, schemas)
        yield _value(prefix + name, "body", {**inner, **part}, name in whole.get("required", ()))
        items = _whole(inner.get("items", {}), schemas)
        if depth < DEEPEST:
            yield from _fields(inner, schemas, f"{prefix}{name}.", depth + 1)
            yield from _fields(items, schemas, f"{prefix}{name}[].", depth + 1)


def _whole(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed; of alternatives the one that is not null."""
    if "$ref" in schema:
        return _whole(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for shape in SHAPES:
        for choice in schema.get(shape, ()):
            if choice.get("type") != "null":
                return _whole(choice, schemas)
    return schema


def _value(name: str, place: str, schema: dict[str, Any], is_required: bool | None) -> Value:
    notes = [schema["description"]] if schema.get("description") else []
    notes += [text for low, high, unit in BOUNDS if (text := _bounds(schema.get(low), schema.get(high), unit))]
    if schema.get("default") not in (None, "", [], {}, ()) and not isinstance(schema.get("default"), dict | list):
        notes.append(f"{_literal(schema['default'])} unless given")
    choices = tuple(str(choice) for choice in schema.get("enum", ()) if choice is not None)
    return Value(name, place, _kind(schema), bool(is_required), tuple(notes), choices)


def _bounds(low: int | None, high: int | None, unit: str) -> str:
    """`1 to 200 entries`, `at most 64 characters`, `0 or more`."""
    if high is None:
        return "" if low is None else f"{low}{unit} or more"
    return f"{low} to {high:,}{unit}" if low is not None else f"at most {high:,}{unit}"


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if {"type": "null"} in schema.get("anyOf", ()):
        kinds = [*kinds, "null"]
    words = ["instant" if kind == "string" and schema.get("format") == "date-time" else kind for kind in kinds]
    if "array" in words and "type" in schema.get("items", {}):
        words[words.index("array")] = f"array of {schema['items']['type']}"
    return " or ".join(words)


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
