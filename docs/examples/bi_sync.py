"""Feed a BI tool: keep a database of orders up to date and load the daily sales figures beside it.

Run it:   TABLEPORT_URL=https://… TABLEPORT_KEY=tp_test_sk_… python bi_sync.py [warehouse.sqlite]
Again and again, by cron: each run fetches only what has changed since the one before.
Scopes:   orders:read, analytics:read, locations:read
"""

import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date
from datetime import timedelta
from typing import Any

import httpx

SCHEMA = """
    CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, business_date TEXT, location_id TEXT, source TEXT, status TEXT,
        payment_status TEXT, currency TEXT, total REAL, tax REAL, tip REAL, updated_at TEXT);
    CREATE TABLE IF NOT EXISTS lines (id TEXT PRIMARY KEY, order_id TEXT, item_id TEXT, name TEXT, quantity INTEGER, total REAL);
    CREATE TABLE IF NOT EXISTS daily_sales (day TEXT, currency TEXT, orders INTEGER, net REAL, tax REAL, total REAL,
        PRIMARY KEY (day, currency));
    CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT);
"""
DAYS = 30  # of figures loaded anew each time: a late refund changes a day that is over


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else "warehouse.sqlite"
    with connect() as api, sqlite3.connect(path) as warehouse:
        warehouse.executescript(SCHEMA)
        print(f"{sync_orders(api, warehouse)} orders changed")
        print(f"{load_sales(api, warehouse)} days of figures loaded")


def sync_orders(api: httpx.Client, warehouse: sqlite3.Connection) -> int:
    """Fetch orders changed since the last run, oldest change first, and remember how far we came after every page."""
    row = warehouse.execute("SELECT value FROM progress WHERE name = 'orders'").fetchone()
    query = {"sort": "updated_at", "limit": 100} | ({"updated_since": row[0]} if row else {})
    count = 0
    for page in pages(api, "/v1/orders", query):
        for order in page:
            save(warehouse, order)
        warehouse.execute("INSERT OR REPLACE INTO progress VALUES ('orders', ?)", [page[-1]["updated_at"]])
        warehouse.commit()  # killed from here on, the next run continues behind this page
        count += len(page)
    return count


def save(warehouse: sqlite3.Connection, order: dict[str, Any]) -> None:
    """Write one order over what we had of it: rows at the edge of two runs come twice, which changes nothing."""
    facts = [order[key] for key in ("id", "business_date", "location_id", "source", "status", "payment_status", "currency")]
    sums = [order["totals"][key] for key in ("total", "tax", "tip")]
    row = [*facts, *sums, order["updated_at"]]
    warehouse.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    warehouse.execute("DELETE FROM lines WHERE order_id = ?", [order["id"]])
    warehouse.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", [
        (line["id"], order["id"], line["menu_item_id"], line["name"], line["quantity"], line["line_total"])
        for line in order["items"] if line["status"] == "active"
    ])  # fmt: skip


def load_sales(api: httpx.Client, warehouse: sqlite3.Connection) -> int:
    """Load the platform's own figures. Money of different currencies is never added up: there is a series for each."""
    places = [place for page in pages(api, "/v1/locations", {"limit": 100}) for place in page]
    today = date.fromisoformat(max(place["business_date"] for place in places))
    span = {"from": str(today - timedelta(days=DAYS)), "to": str(today), "granularity": "day"}
    report = api.get("/v1/analytics/sales", params=span).json()
    rows = [
        (day["start"], series["currency"], day["orders"], day["net"], day["tax"], day["total"])
        for series in report["series"] for day in series["buckets"]
    ]  # fmt: skip
    warehouse.executemany("INSERT OR REPLACE INTO daily_sales VALUES (?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def pages(api: httpx.Client, path: str, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Every page of a list. The cursor goes back exactly as it came, with the same filters."""
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(path, params=query | ({"cursor": cursor} if cursor else {})).json()
        if page["data"]:
            yield page["data"]
        cursor = page["next_cursor"]


def connect() -> httpx.Client:
    """A client that raises when a call is refused; what was committed before stays."""
    headers = {"Authorization": f"Bearer {os.environ['TABLEPORT_KEY']}"}
    hooks = {"response": [lambda answer: answer.raise_for_status()]}
    return httpx.Client(base_url=os.environ["TABLEPORT_URL"], headers=headers, timeout=30, event_hooks=hooks)


if __name__ == "__main__":
    main()
