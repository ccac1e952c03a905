from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from domain.orders.models import Order
from kit.outbox import EventRow
from kit.planes import Environment
from kit.scope import TenantViolation
from worker.operations import Reason
from worker.operations import operations

pytestmark = pytest.mark.usefixtures("clean_planes")
_ORDERS = Order.__table__
_EVENTS = EventRow.__table__


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(select(_ORDERS.c.id), id="select"),
        pytest.param(select(_EVENTS.c.id).where(_EVENTS.c.object_id.in_(select(_ORDERS.c.id))), id="subquery"),
        pytest.param(select(_EVENTS.c.id, select(_ORDERS.c.id).limit(1).scalar_subquery()), id="column"),
        pytest.param(select(_EVENTS.c.id).join(_ORDERS, _ORDERS.c.id == _EVENTS.c.object_id), id="join"),
        pytest.param(select(_ORDERS.alias("events").c.id), id="alias"),
        pytest.param(select(select(_ORDERS.c.id).cte("events")), id="cte"),
        pytest.param(insert(_ORDERS).values(id="x"), id="insert"),
        pytest.param(update(_ORDERS).values(status="x"), id="update"),
        pytest.param(delete(_ORDERS), id="delete"),
        pytest.param(text("SELECT 1"), id="text"),
        pytest.param(select(text("id FROM orders")), id="text-inside"),
    ],
)
def test_operations_refuse_when_a_restaurant_table_is_named(statement: Any):
    with pytest.raises(TenantViolation), operations(Environment.SANDBOX, reason=Reason.SWEEP) as unit:
        unit.execute(statement)


def test_operations_run_when_only_delivery_tables_are_named():
    with operations(Environment.SANDBOX, reason=Reason.SWEEP, writes=False) as unit:
        assert unit.execute(select(Delivery.__table__.c.id)).all() == []


@pytest.mark.parametrize(
    ("model", "keys", "columns"),
    [(Order, ("tenant_id", "id"), ("status",)), (Delivery, ("id",), ("state",)), (Delivery, ("tenant_id", "id"), ("tenant_id",))],
    ids=["other-table", "without-the-tenant", "to-another-tenant"],
)
def test_operations_refuse_changes_that_could_leave_their_tenant(
    model: type[Any], keys: tuple[str, ...], columns: tuple[str, ...]
):
    with pytest.raises(TenantViolation), operations(Environment.SANDBOX, reason=Reason.SWEEP) as unit:
        unit.change(model, [{"tenant_id": "tnt_1", "id": "x", "status": "x", "state": "x"}], keys=keys, columns=columns)
