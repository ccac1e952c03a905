"""Webhook inboxes and their verdict on signatures."""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from kit.crypto import signing_secret
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import inbox

BODY = b'{"type":"order.created","name":"Jalape\xc3\xb1os"}'


def signed(secret: str, body: bytes = BODY, *, age_s: int = 0) -> dict[str, str]:
    """Headers of a delivery as an independent implementation signs it."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    return {
        "Webhook-Id": "evt_1", "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("evt_1", at, body.decode()),
    }  # fmt: skip


def test_received_webhook_is_kept_with_its_verdict(scope: Scope) -> None:
    secret = signing_secret()
    with unit_of_work(scope):
        token = inbox.token_of(inbox.open_inbox(scope))
        assert inbox.receive(scope, token=token, headers=signed(secret), body=BODY, secrets=[secret]) is True
        [message] = inbox.messages(scope, token=token)

    assert message["body"] == BODY.decode()
    assert message["headers"]["Webhook-Id"] == "evt_1"
    assert message["is_signature_valid"] is True


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        (signed, True),
        (lambda secret: signed(signing_secret()), False),
        (lambda secret: signed(secret, b"{}"), False),
        (lambda secret: signed(secret, age_s=301), False),
        (lambda secret: signed(secret, age_s=-301), False),
        (lambda secret: {}, False),
        (lambda secret: signed(secret) | {"Webhook-Timestamp": "²"}, False),
        (lambda secret: signed(secret) | {"Webhook-Id": "evt_2"}, False),
        (lambda secret: signed(secret) | {"Webhook-Signature": f"v1,x {signed(secret)['Webhook-Signature']}"}, True),
    ],
    ids=["right", "other secret", "other body", "old", "early", "unsigned", "odd time", "other id", "second of two"],
)
def test_signature_verdict(headers: Callable[[str], dict[str, str]], verdict: bool) -> None:
    secret = signing_secret()
    lowered = {name.lower(): value for name, value in headers(secret).items()}

    assert inbox.is_signed(lowered, BODY, [signing_secret(), secret]) is verdict


def in_pos_form(secret: str, body: bytes = BODY) -> dict[str, str]:
    """Headers of a POS delivery: the key is the secret's text."""
    at = str(int(datetime.now(UTC).timestamp()))
    beside = hmac.new(secret.encode(), f"evt_1.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "evt_1", "webhook-timestamp": at, "webhook-signature": f"v1,{b64encode(beside).decode()}",
        "x-tablespot-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("secret", "changes", "verdict"),
    [
        ("whsec_your_signing_secret_here", {}, True),
        ("whsec_another_secret_of_others", {}, False),
        ("whsec_your_signing_secret_here", {"x-tablespot-signature": "0" * 64}, False),
        ("whsec_your_signing_secret_here", {"webhook-signature": "v1,AAAA"}, False),
    ],
    ids=["right", "other secret", "wrong signature", "wrong signature beside it"],
)
def test_signature_verdict_on_the_pos_form(secret: str, changes: dict[str, str], verdict: bool) -> None:
    assert inbox.is_signed(in_pos_form("whsec_your_signing_secret_here") | changes, BODY, [secret]) is verdict


@pytest.mark.parametrize(
    ("url", "token", "path"),
    [
        ("https://inbox.sandbox.invalid/tok", "tok", "/"),
        ("https://inbox.sandbox.invalid/tok/orders/6f1c%2F1?x=1", "tok", "/orders/6f1c%2F1?x=1"),
        ("https://inbox.sandbox.invalid/", None, "/"),
        ("https://hooks.sandbox.invalid/tok", None, "/"),
    ],
)
def test_address_below_an_inbox_is_the_inboxs(url: str, token: str | None, path: str) -> None:
    assert (inbox.token_of(url), inbox.path_of(url)) == (token, path)


def test_inbox_is_listed_newest_first_by_pages_and_cleared(scope: Scope) -> None:
    with unit_of_work(scope):
        token = inbox.token_of(inbox.open_inbox(scope))
        for number in range(5):
            inbox.receive(scope, token=token, headers={}, body=str(number).encode(), secrets=[])
        first = inbox.messages(scope, token=token, limit=2)
        second = inbox.messages(scope, token=token, limit=2, after=[first[1]["received_at"], first[1]["id"]])
        inbox.clear(scope, token=token)
        left = inbox.messages(scope, token=token)

    assert [message["body"] for message in first[:2] + second[:2]] == ["4", "3", "2", "1"]
    assert left == []


def test_inbox_keeps_the_newest_messages_only(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "KEPT_MESSAGES", 2)
    with unit_of_work(scope):
        token = inbox.token_of(inbox.open_inbox(scope))
        for number in range(4):
            inbox.receive(scope, token=token, headers={}, body=str(number).encode(), secrets=[])
        kept = inbox.messages(scope, token=token)

    assert [message["body"] for message in kept] == ["3", "2"]


def test_another_tenants_inbox_is_not_found(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    with unit_of_work(other):
        token = inbox.token_of(inbox.open_inbox(other))
    with unit_of_work(scope):
        with pytest.raises(NotFound):
            inbox.messages(scope, token=token)
        with pytest.raises(NotFound):
            inbox.receive(scope, token=token, headers={}, body=b"", secrets=[])


def test_opening_an_inbox_again_keeps_its_messages(scope: Scope) -> None:
    with unit_of_work(scope):
        inbox.open_inbox(scope, token="fixed")
        inbox.receive(scope, token="fixed", headers={}, body=b"1", secrets=[])
        assert inbox.open_inbox(scope, token="fixed") == "https://inbox.sandbox.invalid/fixed"
        assert len(inbox.messages(scope, token="fixed")) == 1


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://inbox.sandbox.invalid/abc", "abc"), ("https://inbox.sandbox.invalid/", None),
        ("https://hooks.sandbox.invalid/ok", None), ("https://inbox.sandbox.invalid.example.com/abc", None),
    ],
)  # fmt: skip
def test_token_of_an_address(url: str, token: str | None) -> None:
    assert inbox.token_of(url) == token


def test_webhook_received_again_is_kept_as_a_replay(scope: Scope) -> None:
    secret = signing_secret()
    with unit_of_work(scope):
        first, other = (inbox.token_of(inbox.open_inbox(scope)) for _ in range(2))
        once = signed(secret)
        for token, headers in ((first, once), (first, once), (first, {}), (first, {}), (other, once)):
            inbox.receive(scope, token=token, headers=headers, body=BODY, secrets=[secret])
        kept = [(message["webhook_id"], message["is_replay"]) for message in reversed(inbox.messages(scope, token=first))]
        [elsewhere] = inbox.messages(scope, token=other)

    assert kept == [("evt_1", False), ("evt_1", True), (None, False), (None, False)]
    assert elsewhere["is_replay"] is False
