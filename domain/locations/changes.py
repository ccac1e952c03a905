"""Changing what a location and the restaurant say about themselves, and a location's hours. Records no events: there are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy.exc import IntegrityError

from domain.locations import queries
from domain.locations.errors import CurrencyIsFixed
from domain.locations.hours import special_overlap
from domain.locations.hours import weekly_overlap
from domain.locations.models import Franchise
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.models import SpecialHour
from domain.locations.reading import get_location
from kit.documents import Document
from kit.errors import Conflict
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

Values = dict[str, Any]
RESTAURANT_COLUMNS = ("name", "name_translations", "slug", "default_currency")


def change_location(
    scope: Scope, *, location_id: str, changes: Values, expected_version: int | None = None, is_priced: bool = False
) -> Document:
    """Change columns of a location and return its document; equal values change nothing.

    is_priced: orders or items hold amounts in its currency, so that the currency stays.
    Raises NotFound, Conflict (409 version_conflict), CurrencyIsFixed (409), DuplicateReference (409, slug), Invalid (422).
    """
    row = _locked(scope, location_id, expected_version)
    if changes.get("time_zone", row.time_zone) not in available_timezones():
        raise _refused("time_zone", "Expected an IANA time zone such as Europe/Warsaw.")
    currency = changes.get("currency", row.currency)
    if currency != row.currency and is_priced:
        raise CurrencyIsFixed(
            f"Amounts in {row.currency} exist at this location.", **{"from": row.currency, "to": currency, "allowed": []}
        )
    changed = {name: value for name, value in changes.items() if getattr(row, name) != value}
    with taken_once(scope, "slug", str(changed.get("slug"))):
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            _touch(scope, row)
    return get_location(scope, location_id=location_id)


def set_hours(
    scope: Scope, *, location_id: str, opening_hours: list[Values] | None = None,
    special_hours: list[Values] | None = None, expected_version: int | None = None,
) -> Document:  # fmt: skip
    """Replace a location's weekly hours, its special dates, or (None keeps them) one of both; return its document.

    opening_hours: [{weekday 0 Monday … 6, opens, closes, service}], special_hours: [{date "YYYY-MM-DD", is_closed, opens,
    closes}]; local times "HH:MM", closes <= opens ends the next day. A location without hours is always open.
    Raises NotFound, Conflict (409 version_conflict), Invalid (422) for periods that overlap.
    """
    row = _locked(scope, location_id, expected_version)
    before = get_location(scope, location_id=location_id)
    if opening_hours is not None:
        if (index := weekly_overlap(opening_hours)) is not None:
            raise _refused(f"opening_hours[{index}]", "The period overlaps another one of the same service.")
        _replace(scope, OpeningHour, location_id, opening_hours)
    if special_hours is not None:
        if (index := special_overlap(special_hours)) is not None:
            raise _refused(f"special_hours[{index}]", "The period overlaps another one, or the date is closed.")
        rows = [{**values, "on_date": date.fromisoformat(values["date"])} for values in special_hours]
        _replace(scope, SpecialHour, location_id, [{k: v for k, v in values.items() if k != "date"} for values in rows])
    after = get_location(scope, location_id=location_id)
    if all(before[name] == after[name] for name in ("opening_hours", "special_hours")):
        return after
    _touch(scope, row)
    return get_location(scope, location_id=location_id)


def get_restaurant(scope: Scope) -> Document:
    """Read the restaurant all locations belong to. One that was never named takes its name from its first location.

    Raises NotFound when there is no location either.
    """
    document = queries.franchise.document(scope)
    if document is not None:
        return document
    first = next(iter(queries.first_two.documents(scope)), None)
    if first is None:
        raise NotFound("This restaurant has no location and no name yet.")
    return {
        "id": scope.tenant_id, "name": first["name"], "name_translations": first["name_translations"],
        "slug": first["slug"], "default_currency": first["currency"], "version": 0, "created_at": first["created_at"],
        "updated_at": first["updated_at"],
    }  # fmt: skip


def change_restaurant(scope: Scope, *, changes: Values, expected_version: int | None = None) -> Document:
    """Change the restaurant's name, name_translations, slug or default_currency and return its document.

    Raises NotFound, Conflict (409 version_conflict).
    """
    row = session(scope).scalar(Franchise.owned_by(scope).with_for_update())
    before = get_restaurant(scope)
    if expected_version is not None and before["version"] != expected_version:
        raise Conflict(f"The restaurant is at version {before['version']} now.", current_version=before["version"])
    if row is None:
        now = tenant_now(scope)
        known = {name: before[name] for name in RESTAURANT_COLUMNS}
        with taken_once(scope, "id", scope.tenant_id):
            session(scope).add(Franchise(id=scope.tenant_id, created_at=now, updated_at=now, **{**known, **changes}))
        return get_restaurant(scope)
    changed = {name: value for name, value in changes.items() if before[name] != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        _touch(scope, row)
    return get_restaurant(scope)


@contextmanager
def taken_once(scope: Scope, field: str, value: str) -> Iterator[None]:
    """Turn the refusal of a unique key into one a caller understands. Raises DuplicateReference (409)."""
    try:
        with session(scope).begin_nested():
            yield
            session(scope).flush()  # here, so that the savepoint catches what the key says
    except IntegrityError as error:
        message = f"{value} is taken already."
        raise DuplicateReference(message, errors=[FieldError(field, "duplicate_reference", message)]) from error


def _locked(scope: Scope, location_id: str, expected_version: int | None) -> Location:
    query = Location.owned_by(scope).where(Location.id == location_id).with_for_update(key_share=True)
    row: Location | None = session(scope).scalar(query)
    if row is None:
        raise NotFound(f"There is no location {location_id}.")
    if expected_version is not None and row.version != expected_version:
        raise Conflict(f"The location is at version {row.version} now.", current_version=row.version)
    return row


def _replace(scope: Scope, model: type[Any], location_id: str, rows: list[Values]) -> None:
    for row in session(scope).scalars(model.owned_by(scope).where(model.location_id == location_id)):
        session(scope).delete(row)
    session(scope).add_all([model(location_id=location_id, **values) for values in rows])


def _touch(scope: Scope, row: Location | Franchise) -> None:
    row.version += 1
    row.updated_at = tenant_now(scope)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", errors=[FieldError(field, "validation_failed", message)])
