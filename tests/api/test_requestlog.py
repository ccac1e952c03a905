"""Request logs: soon visible, free of secrets, and never in the way of a request."""

import json
import os
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accounts.keys.models import ApiKey
from accounts.logs.models import RequestLog
from api import requestlog
from api.requestlog import MAX_BODY
from api.requestlog import RequestLogger
from api.requestlog import request_log
from kit.clock import day_of
from kit.clock import to_us
from kit.crypto import mint
from kit.planes import Environment
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def row_of(partner: Partner, request_id: str) -> dict[str, Any]:
    """The stored row of a request, as text and JSON."""
    request_log.flush()
    with unit_of_work(partner.scope, writes=False):
        row = session(partner.scope).scalar(RequestLog.owned_by(partner.scope).where(RequestLog.id == request_id))
        return {column.name: getattr(row, column.name) for column in RequestLog.__table__.columns}


def logged(partner: Partner, answer: Any) -> str:
    """Everything stored about a request, in one text."""
    return json.dumps(row_of(partner, answer.headers["X-Request-Id"]), default=str, ensure_ascii=False)


def test_call_is_listed_within_a_second(caller: Caller) -> None:
    request_id = caller.get("/v1/orders?limit=1").headers["X-Request-Id"]
    ends_at = time.monotonic() + 1
    while request_id not in (found := [row["request_id"] for row in caller.get("/v1/logs?limit=100").json["data"]]):
        assert time.monotonic() < ends_at, found
        time.sleep(0.05)


def test_call_is_logged_as_it_was(caller: Caller, partner: Partner) -> None:
    body = {**BURGER, "notes": "Żurek"}
    answer = caller.post("/v1/orders?x=1", json=body, headers={"User-Agent": "till/1"})
    request_log.flush()
    shown = caller.get(f"/v1/logs/{answer.headers['X-Request-Id']}").json
    assert (shown["method"], shown["path"], shown["query"], shown["route"]) == ("POST", "/v1/orders", "x=1", "/v1/orders")
    assert (shown["status"], shown["error_code"], shown["ip"]) == (400, "invalid_parameter", "127.0.0.1")
    assert (json.loads(shown["request_body"]), shown["response_body"]) == (body, answer.text)
    assert shown["request_headers"]["User-Agent"] == "till/1"
    assert shown["request_headers"]["Content-Type"] == "application/json"
    assert shown["response_headers"]["X-RateLimit-Bucket"] == "write"
    assert shown["credential_id"] == caller.get("/v1/me").json["credential_id"]
    assert 0 < shown["duration_us"] < 5_000_000


def test_call_is_kept_as_long_as_the_plan_says(
    caller: Caller, caller_of: NewCaller, partner: Partner, live: Partner
) -> None:
    """A sandbox keeps a week of calls, whatever plan it behaves as; the production plan is Pro."""
    for one, own, days in ((caller, partner, 7), (caller_of(live.shared()), live, 30)):
        row = row_of(own, one.get("/v1/me").headers["X-Request-Id"])
        assert row["expires_on"] == day_of(to_us(row["at"])) + days


@pytest.mark.compliance("RFC 9700 4.9.3")
@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/v1/orders", {"json": BURGER}),
        ("/v1/orders", {"json": {**BURGER, "notes": "my key is {key}, my secret " + SECRET}}),
        ("/v1/deliveries/{key}/retry", {}),
        ("/v1/orders", {"json": BURGER, "headers": {"X-Key": "{key}", "Cookie": "a={key}", "X-Api-Key": "{key}"}}),
        ("/v1/orders", {"json": BURGER, "headers": {"Referer": "https://example.com/?k={key}&s=" + SECRET}}),
        ("/v1/orders", {"data": '{"notes": "{key}', "content_type": "application/json"}),
        ("/v1/orders", {"data": "x" * (MAX_BODY - 40) + " {key} " + SECRET, "content_type": "application/json"}),
        ("/v1/orders", {"data": '"' + "x" * (MAX_BODY - 40) + ' {key}"', "content_type": "application/json"}),
    ],
    ids=["header", "body", "path", "other-headers", "referer", "broken-body", "cut-text", "cut-json"],
)
def test_credential_and_signing_secret_are_never_stored(
    partner: Partner, caller_of: NewCaller, path: str, options: dict[str, Any]
) -> None:
    key = partner.issue().text
    filled = json.loads(json.dumps(options).replace("{key}", key))
    stored = logged(partner, caller_of(key).post(path.replace("{key}", key), **filled))
    assert key[19:] not in stored, "what follows the key id is the secret"
    assert [stored for at in range(19, len(key) - 12) if key[at : at + 12] in stored] == []
    assert SECRET[6:] not in stored
    assert '"Authorization": "[redacted]"' in stored


