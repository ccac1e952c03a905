"""OpenAPI 3.1, generated from the operations the gate registered. It cannot differ from what runs."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.field_converter import FieldConverterMixin
from flask import Blueprint
from flask import Response
from flask import request
from marshmallow import Schema
from marshmallow import validate

from accounts.plans.scopes import SCOPES
from api import fields
from api.openapi_words import TAGS
from api.openapi_words import said_of
from api.operations import PUBLIC
from api.operations import Operation
from api.operations import operations
from api.versions import CURRENT
from api.versions import VERSIONS
from api.versions import changes_since
from api.versions.changes import PAGE
from kit.errors import UnsupportedVersion
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
_REFERENCE = re.compile(r'"#/components/schemas/(\w+)"')
_cache: dict[str, bytes] = {}
_server: dict[str, str] = {}


def configure(public_url: str) -> None:
    """Name the server the documents describe."""
    _server["url"] = public_url
    _cache.clear()


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document of every product, in the newest version or the one `?version=` names."""
    version = request.args.get("version", CURRENT)
    if version not in VERSIONS:
        raise UnsupportedVersion(f"{version[:40]!r} is not a version; the newest is {CURRENT}.", versions=list(VERSIONS))
    if version not in _cache:
        _cache[version] = orjson.dumps(document(version, _server.get("url", "")))
    return Response(_cache[version], content_type="application/json")


def document(version: str = CURRENT, url: str = "") -> dict[str, Any]:
    """Build the OpenAPI document of one version, of a server at `url`. Raises ValueError for an unknown version."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Tableport", version=version, openapi_version="3.1.0", plugins=[plugin],
        servers=[{"url": url}],
        info={
            "description": "One restaurant model behind the APIs partners already know.",
            "contact": {"name": "Tableport", "url": f"{url}/docs"},
        },
        tags=[{"name": name, "description": text} for name, text in sorted(_tags().items())],
    )  # fmt: skip
    plugin.converter.add_attribute_function(_own_type)
    plugin.converter.add_attribute_function(_own_pattern)
    for name, scheme in _security_schemes(url).items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Problem", _problem_schema())
    for operation in operations:
        spec.path(path=_template(operation.path), operations={operation.method.lower(): _describe(operation)})
    described: dict[str, Any] = spec.to_dict()
    _explain_parameters(described)
    _speak(version, described, {name: key[0] for key, name in plugin.converter.refs.items()})
    _drop_unused(described)
    for name, schema in described["components"]["schemas"].items():
        if name.endswith(ANSWERS):
            # What has no value is printed as null; only what was not asked for is left out.
            schema["required"] = [name for name, field in schema["properties"].items() if "x-when-asked-for" not in field]
    return described


def _drop_unused(described: dict[str, Any]) -> None:
    """Forget schemas nothing refers to, such as those of objects an older version prints in another form."""
    schemas = described["components"]["schemas"]
    waiting = set(_REFERENCE.findall(orjson.dumps(described["paths"]).decode()))
    used: set[str] = set()
    while waiting:
        used |= waiting
        waiting = {name for one in waiting for name in _REFERENCE.findall(orjson.dumps(schemas[one]).decode())} - used
    described["components"]["schemas"] = {name: schema for name, schema in schemas.items() if name in used}


def _explain_parameters(described: dict[str, Any]) -> None:
    for operation in operations:
        for parameter in described["paths"][_template(operation.path)][operation.method.lower()]["parameters"]:
            parameter.setdefault("description", said_of(parameter["name"]))


def _tags() -> dict[str, str]:
    used = {_tag(operation) for operation in operations}
    return {name: text for name, text in TAGS.items() if name in used}


def _tag(operation: Operation) -> str:
    return operation.product if operation.area == "platform" else operation.area


def _security_schemes(url: str) -> dict[str, Any]:
    flow = {"tokenUrl": f"{url}/oauth/token", "scopes": dict(SCOPES)}
    asking = flow | {"authorizationUrl": f"{url}/oauth/authorize"}
    return {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key, or a token of one of the OAuth flows below."},
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow, "authorizationCode": asking}},
    }


def _speak(version: str, described: dict[str, Any], classes: dict[str, type[Schema]]) -> None:
    """Describe objects and pages in the form an older version gives them."""
    for change in reversed(changes_since(version)):
        for name, schema in described["components"]["schemas"].items():
            if name in classes and change.concerns(classes[name]):
                schema["properties"] = change.describe(schema["properties"])
        if PAGE in change.schemas:
            for page in _pages(described):
                page["properties"] = change.describe(page["properties"])
                page["required"] = list(page["properties"])


def _pages(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operation in operations:
        if operation.is_list:
            answers = described["paths"][_template(operation.path)][operation.method.lower()]["responses"]
            yield answers[str(operation.status)]["content"]["application/json"]["schema"]


def _own_type(_self: FieldConverterMixin, field: Any, **_: Any) -> dict[str, Any]:
    for kind, described in _TYPES.items():
        if isinstance(field, kind):
            default = getattr(field, "load_default", None)
            if isinstance(default, tuple):
                described = described | {"default": ",".join(default)}
            is_nullable = getattr(field, "allow_none", False)
            return described | ({"type": [described["type"], "null"]} if is_nullable else {})
    return {}


def _own_pattern(_self: FieldConverterMixin, field: Any, **_: Any) -> dict[str, Any]:
    """Say where a text ends in the words of JSON Schema's regular expressions."""
    patterns = [str(rule.regex.pattern) for rule in field.validators if isinstance(rule, validate.Regexp)]
    return {"pattern": patterns[0].replace(r"\Z", "$")} if patterns else {}


