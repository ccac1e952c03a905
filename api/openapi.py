"""OpenAPI 3.1, generated from the operations the gate registered. It cannot differ from what runs."""

import re
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.field_converter import FieldConverterMixin
from flask import Blueprint
from flask import Response
from marshmallow import Schema

from api import fields
from api.operations import PUBLIC
from api.operations import Operation
from api.operations import operations
from api.versions import CURRENT
from kit.errors import registry

blueprint = Blueprint("openapi", __name__)
ANSWERS = "Out"  # how schemas of answers are named
COMMON_REFUSALS = (400, 401, 403, 404, 422, 429)
_TYPES: dict[type, dict[str, Any]] = {
    fields.Money: {"type": "number", "description": "Decimal amount in the object's currency"},
    fields.DiscountValue: {"type": "number", "description": "Percent, or a decimal amount, by `type`"},
    fields.Amount: {"type": "number", "minimum": 0},
    fields.Instant: {"type": "string", "format": "date-time"},
    fields.CommaList: {"type": "string", "description": "Comma separated"},
}
_cache: dict[str, bytes] = {}
_server: dict[str, str] = {}


def configure(public_url: str) -> None:
    """Name the server the documents describe."""
    _server["url"] = public_url
    _cache.clear()


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document of every product."""
    if "document" not in _cache:
        _cache["document"] = orjson.dumps(document())
    return Response(_cache["document"], content_type="application/json")


def document() -> dict[str, Any]:
    """Build the OpenAPI document."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Tableport", version=CURRENT, openapi_version="3.1.0", plugins=[plugin],
        servers=[{"url": _server.get("url", "")}],
        info={"description": "One restaurant model behind the APIs partners already know."},
    )  # fmt: skip
    plugin.converter.add_attribute_function(_own_type)
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", _problem_schema())
    for operation in operations:
        spec.path(path=_template(operation.path), operations={operation.method.lower(): _describe(operation)})
    described: dict[str, Any] = spec.to_dict()
    for name, schema in described["components"]["schemas"].items():
        if name.endswith(ANSWERS):
            # What has no value is printed as null; only what was not asked for is left out.
            schema["required"] = [name for name, field in schema["properties"].items() if "x-when-asked-for" not in field]
    return described


def _own_type(_self: FieldConverterMixin, field: Any, **_: Any) -> dict[str, Any]:
    for kind, described in _TYPES.items():
        if isinstance(field, kind):
            is_nullable = getattr(field, "allow_none", False)
            return described | ({"type": [described["type"], "null"]} if is_nullable else {})
    return {}


def _schema_name(schema: Any) -> str | None:
    cls = schema if isinstance(schema, type) else type(schema)
    return str(cls.__name__)


def _template(path: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", path)


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.product if operation.area == "platform" else operation.area],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{"key": [] if operation.scope == PUBLIC else [operation.scope]}],
        "parameters": _parameters(operation),
        "responses": {str(status): _success(operation) for status in _successes(operation)} | _refusals(operation),
        "x-rate-limit-bucket": operation.bucket,
    }
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": operation.body}}}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"<(\w+)>", operation.path)
    ]
    query = [{"in": "query", "schema": operation.query}] if operation.query else []
    headers = [
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}},
    ]
    return path + query + (headers if operation.writes else [])


def _successes(operation: Operation) -> list[int]:
    return [operation.status] if operation.repeat_status is None else [operation.status, operation.repeat_status]


def _success(operation: Operation) -> dict[str, Any]:
    schema: type[Schema] | dict[str, Any] | None = operation.printed or operation.returns
    if schema is None:
        return {"description": "Done"} if operation.status == 204 else _json({"type": "object"})
    if operation.is_list:
        schema = {
            "type": "object",
            "required": ["data", "has_more", "next_cursor"],
            "properties": {
                "data": {"type": "array", "items": schema},
                "has_more": {"type": "boolean"},
                "next_cursor": {"type": ["string", "null"]},
            },
        }
    return _json(schema)


def _json(schema: Any) -> dict[str, Any]:
    return {"description": "Success", "content": {"application/json": {"schema": schema}}}


def _refusals(operation: Operation) -> dict[str, Any]:
    statuses = {*COMMON_REFUSALS, *(error.status for error in operation.errors)}
    if operation.writes:
        statuses |= {409, 413, 415}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {str(status): {"description": "Refused", "content": problem} for status in sorted(statuses)}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "code", "detail", "request_id"],
        "properties": {
            "type": text, "title": text, "detail": text, "request_id": text, "doc_url": text,
            "status": {"type": "integer"},
            "code": {"type": "string", "enum": sorted({error.code for error in registry()})},
            "errors": {
                "type": "array",
                "items": {"type": "object", "properties": {"field": text, "code": text, "message": text}},
            },
        },
    }  # fmt: skip
