"""What each example achieved, asked of the API; and that running it again does no harm where it says so."""

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.examples.conftest import FOLDER
from tests.examples.conftest import Run

pytestmark = pytest.mark.timeout(600)  # each starts processes of its own
NAMES = (
    "accounting_export.py", "bi_sync.py", "crm_sync.py", "hotel_link.py", "ordering_front_end.py", "service_recovery.py",
)  # fmt: skip


def rows(api: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(path, params={"limit": 100, **query}).json()["data"]
    return found


def table(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_folder_holds_the_examples_that_are_tested() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.suffix == ".py") == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_example_stands_alone_and_is_short(name: str) -> None:
    source = (FOLDER / name).read_text()

    assert sum(1 for line in source.splitlines() if line.strip()) <= 85
    assert "from tests" not in source
    assert "sandbox.invalid" not in source


def test_ordering_front_end_sells_what_the_menu_offers_and_sees_it_ready(api: httpx.Client, run: Run) -> None:
    before = {order["id"] for order in rows(api, "/v1/orders")}
    printed = run("ordering_front_end.py")

    order, = [order for order in rows(api, "/v1/orders") if order["id"] not in before]
    assert (order["source"], order["status"], order["payment_status"]) == ("website", "ready", "paid")
    assert [line["name"] for line in order["items"]] == ["Bacon Cheeseburger", "Catch of the Day"]
    assert order["totals"]["total"] == 97.74  # (38.50 + 52.00) + 8 %
    payment, = rows(api, "/v1/payments", order_id=order["id"])
    assert (payment["method"], payment["amount"], payment["status"]) == ("card", 97.74, "confirmed")
    assert "Duck Confit              64.00 (contains celery)  SOLD OUT" in printed
    assert printed.splitlines()[-4:] == ["  pending", "  accepted", "  preparing", "  ready"]


def test_bi_sync_holds_every_order_and_then_only_what_changed(api: httpx.Client, run: Run, tmp_path: Path) -> None:
    orders = {order["id"]: order for order in rows(api, "/v1/orders")}
    run("bi_sync.py", "warehouse.sqlite")
    warehouse = tmp_path / "warehouse.sqlite"
    stored = {row[0]: row[1:] for row in table(warehouse, "SELECT id, status, total, updated_at FROM orders")}
    assert stored == {key: (one["status"], one["totals"]["total"], one["updated_at"]) for key, one in orders.items()}
    lines = sorted(line["id"] for order in orders.values() for line in order["items"] if line["status"] == "active")
    assert [row[0] for row in table(warehouse, "SELECT id FROM lines ORDER BY id")] == lines

    api.post("/sandbox/v1/clock", json={"advance_seconds": 60}).raise_for_status()
    changed = next(order["id"] for order in orders.values() if order["status"] == "pending")
    api.patch(f"/v1/orders/{changed}", json={"status": "accepted"}).raise_for_status()
    printed = run("bi_sync.py", "warehouse.sqlite")

    assert len(orders) > 2 >= int(printed.split()[0])  # the order, and the one at the edge of the run before
    assert table(warehouse, f"SELECT status FROM orders WHERE id = '{changed}'") == [("accepted",)]
    report = api.get("/v1/analytics/sales", params={"from": "2025-12-13", "to": "2026-01-12"}).json()
    days = {day["start"]: (day["orders"], day["total"]) for day in report["series"][0]["buckets"]}
    loaded = {row[0]: row[1:] for row in table(warehouse, "SELECT day, orders, total FROM daily_sales")}
    assert loaded == days


def test_accounting_export_adds_up_what_the_api_shows(api: httpx.Client, run: Run, tmp_path: Path) -> None:
    printed = run("accounting_export.py", "2025-12-13", "2026-01-12")

    received: dict[str, float] = {}
    for payment in rows(api, "/v1/payments"):
        if payment["status"] in ("confirmed", "partially_refunded", "refunded"):
            received[payment["method"]] = received.get(payment["method"], 0) + payment["amount"]
    section = printed.split("Received by method\n")[1].split("\n\n")[0]
    assert {line.split()[0]: float(line.split()[1]) for line in section.splitlines()} == {
        method: round(amount, 2) for method, amount in received.items()
    }
    with (tmp_path / "refunds_2025-12-13_2026-01-12.csv").open(newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == sorted(one["id"] for one in rows(api, "/v1/refunds"))
    assert "Tax by rate" in printed
    assert sorted(path.name.partition("_")[0] for path in tmp_path.glob("*.csv")) == ["payments", "refunds", "taxes"]


def test_crm_sync_takes_people_in_once_and_follows_changes(api: httpx.Client, run: Run, tmp_path: Path) -> None:
    first = run("crm_sync.py", "crm.sqlite")
    assert "crm-1003 refused: emails[0]: " in first

    ewa, = rows(api, "/v1/customers", external_id="crm-1001")
    marek, = rows(api, "/v1/customers", external_id="crm-1002")
    assert (ewa["tags"], ewa["consents"]["email_marketing"]["status"]) == (["newsletter"], "granted")
    assert set(marek["tags"]) == {"vip", "chef's table"}
    assert marek["consents"]["sms_marketing"]["proof"] == "form 2291"
    assert rows(api, "/v1/customers", external_id="crm-1003") == []

    api.patch(f"/v1/customers/{ewa['id']}", json={"name": "Ewa Lis-Nowak"}).raise_for_status()
    api.delete(f"/v1/customers/{marek['id']}").raise_for_status()
    assert "created" not in run("crm_sync.py", "crm.sqlite")
    people = {row[0]: row[1:] for row in table(tmp_path / "crm.sqlite", "SELECT crm_id, name, may_email FROM people")}
    assert people == {"crm-1001": ("Ewa Lis-Nowak", 1)}
    assert rows(api, "/v1/customers", external_id="crm-1002") == []  # erased, and not brought in again


def test_hotel_link_puts_the_dinner_on_the_room(api: httpx.Client, run: Run) -> None:
    printed = run("hotel_link.py", "214")

    reservation, = [one for one in rows(api, "/v1/reservations") if (one["external_id"] or "").startswith("pms-")]
    assert (reservation["status"], reservation["start_at"]) == ("completed", "2026-01-13T18:30:00Z")  # 19:30 in Warsaw
    order, = rows(api, "/v1/orders", reservation_id=reservation["id"])
    assert (order["fulfillment"]["type"], order["table_id"]) == ("dine_in", reservation["tables"][0]["id"])
    assert (order["status"], order["payment_status"]) == ("completed", "paid")
    payment, = rows(api, "/v1/payments", order_id=order["id"])
    assert (payment["method"], payment["payer_label"], payment["tip"]) == ("room_charge", "Room 214", 5.0)
    assert printed.splitlines()[-1] == f"Folio of room 214: {payment['amount']:.2f} PLN + tip 5.00, reference {payment['id']}"


def test_service_recovery_answers_each_unhappy_guest_once(api: httpx.Client, run: Run) -> None:
    member, = rows(api, "/v1/loyalty/members", customer_id="cus_anna")
    review = api.post("/v1/reviews", json={"order_id": "ord_89421", "overall": 1, "comment": "Cold food."}).json()
    happy = api.post("/v1/reviews", json={"location_id": "loc_waw_01", "overall": 5, "comment": "Lovely!"}).json()
    assert (review["status"], review["customer_id"]) == ("response_needed", "cus_anna")

    printed = run("service_recovery.py", "progress")
    assert run("service_recovery.py", "progress").splitlines() == printed.splitlines()[-1:]

    answered = api.get(f"/v1/reviews/{review['id']}").json()
    code, = [one for one in rows(api, "/v1/promo-codes") if one["code"].startswith("SORRY-")]
    assert answered["status"] == "responded"
    assert code["code"] in answered["response"]["text"]
    assert (code["value"], code["max_uses"]) == (15, 1)
    assert api.get(f"/v1/loyalty/members/{member['id']}").json()["points"] == member["points"] + 50
    assert api.get(f"/v1/reviews/{happy['id']}").json()["status"] == "new"
