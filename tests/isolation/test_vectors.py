"""Each vector reads only own rows or is refused, and changes nothing foreign."""

import pytest

from tests.isolation.vectors import BY_NAME
from tests.isolation.vectors import OUR_OWN
from tests.isolation.vectors import PUBLISHED
from tests.isolation.vectors import Vector
from tests.isolation.vectors import outcome
from tests.isolation.world import MARKER
from tests.isolation.world import World


@pytest.mark.compliance("ASVS 5.0 8.4.1")
@pytest.mark.parametrize("vector", [*PUBLISHED, *OUR_OWN], ids=lambda vector: vector.name)
def test_vector_reaches_no_foreign_row(world: World, vector: Vector) -> None:
    before = world.foreign_rows()
    seen = outcome(vector, world)
    assert isinstance(seen, vector.expected) if isinstance(vector.expected, type | tuple) else seen == vector.expected
    assert MARKER not in repr(seen)
    assert world.foreign_rows() == before


def test_published_vectors_are_complete() -> None:
    assert len(PUBLISHED) == 38
    assert len(BY_NAME) == len(PUBLISHED) + len(OUR_OWN)
