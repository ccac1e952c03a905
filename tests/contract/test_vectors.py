"""Every contract vector of a product that exists, executed against the running platform."""

import pytest

from tests.contract.conftest import PATH
from tests.contract.pending import PENDING
from tests.contract.runner import Runner
from tests.contract.runner import Vector
from tests.contract.runner import load_vectors

EXECUTED = (
    "TM-01", "TM-02", "TM-03", "TM-05", "TM-06", "TM-08", "TM-11", "TM-12", "TM-13", "TM-14", "TM-16", "TM-18",
    "TM-19", "TM-21", "TM-22", "TM-23", "TM-25", "TM-27", "TM-29", "TM-30", "X-03",
)  # fmt: skip


def test_vectors_when_executed_and_pending_are_counted_are_all_of_them() -> None:
    assert sorted([*EXECUTED, *PENDING]) == sorted(load_vectors(PATH))


@pytest.mark.parametrize("vector_id", EXECUTED)
def test_vector_when_executed_on_a_fresh_reset_holds(
    vector_id: str, runner: Runner, vectors: dict[str, Vector]
) -> None:
    assert runner.run(vectors[vector_id]) == []
