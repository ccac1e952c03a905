"""Pairing over HTTP: what a client without a credential is told, how often it may ask, and that the door shuts without Redis."""

import secrets
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

import bootstrap
from api import pairing
from kit.ids import new_id
from kit.settings import Settings


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client at an address of its own."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = new_id("addr")[-12:]
    return client


def test_begun_pairing_tells_codes_page_and_pace(client: FlaskClient) -> None:
    answer = client.post("/cli/v1/pairings", json={"machine": "till"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    told = answer.json
    assert (told["expires_in"], told["interval"]) == (600, 2)
    assert told["verification_uri"].endswith("/cli")
    assert told["verification_uri_complete"] == f"{told['verification_uri']}?code={told['user_code']}"

    waiting = client.post("/cli/v1/pairings/collect", json={"device_code": told["device_code"]})
    assert (waiting.status_code, waiting.json["code"]) == (400, "authorization_pending")
    hasty = client.post("/cli/v1/pairings/collect", json={"device_code": told["device_code"]})
    assert (hasty.status_code, hasty.json["code"]) == (400, "slow_down")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/cli/v1/pairings", {}, 422, "validation_failed"),
        ("/cli/v1/pairings", {"machine": "x" * 65}, 422, "validation_failed"),
        ("/cli/v1/pairings", [], 422, "validation_failed"),
        ("/cli/v1/pairings/collect", {"device_code": "never"}, 410, "expired_token"),
        ("/cli/v1/pairings/collect", {"device_code": 7}, 422, "validation_failed"),
    ],
)  # fmt: skip
def test_refusal_is_a_problem(client: FlaskClient, path: str, body: object, status: int, code: str) -> None:
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


def test_ending_what_is_no_pairing_answers_the_same(client: FlaskClient) -> None:
    assert client.post("/cli/v1/pairings/end", json={"api_key": "tp_test_sk_x"}).status_code == 200


def test_address_that_begins_too_many_is_limited(client: FlaskClient) -> None:
    caller = {"REMOTE_ADDR": f"2001:db8:{secrets.token_hex(2)}::1"}
    statuses = [
        client.post("/cli/v1/pairings", json={"machine": "till"}, environ_base=caller).status_code for _ in range(11)
    ]
    assert statuses == [201] * 10 + [429]


def test_door_is_shut_without_redis(app: Flask, settings: Settings) -> None:
    alone = bootstrap.Application("bootstrap")
    away = replace(settings, redis_url="unix:///tmp/no-such-redis.sock")
    bootstrap._portal_limiter(alone, away)
    alone.register_blueprint(pairing.blueprint)
    alone.register_error_handler(Exception, bootstrap._answer_error)

    answer = alone.test_client().post("/cli/v1/pairings", json={"machine": "till"})

    assert (answer.status_code, answer.json["code"]) == (503, "maintenance")
