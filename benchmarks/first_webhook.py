"""Seconds and steps from the sign-up form to a verified webhook, over plain HTTP as a browser and a terminal would.

Usage: python -m benchmarks.first_webhook [http://127.0.0.1:8000]      (without a URL it starts a platform of its own)
"""

import html
import re
import secrets
import sys
import time
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import httpx
from standardwebhooks import Webhook

from benchmarks.stack import Stack

TARGET_S = 10.0
WAIT_S = 15.0
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
KEY = re.compile(r"tp_test_sk_[0-9A-Za-z]{57}")
ORDER = {
    "location_id": "loc_waw_01",
    "fulfillment": {"type": "pickup"},
    "items": [
        {"menu_item_id": "itm_bacon_cheeseburger", "quantity": 1, "modifiers": [{"modifier_id": "mod_extra_bacon"}]}
    ],
}


@dataclass
class Journey:
    """What happened: each step with the second it ended at, and what the person holds at the end."""

    started: float = field(default_factory=time.perf_counter)
    steps: list[tuple[str, float]] = field(default_factory=list)
    key: str = ""
    order_id: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    message: dict[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return self.steps[-1][1]

    def done(self, step: str) -> None:
        self.steps.append((step, time.perf_counter() - self.started))


def walk(base_url: str) -> Journey:
    """Go from /signup to a verified webhook. Raises AssertionError naming the step that failed."""
    journey = Journey()
    with httpx.Client(base_url=base_url, follow_redirects=True, timeout=15) as browser:
        _sign_up(journey, browser)
    with httpx.Client(base_url=base_url, timeout=15, headers={"Authorization": f"Bearer {journey.key}"}) as api:
        _call(journey, api)
        token, secret = _listen(journey, api)
        _order(journey, api)
        _receive(journey, api, token, secret)
    return journey


def _sign_up(journey: Journey, browser: httpx.Client) -> None:
    form = _expect(browser.get("/signup"), 200)
    journey.done("opened /signup")
    name = secrets.token_hex(6)
    fields = {
        "csrf_token": html.unescape(_only(CSRF, form.text)), "email": f"{name}@example.com",
        "password": f"{name} walks to a webhook", "company": f"Bistro {name}",
    }  # fmt: skip
    page = _expect(browser.post("/signup", data=fields), 200)
    _check(page.url.path == "/start", f"signing up led to {page.url.path}, not to /start")
    journey.done("signed up")
    journey.key = _only(KEY, page.text)
    journey.done("read the key on /start")


def _call(journey: Journey, api: httpx.Client) -> None:
    me = _expect(api.get("/v1/me"), 200).json()
    _check(me["environment"] == "sandbox", f"the key is of {me['environment']}")
    journey.done("called GET /v1/me")


def _listen(journey: Journey, api: httpx.Client) -> tuple[str, str]:
    """Open an inbox and point an endpoint at it. The sign-up's own endpoint has a secret nobody was shown."""
    inbox = _expect(api.post("/sandbox/v1/inbox"), 201).json()
    wanted = {"url": inbox["url"], "events": ["order.created"]}
    endpoint = _expect(api.post("/v1/webhooks", json=wanted), 201).json()
    journey.done("created a webhook endpoint")
    return inbox["token"], endpoint["secret"]


def _order(journey: Journey, api: httpx.Client) -> None:
    order = _expect(api.post("/v1/orders", json=ORDER), 201).json()
    _check(order["status"] == "pending", f"the order is {order['status']}")
    journey.order_id = order["id"]
    journey.done("placed an order")


def _receive(journey: Journey, api: httpx.Client, token: str, secret: str) -> None:
    deadline = time.perf_counter() + WAIT_S
    messages: list[dict[str, Any]] = []
    while not messages and time.perf_counter() < deadline:
        messages = _expect(api.get(f"/sandbox/v1/inbox/{token}"), 200).json()["data"]
        time.sleep(0 if messages else 0.1)
    _check(len(messages) == 1, f"{len(messages)} webhooks arrived within {WAIT_S:.0f} s")
    journey.message = messages[0]
    headers = {name.lower(): value for name, value in messages[0]["headers"].items()}
    journey.payload = Webhook(secret).verify(messages[0]["body"], headers)
    journey.done("received and verified the webhook")


def _expect(response: httpx.Response, status: int) -> httpx.Response:
    what = f"{response.request.method} {response.request.url.path}"
    _check(response.status_code == status, f"{what} answered {response.status_code}: {response.text[:300]}")
    return response


def _only(pattern: re.Pattern[str], text: str) -> str:
    found = {match if isinstance(match, str) else match[0] for match in pattern.findall(text)}
    _check(bool(found), f"nothing like {pattern.pattern} on the page")
    return next(iter(found))


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise AssertionError(problem)


def report(journey: Journey) -> None:
    """Print each step and the total."""
    before = 0.0
    for number, (step, at) in enumerate(journey.steps, 1):
        print(f"{number}. {step:<36} {at - before:6.2f} s")
        before = at
    verdict = "reached" if journey.seconds < TARGET_S else "MISSED"
    print(f"{len(journey.steps)} steps, {journey.seconds:.2f} s (target below {TARGET_S:.0f} s: {verdict})")


def main(arguments: list[str]) -> int:
    """Walk once against the given platform or one of our own."""
    if arguments:
        journey = walk(arguments[0])
    else:
        with Stack() as stack:
            journey = walk(stack.url)
    report(journey)
    return 0 if journey.seconds < TARGET_S else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
