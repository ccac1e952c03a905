"""Keep a CRM and the restaurant's guest book the same: bring the CRM's people in, then follow every change.

Run it:   TABLEPORT_URL=https://… TABLEPORT_KEY=tp_test_sk_… python crm_sync.py [crm.sqlite]
Again and again, by cron. Whoever can be reached from outside uses webhooks; the feed holds the same events.
Scopes:   customers:read, customers:write, customers:pii, events:read
"""

import json
import os
import sqlite3
import sys
from typing import Any

import httpx

SCHEMA = """
    CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, crm_id TEXT, name TEXT, email TEXT, tags TEXT, may_email INTEGER);
    CREATE TABLE IF NOT EXISTS sent (crm_id TEXT PRIMARY KEY, as_sent TEXT);
    CREATE TABLE IF NOT EXISTS handled (event_id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value INTEGER);
"""
TYPES = "customer.created,customer.updated,customer.consent.updated,customer.tag.added,customer.deleted"
PEOPLE: list[dict[str, Any]] = [  # what a marketing tool would export
    {"external_id": "crm-1001", "name": "Ewa Lis", "emails": ["ewa.lis@example.com"], "phones": ["+48601000101"],
     "tags": ["newsletter"], "consents": {"email_marketing": "granted", "source": "crm"}},
    {"external_id": "crm-1002", "name": "Marek Dąb", "emails": ["marek@example.com"], "tags": ["vip"]},
    {"external_id": "crm-1003", "name": "Nobody", "emails": ["not an address"]},
]  # fmt: skip


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else "crm.sqlite"
    with connect() as api, sqlite3.connect(path) as crm:
        crm.executescript(SCHEMA)
        bring_in(api, crm)
        changes = follow(api, crm)
        known = crm.execute("SELECT count(*) FROM people").fetchone()[0]
    print(f"{changes} changes taken over, {known} people known")


def bring_in(api: httpx.Client, crm: sqlite3.Connection) -> None:
    """Send who is new or changed here, 1,000 at most. Sending the rest would undo changes and erasures made over there."""
    sent = dict(crm.execute("SELECT crm_id, as_sent FROM sent"))
    news = [person for person in PEOPLE if sent.get(person["external_id"]) != json.dumps(person)]
    results = api.post("/v1/customers/import", json={"customers": news}).json()["results"] if news else []
    for person, result in zip(news, results, strict=True):
        if result["error"]:  # one wrong row leaves the others alone
            print(f"{person['external_id']} refused: {result['error']['field']}: {result['error']['message']}")
            continue
        print(f"{person['external_id']} {result['status']} as {result['id']}")
        if "vip" in person["tags"]:  # asked in writing; who, when and how is kept beside the answer
            consents = {"email_marketing": "granted", "sms_marketing": "denied", "source": "crm", "proof": "form 2291"}
            api.put(f"/v1/customers/{result['id']}/consents", json=consents)
            api.post(f"/v1/customers/{result['id']}/tags", json={"tag": "chef's table"})
        crm.execute("INSERT OR REPLACE INTO sent VALUES (?, ?)", [person["external_id"], json.dumps(person)])
        crm.commit()


def follow(api: httpx.Client, crm: sqlite3.Connection) -> int:
    """Read the feed from where the last run ended. A page's events and the place behind them are stored together."""
    row = crm.execute("SELECT value FROM progress WHERE name = 'feed'").fetchone()
    after, count, more = row[0] if row else 0, 0, True
    while more:
        page = api.get("/v1/events", params={"after_sequence": after, "types": TYPES, "limit": 100}).json()
        for event in page["data"]:
            count, after = count + handle(api, crm, event), event["sequence"]
        crm.execute("INSERT OR REPLACE INTO progress VALUES ('feed', ?)", [after])
        crm.commit()
        more = page["has_more"]
    return count


def handle(api: httpx.Client, crm: sqlite3.Connection, event: dict[str, Any]) -> bool:
    """Take one event over, once: with a webhook beside the feed the same event would come twice. False: known already."""
    if crm.execute("INSERT OR IGNORE INTO handled VALUES (?)", [event["id"]]).rowcount == 0:
        return False
    thing = event["data"]["object"]
    customer_id = thing.get("customer_id") or thing["id"]
    found = api.get(f"/v1/customers/{customer_id}")  # some events carry the customer, some only what happened to one
    if event["type"] == "customer.deleted" or found.status_code == httpx.codes.NOT_FOUND:
        crm.execute("DELETE FROM people WHERE id = ?", [customer_id])  # erased there, so erase it here
        return True
    person = found.json()
    crm.execute("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?, ?)", [
        person["id"], person["external_id"], person["name"], next(iter(person["emails"]), None),
        ",".join(sorted(person["tags"])), person["consents"]["email_marketing"]["status"] == "granted",
    ])  # fmt: skip
    return True


def connect() -> httpx.Client:
    """A client that raises when a call is refused, but for a customer that is not there any more."""
    def check(answer: httpx.Response) -> None:
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()

    headers = {"Authorization": f"Bearer {os.environ['TABLEPORT_KEY']}"}
    return httpx.Client(base_url=os.environ["TABLEPORT_URL"], headers=headers, timeout=30, event_hooks={"response": [check]})


if __name__ == "__main__":
    main()
