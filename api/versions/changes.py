"""The form of a change between two dated versions, and how values are walked by their schemas to apply it."""

from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from functools import partial
from typing import Any

from marshmallow import Schema
from marshmallow import fields

PAGE = "Page"  # stands for the envelope of every list
Object = dict[str, Any]


def _as_it_is(value: Object) -> Object:
    return value


@dataclass(frozen=True)
class Change:
    """One difference between a version and the one before it, told as how to speak the older one.

    schemas: names of the schemas it is about; their subclasses are meant too. downgrade turns an answer into the older
    form, upgrade a request body into the newer one; both get a shallow copy. upgrade meets bodies nobody has checked yet.
    describe does to the JSON Schema's properties what downgrade does to values.
    """

    title: str
    description: str
    schemas: frozenset[str]
    older: Object  # an example in the older form …
    newer: Object  # … and in the newer
    downgrade: Callable[[Object], Object] = _as_it_is
    upgrade: Callable[[Object], Object] = _as_it_is
    describe: Callable[[Object], Object] = _as_it_is

    def concerns(self, schema: type[Schema]) -> bool:
        """Tell whether values of a schema differ."""
        return any(one.__name__ in self.schemas for one in schema.__mro__)


def downgraded(schema: type[Schema], value: Any, changes: tuple[Change, ...]) -> Any:
    """An answer of a schema in the form before `changes` (the newest first)."""
    if not isinstance(value, dict):
        return value
    shown = dict(value)
    for key, inner in nested(schema):
        if key in shown:
            shown[key] = _each(shown[key], partial(_downgraded, inner, changes))
    for change in changes:
        if change.concerns(schema):
            shown = change.downgrade(shown)
    return shown


def upgraded(schema: type[Schema], value: Any, changes: tuple[Change, ...]) -> Any:
    """A request body of a schema in the form after `changes` (the oldest first)."""
    if not isinstance(value, dict):
        return value
    body = dict(value)
    for change in changes:
        if change.concerns(schema):
            body = change.upgrade(body)
    for key, inner in nested(schema):
        if key in body:
            body[key] = _each(body[key], partial(_upgraded, inner, changes))
    return body


@cache
def nested(schema: type[Schema]) -> tuple[tuple[str, type[Schema]], ...]:
    """(key, schema) of the objects and lists of objects inside a schema."""
    return tuple(_nested(schema))


def _nested(schema: type[Schema]) -> Iterator[tuple[str, type[Schema]]]:
    for name, field in schema().fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield field.data_key or name, type(inner.schema)


def _downgraded(schema: type[Schema], changes: tuple[Change, ...], value: Any) -> Any:
    return downgraded(schema, value, changes)


def _upgraded(schema: type[Schema], changes: tuple[Change, ...], value: Any) -> Any:
    return upgraded(schema, value, changes)


def _each(value: Any, function: Callable[[Any], Any]) -> Any:
    return [function(one) for one in value] if isinstance(value, list) else function(value)