def test_strange_key_in_an_address_is_not_stored(caller: Caller, partner: Partner) -> None:
    strange = mint("tp_test_sk_").text  # one's own would be revoked at once
    assert strange[19:] not in logged(partner, caller.get(f"/v1/me?key={strange}"))


def test_secret_of_a_new_endpoint_is_not_stored(caller: Caller, partner: Partner) -> None:
    answer = caller.post("/v1/webhooks", json={"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]})
    assert answer.json["secret"][6:] not in logged(partner, answer)
    rotated = caller.post(f"/v1/webhooks/{answer.json['id']}/rotate-secret")
    assert rotated.json["secret"][6:] not in logged(partner, rotated)


@pytest.mark.parametrize(
    "headers",
    ['{"Authorization": "Bearer hunter2"}', '{"a": "quote \\" } hunter2"}', '["hunter2"]', '"hunter2"', '{"a": "hunter2',
     '{"a": {"b": "hunter2"}}, ', '{"Authorization" : "Bearer hunter2"}, "filters": [}'],
    ids=["right", "escaped", "list", "text", "unfinished", "deep", "broken"],
)  # fmt: skip
def test_headers_of_an_endpoint_are_stored_without_their_values(caller: Caller, partner: Partner, headers: str) -> None:
    body = f'{{"url": "https://hooks.sandbox.invalid/ok", "events": ["*"], "headers": {headers}' + "}"
    answer = caller.post("/v1/webhooks", data=body, content_type="application/json")
    stored = logged(partner, answer)
    assert "hunter2" not in stored
    assert "https://hooks.sandbox.invalid/ok" in stored


@pytest.mark.parametrize(
    "body",
    [
        '{"password": "hunter2", "items": []}',
        '{"a": [{"client_secret": {"deep": "hunter2"}}]}',
        '{"token": "hunter2", ',
        '{"refresh_token" : "hunter2',
        '{"secret": "quote \\" hunter2", [',
        '{"password": "hunter2", "x": ' + "[" * 300 + "]" * 300 + "}",
        '{"password": "hunter2", "x": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=["plain", "nested", "broken", "unfinished", "escaped", "deep", "deeper"],
)
def test_named_secrets_are_hidden_and_the_writer_survives_the_body(caller: Caller, partner: Partner, body: str) -> None:
    answer = caller.post("/v1/orders", data=body, content_type="application/json")
    assert 400 <= answer.status_code < 500
    stored = row_of(partner, answer.headers["X-Request-Id"])["request_body"]
    assert "hunter2" not in stored
    assert "[redacted]" in stored


def test_body_is_cut_at_its_limit(caller: Caller, partner: Partner) -> None:
    whole, over = ("é" * length for length in (MAX_BODY // 2 - 10, MAX_BODY + 10))
    for text, is_whole in ((whole, True), (over, False)):
        answer = caller.post("/v1/orders", data=text.encode(), content_type="application/json")
        stored = row_of(partner, answer.headers["X-Request-Id"])["request_body"]
        assert len(stored) <= MAX_BODY + len("… (truncated)")
        assert (stored == text) is is_whole
    many = caller.post("/v1/orders", json={**BURGER, "items": BURGER["items"] * 40})
    assert len(many.text) > MAX_BODY
    stored = row_of(partner, many.headers["X-Request-Id"])["response_body"]
    assert stored == many.text[:MAX_BODY] + "… (truncated)"


@pytest.mark.parametrize("path", ["/v1/orders/a%00b", "/v1/orders/%ff%fe", "/v1/orders/" + "x" * 3000, "/v1/orders?q=%00"])
def test_odd_address_is_logged_and_takes_no_other_row_with_it(caller: Caller, partner: Partner, path: str) -> None:
    odd, plain = caller.get(path), caller.get("/v1/me")
    assert row_of(partner, plain.headers["X-Request-Id"])["status"] == 200
    assert row_of(partner, odd.headers["X-Request-Id"])["status"] == odd.status_code


def test_call_without_a_known_credential_is_logged_for_nobody(caller_of: NewCaller, partner: Partner) -> None:
    answer = caller_of(None).get("/v1/me")
    request_log.flush()
    with unit_of_work(partner.scope, writes=False):
        query = RequestLog.owned_by(partner.scope).where(RequestLog.id == answer.headers["X-Request-Id"])
        assert session(partner.scope).scalar(query) is None


def test_writer_when_it_fails_breaks_no_request_and_goes_on_later(
    caller: Caller, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(request_log, "_write", fail)
        assert caller.post("/v1/orders", json=BURGER).status_code == 201
        request_log.flush()
        time.sleep(2 * requestlog.FLUSH_S)
    assert row_of(partner, caller.get("/v1/me").headers["X-Request-Id"])["status"] == 200
    assert [thread.is_alive() for thread in [request_log._thread]] == [True]


def test_plane_that_fails_does_not_cost_the_other_its_rows(
    caller: Caller, caller_of: NewCaller, live: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = request_log._write
    assert write is not None

    def fail_in_sandbox(environment: Environment, rows: list[dict[str, Any]]) -> None:
        if environment == Environment.SANDBOX:
            raise OSError("disk full")
        write(environment, rows)

    monkeypatch.setattr(request_log, "_write", fail_in_sandbox)
    caller.get("/v1/me")
    answer = caller_of(live.key).get("/v1/me")
    assert row_of(live, answer.headers["X-Request-Id"])["status"] == 200


def test_logger_when_the_writer_cannot_keep_up_drops_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(requestlog, "MAX_PENDING", 3)
    monkeypatch.setattr(requestlog, "_row", lambda entry: {"id": entry.request_id})
    logger, written = RequestLogger(), []
    logger._write = lambda _environment, rows: written.extend(rows)
    for number in range(5):
        logger.add(entry_of(f"req_{number}"))
    logger.flush()
    assert [row["id"] for row in written] == ["req_0", "req_1", "req_2"]
    assert [record.getMessage() for record in caplog.records] == ["2 request log entries were dropped"]
    logger.add(entry_of("req_5"))
    logger.flush()
    assert written[-1] == {"id": "req_5"}


def entry_of(request_id: str) -> Any:
    """An entry with nothing in it but its id, its plane and its caller."""
    values: dict[str, Any] = dict.fromkeys((field.name for field in fields(requestlog.Entry)), "")
    scope = Partner("app_1", "tnt_1", Environment.SANDBOX, "").scope
    return requestlog.Entry(**{**values, "scope": scope, "request_id": request_id, "kid": request_id, "at_us": 0})


def test_key_is_marked_as_used(partner: Partner, caller_of: NewCaller) -> None:
    key = partner.issue()
    caller_of(key.text).get("/v1/me", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    request_log.flush()
    with control_unit(writes=False):
        row = control().session.get(ApiKey, key.id)
        assert (row.last_used_ip, row.last_used_at is not None) == ("203.0.113.0/24", True)


ENDING = """
import sys
from api import requestlog
requestlog.FLUSH_S = 3600
from bootstrap import create_app
answer = create_app().test_client().get("/v1/me", headers={"Authorization": "Bearer " + sys.argv[1]})
print(answer.headers["X-Request-Id"])
"""


def test_entries_are_written_when_the_process_ends(app: Flask, settings: Settings, partner: Partner) -> None:
    key = partner.issue().text
    ended = subprocess.run(
        [sys.executable, "-c", ENDING, key], cwd=Path(__file__).parents[2], env=environ_of(settings), capture_output=True,
        text=True, timeout=60, check=True,
    )  # fmt: skip
    assert row_of(partner, ended.stdout.strip())["status"] == 200


def environ_of(settings: Settings) -> dict[str, str]:
    """The environment that makes another process use the same planes, secrets and Redis."""
    given = {f"TABLEPORT_{field.name.upper()}": getattr(settings, field.name) for field in fields(Settings)}
    texts = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
    return {**os.environ, **{name: text for name, text in texts.items() if text}}
