"""Prints mails from templates/email: a text and an HTML file for each kind, with the subject as a block of the text.

A value never makes a line of its own: whatever a partner typed stands inside the sentence it belongs to, in the text as in
the subject, and is escaped in the HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2 import FileSystemLoader
from jinja2 import StrictUndefined
from jinja2 import select_autoescape

FOLDER = Path(__file__).parents[2] / "templates" / "email"
LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A printed mail."""

    subject: str
    text: str
    html: str


class Letters:
    """The templates, and where their links lead."""

    def __init__(self) -> None:
        self._base_url = ""
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER), autoescape=select_autoescape(["html"]), undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        )  # fmt: skip
        self._templates.filters["instant"] = _instant

    def configure(self, base_url: str) -> None:
        """Set the address partners reach this installation at."""
        self._base_url = base_url

    def write(self, kind: str, *, path: str, context: Mapping[str, Any]) -> Letter:
        """Print one mail. kind: `endpoint.failing` is endpoint_failing.txt and .html. path: where its one link leads.

        Raises what Jinja raises for a kind without templates and for a value that is missing.
        """
        name = kind.replace(".", "_")
        values = {key: one_line(value) if isinstance(value, str) else value for key, value in context.items()}
        values |= {"link": self._base_url + path, "home": self._base_url}
        plain = self._templates.get_template(f"{name}.txt")
        values["subject"] = "".join(plain.blocks["subject"](plain.new_context(values))).strip()
        html = self._templates.get_template(f"{name}.html")
        return Letter(values["subject"][:LONGEST_SUBJECT], plain.render(values), html.render(values))


def one_line(value: str) -> str:
    """A value without line breaks and other control characters."""
    return "".join(character if character.isprintable() else " " for character in value)


def _instant(value: datetime) -> str:
    """`21 November 2026, 09:05 UTC`."""
    return f"{value.day} {value:%B %Y, %H:%M} UTC"


letters = Letters()
