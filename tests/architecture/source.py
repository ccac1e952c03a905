"""The application's own files, parsed once, for the rules in this folder."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kit", "domain", "accounts", "sandbox", "api", "portal", "worker", "migrations", "tableport")
MODULES = ("bootstrap.py", "wsgi.py")


@dataclass(frozen=True)
class Source:
    """One file: its path below the root, its text, and its syntax tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.text)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def application() -> tuple[Source, ...]:
    """Every file of the application; generated migrations are not written by hand and stay out."""
    return tuple(_read(path) for path in _paths(*PACKAGES, *MODULES) if "/versions/00" not in path.as_posix())


@cache
def suite() -> tuple[Source, ...]:
    """Every file of the tests."""
    return tuple(_read(path) for path in _paths("tests"))


def _paths(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _read(path: Path) -> Source:
    return Source(path.relative_to(ROOT).as_posix(), path.read_text())
