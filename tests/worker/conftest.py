"""Delivery tests run across tenants, so they start with empty delivery tables (`clean_planes`)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from kit.jobs import doorbell
from kit.outbox import EventRow
from kit.planes import Environment
from kit.settings import Settings
from tests.support.timers import empty_timers
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
            for model in (DeliveryAttempt, Delivery, EventRow, Subscription, EndpointHealth):
                unit.execute(model.__table__.delete())


@pytest.fixture
def no_timers(app: Flask, settings: Settings) -> None:
    """Other tests' tenants may have left some."""
    empty_timers(settings)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
