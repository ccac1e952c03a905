"""Export files: what stands in them, and that no half or foreign one is ever served."""

import csv
import hashlib
import io
import json
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accounts.exports.files import store
from accounts.exports.running import claim_export
from accounts.exports.service import create_schedule
from accounts.exports.service import get_export
from accounts.exports.service import list_exports
from accounts.exports.service import start_export
from accounts.plans.catalog import SANDBOX
from accounts.plans.catalog import TIERS
from accounts.plans.scopes import SCOPES
from domain.timers.service import Due
from kit.clock import to_us
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.clock import set_clock
from sandbox.service import reset
from tests.api.partners import sandbox_partner
from tests.domain.recorded import recorded_events
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order
from tests.factories.payments import create_payment
from worker import exports
from worker.exports import run_export

ALL = frozenset(SCOPES)


@pytest.fixture
def shop(app: Flask) -> Scope:
    """An empty sandbox whose clock stands at 2026-01-12T12:00:00Z."""
    scope = sandbox_partner(profile="empty").scope
    with unit_of_work(scope):
        reset(scope, profile="empty")
    return scope


def start(scope: Scope, dataset: str, format: str = "csv", **options: Any) -> dict[str, Any]:
    asked = {"tier": SANDBOX, "scopes": ALL, "from_date": "2026-01-01", "to_date": "2026-01-31", **options}
    with unit_of_work(scope):
        return start_export(scope, dataset=dataset, format=format, **asked)


def read(scope: Scope, export_id: str) -> dict[str, Any]:
    with unit_of_work(scope, writes=False):
        return get_export(scope, export_id=export_id)


def file_of(scope: Scope, export: dict[str, Any]) -> Path:
    return store.path(scope, export_id=export["id"], attempt=export["attempts"])


def made(scope: Scope, dataset: str, format: str = "csv", **options: Any) -> bytes:
    """The bytes of a finished export."""
    export_id = start(scope, dataset, format, **options)["id"]
    run_export(scope, export_id)
    return file_of(scope, read(scope, export_id)).read_bytes()


