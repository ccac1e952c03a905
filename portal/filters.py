"""How values look on pages: instants, money, durations, JSON. Pure; registered as Jinja filters by portal.register."""

import json
import re
from datetime import datetime
from http import HTTPStatus
from typing import Any

from markupsafe import Markup
from markupsafe import escape

from kit.clock import from_us
from kit.clock import now
from kit.money import exponent

STEPS = ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h"), (30 * 86_400, 86_400, "d"))


def instant(value: datetime | int | None) -> str:
    """`2026-01-12 12:00:00 UTC`; a dash for no instant."""
    if value is None:
        return "–"
    return _aware(value).strftime("%Y-%m-%d %H:%M:%S UTC")


def ago(value: datetime | int | None, otherwise: str = "never") -> Markup:
    """A <time> element that reads `3 min ago` or `in 2 d` and carries the exact instant."""
    if value is None:
        return Markup(escape(otherwise))  # noqa: S704 - escaped in the same breath
    moment = _aware(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment.isoformat(), instant(moment), _distance(moment))


def _distance(moment: datetime) -> str:
    seconds = (now() - moment).total_seconds()
    size = abs(seconds)
    if size < 2:
        return "just now"
    for below, unit, name in STEPS:
        if size < below:
            return f"{int(size // unit)} {name} ago" if seconds > 0 else f"in {int(size // unit)} {name}"
    return moment.strftime("%Y-%m-%d")


def span(seconds: float) -> str:
    """`29 min`: the largest unit that fits, in whole ones."""
    unit, name = next(((unit, name) for below, unit, name in STEPS if seconds < below), (86_400, "d"))
    return f"{int(seconds // unit)} {name}"


def share(part: float | None) -> str:
    """`99.9 %` of 0.999; a dash for no share. Never rounds up to everything or down to nothing."""
    if part is None:
        return "–"
    percent = part * 100
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    if 0 < percent < 0.05:
        return "< 0.1 %"
    return f"{percent:.0f} %" if percent in (0, 100) else f"{percent:.1f} %"


def duration(microseconds: int | None) -> str:
    """`840 µs`, `12 ms` or `1.4 s`."""
    if microseconds is None:
        return "–"
    if microseconds < 1000:
        return f"{microseconds} µs"
    return f"{microseconds / 1000:.0f} ms" if microseconds < 1_000_000 else f"{microseconds / 1_000_000:.1f} s"


def money(minor: int | None, currency: str) -> str:
    """`45.90 PLN` from integer minor units."""
    if minor is None:
        return "–"
    digits = exponent(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def pretty(value: Any) -> str:
    """Indented JSON of a document, or of a text that holds JSON; any other text unchanged."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, indent=2, ensure_ascii=False)


def prose(text: str) -> Markup:
    """Paragraphs, lists and `code` of a docstring as HTML; everything in it is text, never markup."""
    blocks = [block.splitlines() for block in text.strip().split("\n\n") if block.strip()]
    return Markup("\n").join(_list(lines) if lines[0].startswith("- ") else _paragraph(lines) for lines in blocks)


def _paragraph(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(_inline(" ".join(lines)))


def _list(lines: list[str]) -> Markup:
    items = re.split(r"(?:^|\n)- ", "\n".join(lines))[1:]
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(_inline(item)) for item in items))


def _inline(text: str) -> Markup:
    parts = text.split("`")
    shown = [Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)]
    return Markup("").join(shown)


def phrase(status: int | None) -> str:
    """`404 Not Found`."""
    if status is None:
        return "no answer"
    return f"{status} {HTTPStatus(status).phrase}" if status in HTTPStatus._value2member_map_ else str(status)


def mood(status: int | None) -> str:
    """Which mark an HTTP status gets: ok, warn or bad."""
    if status is None or status >= 500:
        return "bad"
    return "warn" if status >= 400 else "ok"


def _aware(value: datetime | int) -> datetime:
    return from_us(value) if isinstance(value, int) else value


FILTERS = {
    "instant": instant, "ago": ago, "duration": duration, "money": money, "pretty": pretty, "phrase": phrase, "mood": mood,
    "prose": prose, "share": share, "span": span,
}  # fmt: skip
