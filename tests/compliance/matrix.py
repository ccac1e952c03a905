"""What standards ask of the platform, row by row, and what answers each: tests that are marked with it, or a reason.

A file in `rows/` holds the rows of one standard or chapter: `spec`, and for each row `section`, `level`, `text` in our own
words and, where the row asks nothing of us, `reason`. A test is bound by `@pytest.mark.compliance("<spec> <section>", …)`;
several MUSTs of one section are told apart by -1, -2 at the end of `section`.
"""

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent.parent
ROWS = Path(__file__).parent / "rows"
MARK = "compliance"


@dataclass(frozen=True)
class Row:
    """One thing a standard asks for. reason: why it does not apply here. tests: those that show it is met."""

    spec: str
    section: str
    level: str
    text: str
    reason: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.spec} {self.section}"

    @property
    def state(self) -> str:
        return "not applicable" if self.reason else "met" if self.tests else "open"


def rows() -> list[Row]:
    """Every row of every file, in the order of the standards."""
    found = []
    for path in sorted(ROWS.glob("*.toml")):
        given = tomllib.loads(path.read_text())
        for row in given["row"]:
            name = f"{given['spec']} {row['section']}"
            found.append(Row(
                given["spec"], row["section"], row["level"], row["text"], row.get("reason", ""), tuple(bound().get(name, ())),
            ))  # fmt: skip
    return found


@cache
def bound() -> dict[str, list[str]]:
    """Rows that marks name → the tests that carry them. Read from the sources, so that it takes no collection of tests."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text()
        if f"mark.{MARK}" in text:
            for test, name in _marks(ast.parse(text)):
                found.setdefault(name, []).append(f"{path.relative_to(TESTS.parent)}::{test}")
    return found


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == MARK:
                    yield from ((node.name, str(ast.literal_eval(argument))) for argument in call.args)
