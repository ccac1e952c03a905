"""The versions page: the changes of api.versions as they are, with their examples in both forms."""

from dataclasses import dataclass

from api.versions import RELEASES
from api.versions.changes import PAGE
from api.versions.changes import Change
from portal.filters import pretty


@dataclass(frozen=True)
class Shown:
    """One change of a release. objects: the schemas it is about, as people call them."""

    title: str
    description: str
    objects: str
    older: str
    newer: str


@dataclass(frozen=True)
class Release:
    """One version and what it changed; the first has no changes. before: the version older answers are printed in."""

    version: str
    before: str
    changes: tuple[Shown, ...]


def releases() -> list[Release]:
    """Every version, newest first."""
    names = list(RELEASES)
    found = [
        Release(name, names[position - 1] if position else "", tuple(_shown(change) for change in RELEASES[name]))
        for position, name in enumerate(names)
    ]
    return found[::-1]


def _shown(change: Change) -> Shown:
    objects = "every list" if change.schemas == {PAGE} else ", ".join(sorted(change.schemas))
    return Shown(change.title, change.description, objects, pretty(change.older), pretty(change.newer))
