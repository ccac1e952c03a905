"""Exports over HTTP: from the request to the downloaded file."""

import csv
import hashlib
import json
from base64 import b64encode
from io import StringIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from accounts.exports.datasets import DATASETS
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import BURGER
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.domain.recorded import recorded_events
from worker.exports import run_export

JANUARY = {"dataset": "orders", "from": "2026-01-01", "to": "2026-01-31"}


@pytest.fixture
def shop(app: Flask) -> Partner:
    return sandbox_partner(profile="minimal")


def fetched(caller: Caller, path: str) -> TestResponse:
    """An answer read to its end and closed, as a server does."""
    answer = caller.get(path)
    answer.get_data()
    answer.close()
    return answer


def test_export_is_queued_made_and_downloaded(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    assert caller.post("/sandbox/v1/reset", json={}).status_code == 200
    order_id = caller.post("/v1/orders", json=BURGER).json["id"]
    queued = caller.post("/v1/exports", json={**JANUARY, "location_ids": ["loc_waw_01"]})
    assert (queued.status_code, queued.json["status"], queued.json["format"]) == (202, "queued", "csv")
    path = queued.headers["Location"]
    assert caller.get(f"{path}/download").status_code == 404

    run_export(shop.scope, queued.json["id"])

    ready = caller.get(path).json
    answer = fetched(caller, f"{path}/download")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="orders_2026-01-01_2026-01-31.csv"'
    digest = hashlib.sha256(answer.data)
    assert answer.headers["Repr-Digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
    assert (ready["status"], ready["sha256"], ready["bytes"]) == ("ready", digest.hexdigest(), len(answer.data))
    assert order_id in answer.text
    event = recorded_events(shop.scope)[-1]
    assert event.type == "export.completed"
    body = caller.get(f"/v1/events/{event.id}").json["data"]
    assert body == {"object": ready, "previous": {"status": "running"}}

    caller.post("/sandbox/v1/clock", json={"advance_seconds": 7 * 86_400})
    gone = caller.get(f"{path}/download")
    assert (gone.status_code, gone.json["code"], caller.get(path).json["status"]) == (410, "export_expired", "expired")


@pytest.fixture(scope="module")
def busy(app: Flask) -> Partner:
    """A restaurant with at least one row of every dataset."""
    partner = sandbox_partner(plan_tier="enterprise")
    caller = Caller(app, partner.key)
    discount = {"type": "percent", "value": 10}
    order = caller.post("/v1/orders", json={**BURGER, "discounts": [discount], "customer_id": "cus_anna"}).json
    for status in ("accepted", "ready", "completed"):
        caller.patch(f"/v1/orders/{order['id']}", json={"status": status})
    payment = caller.post("/v1/payments", json={"order_id": order["id"], "method": "cash"}).json
    refund = caller.post(f"/v1/payments/{payment['id']}/refunds", json={"reason": "quality", "amount": 1})
    assert refund.status_code == 201, refund.text
    return partner


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_has_its_columns_and_rows_in_each_format(busy: Partner, caller_of: NewCaller, dataset: str) -> None:
    caller = caller_of(busy.key)
    names = [column.name for column in DATASETS[dataset].columns]
    window = {"dataset": dataset, "from": "2020-01-01", "to": "2035-12-31"}
    texts = {}
    for format_ in ("csv", "json", "jsonl"):
        queued = caller.post("/v1/exports", json={**window, "format": format_})
        assert queued.status_code == 202, queued.text
        run_export(busy.scope, queued.json["id"])
        texts[format_] = fetched(caller, f"/v1/exports/{queued.json['id']}/download").text
    rows = [json.loads(line) for line in texts["jsonl"].splitlines()]
    lines = list(csv.reader(StringIO(texts["csv"], newline="")))
    assert rows, dataset
    assert (lines[0], len(lines) - 1) == (names, len(rows))
    assert {tuple(row) for row in rows} == {tuple(names)}
    assert json.loads(texts["json"]) == rows


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "2025-12-31"}, "to"), ({"from": "01.01.2026"}, "from"), ({"dataset": "secrets"}, "dataset"),
        ({"format": "json", "bom": True}, "bom"), ({"location_ids": ["loc_nowhere"]}, "location_ids[0]"),
        ({"dataset": "customers", "location_ids": ["loc_waw_01"]}, "location_ids"),
    ],
    ids=["ends early", "no date", "unknown dataset", "bom of json", "unknown location", "no locations there"],
)  # fmt: skip
def test_export_is_refused_when_it_makes_no_sense(caller: Caller, changes: dict[str, object], field: str) -> None:
    before = caller.get("/v1/exports").json["data"]
    answer = caller.post("/v1/exports", json={**JANUARY, **changes})
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert caller.get("/v1/exports").json["data"] == before


def test_export_needs_the_scope_of_its_dataset(partner: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(partner.issue({"exports:read", "exports:write", "customers:read"}).text)
    refused = caller.post("/v1/exports", json=JANUARY)
    assert (refused.status_code, refused.json["required_scopes"]) == (403, ["orders:read"])
    assert caller.post("/v1/exports", json={**JANUARY, "dataset": "customers"}).json["masked"] is True


def test_file_with_contacts_is_not_given_to_a_credential_that_may_not_see_them(shop: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(shop.key)
    export = caller.post("/v1/exports", json={**JANUARY, "dataset": "customers"}).json
    run_export(shop.scope, export["id"])
    blind = caller_of(shop.issue({"exports:read", "customers:read"}).text)
    answer = blind.get(f"/v1/exports/{export['id']}/download")
    assert (answer.status_code, answer.json["required_scopes"]) == (403, ["customers:pii"])
    assert fetched(caller, f"/v1/exports/{export['id']}/download").status_code == 200


def test_smart_plan_exports_orders_and_payments_twice_a_day(app: Flask, caller_of: NewCaller) -> None:
    caller = caller_of(sandbox_partner(plan_tier="smart").key)
    refused = [
        caller.post("/v1/exports", json={**JANUARY, **changes}).json
        for changes in ({"dataset": "refunds"}, {"to": "2026-02-01"}, {"format": "jsonl"})
    ]
    assert [(answer["code"], answer["required_plan"]) for answer in refused] == [
        ("plan_required", "pro"), ("plan_required", "pro"), ("plan_required", "enterprise"),
    ]  # fmt: skip
    statuses = [caller.post("/v1/exports", json=JANUARY).status_code for _ in range(2)]
    third = caller.post("/v1/exports", json=JANUARY)
    assert (statuses, third.status_code, third.json["code"]) == ([202, 202], 429, "quota_exceeded")
    assert int(third.headers["Retry-After"]) <= 86_400
    schedule = caller.post("/v1/export-schedules", json={"dataset": "orders", "frequency": "daily"})
    assert (schedule.status_code, schedule.json["required_plan"]) == (403, "pro")


def test_schedule_is_made_listed_and_ended(caller: Caller) -> None:
    made = caller.post("/v1/export-schedules", json={"dataset": "payments", "frequency": "daily", "hour": 3})
    assert (made.status_code, made.json["hour"], made.json["last_export_id"]) == (201, 3, None)
    assert made.json in caller.get("/v1/export-schedules").json["data"]
    assert caller.send("DELETE", made.headers["Location"]).status_code == 204
    assert caller.get(made.headers["Location"]).status_code == 404
