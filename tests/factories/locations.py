"""Locations and tables. Inside an open unit of work."""

from typing import Any

from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.models import SpecialHour
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def build_location(**changes: Any) -> dict[str, Any]:
    """A Warsaw location: PLN, exclusive prices, no hours (so never closed by them)."""
    location_id = changes.get("id") or new_id("loc")
    return {
        "id": location_id, "name": "Warsaw", "slug": location_id.lower(), "country": "PL", "currency": "PLN",
        "time_zone": "Europe/Warsaw", "price_mode": "exclusive", "address": {}, "name_translations": {},
        "turn_minutes": {}, "deposit_policy": {},
        **changes,
    }  # fmt: skip


def create_location(scope: Scope, **changes: Any) -> str:
    row = build_location(**changes)
    append(scope, Location, [_dated(scope, row)])
    return str(row["id"])


def create_opening_hour(scope: Scope, *, location_id: str, weekday: int, opens: str, closes: str) -> None:
    append(scope, OpeningHour, [
        {"id": new_id("hrs"), "location_id": location_id, "weekday": weekday, "opens": opens, "closes": closes}
    ])  # fmt: skip


def create_special_hour(scope: Scope, *, location_id: str, on_date: str, **changes: Any) -> None:
    append(scope, SpecialHour, [{"id": new_id("shr"), "location_id": location_id, "on_date": on_date, **changes}])


def create_table(scope: Scope, *, location_id: str, **changes: Any) -> str:
    row = {"id": new_id("tbl"), "location_id": location_id, "name": new_id("T"), "seats_max": 4, "combinable_with": [], **changes}
    append(scope, DiningTable, [_dated(scope, row)])
    return str(row["id"])


def _dated(scope: Scope, row: dict[str, Any]) -> dict[str, Any]:
    now = tenant_now_us(scope)
    return {"created_at": now, "updated_at": now, **row}
