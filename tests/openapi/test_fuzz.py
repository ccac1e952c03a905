"""A few generated calls of every operation, as part of the suite; `python -m tests.openapi.fuzz` makes them by the thousand."""

import subprocess
import sys

import pytest

from benchmarks.stack import clean_environ
from tests.contract.live import shared_stack
from tests.openapi.fuzz import URL

EXAMPLES = "2"


@pytest.mark.once
@pytest.mark.timeout(600)
def test_every_operation_answers_generated_calls_as_described(pytestconfig: pytest.Config) -> None:
    stack = shared_stack(pytestconfig)
    environ = clean_environ(stack.environ) | {URL: stack.url}
    run = subprocess.run(
        [sys.executable, "-m", "tests.openapi.fuzz", EXAMPLES, "--phases", "fuzzing"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-8_000:] + run.stderr[-2_000:]
