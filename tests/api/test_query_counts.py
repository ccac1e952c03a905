"""Every read asks the database few questions, and a list no more of them when it is longer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from api.operations import Operation
from api.operations import operations
from api.requestlog import request_log
from domain.guestbook.segmenting import refresh_segment
from domain.integrations.models import SyncRun
from kit.clock import now
from kit.documents import append
from kit.ids import new_id
from kit.planes import planes
from kit.unit import Unit
from kit.unit import unit_of_work
from tests.api import samples
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax

MANY = 6
MOST = 3
# Asked for beside the work: the credential now and then, and in a sandbox its faults and its clock.
BESIDE = re.compile(r"\bFROM (api_keys|faults|tenant_state)\b")
# What is put together from several collections has a number of its own.
MOST_OF = {"core.export_customer": 9, "core.read_usage": 4}
READS = [operation for operation in operations if not operation.writes and not operation.media]
LISTS = [operation for operation in READS if operation.is_list or operation.name == "core.list_events"]
SINGLES = [operation for operation in READS if operation not in LISTS]


class CountingCursor:
    """A driver cursor that notes each statement."""

    def __init__(self, cursor: Any, seen: list[str]) -> None:
        self._cursor = cursor
        self._seen = seen

    def execute(self, sql: str, *arguments: Any) -> Any:
        self._seen.append(sql)
        return self._cursor.execute(sql, *arguments)

    def executemany(self, sql: str, *arguments: Any) -> Any:
        self._seen.append(sql)
        return self._cursor.executemany(sql, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collects every statement this thread sends to a database, by the driver's cursors and by SQLAlchemy."""
    seen: list[str] = []
    real, ours = Unit.cursor, get_ident()

    def counted(unit: Unit) -> Any:
        return CountingCursor(real(unit), seen) if get_ident() == ours else real(unit)

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if get_ident() == ours:
            seen.append(statement)

    engines = [planes.engine("control"), *(engine for _, _, engine in planes.data_engines())]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Unit, "cursor", counted)
            yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def own(seen: list[str]) -> list[str]:
    """The statements an operation is answerable for."""
    return [sql for sql in seen if not BESIDE.search(sql)]


@pytest.fixture(scope="module")
def shop(app: Flask) -> Partner:
    return sandbox_partner(plan_tier="enterprise", profile="empty")


@pytest.fixture(scope="module")
def ids(app: Flask, shop: Partner) -> dict[str, str]:
    """Several of everything a list may hold."""
    caller = Caller(app, shop.key)
    made = [samples.build_objects(shop, caller) for _ in range(2)]
    with unit_of_work(shop.scope):
        for _ in range(MANY):
            location_id = create_location(shop.scope, slug=new_id("loc").lower())
            item_ids = tuple(create_item(shop.scope, location_id=location_id) for _ in range(2))
            for item_id in item_ids:
                create_modifier_group(shop.scope, item_id=item_id)
            create_category(shop.scope, menu_id=create_menu(shop.scope, location_id=location_id), item_ids=item_ids)
            create_tax(shop.scope)
    for _ in range(MANY):
        order = {"location_id": made[0]["location_id"], "items": [{"menu_item_id": made[0]["item_id"], "quantity": 2}]}
        placed = samples.answered(caller.post("/v1/orders", json=order))
        paid = samples.answered(caller.post("/v1/payments", json={"order_id": placed["id"], "method": "cash"}))
        samples.answered(caller.post(f"/v1/payments/{paid['id']}/refunds", json={"reason": "other", "amount": 1}))
    build_histories(shop, caller, made[0])
    for event_row in caller.get("/v1/events?limit=5&after_sequence=1").json["data"]:
        if event_row["id"] == made[0]["event_id"]:
            continue
        samples.build_delivery(shop, made[0]["endpoint_id"], event_row["id"])
    request_log.flush()
    return made[0]


def build_histories(shop: Partner, caller: Caller, ids: dict[str, str]) -> None:
    """Two of everything the lists of one customer, one integration and one segment hold."""
    mappings = []
    for number, customer_id in enumerate((ids["customer_id"], ids["duplicate_id"])):
        guest = {"location_id": ids["location_id"], "customer_id": ids["customer_id"]}
        order = {**guest, "items": [{"menu_item_id": ids["item_id"]}], "customer_id": customer_id}
        samples.answered(caller.post("/v1/orders", json=order))
        start_at = f"2030-02-1{number}T12:00:00Z"
        samples.answered(caller.post("/v1/reservations", json={**guest, "start_at": start_at, "party_size": 2}))
        samples.answered(caller.post("/v1/reviews", json={**guest, "overall": 5}))
        mappings.append({"kind": "menu_item", "external_ref": f"till-{number}", "object_id": ids["item_id"]})
    samples.answered(caller.send("PUT", f"/v1/integrations/{ids['integration_id']}/mappings", json={"mappings": mappings}))
    with unit_of_work(shop.scope):
        run = {"integration_id": ids["integration_id"], "status": "succeeded", "finished_at": now()}
        append(shop.scope, SyncRun, [{**run, "id": new_id("run"), "created_at": now()} for _ in range(2)])
        refresh_segment(shop.scope, ids["segment_id"])


@pytest.mark.parametrize("operation", LISTS, ids=lambda operation: operation.name)
def test_list_when_longer_sends_no_more_statements(
    app: Flask, shop: Partner, ids: dict[str, str], operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, path = Caller(app, shop.key), samples.path_of(operation, ids)
    caller.get(path)
    counts, lengths = [], []
    for limit in (1, 100):
        with statements(monkeypatch) as seen:
            lengths.append(len(caller.get(f"{path}?limit={limit}").json["data"]))
        counts.append(len(own(seen)))
    assert lengths[0] == 1 < lengths[1]
    assert counts[0] == counts[1], seen
    assert counts[0] <= MOST, seen


@pytest.mark.parametrize("operation", SINGLES, ids=lambda operation: operation.name)
def test_single_object_takes_few_statements(
    app: Flask, shop: Partner, ids: dict[str, str], operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller, path = Caller(app, shop.key), samples.path_of(operation, ids)
    caller.get(path)
    with statements(monkeypatch) as seen:
        assert caller.get(path).status_code == 200
    assert len(own(seen)) <= MOST_OF.get(operation.name, MOST), seen
