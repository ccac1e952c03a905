"""A caller of the API who holds every successful answer against the OpenAPI document."""

from functools import cache
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.openapi import document
from api.operations import operations


class Caller:
    """Sends requests with one key. A 2xx answer that its operation does not describe fails the test."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._app = app
        self._headers = {"Authorization": f"Bearer {key}"} if key is not None else {}

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        client = self._app.test_client(use_cookies=False)
        answer = client.open(path, method=method, headers={**self._headers, **(headers or {})}, **options)
        if method != "HEAD" and 200 <= answer.status_code < 300:
            require_documented(self._app, answer, method, path.partition("?")[0])
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.send("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.send("PATCH", path, **options)


@cache
def _spec() -> dict[str, Any]:
    return document()


def require_documented(app: Flask, answer: TestResponse, method: str, path: str) -> None:
    """Fail unless the answer's status is a success of its operation and its body fits the schema given for it."""
    rule = app.url_map.bind("").match(path, method=method, return_rule=True)[0].rule
    operation = next(one for one in operations if (one.method, one.path) == (method, rule))
    spec = _spec()
    responses = spec["paths"][rule.replace("<", "{").replace(">", "}")][method.lower()]["responses"]
    described = responses[str(operation.status)]
    assert str(answer.status_code) in responses, f"{operation.name} does not say it answers {answer.status_code}"
    if "content" not in described:
        assert answer.data == b""
        return
    schema = {**described["content"]["application/json"]["schema"], "components": spec["components"]}
    problems = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(answer.json)]
    assert problems == [], f"{operation.name}: {problems[:5]}"
