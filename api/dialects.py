"""What a dialect's product prints of an event: the objects inside, and what it calls them. Needs no request.

A product registers its printers here; what none is registered for is the representation of the Core API. Printers read no
database: the worker calls them while it sends, with no transaction open.
"""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.webhooks.dialects import CHANNEL
from accounts.webhooks.dialects import POS
from accounts.webhooks.dialects import SYNC
from accounts.webhooks.dialects import place_of
from api.events import represent
from kit.documents import Document

PRODUCTS = {POS: "tablespot", CHANNEL: "onetablet", SYNC: "tablecheck"}  # whose names a dialect uses


@dataclass(frozen=True, slots=True)
class Told:
    """One object that is told of, and for whom. event: its document; object: the canonical document of `kind`."""

    event: Document
    kind: str
    object: Document
    api_version: str
    scopes: frozenset[str]
    options: Mapping[str, Any]


Printer = Callable[[Told], Any]
_printers: dict[tuple[str, str], Printer] = {}


def prints(dialect: str, kind: str) -> Callable[[Printer], Printer]:
    """Register how a dialect shows objects of a kind, or a whole callback. Raises ValueError when that is said already."""

    def register(printer: Printer) -> Printer:
        if _printers.setdefault((dialect, kind), printer) is not printer:
            raise ValueError(f"{dialect} has a printer of {kind}")
        return printer

    return register


def printer_of(dialect: str, kind: str, default: Printer | None = None) -> Printer:
    """What was registered for a kind; else `default`, else the representation of the Core API."""
    return _printers.get((dialect, kind)) or default or _as_core


def name_of(dialect: str, document: Document) -> str:
    """What a dialect's product calls an object: its reference there, or its own id."""
    names = [ref["id"] for ref in document.get("refs") or () if ref["product"] == PRODUCTS[dialect]]
    return str(names[0] if names else document["id"])


def place_in(dialect: str, told: Told) -> str | None:
    """What a dialect's product calls the place of an event; None when it has none."""
    if told.kind == "location" and (name := name_of(dialect, told.object)) != told.object["id"]:
        return name
    return place_of(told.event, told.options)


def _as_core(told: Told) -> dict[str, Any]:
    return represent(told.kind, told.object, api_version=told.api_version, scopes=told.scopes)
