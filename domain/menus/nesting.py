"""How deep modifier groups may nest. Pure functions over (outer group, inner group) pairs.

An item's group is the first level; a group under one of its modifiers the second; the third is the last.
"""

from collections import defaultdict
from collections.abc import Iterable

DEEPEST = 3
Nesting = tuple[str, str]


def problem_of(nestings: Iterable[Nesting]) -> str | None:
    """Say what is wrong with how groups nest: a group inside itself, or more than three levels. None: nothing."""
    inner = _inner(nestings)
    heights: dict[str, int] = {}
    for group in list(inner):
        height = _height(group, inner, heights, frozenset())
        if height is None:
            return "A modifier group may not be nested in itself, directly or through other groups."
        if height > DEEPEST:
            return f"Modifier groups may be nested {DEEPEST} levels deep."
    return None


def within(group_ids: Iterable[str], nestings: Iterable[Nesting]) -> set[str]:
    """The groups themselves and every group that holds one of them, at whatever level."""
    outer: dict[str, set[str]] = defaultdict(set)
    for parent, child in nestings:
        outer[child].add(parent)
    found: set[str] = set()
    waiting = list(group_ids)
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting += outer[group]
    return found


def _inner(nestings: Iterable[Nesting]) -> dict[str, set[str]]:
    inner: dict[str, set[str]] = {}
    for parent, child in nestings:
        inner.setdefault(parent, set()).add(child)
        inner.setdefault(child, set())
    return inner


def _height(group: str, inner: dict[str, set[str]], heights: dict[str, int], above: frozenset[str]) -> int | None:
    """Levels from a group down, itself included; None when it is below itself. Stops looking where it is too deep."""
    if group in above:
        return None
    if group not in heights:
        below = [_height(child, inner, heights, above | {group}) for child in inner[group]]
        if None in below:
            return None
        heights[group] = 1 + max((height for height in below if height is not None), default=0)
    return heights[group]