def _schema_name(schema: Any) -> str | None:
    cls = schema if isinstance(schema, type) else type(schema)
    return str(cls.__name__)


def _template(path: str) -> str:
    return re.sub(r"<(\w+)>", r"{\1}", path)


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [_tag(operation)],
        "summary": operation.summary,
        "description": operation.description or operation.summary,
        "security": [{"key": []}, {"oauth": [] if operation.scope == PUBLIC else [operation.scope]}],
        "parameters": _parameters(operation),
        "responses": {str(status): _success(operation) for status in _successes(operation)} | _refusals(operation)
        | ({"304": {"description": "Not modified"}} if not operation.writes and _is_versioned(operation) else {}),
        "x-rate-limit-bucket": operation.bucket,
    }
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        described["requestBody"] = {"required": _needs_more_than({}, operation.body), "content": content}
    return described


def _needs_more_than(body: dict[str, Any], schema: type[Schema]) -> bool:
    """Whether a schema refuses a body; one left out is read as an empty object."""
    return bool(schema().validate(body))


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": said_of(name)}
        for name in re.findall(r"<(\w+)>", operation.path)
    ]
    query = [{"in": "query", "schema": operation.query}] if operation.query else []
    return path + query + [
        {"name": name, "in": "header", "schema": schema, "description": said_of(name)}
        for name, schema in _headers(operation).items()
    ]


def _headers(operation: Operation) -> dict[str, Any]:
    key = {"Idempotency-Key": {"type": "string", "minLength": 1, "maxLength": 255}} if operation.writes else {}
    if not _is_versioned(operation):
        return key
    return key | {"If-Match" if operation.writes else "If-None-Match": {"type": "string"}}


def _is_versioned(operation: Operation) -> bool:
    """Whether its answer has an ETag: one object that has a version, or a list that says so."""
    shown = operation.printed or operation.returns
    return operation.is_tagged or (shown is not None and not operation.is_list and "version" in shown().fields)


def _successes(operation: Operation) -> list[int]:
    return [operation.status] if operation.repeat_status is None else [operation.status, operation.repeat_status]


def _success(operation: Operation) -> dict[str, Any]:
    if operation.media:
        file, rows = {"type": "string", "format": "binary"}, {"type": "array", "items": {"type": "object"}}
        return {
            "description": "The file",
            "content": {media: {"schema": rows if media == "application/json" else file} for media in operation.media},
        }
    schema: type[Schema] | dict[str, Any] | None = operation.printed or operation.returns
    if schema is None:
        return {"description": "Done"} if operation.status == 204 else _json({"type": "object"})
    if operation.is_list:
        schema = {
            "type": "object",
            "required": ["data", "has_more", "next_cursor"],
            "additionalProperties": False,
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
