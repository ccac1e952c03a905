"""What the client is made of: no server, and words that mean one thing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tableport import spans
from tableport.failures import Misused

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = [
    {"type": "order.created", "scope": "orders:read"}, {"type": "order.ready", "scope": "orders:read"},
    {"type": "payment.confirmed", "scope": "payments:read"},
]  # fmt: skip


def test_client_runs_without_the_server() -> None:
    code = "import sys, tableport.main; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True).stdout
    present = [name for name in ("flask", "sqlalchemy", "redis", "kit", "api", "portal", "domain") if f"'{name}'" in loaded]
    assert present == []


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2H", 7200), ("7d", 604_800)])
def test_span(text: str, seconds: int) -> None:
    assert spans.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "0m", "-1h", "1w", "1.5h", "²h"])
def test_wrong_span(text: str) -> None:
    with pytest.raises(Misused):
        spans.seconds(text)


@pytest.mark.parametrize(
    ("patterns", "scopes", "types"),
    [
        (None, set(), ["*"]),
        ("*", set(), ["*"]),
        ("order.*", {"orders:read"}, ["order.*"]),
        ("order.*, payment.confirmed", {"orders:read"}, ["order.*", "payment.confirmed"]),
        ("order.[cr]*", {"orders:read"}, ["order.created", "order.ready"]),
        ("*.c*", {"orders:read"}, ["order.created"]),
    ],
)
def test_event_patterns(patterns: str | None, scopes: set[str], types: list[str]) -> None:
    assert spans.event_types(patterns, CATALOGUE, scopes) == types


def test_overrides() -> None:
    given = ["status=ready", "totals.total_minor=4590", "is_paid=true", "note=a=b"]
    assert spans.overrides(given) == {"status": "ready", "totals": {"total_minor": 4590}, "is_paid": True, "note": "a=b"}
