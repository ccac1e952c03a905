"""A stranger signs up and holds a verified webhook, over plain HTTP, with nothing but what the pages show."""

import pytest

from benchmarks.first_webhook import walk
from tests.contract.live import shared_stack


def test_first_webhook_when_a_stranger_signs_up_is_received_and_verified(pytestconfig: pytest.Config) -> None:
    journey = walk(shared_stack(pytestconfig).url)
    assert [step for step, _ in journey.steps] == [
        "opened /signup",
        "signed up",
        "read the key on /start",
        "called GET /v1/me",
        "created a webhook endpoint",
        "placed an order",
        "received and verified the webhook",
    ]
    assert journey.payload["type"] == "order.created"
    assert journey.payload["environment"] == "sandbox"
    assert journey.payload["data"]["object"]["id"] == journey.order_id
    assert journey.payload["data"]["object"]["totals"]["total"] == 45.9
    assert journey.message["is_signature_valid"] is True
