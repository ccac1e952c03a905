"""The places themselves: location, hours, status, taxes, charges and tables, as rows."""

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.bookings.seating import Table
from domain.locations.models import Area
from domain.locations.models import DiningTable
from domain.locations.models import Location
from domain.locations.models import OpeningHour
from domain.locations.models import SpecialHour
from domain.locations.models import StoreStatus
from domain.menus.models import ExtraCharge
from domain.menus.models import Tax
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.minimal_menu import VAT_8
from sandbox.worlds.minimal_menu import VAT_23
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.standard import queries
from sandbox.worlds.standard.money import local_minor
from sandbox.worlds.standard.places import WARSAW
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Setting

TURNS = {"1-2": 90, "3-4": 105, "5-6": 120, "7+": 150}
SERVICES = ("dine_in", "pickup", "delivery")
FIRST_TABLE = {WARSAW: 5}  # the fixtures are before it
SIZES = (2, 4, 2, 4, 6, 2, 4, 2, 4, 2, 8, 2, 4, 2, 4, 6, 2, 4, 2, 10)  # 45 % for two, 35 % for four, 20 % larger
KINDS = ("indoor", "indoor", "outdoor", "indoor", "bar", "indoor", "indoor", "outdoor", "private")
DEPOSIT_CENTS = 1000
BANQUET_SEATS = 20
DELIVERY_CENTS, SERVICE_PERCENT = 299, 1000


class TaxOf(NamedTuple):
    """A tax as an order line keeps it."""

    id: str
    name: str
    rate: str


def location_document(place: Place) -> Document:
    """What pricing, hours and bookings ask of a location."""
    return {
        "id": place.id, "currency": place.currency, "time_zone": place.zone, "day_cutover": "05:00",
        "price_mode": place.price_mode, "tax_rounding": place.tax_rounding, "turn_minutes": TURNS,
        "deposit_policy": deposit_policy(place),
    }  # fmt: skip


def deposit_policy(place: Place) -> Document:
    """Large parties leave something, except where the fixtures say that nobody does."""
    if place.id == WARSAW:
        return {"required": False}
    return {
        "required": True, "min_party": 6, "amount_minor": local_minor(place, DEPOSIT_CENTS), "per_person": True,
        "refundable_hours": 24,
    }  # fmt: skip


def taxes_of(place: Place) -> tuple[TaxOf | None, TaxOf | None]:
    """The taxes on food and on alcohol."""
    if place.id == WARSAW:
        return TaxOf(VAT_8, "VAT 8 %", "0.08"), TaxOf(VAT_23, "VAT 23 %", "0.23")
    food, alcohol = place.taxes
    return _tax(place, "food", food), _tax(place, "food" if alcohol == food else "alcohol", alcohol)


def charges_of(place: Place, kind: str) -> list[Document]:
    """The charges orders of a kind get by themselves, as an order keeps them."""
    if place.id == WARSAW or not place.has_charges:
        return []
    tax = taxes_of(place)[0]
    shown = {"tax_name": tax.name if tax else None, "tax_rate": tax.rate if tax else None}
    if kind == "delivery":
        fee = local_minor(place, DELIVERY_CENTS)
        return [{"id": f"chg_{place.key}_delivery", "name": "Delivery", "kind": "fixed", "value": fee, **shown}]
    if kind == "dine_in" and place.has_service_charge:
        return [{"id": f"chg_{place.key}_service", "name": "Service", "kind": "percent", "value": SERVICE_PERCENT, **shown}]
    return []


def tables_of(place: Place) -> list[Table]:
    """The tables this world adds, without those out of use. Two pairs of neighbours may be put together."""
    first = FIRST_TABLE.get(place.id, 1)
    ids = [f"tbl_{place.key}_{number}" for number in range(first, place.tables + 1)]
    pairs = {ids[0]: ids[1], ids[1]: ids[0], ids[2]: ids[3], ids[3]: ids[2]}
    tables = [
        Table(
            table_id, f"Table {first + index}", 1, SIZES[(first + index - 1) % len(SIZES)],
            KINDS[(first + index) % len(KINDS)], frozenset({pairs[table_id]} if table_id in pairs else ()),
        )
        for index, table_id in enumerate(ids)
    ]  # fmt: skip
    if place.has_banquets:
        tables[-1] = Table(ids[-1], "Banquet table", 12, BANQUET_SEATS, "private", frozenset())
    return tables


