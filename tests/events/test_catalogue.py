"""The catalogue against the code: each public type has one class, is recorded by its own capability, and is tested here."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from accounts.webhooks.catalog import EVENT_TYPES
from kit.outbox import Event

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "accounts", "sandbox", "api", "worker", "portal")


def module_of(path: Path) -> ModuleType:
    return import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def event_classes() -> dict[type[Event], Path]:
    """Every event class of the code and the file that defines it."""
    paths = [path for layer in ("domain", "accounts") for path in sorted((ROOT / layer).glob("*/events.py"))]
    return {
        one: path
        for path in paths
        for one in vars(module_of(path)).values()
        if isinstance(one, type) and issubclass(one, Event) and one is not Event
    }


def classes_in(value: Any) -> set[type[Event]]:
    """The event classes a name stands for: one, or those of a table of states."""
    values = list(value.values()) if isinstance(value, Mapping) else [value]
    return {one for one in values if isinstance(one, type) and issubclass(one, Event) and one is not Event}


def used_names(path: Path) -> Iterator[str]:
    """The names a file's functions and tables use, imports left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def places() -> dict[type[Event], set[Path]]:
    """For each event class the files that use it besides the one that defines it."""
    found: dict[type[Event], set[Path]] = defaultdict(set)
    defined = event_classes()
    for path in (path for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))):
        if "Event" not in (text := path.read_text()) and "record" not in text and "REACHED" not in text:
            continue
        names = vars(module_of(path))
        for name in set(used_names(path)) & names.keys():
            for one in classes_in(names[name]) & defined.keys():
                found[one].add(path)
    return {one: files - {defined[one]} for one, files in found.items()}


def test_each_type_has_one_class() -> None:
    types = [one.type for one in event_classes()]
    assert len(EVENT_TYPES) == 69
    assert sorted(types) == sorted(EVENT_TYPES)


def test_each_event_is_recorded_by_the_capability_that_owns_it_and_by_nothing_else() -> None:
    used, defined = places(), event_classes()
    assert [one.type for one in defined if not used.get(one)] == []
    strangers = [(one.type, str(path)) for one, paths in used.items() for path in paths if path.parent != defined[one].parent]
    assert strangers == []


def test_each_type_has_a_test_that_makes_it_happen() -> None:
    tests = [
        function
        for path in sorted(Path(__file__).parent.glob("test_*_events.py"))
        for name, function in vars(module_of(path)).items()
        if name.startswith("test_")
    ]
    emitted = {type_ for test in tests for mark in marks_of(test) for type_ in mark.args}
    assert emitted == set(EVENT_TYPES)


def marks_of(test: Any) -> Iterator[Any]:
    """The `emits` marks of a test and of its parameters."""
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            yield from (inner for case in mark.args[1] for inner in getattr(case, "marks", ()) if inner.name == "emits")
        elif mark.name == "emits":
            yield mark
