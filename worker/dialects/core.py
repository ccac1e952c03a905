"""Core: POST, Standard Webhooks. The body is the event as the API's feed shows it."""

from api.events import render
from worker import signing
from worker.claims import Claimed
from worker.dialects.request import Request


def request(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
    """The event, signed with every secret that is valid."""
    body = body_of(claimed)
    headers = signing.headers(
        secrets, event_id=claimed.event["id"], event_type=claimed.event["type"], attempt=claimed.attempt,
        timestamp_s=timestamp_s, body=body,
    )  # fmt: skip
    return Request("POST", claimed.target.url, headers, body)


def body_of(claimed: Claimed) -> bytes:
    """The event as the endpoint's version and scopes show it; printed once for all endpoints that agree in them."""
    form = claimed.target.api_version, claimed.target.scopes
    if form not in claimed.bodies:
        claimed.bodies[form] = render(claimed.event, api_version=claimed.target.api_version, scopes=claimed.target.scopes)
    return claimed.bodies[form]