def write_location(scope: Scope, setting: Setting, place: Place) -> None:
    """Write a place that is not in service yet, its taxes and hours. The fixtures' one is there already."""
    if place.id == WARSAW:
        return
    dated = _dated(setting)
    taxes = dict.fromkeys(tax for tax in taxes_of(place) if tax is not None)
    append(scope, Tax, [{**tax._asdict(), "country": place.country, **dated} for tax in taxes])
    _write_location(scope, place, dated)
    _write_hours(scope, setting, place)


def write_floor(scope: Scope, setting: Setting, place: Place) -> None:
    """Write the tables and charges of one place, and put it into service."""
    dated = _dated(setting)
    if place.id != WARSAW:
        _write_charges(scope, place, dated)
    _write_tables(scope, place, dated)
    queries.open_place.rows(scope, location_id=place.id)
    if place.status != "online":
        append(scope, StoreStatus, [{
            "id": f"sts_{place.key}", "location_id": place.id, "status": place.status, "changed_by": "staff",
            "reason": "kitchen_busy" if place.status == "paused" else "refurbishment",
            "until": setting.now_us + 8 * HOUR_US if place.status == "paused" else None,
            "changed_at": setting.now_us - HOUR_US,
        }])  # fmt: skip


def _dated(setting: Setting) -> dict[str, int]:
    return {"created_at": setting.now_us - 400 * DAY_US, "updated_at": setting.now_us - 95 * DAY_US}


def _tax(place: Place, kind: str, rate: str | None) -> TaxOf | None:
    if rate is None:
        return None
    percent = f"{float(rate) * 100:.3f}".rstrip("0").rstrip(".")
    return TaxOf(f"tax_{place.key}_{kind}", f"{place.tax_name} {percent} %", rate)


def _write_location(scope: Scope, place: Place, dated: dict[str, int]) -> None:
    tax = taxes_of(place)[0]
    append(scope, Location, [{
        "id": place.id, "name": place.name, "internal_name": place.key.upper(), "slug": place.slug,
        "country": place.country, "currency": place.currency, "time_zone": place.zone, "price_mode": place.price_mode,
        "tax_rounding": place.tax_rounding, "default_tax_id": tax.id if tax else None,
        "address": {"line1": "1 Market Square", "city": place.city, "postal_code": None, "country": place.country},
        "phone": f"{place.phone}0100" if place.phone else None, "turn_minutes": TURNS,
        "deposit_policy": deposit_policy(place), "is_active": False, **dated,
    }])  # fmt: skip


def _write_hours(scope: Scope, setting: Setting, place: Place) -> None:
    append(scope, OpeningHour, [
        {"id": f"hrs_{place.key}_{day}_{service}", "location_id": place.id, "weekday": day, "opens": place.opens,
         "closes": place.closes, "service": service}
        for day in range(7) if day != place.closed_on
        for service in SERVICES
    ])  # fmt: skip
    if place.has_special_hours:
        today = from_us(setting.now_us).astimezone(ZoneInfo(place.zone)).date()
        append(scope, SpecialHour, [
            {"id": f"shr_{place.key}_1", "location_id": place.id, "on_date": (today + timedelta(days=7)).isoformat(),
             "is_closed": True},
            {"id": f"shr_{place.key}_2", "location_id": place.id, "on_date": (today + timedelta(days=12)).isoformat(),
             "is_closed": False, "opens": "16:00", "closes": "20:00"},
        ])  # fmt: skip


def _write_charges(scope: Scope, place: Place, dated: dict[str, int]) -> None:
    tax = taxes_of(place)[0]
    append(scope, ExtraCharge, [
        {"id": charge["id"], "name": charge["name"], "kind": charge["kind"], "value": charge["value"],
         "location_id": place.id, "order_types": [kind], "tax_id": tax.id if tax else None, "auto_apply": True, **dated}
        for kind in SERVICES
        for charge in charges_of(place, kind)
    ])  # fmt: skip


def _write_tables(scope: Scope, place: Place, dated: dict[str, int]) -> None:
    area_id = f"are_{place.key}_room"
    append(scope, Area, [{"id": area_id, "location_id": place.id, "name": "Dining room", **dated}])
    rows = [
        {
            "id": table.id, "name": table.name, "seats_min": table.seats_min, "seats_max": table.seats_max,
            "kind": table.kind, "combinable_with": sorted(table.combinable_with), "x": float(index % 6),
            "y": float(index // 6),
        }
        for index, table in enumerate(tables_of(place))
    ]  # fmt: skip
    stored = {"id": f"tbl_{place.key}_stored", "name": "Stored table", "seats_max": 4, "is_active": False}
    append(scope, DiningTable, [{**row, "location_id": place.id, "area_id": area_id, **dated} for row in [*rows, stored]])
