"""The running platform the vectors are executed against."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.stack import Stack
from tests.contract.live import shared_stack
from tests.contract.pending import pytest_terminal_summary
from tests.contract.runner import Runner
from tests.contract.runner import Vector
from tests.contract.runner import load_vectors

PATH = Path(__file__).parent / "vectors.jsonl"


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    return shared_stack(pytestconfig)


@pytest.fixture(scope="session")
def vectors() -> dict[str, Vector]:
    return load_vectors(PATH)


@pytest.fixture(scope="session")
def runner(stack: Stack, vectors: dict[str, Vector]) -> Iterator[Runner]:
    runner = Runner(stack.url, stack.demo, vectors)
    yield runner
    runner.close()


__all__ = ["pytest_terminal_summary"]
