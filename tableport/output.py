"""What a person reads, and what a program reads with --json: one JSON document a line."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from tableport.failures import Failure


@dataclass(frozen=True)
class Output:
    """Standard output for results, standard error for everything said on the way."""

    is_json: bool = False

    def result(self, document: Any, *lines: str) -> None:
        """Print a result: as JSON, or as the given lines."""
        _print(json.dumps(document, ensure_ascii=False) if self.is_json else "\n".join(lines))

    def say(self, line: str) -> None:
        """Tell a person how it goes; a program that reads JSON is not told."""
        if not self.is_json:
            print(line, file=sys.stderr, flush=True)

    def fail(self, failure: Failure) -> int:
        """Print why a command ends and return its exit code."""
        told = {"error": {"code": failure.code, "message": failure.message, "status": failure.status}}
        line = json.dumps(told, ensure_ascii=False) if self.is_json else "tableport: " + " ".join(failure.message.split())
        print(line, file=sys.stderr, flush=True)
        return failure.exit_code


def _print(text: str) -> None:
    if text:
        print(text, flush=True)


def table(rows: list[list[str]]) -> list[str]:
    """Rows with their columns in line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
