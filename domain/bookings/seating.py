"""Which tables suit a party, and which of them are free. Pure functions; nothing here knows a database.

A choice is one table or a pair that is declared combinable (either table may declare it). More tables are taken only when
a caller names them, and then each must be reachable from the others over declared neighbours.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Choice = tuple["Table", ...]
Busy = Mapping[str, Sequence[tuple[int, int]]]  # table id → [(start, end)] in microseconds, on the five-minute grid


@dataclass(frozen=True, slots=True)
class Table:
    """A dining table as far as seating goes."""

    id: str
    name: str
    seats_min: int
    seats_max: int
    kind: str
    combinable_with: frozenset[str]


def tables_of(rows: Iterable[dict[str, Any]]) -> list[Table]:
    """Tables from their documents."""
    return [
        Table(row["id"], row["name"], row["seats_min"], row["seats_max"], row["kind"], frozenset(row["combinable_with"]))
        for row in rows
    ]


def choices(tables: Sequence[Table], *, party_size: int, preferred_kind: str | None = None) -> list[Choice]:
    """Every choice that seats the party, best first: wanted kind, one table, no more room than needed, by name.

    A table meant for more guests than there are comes after those that fit, and so does a pair after single tables.
    """
    singles: list[Choice] = [(table,) for table in tables if table.seats_max >= party_size]
    pairs: list[Choice] = [
        (left, right)
        for index, left in enumerate(tables)
        for right in tables[index + 1 :]
        if _may_join(left, right) and max(left.seats_max, right.seats_max) < party_size <= seats((left, right))
    ]

    def rank(choice: Choice) -> tuple[Any, ...]:
        is_unwanted = preferred_kind is not None and any(table.kind != preferred_kind for table in choice)
        is_underfilled = party_size < sum(table.seats_min for table in choice)
        return is_unwanted, len(choice), is_underfilled, seats(choice), [(table.name, table.id) for table in choice]

    return sorted([*singles, *pairs], key=rank)


def seats(tables: Iterable[Table]) -> int:
    """How many guests the tables hold together."""
    return sum(table.seats_max for table in tables)


def most_seats(tables: Sequence[Table]) -> int:
    """The largest party that one table or one pair holds."""
    pairs = [
        seats((left, right)) for index, left in enumerate(tables) for right in tables[index + 1 :] if _may_join(left, right)
    ]
    return max([*pairs, *(table.seats_max for table in tables)], default=0)


def are_combinable(tables: Sequence[Table]) -> bool:
    """Whether the tables can be put together: each is reachable from the first over declared neighbours."""
    reached, pending = {tables[0].id}, [tables[0]]
    while pending:
        here = pending.pop()
        near = [table for table in tables if table.id not in reached and _may_join(here, table)]
        reached |= {table.id for table in near}
        pending += near
    return len(reached) == len(tables)


def is_free(choice: Choice, busy: Busy, start: int, end: int) -> bool:
    """Whether none of the tables is taken at any moment of [start, end)."""
    return not any(start < taken_to and taken_from < end for table in choice for taken_from, taken_to in busy.get(table.id, ()))


def first_free(options: Iterable[Choice], busy: Busy, start: int, end: int) -> Choice | None:
    """The best choice that is free, or None."""
    return next((choice for choice in options if is_free(choice, busy, start, end)), None)


def parties_left(free: Iterable[Choice]) -> int:
    """How many such parties can be seated at once: the free choices taken one after another without sharing a table."""
    taken: set[str] = set()
    count = 0
    for choice in free:
        if not taken & {table.id for table in choice}:
            taken |= {table.id for table in choice}
            count += 1
    return count


def _may_join(left: Table, right: Table) -> bool:
    return right.id in left.combinable_with or left.id in right.combinable_with
