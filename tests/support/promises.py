"""Holds every answer of the API against its OpenAPI document, whoever asked for it.

`watch(app)` looks at each answer the application gives in this process, `judge_live` at those of a server in another one.
What was broken is collected, and the test during which it happened fails.
"""

from functools import cache
from typing import Any

import httpx
import orjson
from flask import Flask
from flask import Response
from flask import request
from jsonschema import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map
from werkzeug.routing import Rule

from api.disturbances import DISTURBED
from api.openapi import document
from api.operations import operations
from api.versions import CURRENT
from api.versions import HEADERS

JSON = "application/json"
PROBLEM = "application/problem+json"
PREFIXES = ("/v1/", "/sandbox/v1/")
seen: list[str] = []  # promises broken since the last test ended


def watch(app: Flask) -> None:
    """Judge every answer of this application from now on."""

    @app.after_request
    def judge(response: Response) -> Response:
        if DISTURBED in response.headers:
            return response  # a sandbox was told to break its promises
        if request.method != "OPTIONS" and request.path.startswith(PREFIXES) and not response.is_streamed:
            body = b"" if request.method == "HEAD" else response.get_data()
            method = "GET" if request.method == "HEAD" else request.method
            version = response.headers.get(HEADERS[0], CURRENT)
            seen.extend(broken(method, request.path, response.status_code, response.mimetype, body, version))
        return response


def judge_live(response: httpx.Response) -> None:
    """Judge an answer of a server in another process; an event hook of the client who calls it."""
    path = response.request.url.path
    if DISTURBED in response.headers or response.request.method in ("OPTIONS", "HEAD") or not path.startswith(PREFIXES):
        return
    mimetype = response.headers.get("Content-Type", "").partition(";")[0]
    version = response.headers.get(HEADERS[0], CURRENT)
    seen.extend(broken(response.request.method, path, response.status_code, mimetype, response.read(), version))


def broken(method: str, path: str, status: int, mimetype: str, body: bytes, version: str = CURRENT) -> list[str]:
    """What one answer breaks of what its operation promises; nothing for a server's own failures (5xx)."""
    if status >= 500:
        return []
    name, where = f"{method} {path} -> {status}", _operation(method, path)
    if where is None:
        return _misfit(name, _problem(version), body) if status in (404, 405, 415) else [f"{name}: no such operation"]
    described = _spec(version)["paths"][where][method.lower()]["responses"].get(str(status))
    if described is None:
        return [f"{name}: {where} does not say that it answers {status}"]
    content = described.get("content")
    if content is None:
        return [f"{name}: a body where none was promised"] if body else []
    if mimetype not in content:
        return [f"{name}: {mimetype} instead of {', '.join(content)}"]
    if mimetype not in (JSON, PROBLEM) or not body:
        return []
    return _misfit(name, _validator(version, where, method.lower(), status, mimetype), body)


def _misfit(name: str, validator: Draft202012Validator, body: bytes) -> list[str]:
    errors = validator.iter_errors(orjson.loads(body)) if body else ()
    return [f"{name}: {error.json_path}: {error.message[:200]}" for error in errors][:5]


@cache
def _spec(version: str) -> dict[str, Any]:
    return document(version)


@cache
def _map() -> Any:
    return Map([Rule(one.path, methods=[one.method], endpoint=one.path) for one in operations]).bind("")


def _operation(method: str, path: str) -> str | None:
    try:
        rule, _ = _map().match(path, method=method)
    except HTTPException:
        return None
    return str(rule).replace("<", "{").replace(">", "}")


@cache
def _validator(version: str, where: str, verb: str, status: int, mimetype: str) -> Draft202012Validator:
    spec = _spec(version)
    schema = spec["paths"][where][verb]["responses"][str(status)]["content"][mimetype]["schema"]
    return Draft202012Validator({**schema, "components": spec["components"]})


@cache
def _problem(version: str) -> Draft202012Validator:
    spec = _spec(version)
    return Draft202012Validator({"$ref": "#/components/schemas/Problem", "components": spec["components"]})
