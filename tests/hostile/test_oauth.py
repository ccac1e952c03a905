"""Odd OAuth requests are refused in the protocol's words, and nobody is sent to an address that is not registered."""

import pytest
from flask import Flask

from tests.hostile.oauth import Target

BATCHES, SIZE = 8, 50


@pytest.fixture(scope="module")
def target(app: Flask) -> Target:
    return Target(app)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_odd_oauth_requests_are_answered_in_order(target: Target, batch: int) -> None:
    problems = [(number, target.send(number)[1]) for number in range(batch * SIZE, batch * SIZE + SIZE)]
    assert [found for found in problems if found[1]] == []
