"""A file's three forms, and the rows of an export page by page. Opens no transaction: its caller reads each page in one.

csv: UTF-8, CRLF, a header line, formulas disarmed (RFC 4180; OWASP). json: one array. jsonl: one object a line.
"""

import csv
import hashlib
import io
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import BinaryIO

import orjson

from accounts.exports import queries
from accounts.exports.cells import cell_of
from accounts.exports.cells import value_of
from accounts.exports.datasets import DATASETS
from accounts.exports.datasets import Dataset
from domain.locations.service import business_date
from kit.clock import from_us
from kit.clock import to_us
from kit.documents import Document
from kit.scope import Scope

PAGE = 500
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
# A business date begins at most 14 hours before its date does in UTC and ends less than three days later.
BEFORE, BEYOND = timedelta(days=1), timedelta(days=3)
TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json", "jsonl": "application/x-ndjson"}


class Counted:
    """A file that counts and digests what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        self._file.write(raw)
        self._digest.update(raw)
        self.size += len(raw)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Form:
    """How one format begins, prints its rows and ends. row: (row document, its number) to bytes or text."""

    head: str
    row: Callable[[Document, int], str | bytes]
    tail: str


def form_of(export: Document) -> Form:
    """The form of an export's file."""
    dataset, is_masked = DATASETS[export["dataset"]], export["is_masked"]

    def as_object(row: Document) -> bytes:
        return orjson.dumps({column.name: value_of(column, row, is_masked=is_masked) for column in dataset.columns})

    if export["format"] == "jsonl":
        return Form("", lambda row, _: as_object(row) + b"\n", "")
    if export["format"] == "json":
        return Form("[", lambda row, number: (b",\n" if number else b"\n") + as_object(row), "\n]\n")
    head = csv_line([column.name for column in dataset.columns])

    def as_line(row: Document, _: int) -> str:
        return csv_line([cell_of(column, row, is_masked=is_masked) for column in dataset.columns])

    return Form((BOM if export["has_bom"] else "") + head, as_line, "")


def csv_line(cells: list[str]) -> str:
    """One line of a CSV file with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


class Reader:
    """Reads an export's rows. `page` is one statement and runs in the caller's open transaction."""

    def __init__(self, scope: Scope, export: Document) -> None:
        self._export = export
        self._dataset: Dataset = DATASETS[export["dataset"]]
        self._after: list[Any] | None = None
        self._clocks: dict[str | None, Document] = {None: {"time_zone": "UTC", "day_cutover": "00:00"}}
        self._parameters = self._window()
        self._scope = scope
        self.is_done = False

    def open(self) -> None:
        """Learn the locations' clocks, which decide the business date of an instant."""
        for location_id, time_zone, day_cutover in queries.days_of.rows(self._scope):
            self._clocks[location_id] = {"time_zone": time_zone, "day_cutover": day_cutover}

    def page(self) -> list[Document]:
        """The rows of the next page; may be empty before the end. Sets is_done with the last one."""
        places, after = self._export["location_ids"], self._after or ()
        documents = self._dataset.page.documents(
            self._scope, len(places), bool(after), **self._parameters, row_limit=PAGE,
            **{f"place_{index}": name for index, name in enumerate(places)},
            **{f"after_{index}": value for index, value in enumerate(after)},
        )  # fmt: skip
        self.is_done = len(documents) < PAGE
        if documents:
            self._after = [documents[-1][key] for key in self._dataset.position]
        return [row for document in documents if self._belongs(document) for row in self._dataset.rows(document)]

    def _belongs(self, document: Document) -> bool:
        """Whether a document's business date lies in the window; notes the date where the document has none."""
        if self._dataset.at is None:
            return True
        clock = self._clocks.get(document.get("location_id")) or self._clocks[None]
        day = document["business_date"] = business_date(clock, from_us(document[self._dataset.at]))
        return bool(self._export["from_date"] <= day <= self._export["to_date"])

    def _window(self) -> dict[str, Any]:
        first, last = self._export["from_date"], self._export["to_date"]
        return {
            "from_date": first, "to_date": last, "from_us": to_us(_midnight(first) - BEFORE),
            "to_us": to_us(_midnight(last) + BEYOND),
        }  # fmt: skip


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


def rows_of(reader: Reader, read: Callable[[Callable[[], Any]], Any]) -> Iterator[Document]:
    """Every row of an export. read: runs one step of the reader in a transaction of its own."""
    read(reader.open)
    while not reader.is_done:
        yield from read(reader.page)
