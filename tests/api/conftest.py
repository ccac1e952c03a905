"""Partners with their tenants, and callers who send requests for them."""

from collections.abc import Callable
from collections.abc import Iterator

import pytest
from flask import Flask

from api.requestlog import request_log
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import production_partner
from tests.api.partners import sandbox_partner

NewCaller = Callable[..., Caller]


@pytest.fixture(scope="module")
def partner(app: Flask) -> Iterator[Partner]:
    """The partner most tests of a module call for."""
    yield sandbox_partner(plan_tier="enterprise")
    request_log.flush()


@pytest.fixture(scope="session")
def live(app: Flask) -> Partner:
    """An approved production partner."""
    return production_partner()


@pytest.fixture
def new_partner(app: Flask) -> Callable[..., Partner]:
    """Makes a partner of its own, for tests that use up or break something."""
    return sandbox_partner


@pytest.fixture
def caller_of(app: Flask) -> NewCaller:
    """Makes a caller with a key text (None: without a credential)."""

    def make(key: str | None) -> Caller:
        return Caller(app, key)

    return make


@pytest.fixture
def caller(app: Flask, partner: Partner) -> Caller:
    """A caller with every scope."""
    return Caller(app, partner.shared())


@pytest.fixture
def restricted(app: Flask, partner: Partner) -> Callable[..., Caller]:
    """Makes a caller who holds these scopes only."""

    def make(*scopes: str) -> Caller:
        return Caller(app, partner.shared(scopes))

    return make
