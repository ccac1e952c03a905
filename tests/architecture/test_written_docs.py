"""What the written documentation names is there: files, folders, pages of the same folder, and make targets."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FOLDERS = "accounts|api|benchmarks|docs|domain|kit|migrations|portal|sandbox|static|templates|tests|worker"
NAMED = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)[:`]")
TARGET = re.compile(r"`make ([a-z]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_and_target_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert [name for name in NAMED.findall(text) if not (ROOT / name).exists()] == []
    assert [name for name in TARGET.findall(text) if name not in targets] == []


def test_decisions_have_a_number_each_and_the_same_parts() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))

    assert [page.name for page in pages if not page.read_text().startswith(f"# {page.name[:4]} ")] == []
    assert len({page.name[:4] for page in pages}) == len(pages)
    parts = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**", "**Enforced by**")
    assert {page.name: part for page in pages for part in parts if part not in page.read_text()} == {}
