"""Rows appended on the driver, and documents built in SQL, on whichever database runs."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam
from sqlalchemy import select

from domain.menus.models import MenuItem
from domain.menus.models import Tax
from kit.clock import Instant
from kit.documents import TENANT
from kit.documents import Registered
from kit.documents import append
from kit.documents import registered_read
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.json_sql import json_list
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work

AT = datetime(2026, 1, 12, 12, 0, 0, 123456, tzinfo=UTC)
AT_US = 1_768_219_200_123_456
items = MenuItem.__table__
ALLERGENS = [{"code": "milk", "level": "contains"}, {"code": 'say "nuts"', "level": None}]
one_item = Registered(
    "test.item",
    lambda: (
        select(as_document(fields_of(*(column for column in items.c if column.name != "tenant_id"), extra=items.c.sort)))
        .where(items.c.tenant_id == TENANT, items.c.id == bindparam("item_id"))
    ),
)


def list_names() -> Any:
    documents = select(fields_of(items.c.id, items.c.is_active).label("doc"))
    ordered = documents.where(items.c.tenant_id == TENANT).order_by(items.c.sort.desc()).subquery()
    return select(as_document(json_list(ordered.c.doc)))


all_items = Registered("test.items", list_names)


def an_item(**values: Any) -> dict[str, Any]:
    return {
        "id": "itm_1", "name": "Żurek „staropolski”", "currency": "PLN", "base_price_minor": 2**62, "allergens": ALLERGENS,
        "diets": [], "schedule": [], "created_at": AT, "updated_at": AT_US, **values,
    }  # fmt: skip


def test_appended_row_comes_back_as_a_typed_document(scope: Scope) -> None:
    with unit_of_work(scope):
        append(scope, MenuItem, [an_item(suspended_until=None)])
        document = one_item.document(scope, item_id="itm_1")
    assert document == {
        "id": "itm_1", "location_id": None, "name": "Żurek „staropolski”", "description": None, "currency": "PLN",
        "base_price_minor": 2**62, "tax_id": None, "image_url": None, "kind": "food", "sku": None, "allergens": ALLERGENS,
        "diets": [], "calories": None, "sort": 0, "is_active": True, "schedule": [], "stock_count": None,
        "is_suspended": False, "suspended_until": None, "suspend_reason": None, "version": 1, "created_at": AT_US,
        "updated_at": AT_US, "extra": 0, "translations": {}, "cost_minor": None, "deleted_at": None,
    }  # fmt: skip
    assert document["is_active"] is True


def test_appended_row_is_the_same_to_the_orm(scope: Scope) -> None:
    with unit_of_work(scope):
        append(scope, MenuItem, [an_item()])
        item = session(scope).execute(MenuItem.owned_by(scope)).scalar_one()
        assert (item.tenant_id, item.allergens, item.diets, item.is_active) == (scope.tenant_id, ALLERGENS, [], True)
        assert (item.created_at, item.updated_at, item.version) == (AT, AT, 1)


def test_list_keeps_its_order_and_types(scope: Scope) -> None:
    with unit_of_work(scope):
        append(scope, MenuItem, [an_item(id=f"itm_{n}", sort=n, is_active=n % 2 == 0) for n in range(3)])
        assert all_items.document(scope) == [
            {"id": "itm_2", "is_active": True}, {"id": "itm_1", "is_active": False}, {"id": "itm_0", "is_active": True},
        ]  # fmt: skip


def test_list_is_empty_when_there_are_no_rows(scope: Scope) -> None:
    with unit_of_work(scope):
        assert all_items.document(scope) == []
        assert one_item.document(scope, item_id="itm_1") is None


def test_pending_orm_rows_are_written_before_the_driver_reads_or_appends(scope: Scope) -> None:
    with unit_of_work(scope):
        session(scope).add(Tax(id="tax_1", name="VAT", rate="0.08"))
        append(scope, MenuItem, [an_item(tax_id="tax_1")])  # its foreign key needs the pending tax
        session(scope).add(MenuItem(**an_item(id="itm_2", updated_at=AT, sort=1)))
        assert [item["id"] for item in all_items.document(scope)] == ["itm_2", "itm_1"]


def test_append_of_nothing_opens_nothing(scope: Scope) -> None:
    append(scope, MenuItem, [])


@pytest.mark.parametrize("column", ["price", "tenant", "metadata"])
def test_append_is_refused_when_a_column_is_unknown(scope: Scope, column: str) -> None:
    with pytest.raises(KeyError, match=f"unknown column {column}"), unit_of_work(scope):
        append(scope, MenuItem, [an_item(**{column: 1})])


def test_naive_instant_is_refused(scope: Scope) -> None:
    with pytest.raises(ValueError, match="time zone"), unit_of_work(scope):
        append(scope, MenuItem, [an_item(created_at=AT.replace(tzinfo=None))])


def test_name_is_registered_once() -> None:
    def build() -> Any:
        return select(items.c.id).where(items.c.tenant_id == TENANT)

    with pytest.raises(ValueError, match="is registered twice"):
        registered_read("menus.item", build)


def test_shape_is_compiled_once(scope: Scope) -> None:
    built: list[tuple[bool, ...]] = []

    def build(*shape: bool) -> Any:
        built.append(shape)
        return select(items.c.id).where(items.c.tenant_id == TENANT, items.c.is_active == shape[0])

    statement = Registered("test.shaped", build)
    with unit_of_work(scope):
        append(scope, MenuItem, [an_item()])
        for _ in range(3):
            assert (statement.rows(scope, True), statement.rows(scope, False)) == ([("itm_1",)], [])
    assert built == [(True,), (False,)]


def test_instant_column_takes_datetimes_and_integers() -> None:
    kind = Instant()
    assert kind.process_bind_param(AT, None) == kind.process_bind_param(AT_US, None) == AT_US
    assert kind.process_result_value(AT_US, None) == AT


