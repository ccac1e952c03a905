"""How deep modifier groups nest, held against a slow and obvious way to say it."""

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from domain.menus.nesting import problem_of
from domain.menus.nesting import within

PAIRS = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=9)


def walks(nestings: list[tuple[str, str]], length: int) -> list[tuple[str, ...]]:
    """Every way down of that many groups."""
    paths: list[tuple[str, ...]] = [(group,) for pair in nestings for group in pair]
    for _ in range(length - 1):
        paths = [(*path, inner) for path in paths for outer, inner in nestings if path[-1] == outer]
    return paths


@settings(max_examples=300, deadline=None)
@given(PAIRS)
def test_groups_nest_three_levels_deep_and_never_in_a_circle(nestings: list[tuple[str, str]]) -> None:
    # In a circle, every length has a way down.
    assert (problem_of(nestings) is None) == (walks(nestings, 4) == [])


@settings(max_examples=200, deadline=None)
@given(PAIRS, st.sampled_from("abcdef"))
def test_groups_around_a_group_are_those_it_is_reached_from(nestings: list[tuple[str, str]], group: str) -> None:
    reached = {path[0] for length in range(1, 8) for path in walks(nestings, length) if path[-1] == group}
    assert within([group], nestings) == reached | {group}


@pytest.mark.parametrize(
    ("nestings", "word"),
    [([("a", "a")], "itself"), ([("a", "b"), ("b", "a")], "itself"), ([("a", "b"), ("b", "c"), ("c", "d")], "3 levels")],
    ids=["itself", "circle", "four levels"],
)
def test_problem_says_what_is_wrong(nestings: list[tuple[str, str]], word: str) -> None:
    assert word in (problem_of(nestings) or "")
