"""A restaurant under random use over HTTP, legal and illegal, against a small model: no difference after any call.

Status, payment status, what is due, stock, taken tables and the number of events of each type are compared after every
step. TABLEPORT_MACHINE_RUNS=500 makes a long run of it; each run is up to 40 steps.
"""

import os

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.booking import Booked
from tests.machine.calls import Shop
from tests.machine.ordering import Ordering

RUNS = int(os.environ.get("TABLEPORT_MACHINE_RUNS", "12"))
STEPS = 40
HARD = settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck))

pytestmark = pytest.mark.timeout(120 + 30 * RUNS)


class Restaurant(Ordering, Booked):
    """Orders and bookings of one house together."""


def test_orders_money_and_stock_never_differ_from_the_model(app: Flask) -> None:
    shop = Shop(app)
    run_state_machine_as_test(lambda: Ordering(shop), settings=HARD)
    assert shop.steps >= 200


def test_bookings_and_tables_never_differ_from_the_model(app: Flask) -> None:
    shop = Shop(app)
    run_state_machine_as_test(lambda: Booked(shop), settings=HARD)
    assert shop.steps >= 200


def test_restaurant_as_a_whole_never_differs_from_the_model(app: Flask) -> None:
    shop = Shop(app)
    run_state_machine_as_test(lambda: Restaurant(shop), settings=HARD)
    assert shop.steps >= 200
