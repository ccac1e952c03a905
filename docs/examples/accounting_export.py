"""Daily entries for the ledger: export payments, refunds and taxes as files, check them, and add them up.

Run it:   TABLEPORT_URL=https://… TABLEPORT_KEY=tp_test_sk_… python accounting_export.py [first date] [last date]
Without dates: the month up to the current business date. Leaves the CSV files in the working folder.
Scopes:   exports:read, exports:write, payments:read, orders:read, locations:read
"""

import csv
import hashlib
import io
import os
import sys
import time
from collections import defaultdict
from datetime import date
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx

Sums = dict[tuple[str, ...], Decimal]
TAKEN = {"confirmed", "partially_refunded", "refunded"}  # money that came in; what went back is in the refunds
SOLD = {"pending", "accepted", "preparing", "ready", "picked_up", "completed"}
PATIENCE_S = 120


def main() -> None:
    with connect() as api:
        first, last = sys.argv[1:3] if len(sys.argv) > 2 else month(api)
        print(f"{first} to {last}")
        # Ask for all files first: they are made at the same time.
        jobs = {name: start(api, name, first, last) for name in ("payments", "refunds", "taxes")}
        files = {name: fetch(api, job) for name, job in jobs.items()}
    show("Received by method", add(files["payments"], "amount", ("method", "currency"), TAKEN))
    show("Tips by method", add(files["payments"], "tip", ("method", "currency"), TAKEN))
    show("Refunded by reason", add(files["refunds"], "amount", ("reason", "currency"), {"succeeded"}))
    show("Taxable by rate", add(files["taxes"], "base", ("name", "currency"), SOLD, "order_status"))
    show("Tax by rate", add(files["taxes"], "amount", ("name", "currency"), SOLD, "order_status"))


def month(api: httpx.Client) -> tuple[str, str]:
    """The 31 business dates up to today's, which begins and ends where the restaurant says, not at midnight."""
    places = api.get("/v1/locations", params={"limit": 100}).json()["data"]
    today = date.fromisoformat(max(place["business_date"] for place in places))
    return str(today - timedelta(days=30)), str(today)


def start(api: httpx.Client, dataset: str, first: str, last: str) -> str:
    """Ask for a file; a worker makes it."""
    body = {"dataset": dataset, "format": "csv", "from": first, "to": last}
    return api.post("/v1/exports", json=body).json()["id"]


def fetch(api: httpx.Client, job: str) -> list[dict[str, str]]:
    """Wait for a file, download it, compare its digest, keep it, and return its rows."""
    give_up = time.monotonic() + PATIENCE_S
    while (export := api.get(f"/v1/exports/{job}").json())["status"] != "ready":
        if export["status"] in ("failed", "expired") or time.monotonic() > give_up:
            raise SystemExit(f"{export['dataset']}: {export['status']} {export['failure'] or ''}")
        time.sleep(1)
    content = api.get(f"/v1/exports/{job}/download").content
    if hashlib.sha256(content).hexdigest() != export["sha256"]:
        raise SystemExit(f"{export['dataset']}: the file did not arrive whole; fetch it again")
    Path(f"{export['dataset']}_{export['from']}_{export['to']}.csv").write_bytes(content)
    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    print(f"  {export['dataset']}: {len(rows)} rows")
    return rows


def add(rows: list[dict[str, str]], amount: str, by: tuple[str, ...], states: set[str], column: str = "status") -> Sums:
    """Add an amount up, exactly: decimals, never floats, and never over two currencies."""
    sums: Sums = defaultdict(Decimal)
    for row in rows:
        if row[column] in states:
            sums[tuple(row[name] for name in by)] += Decimal(row[amount])
    return sums


def show(title: str, sums: Sums) -> None:
    print(f"\n{title}")
    for names, amount in sorted(sums.items()):
        print(f"  {names[0]:<20}{amount:>12} {names[1]}")


def connect() -> httpx.Client:
    """A client that raises when a call is refused."""
    headers = {"Authorization": f"Bearer {os.environ['TABLEPORT_KEY']}"}
    hooks = {"response": [lambda answer: answer.raise_for_status()]}
    return httpx.Client(base_url=os.environ["TABLEPORT_URL"], headers=headers, timeout=30, event_hooks=hooks)


if __name__ == "__main__":
    main()
