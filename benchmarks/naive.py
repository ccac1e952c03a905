"""The usual design, to compare with: one queue job for each delivery, which posts and records by itself."""

from functools import cache

import httpx
from sqlalchemy import select

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from kit.clock import day_of
from kit.clock import now
from kit.clock import to_us
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work

BODIES: dict[str, tuple[str, dict[str, str], bytes]] = {}  # by delivery: url, headers, body, rendered beforehand


@cache
def _client() -> httpx.Client:
    return httpx.Client(trust_env=False)


def deliver(tenant_id: str, delivery_id: str) -> None:
    """The job: post one delivery, then write its attempt and its end in a transaction."""
    scope = Scope(Environment.SANDBOX, tenant_id)
    url, headers, body = BODIES[delivery_id]
    started = now()
    answer = _client().post(url, headers=headers, content=body)
    with unit_of_work(scope):
        row = session(scope).scalar(select(Delivery).where(Delivery.tenant_id == tenant_id, Delivery.id == delivery_id))
        row.state, row.due_at, row.attempts, row.finished_at, row.last_status = "succeeded", None, 1, now(), answer.status_code
        session(scope).add(
            DeliveryAttempt(
                delivery_id=delivery_id, endpoint_id=row.endpoint_id, number=1, started_at=started, duration_ms=0,
                status=answer.status_code, reason="ok", request_headers=headers, request_body=body.decode(),
                response_headers=dict(answer.headers), response_body=answer.text, expires_on=day_of(to_us(started)) + 7,
            )
        )  # fmt: skip
