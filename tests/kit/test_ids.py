"""Identifiers sort in the order they were made and never repeat."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.ids import CROCKFORD
from kit.ids import new_id
from kit.ids import ulid


def test_ids_sort_in_the_order_they_were_made() -> None:
    made = [ulid() for _ in range(5000)]
    assert made == sorted(set(made))


def test_ids_are_unique_when_threads_make_them_together() -> None:
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(lambda _: [ulid() for _ in range(1000)], range(8)))
    assert len({identifier for batch in batches for identifier in batch}) == 8000
    assert all(batch == sorted(batch) for batch in batches)


def test_ids_keep_growing_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ulid()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000_000_000_000)
    assert ulid() > before


def test_id_is_prefix_and_26_characters_of_crockford() -> None:
    prefix, _, tail = new_id("ord").partition("_")
    assert (prefix, len(tail), set(tail) - set(CROCKFORD)) == ("ord", 26, set())
