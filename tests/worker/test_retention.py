from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.applications.models import Tenant
from accounts.logs.models import RequestCount
from accounts.logs.models import RequestLog
from accounts.mail.models import Mail
from accounts.notices.models import Notice
from accounts.organisations.models import Organisation
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from api.idempotency import IdempotencyRecord
from kit.clock import DAY_US
from kit.clock import day_of
from kit.clock import now
from kit.clock import now_us
from kit.clock import to_us
from kit.documents import append
from kit.ids import new_id
from kit.outbox import EventRow
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.worker.rows import NewScope
from worker import partitions
from worker import retention
from worker.operations import operations as real_operations
from worker.partitions import keep_partitions
from worker.retention import retain

pytestmark = pytest.mark.usefixtures("clean_planes")


def tenant(new_scope: NewScope, plan_tier: str | None, environment: Environment = Environment.PRODUCTION) -> Scope:
    scope = new_scope(environment)
    with control_unit() as unit:
        unit.session.add(
            Tenant(id=scope.tenant_id, environment=environment.value, name="R", plan_tier=plan_tier, state="ready")
        )
    return scope


def log_row(scope: Scope, days: int, kept_days: int) -> None:
    """A call made some days ago under a plan that kept it for some days."""
    at = now_us() - days * DAY_US
    with unit_of_work(scope):
        append(scope, RequestLog, [{
            "id": new_id("req"), "application_id": "app", "credential_id": "key", "product": "core", "method": "GET",
            "path": "/", "query": "", "route": "", "status": 200, "duration_us": 1, "at": at,
            "request_headers": {}, "response_headers": {}, "expires_on": day_of(at) + kept_days,
        }])  # fmt: skip


def event_row(scope: Scope, sequence: int, days: float, kept_days: int) -> None:
    """An event with a delivery and two attempts."""
    at, event_id, delivery_id = now() - timedelta(days=days), new_id("evt"), new_id("dlv")
    with unit_of_work(scope):
        append(scope, EventRow, [{
            "id": event_id, "sequence": sequence, "type": "order.created", "object_id": "ord", "body": {}, "actor_type": "x",
            "actor_id": "x", "created_at": at, "committed_at": at, "relayed_at": at,
        }])  # fmt: skip
        append(scope, Delivery, [{
            "id": delivery_id, "event_id": event_id, "event_type": "order.created", "endpoint_id": "we",
            "state": "succeeded", "created_at": at,
        }])  # fmt: skip
        append(scope, DeliveryAttempt, [
            {"id": new_id("att"), "delivery_id": delivery_id, "endpoint_id": "we", "number": number, "started_at": at,
             "duration_ms": 1, "reason": "ok", "request_headers": {}, "response_headers": {},
             "expires_on": day_of(to_us(at)) + kept_days}
            for number in (1, 2)
        ])  # fmt: skip


def count(scope: Scope, model: type) -> int:
    with unit_of_work(scope, writes=False):
        return len(session(scope).scalars(model.owned_by(scope)).all())


@pytest.fixture
def past_days(app: Flask) -> None:
    """The partitions of the last two days, as a run two days ago left them. Without partitions this is nothing."""
    for environment in Environment:
        keep_partitions(environment, day_of(now_us()) - 2)


def killed_at(number: int) -> Callable[..., Any]:
    """Operations that end the process when the transaction of this number is about to be committed."""
    countdown = iter(range(number, 0, -1))

    @contextmanager
    def operations(*arguments: Any, **named: Any) -> Iterator[Any]:
        with real_operations(*arguments, **named) as unit:
            yield unit
            if next(countdown) == 1:
                raise KeyboardInterrupt

    return operations


@pytest.mark.usefixtures("past_days")
def test_retention_removes_logs_when_their_last_day_is_over(scope: Scope):
    log_row(scope, days=4, kept_days=3)
    log_row(scope, days=3, kept_days=3)
    retain()
    assert count(scope, RequestLog) == 1


@pytest.mark.usefixtures("past_days")
def test_retention_keeps_what_a_longer_plan_keeps_when_a_shorter_ones_goes(new_scope: NewScope):
    small, large = new_scope(Environment.PRODUCTION), new_scope(Environment.PRODUCTION)
    for scope, kept_days in ((small, 7), (large, 30)):
        log_row(scope, 8, kept_days)
        event_row(scope, 1, 8, kept_days)
    retain()
    assert [count(small, model) for model in (RequestLog, DeliveryAttempt)] == [0, 0]
    assert [count(large, model) for model in (RequestLog, DeliveryAttempt)] == [1, 2]


