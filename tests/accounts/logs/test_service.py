"""Request logs as a partner reads them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from accounts.logs.models import RequestLog
from accounts.logs.service import counts
from accounts.logs.service import counts_by_credential
from accounts.logs.service import get_log
from accounts.logs.service import list_logs
from kit.clock import day_of
from kit.clock import from_us
from kit.clock import now_us
from kit.documents import append
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work

CALLS = [
    ("GET", "/v1/orders", 200, "key_1"),
    ("POST", "/v1/orders", 201, "key_1"),
    ("POST", "/v1/orders", 422, "key_1"),
    ("GET", "/v1/orders_100%/x", 404, "key_2"),
    ("GET", "/v1/menus", 429, "key_2"),
    ("GET", "/v1/menus", 500, "key_2"),
]


def log_row(scope: Scope, number: int, method: str, path: str, status: int, credential_id: str) -> dict[str, Any]:
    return {
        "id": f"req_{number}", "application_id": scope.application_id, "credential_id": credential_id, "product": "core",
        "method": method, "path": path, "status": status, "duration_us": 900, "at": from_us(1_000_000 + number // 2),
        "request_headers": {"Accept": "*/*"}, "request_body": '{"a":1}', "response_headers": {}, "response_body": "[]",
        "expires_on": day_of(now_us()) + 7,
    }  # fmt: skip


@pytest.fixture
def logged(scope: Scope) -> Scope:
    """A tenant with six logged calls, two of them at one instant each."""
    with unit_of_work(scope):
        append(scope, RequestLog, [log_row(scope, number, *call) for number, call in enumerate(CALLS)])
    return scope


def test_calls_are_counted_by_credential(logged: Scope):
    with unit_of_work(logged, writes=False):
        assert counts_by_credential(logged, since_us=0) == {"key_1": 3, "key_2": 3}
        assert counts_by_credential(logged, since_us=1_000_002) == {"key_2": 2}


def test_logs_are_listed_newest_first_in_pages_without_bodies(logged: Scope):
    with unit_of_work(logged, writes=False):
        first = list_logs(logged, limit=3)
        second = list_logs(logged, limit=3, after=[first[2]["at"], first[2]["id"]])
    assert [row["id"] for row in first] == ["req_5", "req_4", "req_3", "req_2"]
    assert [row["id"] for row in second] == ["req_2", "req_1", "req_0"]
    assert {"request_body", "response_body", "request_headers", "tenant_id"}.isdisjoint(first[0])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": "2xx"}, ["req_1", "req_0"]),
        ({"status": "4xx"}, ["req_4", "req_3", "req_2"]),
        ({"status": "500"}, ["req_5"]),
        ({"method": "post"}, ["req_2", "req_1"]),
        ({"path": "/v1/orders"}, ["req_3", "req_2", "req_1", "req_0"]),
        ({"path": "/v1/orders_100%"}, ["req_3"]),
        ({"path": "%menus"}, []),
        ({"credential_id": "key_2", "status": "4xx", "method": "GET", "path": "/v1/m"}, ["req_4"]),
    ],
    ids=["class", "client-errors", "number", "method", "beginning", "wildcards-literal", "no-pattern", "all"],
)
def test_logs_are_filtered(logged: Scope, filters: dict[str, Any], found: list[str]):
    with unit_of_work(logged, writes=False):
        assert [row["id"] for row in list_logs(logged, limit=9, **filters)] == found


@pytest.mark.parametrize("text", ["6xx", "40", "abc", "٤٠٤"])
def test_status_filter_is_refused_when_it_is_none(logged: Scope, text: str):
    with pytest.raises(Invalid), unit_of_work(logged, writes=False):
        list_logs(logged, limit=9, status=text)


def test_log_is_shown_with_headers_and_bodies(logged: Scope):
    with unit_of_work(logged, writes=False):
        row = get_log(logged, request_id="req_0")
    assert (row["request_headers"], row["request_body"], row["response_body"]) == ({"Accept": "*/*"}, '{"a":1}', "[]")


def test_calls_are_counted_since_an_instant(logged: Scope):
    with unit_of_work(logged, writes=False):
        assert counts(logged, since_us=0) == {"calls": 6, "2xx": 2, "4xx": 3, "5xx": 1, "429": 1, "errors": 4}
        assert counts(logged, since_us=1_000_002) == {"calls": 2, "2xx": 0, "4xx": 1, "5xx": 1, "429": 1, "errors": 2}
        assert counts(logged, since_us=2_000_000) == dict.fromkeys(("calls", "2xx", "4xx", "5xx", "429", "errors"), 0)


@pytest.mark.parametrize("by", ["tenant", "application", "no-application"])
def test_logs_look_absent_to_another(logged: Scope, new_scope: Callable[..., Scope], by: str):
    foreign = {
        "tenant": new_scope(), "application": replace(logged, application_id="app_other"),
        "no-application": replace(logged, application_id=None),
    }[by]  # fmt: skip
    with unit_of_work(foreign, writes=False):
        assert list_logs(foreign, limit=9) == []
        assert counts(foreign, since_us=0)["calls"] == 0
    with pytest.raises(NotFound), unit_of_work(foreign, writes=False):
        get_log(foreign, request_id="req_0")
