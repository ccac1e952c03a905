"""Asking a loyalty program's callback: the question, its signature, and what becomes of any answer."""

import json

import pytest

from domain.loyalty.service import create_program
from domain.loyalty.service import get_member
from domain.orders.service import change_order
from domain.payments.service import take_payment
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.factories.locations import create_location
from tests.factories.loyalty import make_member
from tests.factories.orders import create_order
from tests.worker.receiver import Receiver
from worker.calculations import points_in
from worker.signing import signature
from worker.timekeeping import keep_time

pytestmark = pytest.mark.usefixtures("clean_planes", "no_timers")


def serve(scope: Scope, callback_url: str) -> tuple[str, str, str]:
    """A paid and completed order of a member whose program has a callback: ids of member and order, and the secret."""
    with unit_of_work(scope):
        program = create_program(scope, name="Asked", callback_url=callback_url)
        member = make_member(scope, program_id=program.document["id"])
        order_id = create_order(
            scope, location_id=create_location(scope), customer_id=member["customer_ids"][0], status="ready"
        )  # fmt: skip
        take_payment(scope, order_id=order_id, method="cash")
        change_order(scope, order_id=order_id, status="completed")
    return member["id"], order_id, str(program.callback_secret)


def points_of(scope: Scope, member_id: str) -> int:
    with unit_of_work(scope, writes=False):
        return int(get_member(scope, member_id=member_id)["points"])


def test_callback_is_asked_once_with_a_signed_question(scope: Scope, receiver: Receiver):
    receiver.answers = [(200, {}, b'{"points": 7}')]
    member_id, order_id, secret = serve(scope, receiver.url)
    keep_time(Environment.SANDBOX)
    keep_time(Environment.SANDBOX)
    (request,) = receiver.requests
    asked, headers = json.loads(request.body), request.headers
    assert (asked["type"], asked["member_id"], asked["default_points"]) == ("loyalty.points.calculate", member_id, 45)
    assert {name: asked["order"][name] for name in ("id", "currency", "total", "net")} == {
        "id": order_id, "currency": "PLN", "total": 45.9, "net": 45.9,
    }  # fmt: skip
    timestamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"] == signature(secret, headers["webhook-id"], timestamp, request.body)
    assert points_of(scope, member_id) == 7


@pytest.mark.parametrize(
    "answer", [(500, {}, b'{"points": 7}'), (200, {}, b"thanks"), (200, {}, b'{"points": -1}')], ids=["500", "words", "minus"]
)
def test_default_counts_when_the_answer_is_none(scope: Scope, receiver: Receiver, answer: tuple[int, dict, bytes]):
    receiver.answers = [answer]
    member_id, _, _ = serve(scope, receiver.url)
    keep_time(Environment.SANDBOX)
    assert points_of(scope, member_id) == 45


def test_default_counts_when_the_callback_is_a_simulated_host(scope: Scope):
    member_id, _, _ = serve(scope, "https://hooks.sandbox.invalid/ok")
    keep_time(Environment.SANDBOX)
    assert points_of(scope, member_id) == 45


@pytest.mark.parametrize(
    ("text", "points"),
    [('{"points": 12}', 12), ('{"points": 0}', 0), ('{"points": true}', None), ('{"points": 1.5}', None), ("[]", None),
     ("{", None), ('{"points": 1000000000001}', None)],
    ids=["twelve", "none", "boolean", "fraction", "list", "broken", "absurd"],
)  # fmt: skip
def test_answer_counts_only_as_a_whole_number(text: str, points: int | None):
    assert points_in(text) == points
