"""Asking a loyalty program's callback how many points an order earns.

The question is signed like a webhook. Whatever goes wrong, the program's own rate decides, so a guest never waits for
somebody else's server. No transaction is open while the callback is asked.
"""

import asyncio
from typing import Any

import orjson

from domain.loyalty.rules import MOST_POINTS
from domain.loyalty.service import callback_secret
from domain.loyalty.service import end_calculation
from domain.loyalty.service import get_calculation
from domain.loyalty.service import get_program
from domain.orders.service import lock_order
from kit.clock import now_us
from kit.documents import Document
from kit.money import to_decimal
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox import hosts
from worker import signing
from worker.egress import Egress

DEADLINE_S = 10.0
TYPE = "loyalty.points.calculate"


def calculate(scope: Scope, calculation_id: str) -> None:
    """Ask once and give the points. May be repeated: a calculation that has ended stays as it is."""
    with unit_of_work(scope, writes=False):
        asked = get_calculation(scope, calculation_id=calculation_id)
        if asked["state"] != "asked":
            return
        url = get_program(scope, program_id=asked["program_id"])["callback_url"]
        secret = callback_secret(scope, program_id=asked["program_id"])
    points = _answer(scope, url, secret, asked) if url is not None and secret is not None else None
    with unit_of_work(scope):
        order = lock_order(scope, order_id=asked["order_id"])
        end_calculation(scope, calculation_id=calculation_id, points=points, order=order)


def question(asked: Document) -> bytes:
    """The body a callback is sent."""
    order = asked["order_facts"]
    amounts = {name: to_decimal(order[f"{name}_minor"], order["currency"]) for name in ("total", "net")}
    shown = {name: order[name] for name in ("id", "number", "location_id", "currency", "items")}
    return orjson.dumps({
        "type": TYPE, "id": asked["id"], "program_id": asked["program_id"], "member_id": asked["membership_id"],
        "order": shown | amounts, "default_points": asked["default_points"],
    })  # fmt: skip


def points_in(text: str | bytes) -> int | None:
    """The points of an answer `{"points": 12}`; None for anything else."""
    try:
        said: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    points = said.get("points") if isinstance(said, dict) else None
    if not isinstance(points, int) or isinstance(points, bool):
        return None
    return points if 0 <= points <= MOST_POINTS else None


def _answer(scope: Scope, url: str, secret: str, asked: Document) -> int | None:
    if hosts.is_simulated(url):
        given = hosts.answer(url, 1) if scope.environment == Environment.SANDBOX else None
        return points_in(given.body) if given is not None and given.status == 200 else None
    body = question(asked)
    headers = signing.headers(
        (secret,), event_id=asked["id"], event_type=TYPE, attempt=1, timestamp_s=now_us() // 1_000_000, body=body
    )
    return asyncio.run(_posted(scope.environment, url, headers, body))


async def _posted(environment: Environment, url: str, headers: dict[str, str], body: bytes) -> int | None:
    egress = Egress(environment)
    try:
        answer = await egress.send("POST", url, headers, body, DEADLINE_S)
    finally:
        await egress.close()
    return points_in(answer.body) if answer.status == 200 else None