def lines(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def is_due(scope: Scope, kind: str, object_id: str) -> Due:
    return Due(f"{kind}:{object_id}", kind, object_id, None, 0)


def test_export_when_run_is_a_complete_file_and_says_so(shop: Scope) -> None:
    with unit_of_work(shop):
        location_id = create_location(shop, currency="EUR")
        order_id = create_order(shop, location_id=location_id, notes="=SUM(A1)", currency="EUR")
        create_order(shop, location_id=location_id, number=2, business_date="2026-02-01")
    export = start(shop, "orders", has_bom=True)
    assert (export["status"], export["row_count"], export["is_masked"]) == ("queued", None, False)

    run_export(shop, export["id"])

    ready = read(shop, export["id"])
    raw = file_of(shop, ready).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfid,number,business_date,location_id,source,")
    header, row = lines(raw)
    shown = dict(zip(header, row, strict=True))
    assert (shown["id"], shown["total"], shown["notes"]) == (order_id, "45.90", "'=SUM(A1)")
    assert (shown["fulfillment_type"], shown["created_at"]) == ("pickup", "2026-01-12T12:00:00Z")
    assert (ready["status"], ready["row_count"], ready["size_bytes"]) == ("ready", 1, len(raw))
    assert ready["sha256"] == hashlib.sha256(raw).hexdigest()
    assert ready["expires_at"] - ready["finished_at"] == 7 * 86_400_000_000
    [event] = recorded_events(shop)
    assert (event.type, event.body["previous"]) == ("export.completed", {"status": "running"})
    assert event.body["object"] == ready


def test_json_and_jsonl_hold_the_same_rows(shop: Scope) -> None:
    with unit_of_work(shop):
        order_id = create_order(shop, location_id=create_location(shop))
        for _ in range(3):
            create_payment(shop, order_id=order_id, payer_label="Zoë")
    whole = json.loads(made(shop, "payments", "json"))
    by_line = [json.loads(line) for line in made(shop, "payments", "jsonl").splitlines()]
    assert whole == by_line
    assert [(row["amount"], row["currency"], row["payer_label"], row["business_date"]) for row in whole] == [
        (45.9, "PLN", "Zoë", "2026-01-12")
    ] * 3
    assert json.loads(made(shop, "refunds", "json")) == []


def test_payment_after_midnight_belongs_to_the_evening_before(shop: Scope) -> None:
    night = to_us(datetime(2026, 1, 13, 2, 30, tzinfo=UTC))  # 03:30 in Warsaw, before the cutover at 05:00
    with unit_of_work(shop):
        order_id = create_order(shop, location_id=create_location(shop))
        create_payment(shop, order_id=order_id, created_at=night)
    monday = {"from_date": "2026-01-12", "to_date": "2026-01-12"}
    tuesday = {"from_date": "2026-01-13", "to_date": "2026-01-13"}
    assert [row["business_date"] for row in json.loads(made(shop, "payments", "json", **monday))] == ["2026-01-12"]
    assert json.loads(made(shop, "payments", "json", **tuesday)) == []


def test_pages_hold_every_row_once(shop: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.exports.writing.PAGE", 3)
    with unit_of_work(shop):
        places = [create_location(shop, slug=f"place-{number}") for number in range(2)]
        ids = [create_order(shop, location_id=places[number % 2], number=number) for number in range(11)]
    by_place = dict(zip(places, (ids[0::2], ids[1::2]), strict=True))
    assert [row["id"] for row in json.loads(made(shop, "orders", "json"))] == [*by_place[min(places)], *by_place[max(places)]]
    chosen = json.loads(made(shop, "orders", "json", location_ids=(places[1],)))
    assert [row["id"] for row in chosen] == ids[1::2]
    assert len(json.loads(made(shop, "order_lines", "json"))) == 11


def test_parts_of_orders_are_rows(shop: Scope) -> None:
    tax = {"name": "VAT 8%", "rate": "0.08", "base_minor": 4250, "amount_minor": 340, "included": False}
    discount = {"type": "promo", "value": 1000, "code": "WELCOME10", "amount_minor": 425}
    with unit_of_work(shop):
        location_id = create_location(shop)
        order_id = create_order(shop, location_id=location_id, tax_lines=[tax], discounts=[discount])
    whole = {
        "order_id": order_id, "order_status": "pending", "business_date": "2026-01-12", "location_id": location_id,
        "currency": "PLN",
    }  # fmt: skip
    assert json.loads(made(shop, "taxes", "json")) == [
        whole | {"name": "VAT 8%", "rate": "0.08", "base": 42.5, "amount": 3.4, "included": False}
    ]
    assert json.loads(made(shop, "discounts", "json")) == [
        whole | {"type": "promo", "value": 1000, "code": "WELCOME10", "amount": 4.25}
    ]


def test_contacts_are_hidden_without_the_scope_for_them(shop: Scope) -> None:
    with unit_of_work(shop):
        create_guest(shop, name="Jane Roe", phone="+48221234567", email="jane@example.com")
    [masked] = json.loads(made(shop, "customers", "json", scopes=ALL - {"customers:pii"}))
    [shown] = json.loads(made(shop, "customers", "json"))
    assert (masked["phones"], masked["emails"]) == (["+4822•••567"], ["j•••@example.com"])
    assert (shown["phones"], shown["emails"]) == (["+48221234567"], ["jane@example.com"])


def test_attempt_after_a_killed_one_makes_a_whole_file_and_the_half_one_is_never_served(shop: Scope) -> None:
    with unit_of_work(shop):
        create_order(shop, location_id=create_location(shop))
    export_id = start(shop, "orders")["id"]
    with unit_of_work(shop):
        first = claim_export(shop, export_id=export_id, tier=SANDBOX)
    assert first is not None
    half = store.writing(shop, export_id=export_id, attempt=1)
    half.__enter__().write(b"id,num")  # the process dies here
    assert read(shop, export_id)["status"] == "running"
    assert not file_of(shop, first).exists()

    run_export(shop, export_id)

    ready = read(shop, export_id)
    assert (ready["status"], ready["attempts"], ready["row_count"]) == ("ready", 2, 1)
    with unit_of_work(shop):
        late = exports.finish_export(shop, export=first, written=exports.Written(0, 6, "0" * 64), tier=SANDBOX)
    assert late is False
    assert read(shop, export_id) == ready
    assert hashlib.sha256(file_of(shop, ready).read_bytes()).hexdigest() == ready["sha256"]
    run_export(shop, export_id)  # a task that fires once more finds nothing to do
    assert [event.type for event in recorded_events(shop)] == ["export.completed"]


def test_export_that_cannot_be_written_fails_after_its_last_attempt(shop: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id = start(shop, "orders")["id"]
    folder = store.path(shop, export_id=export_id, attempt=1).parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the tenant's folder should be")
    for _ in range(exports.MOST_ATTEMPTS - 1):
        with pytest.raises(FileExistsError):
            run_export(shop, export_id)
    run_export(shop, export_id)
    folder.unlink()
    failed = read(shop, export_id)
    assert (failed["status"], failed["failure"], failed["sha256"]) == ("failed", "internal_error", None)
    [event] = recorded_events(shop)
    assert (event.type, event.body["previous"]) == ("export.failed", {"status": "running"})


def test_file_expires_on_the_tenants_clock_and_goes(shop: Scope) -> None:
    export_id = start(shop, "orders")["id"]
    run_export(shop, export_id)
    path = file_of(shop, read(shop, export_id))
    with unit_of_work(shop):
        set_clock(shop, advance_s=7 * 86_400 - 1)
    assert (read(shop, export_id)["status"], path.exists()) == ("ready", True)
    with unit_of_work(shop):
        set_clock(shop, advance_s=1)
    assert (read(shop, export_id)["status"], path.exists()) == ("expired", False)


def test_files_nobody_owns_are_cleared_away_once_they_are_old(shop: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    export_id = start(shop, "orders")["id"]
    run_export(shop, export_id)
    kept = file_of(shop, read(shop, export_id))
    stale = [kept.with_name(name) for name in ("exp_gone.1", f"{export_id}.7", f"{export_id}.1.part")]
    for path in stale:
        path.write_text("left behind")
    exports.remove_export_files()
    assert all(path.exists() for path in stale)
    monkeypatch.setattr("accounts.exports.files.SETTLED_S", -1.0)
    assert exports.remove_export_files() >= 3
    assert ([path.exists() for path in stale], kept.exists()) == ([False] * 3, True)


def test_schedule_starts_an_export_each_day_but_never_two_at_a_time(shop: Scope) -> None:
    with unit_of_work(shop):
        schedule = create_schedule(
            shop, tier=SANDBOX, scopes=ALL, dataset="orders", format="csv", frequency="daily", hour=6, days=2
        )
    assert schedule["next_run_at"] == to_us(datetime(2026, 1, 13, 6, tzinfo=UTC))
    with unit_of_work(shop):
        set_clock(shop, advance_s=3 * 86_400)  # 13th, 14th and 15th pass
    with unit_of_work(shop, writes=False):
        [export] = list_exports(shop, limit=10)
    assert (export["from_date"], export["to_date"], export["schedule_id"]) == ("2026-01-11", "2026-01-12", schedule["id"])
    run_export(shop, export["id"])
    with unit_of_work(shop):
        set_clock(shop, advance_s=86_400)
    with unit_of_work(shop, writes=False):
        assert [row["to_date"] for row in list_exports(shop, limit=10)] == ["2026-01-15", "2026-01-12"]


def test_scheduled_export_over_the_days_number_fails(shop: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_tier", lambda _scope: TIERS["smart"])
    with unit_of_work(shop):
        create_schedule(shop, tier=SANDBOX, scopes=ALL, dataset="orders", format="csv", frequency="hourly")
    for _ in range(2):
        start(shop, "orders", tier=TIERS["smart"])
    with unit_of_work(shop):
        set_clock(shop, advance_s=3600)
    with unit_of_work(shop, writes=False):
        [scheduled] = [row for row in list_exports(shop, limit=10) if row["schedule_id"]]
    run_export(shop, scheduled["id"])
    assert (read(shop, scheduled["id"])["status"], read(shop, scheduled["id"])["failure"]) == ("failed", "quota_exceeded")


def test_export_of_a_tenant_that_was_reset_leaves_nothing(shop: Scope) -> None:
    export_id = start(shop, "orders")["id"]
    with unit_of_work(shop):
        reset(shop, profile="empty")
    run_export(shop, export_id)
    assert recorded_events(shop) == []
    assert not store.path(shop, export_id=export_id, attempt=1).exists()
