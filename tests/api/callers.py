"""A caller of the API. Its answers are held against the OpenAPI document like all (tests.support.promises)."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Caller:
    """Sends requests with one key."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._app = app
        self._headers = {"Authorization": f"Bearer {key}"} if key is not None else {}

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        client = self._app.test_client(use_cookies=False)
        return client.open(path, method=method, headers={**self._headers, **(headers or {})}, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.send("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.send("PATCH", path, **options)
