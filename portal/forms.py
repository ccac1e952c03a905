"""Reading posted fields. Each reader returns a clean value or raises Invalid naming the field, so pages can show where."""

from datetime import UTC
from datetime import datetime
from urllib.parse import urlsplit

from flask import flash
from flask import redirect
from flask import request
from werkzeug import Response

from kit.clock import to_us
from kit.errors import FieldError
from kit.errors import Invalid


def refuse(field: str, message: str, code: str = "validation_failed") -> Invalid:
    """An Invalid that points at one field of the form."""
    return Invalid(message, errors=[FieldError(field, code, message)])


def text(field: str, *, label: str, longest: int = 255, optional: bool = False) -> str:
    """A trimmed line or paragraph."""
    value = request.form.get(field, "").strip()
    if not value and not optional:
        raise refuse(field, f"{label} is needed.", "parameter_missing")
    if len(value) > longest:
        raise refuse(field, f"{label} may have at most {longest} characters.")
    return value


def choice(field: str, allowed: tuple[str, ...], *, label: str) -> str:
    """One of the offered values."""
    value = request.form.get(field, "")
    if value not in allowed:
        raise refuse(field, f"{label}: pick one of the offered values.")
    return value


def many(field: str) -> list[str]:
    """Every value of a repeated field, without doubles, in the order sent."""
    return list(dict.fromkeys(request.form.getlist(field)))


def is_ticked(field: str) -> bool:
    """Whether a checkbox was sent."""
    return field in request.form


def words(field: str) -> list[str]:
    """Values separated by spaces, commas or line breaks."""
    return request.form.get(field, "").replace(",", " ").split()


def number(field: str, *, label: str, optional: bool = False) -> int | None:
    """A whole number, or None when an optional field is empty."""
    value = text(field, label=label, longest=20, optional=optional)
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise refuse(field, f"{label}: write a whole number.")
    return int(value)


def lines(field: str) -> list[str]:
    """The lines of a field that are not empty, trimmed."""
    return [line.strip() for line in request.form.get(field, "").splitlines() if line.strip()]


def day_end(field: str, *, label: str) -> datetime | None:
    """The last second of a calendar day in UTC, or None when the field is empty."""
    value = request.form.get(field, "").strip()
    if not value:
        return None
    try:
        day = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise refuse(field, f"{label}: write the day as YYYY-MM-DD.") from error
    return day.replace(hour=23, minute=59, second=59)


def instant(field: str, *, label: str) -> int:
    """Microseconds since the epoch of a date and time in UTC, as `<input type="datetime-local">` sends them."""
    value = text(field, label=label, longest=30)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise refuse(field, f"{label}: write the time as YYYY-MM-DDTHH:MM, in UTC.")
    return to_us(moment.replace(tzinfo=UTC))


def local_path(value: str | None, otherwise: str) -> str:
    """A path of this site to go back to. Anything that could leave it becomes `otherwise`."""
    if not value or not value.startswith("/") or value.startswith("//") or "\\" in value or not value.isprintable():
        return otherwise
    parts = urlsplit(value)
    return otherwise if parts.scheme or parts.netloc else value


def done(message: str, location: str) -> Response:
    """After a post that worked: say so on the next page and go there."""
    flash(message, "ok")
    return redirect(location)
