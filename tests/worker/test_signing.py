import json
import time
from base64 import b64decode
from base64 import b64encode
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook
from standardwebhooks import WebhookVerificationError

from kit.crypto import hmac_key
from kit.crypto import redact
from kit.crypto import signing_secret
from sandbox import inbox
from worker.signing import headers
from worker.signing import signature

BODY = json.dumps({"id": "evt_1", "note": "Zażółć 🍕"}, ensure_ascii=False).encode()


def key_text(key: Ed25519PrivateKey) -> str:
    return "whsk_" + b64encode(key.private_bytes_raw() + key.public_key().public_bytes_raw()).decode()


KEY = Ed25519PrivateKey.generate()
PRIVATE = key_text(KEY)


def signed(*secrets: str, age_s: int = 0) -> dict[str, str]:
    at = int(time.time()) - age_s
    return headers(secrets, event_id="evt_1", event_type="order.created", attempt=3, timestamp_s=at, body=BODY)


def is_genuine(body: bytes, sent: dict[str, str], key: Ed25519PrivateKey = KEY) -> bool:
    """What a receiver with the public key decides, written from the standard."""
    if abs(time.time() - int(sent["webhook-timestamp"])) > 300:
        return False
    content = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + body
    for part in sent["webhook-signature"].split(" "):
        kind, _, text = part.partition(",")
        try:
            if kind == "v1a":
                key.public_key().verify(b64decode(text), content)
                return True
        except InvalidSignature:
            continue
    return False


def test_signature_matches_the_standard_when_verified_independently():
    secret = signing_secret()
    assert Webhook(secret).verify(BODY, signed(secret))["id"] == "evt_1"


def test_signature_is_the_published_example():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_headers_carry_two_signatures_when_a_secret_was_rotated():
    new, old = signing_secret(), signing_secret()
    sent = signed(new, old)
    assert len(sent["webhook-signature"].split()) == 2
    assert Webhook(new).verify(BODY, sent) == Webhook(old).verify(BODY, sent)


def test_signature_fails_when_the_body_changed():
    secret = signing_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.replace(b"evt_1", b"evt_2"), signed(secret))


def test_signature_of_a_private_key_is_the_standards_when_verified_independently():
    assert is_genuine(BODY, signed(PRIVATE))
    assert is_genuine(BODY, signed(PRIVATE, signing_secret()))
    assert is_genuine(BODY, signed(signing_secret(), PRIVATE))


@pytest.mark.parametrize(
    ("body", "changes", "key"),
    [
        (BODY + b" ", {}, KEY),
        (BODY, {"webhook-id": "evt_2"}, KEY),
        (BODY, {"webhook-timestamp": str(int(time.time()) - 10)}, KEY),
        (BODY, {"age_s": 301}, KEY),
        (BODY, {"age_s": -301}, KEY),
        (BODY, {"webhook-signature": "v1a,AAAA"}, KEY),
        (BODY, {"webhook-signature": ""}, KEY),
        (BODY, {}, Ed25519PrivateKey.generate()),
    ],
    ids=["body", "id", "time", "old", "early", "garbage", "none", "other key"],
)
def test_signature_of_a_private_key_is_refused_when_anything_differs(
    body: bytes, changes: dict[str, Any], key: Ed25519PrivateKey
):
    age_s = changes.get("age_s", 0)
    sent = signed(PRIVATE, age_s=age_s) | {name: value for name, value in changes.items() if name != "age_s"}
    assert is_genuine(body, sent, key) is False
    assert inbox.is_signed(sent, body, [key_text(key)]) is False


@pytest.mark.parametrize("text", ["whsk_", "whsk_AAAA", "whsk_not base64", "whsk_" + b64encode(bytes(64)).decode()])
def test_signature_fails_when_the_private_key_is_none(text: str):
    with pytest.raises(ValueError, match="no private key"):
        signed(text)


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("whsec_your_signing_secret_here", b"whsec_your_signing_secret_here"),
        ("whsec_" + "QUJD" * 8, b"ABC" * 8),
        ("whsec_" + "QUJD" * 7, b"whsec_" + b"QUJD" * 7),
        ("QUJD" * 8, b"QUJD" * 8),
        ("schlüssel-mit-umlaut", "schlüssel-mit-umlaut".encode()),
    ],
    ids=["words", "standard", "too short", "no prefix", "not ASCII"],
)
def test_key_is_the_standards_or_the_text_itself(secret: str, key: bytes):
    assert hmac_key(secret) == key


def test_private_keys_are_redacted():
    assert redact(f"key {PRIVATE}, {signing_secret()}") == "key whsk_…, whsec_…"


def test_headers_name_event_and_attempt():
    sent = signed(signing_secret())
    assert (sent["x-tableport-event"], sent["x-tableport-attempt"], sent["webhook-id"]) == (
        "order.created",
        "3",
        "evt_1",
    )
    assert sent["content-type"] == "application/json"
