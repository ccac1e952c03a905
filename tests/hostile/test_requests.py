"""Every hostile request is refused in the contract's form and leaves nothing behind."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.hostile.cases import CASES
from tests.hostile.cases import Case
from tests.hostile.conftest import Footprint
from tests.hostile.conftest import Target

LEAKS = ("Traceback", "sqlalchemy", "psycopg", "sqlite3", ".py", "SELECT ", "<html", "<!doctype")


def send(app: Flask, case: Case, names: dict[str, str]) -> TestResponse:
    """Perform a case with its names filled in."""
    filled = {name: fill(value, names) for name, value in case.headers.items()}
    headers = {"Content-Type": "application/json", **filled} if case.body is not None else filled
    if case.authorization is not None:
        headers["Authorization"] = fill(case.authorization, names)
    body = None if case.body is None else fill(case.body.decode("latin-1"), names).encode("latin-1")
    return app.test_client(use_cookies=False).open(fill(case.path, names), method=case.method, data=body, headers=headers)


def fill(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace("{" + name + "}", value)
    return text


def test_cases_when_counted_are_many_and_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    without_headers = [replace(case, name="") for case in CASES if not case.headers]
    assert len(set(map(str, without_headers))) == len(without_headers)


@pytest.mark.compliance("ASVS 5.0 8.2.3")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_request_when_hostile_is_refused_and_writes_nothing(
    case: Case, app: Flask, target: Target, footprint: Callable[[], Footprint]
) -> None:
    before = footprint()
    response = send(app, case, target.names)
    problem = response.get_json(silent=True) or {}
    assert (response.status_code, problem.get("code")) == (case.status, case.code), response.text[:400]
    assert response.content_type == "application/problem+json"
    assert problem["status"] == case.status
    assert problem["title"]
    assert problem["request_id"] == response.headers["X-Request-Id"]
    assert [leak for leak in LEAKS if leak in response.text] == []
    assert footprint() == before


@pytest.mark.parametrize("name", ["key", "revoked_key", "flipped_key", "unknown_key"])
def test_refusal_when_a_credential_was_sent_does_not_repeat_it(name: str, app: Flask, target: Target) -> None:
    response = app.test_client().get("/v1/nothing?x=1", headers={"Authorization": f"Bearer {target.names[name]}"})
    assert target.names[name] not in response.text
