"""The examples page: whole scripts, shown from the files that are run by the tests."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples"
TITLES = {
    "ordering_front_end": "Ordering front end",
    "bi_sync": "BI dashboard",
    "accounting_export": "Accounting export",
    "crm_sync": "CRM sync",
    "hotel_link": "Hotel link",
    "service_recovery": "Service recovery",
}


@dataclass(frozen=True)
class Example:
    """One script: its name, what it is for, the scopes its key needs, and its text."""

    name: str
    title: str
    purpose: str
    scopes: tuple[str, ...]
    source: str


@cache
def examples() -> list[Example]:
    """The scripts in the order of the page."""
    return [_example(name, title) for name, title in TITLES.items()]


def _example(name: str, title: str) -> Example:
    source = (FOLDER / f"{name}.py").read_text().rstrip()
    told = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    needed = next(line for line in told if line.startswith("Scopes:"))
    scopes = tuple(re.findall(r"[a-z]+:[a-z]+", needed))
    return Example(name, title, told[0], scopes, source)
