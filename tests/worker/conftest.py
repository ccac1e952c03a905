"""Delivery tests run across tenants, so they start with empty delivery tables (`clean_planes`)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import Subscription
from domain.timers.models import Timer
from kit.jobs import doorbell
from kit.outbox import EventRow
from kit.planes import Environment
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import session
from kit.unit import unit_of_work
from tests.worker.receiver import Receiver
from tests.worker.receiver import receiving
from worker.addresses import networks
from worker.deliver import stop_requested
from worker.operations import Reason
from worker.operations import operations


@pytest.fixture
def clean_planes(app: Flask, settings: Settings) -> None:
    """Empty delivery tables on both planes, and a worker that may reach this machine."""
    networks.configure(settings.egress_allow)
    doorbell.configure(settings.redis_database_url(0))
    stop_requested.clear()
    for environment in Environment:
        with operations(environment, reason=Reason.RETENTION) as unit:
            for model in (DeliveryAttempt, Delivery, EventRow, Subscription):
                unit.execute(model.__table__.delete())


@pytest.fixture
def no_timers() -> None:
    """Other tests' tenants may have left some."""
    for environment in Environment:
        with operations(environment, reason=Reason.TIMERS, writes=False) as unit:
            tenants = {row.tenant_id for row in unit.execute(Timer.__table__.select())}
        for tenant_id in tenants:
            scope = Scope(environment, tenant_id)
            with unit_of_work(scope):
                for row in session(scope).scalars(Timer.owned_by(scope)):
                    session(scope).delete(row)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
