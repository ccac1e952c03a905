import json
import time

import pytest
from standardwebhooks import Webhook
from standardwebhooks import WebhookVerificationError

from kit.crypto import signing_secret
from worker.signing import headers
from worker.signing import signature

BODY = json.dumps({"id": "evt_1", "note": "Zażółć 🍕"}, ensure_ascii=False).encode()


def signed(*secrets: str) -> dict[str, str]:
    return headers(
        secrets, event_id="evt_1", event_type="order.created", attempt=3, timestamp_s=int(time.time()), body=BODY
    )


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


def test_headers_name_event_and_attempt():
    sent = signed(signing_secret())
    assert (sent["x-tableport-event"], sent["x-tableport-attempt"], sent["webhook-id"]) == (
        "order.created",
        "3",
        "evt_1",
    )
    assert sent["content-type"] == "application/json"
