"""Quotas that run out are told of once a day and step, and an emptied Redis learns what the database has counted."""

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.logs.models import CredentialCount
from accounts.mail.models import Mail
from accounts.notices.models import Notice
from accounts.tiers.quotas import step_of
from api.auth import limiter_key
from api.limits import limiter
from api.requestlog import Sums
from kit.clock import now
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.partners import Partner
from tests.api.partners import production_partner
from tests.api.partners import sandbox_partner
from worker.counting import add_counts
from worker.metering import Meter


@pytest.fixture
def redis(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_database_url(1))


@pytest.fixture
def live(app: Flask) -> Partner:
    """On the Smart plan: 5,000 calls a day."""
    return production_partner(plan_tier="smart")


def count(partner: Partner, calls: int, limited: int = 0) -> None:
    """Add calls to the partner's day, as the request log does."""
    day = f"{now():%Y-%m-%d}"
    own = {"tenant_id": partner.tenant_id, "application_id": partner.application_id, "day": day, "calls": calls,
           "refused": limited, "limited": limited, "failed": 0, "duration_us": 1}  # fmt: skip
    area = own | {"id": f"{partner.application_id}:{day}:platform:read", "area": "platform", "bucket": "read"}
    add_counts(partner.environment, Sums([area], [own | {"id": f"key_{partner.tenant_id[3:]}:{day}", "credential_id": "key_1"}]))


def told(partner: Partner) -> list[tuple[str, str]]:
    """(severity, title) of the notices about quotas, the oldest first."""
    query = select(Notice.severity, Notice.title).where(Notice.application_id == partner.application_id)
    with control_unit(writes=False):
        rows = control().session.execute(query.where(Notice.kind == "quota.reached").order_by(Notice.created_at, Notice.id))
        return [(severity, title.rpartition(" has used ")[2]) for severity, title in rows]


def mails(partner: Partner) -> list[str]:
    """Texts of the mails about quotas."""
    with control_unit(writes=False):
        organisation_id = control().session.get(Application, partner.application_id).organisation_id
        query = select(Mail.text).where(Mail.organisation_id == organisation_id, Mail.kind == "quota.reached")
        return list(control().session.scalars(query))


def spent(partner: Partner) -> int:
    """What Redis has counted of the day."""
    seen = limiter.look(limiter_key(partner.environment, partner.tenant_id, partner.application_id), ())
    assert seen is not None
    return seen[1]


def test_each_step_is_told_once_a_day_by_whichever_process_is_first(live: Partner) -> None:
    first, second = Meter(), Meter()
    for calls in (2_499, 1, 1_499, 1, 999, 1):
        count(live, calls)
        for meter in (first, second, first):
            meter.read()
    assert told(live) == [
        ("info", "50 % of today's calls"), ("warning", "80 % of today's calls"), ("error", "100 % of today's calls"),
    ]  # fmt: skip
    assert [text.count("of 5000") for text in mails(live)] == [1, 1, 1]


def test_refused_calls_spend_nothing(live: Partner) -> None:
    count(live, 5_000, limited=2_501)
    Meter().read()
    assert told(live) == []


def test_emptied_redis_learns_what_was_counted(live: Partner, redis: Redis) -> None:
    count(live, 4_000)
    Meter().read()
    assert spent(live) == 4_000
    redis.flushdb()
    assert spent(live) == 0
    Meter().read()
    assert spent(live) == 4_000


def test_quota_of_an_application_counts_instead_of_the_plans(live: Partner) -> None:
    with control_unit():
        control().session.get(Application, live.application_id).limits = {"daily": 10}
    count(live, 8)
    Meter().read()
    assert told(live) == [("warning", "80 % of today's calls")]


def test_sandbox_is_told_by_notice_only(app: Flask) -> None:
    partner = sandbox_partner(profile="empty")
    count(partner, 25_000)
    Meter().read()
    assert (told(partner), mails(partner)) == ([("info", "50 % of today's calls")], [])


def test_counts_of_credentials_are_kept_beside_those_of_areas(live: Partner) -> None:
    count(live, 2)
    count(live, 3)
    with unit_of_work(live.scope, writes=False):
        assert session(live.scope).scalars(CredentialCount.owned_by(live.scope)).one().calls == 5


@pytest.mark.parametrize(
    ("calls", "step"), [(0, 0), (49, 0), (50, 50), (79, 50), (80, 80), (99, 80), (100, 100)], ids=str
)  # fmt: skip
def test_step_is_the_highest_that_was_reached(calls: int, step: int) -> None:
    assert step_of(calls, 100) == step