@pytest.mark.usefixtures("past_days")
@pytest.mark.parametrize("number", [1, 3])
def test_retention_finishes_when_it_was_killed_in_between(scope: Scope, monkeypatch: pytest.MonkeyPatch, number: int):
    for days in (8, 9):
        log_row(scope, days, 7)
        log_row(scope, days, 7)
    monkeypatch.setattr(retention, "BATCH", 1)
    with monkeypatch.context() as patch:
        operations = killed_at(number)
        patch.setattr(retention, "operations", operations)
        patch.setattr(partitions, "operations", operations)
        with pytest.raises(KeyboardInterrupt):
            retain()
    retain()
    assert count(scope, RequestLog) == 0


def test_retention_deletes_the_numbers_of_days_nobody_can_ask_for(scope: Scope):
    for days in (91, 92, 93):
        day = (now() - timedelta(days=days)).date().isoformat()
        with unit_of_work(scope):
            append(scope, RequestCount, [{
                "id": f"app:{day}:orders:read", "application_id": "app", "day": day, "area": "orders", "bucket": "read",
                "calls": 1, "refused": 0, "limited": 0, "failed": 0, "duration_us": 1,
            }])  # fmt: skip
    retain()
    assert count(scope, RequestCount) == 2


@pytest.mark.usefixtures("past_days")
def test_retention_deletes_events_with_all_that_hangs_on_them(new_scope: NewScope):
    scope = tenant(new_scope, "pro")
    event_row(scope, 1, 31, 30)
    event_row(scope, 2, 29, 30)
    retain()
    assert [count(scope, model) for model in (EventRow, Delivery, DeliveryAttempt)] == [1, 1, 2]


def test_retention_deletes_everything_when_there_is_more_than_a_batch(
    new_scope: NewScope, monkeypatch: pytest.MonkeyPatch
):
    scope = tenant(new_scope, None, Environment.SANDBOX)
    for sequence in range(1, 8):
        event_row(scope, sequence, 8, 7)
    monkeypatch.setattr(retention, "BATCH", 3)
    retain()
    assert [count(scope, model) for model in (EventRow, Delivery, DeliveryAttempt)] == [0, 0, 0]


def test_retention_deletes_finished_mails_after_a_month_and_notices_after_a_year(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    organisation_id = new_id("org")
    with control_unit() as unit:
        unit.session.add(Organisation(id=organisation_id, name="Bistro"))
        unit.session.flush()  # the next rows refer to it
        for days, state in ((29, "sent"), (31, "sent"), (31, "failed"), (31, "sent"), (31, "queued")):
            unit.session.add(Mail(
                id=new_id("mail"), organisation_id=organisation_id, to_address="a@b.example", kind="x", subject=f"{days} {state}",
                text="", html="", state=state, due_at=now() + timedelta(hours=1) if state == "queued" else None,
                created_at=now() - timedelta(days=days),
            ))  # fmt: skip
        for days in (364, 366):
            unit.session.add(Notice(
                id=new_id("ntc"), organisation_id=organisation_id, kind="x", severity="info", title=str(days), text="", link="/",
                created_at=now() - timedelta(days=days),
            ))  # fmt: skip
    retain()
    with control_unit(writes=False) as unit:
        mails = unit.session.scalars(select(Mail.subject).where(Mail.organisation_id == organisation_id).order_by(Mail.id))
        notices = unit.session.scalars(select(Notice.title).where(Notice.organisation_id == organisation_id))
        assert (list(mails), list(notices)) == (["29 sent", "31 queued"], ["364"])


def test_retention_deletes_idempotency_records_after_a_day(new_scope: NewScope):
    scope = tenant(new_scope, "pro")
    with unit_of_work(scope):
        append(scope, IdempotencyRecord, [
            {"id": new_id("idm"), "fingerprint": "f", "lease_until_us": 0, "created_us": to_us(now() - timedelta(hours=hours))}
            for hours in (23, 25)
        ])  # fmt: skip
    retain()
    assert count(scope, IdempotencyRecord) == 1
