"""Lists ask the database a fixed number of questions, however long they are."""

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
LISTS = [operation for operation in operations if operation.is_list or operation.name == "core.list_events"]


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
    for event_row in caller.get("/v1/events?limit=5&after_sequence=1").json["data"]:
        samples.build_delivery(shop, made[0]["endpoint_id"], event_row["id"])
    request_log.flush()
    return made[0]


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
        counts.append(len(seen))
    assert lengths[0] == 1 < lengths[1]
    assert counts[0] == counts[1], seen
    assert counts[0] <= MOST, seen
