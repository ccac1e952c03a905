"""Resetting a sandbox: what goes, what stays, whose rows."""

from collections.abc import Callable

import pytest

from accounts.logs.models import RequestLog
from domain.menus.service import set_item_availability
from domain.orders.service import get_order
from kit.clock import day_of
from kit.clock import now_us
from kit.documents import append
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us
from kit.unit import unit_of_work
from sandbox import inbox
from sandbox import queries
from sandbox import service
from sandbox.clock import START_US
from tests.factories.guests import create_guest


def test_reset_brings_rows_clock_and_event_numbers_back(scope: Scope) -> None:
    with unit_of_work(scope):
        first = service.reset(scope)
    with unit_of_work(scope):
        set_item_availability(scope, item_id="itm_fries", available=False)
        create_guest(scope)
        service.set_clock(scope, advance_s=3600)
        token = inbox.token_of(inbox.open_inbox(scope))
        inbox.receive(scope, token=token, headers={}, body=b"{}", secrets=[])
        dirty = service.state(scope)
    with unit_of_work(scope):
        again = service.reset(scope)
    with unit_of_work(scope, writes=False):
        clean = service.state(scope)
        assert tenant_now_us(scope) == START_US
        assert inbox.messages(scope, token=token) == []

    assert (dirty["counts"]["guests"], dirty["counts"]["inbox_messages"]) == (5, 1)
    assert (clean["counts"]["guests"], clean["counts"]["events"], clean["event_sequence"]) == (4, 0, 0)
    assert clean["clock"] == {"mode": "frozen", "now": "2026-01-12T12:00:00Z"}
    assert again == first


def test_reset_leaves_request_logs_and_other_tenants_alone(scope: Scope, new_scope: Callable[..., Scope]) -> None:
    other = new_scope()
    for one in (scope, other):
        with unit_of_work(one):
            service.reset(one)
            append(one, RequestLog, [{
                "id": new_id("req"), "application_id": "app_x", "credential_id": "key_x", "product": "core", "method": "GET",
                "path": "/v1/orders", "status": 200, "duration_us": 900, "at": now_us(), "request_headers": {},
                "response_headers": {}, "expires_on": day_of(now_us()) + 7,
            }])  # fmt: skip
    with unit_of_work(scope):
        service.reset(scope, profile="empty")

    with unit_of_work(scope, writes=False):
        assert service.state(scope)["counts"]["orders"] == 0
        assert queries.counts.document(scope, "request_logs") == {"request_logs": 1}
        with pytest.raises(NotFound):
            get_order(scope, order_id="ord_89421")
    with unit_of_work(other, writes=False):
        assert get_order(other, order_id="ord_89421")["total_minor"] == 4590


def test_reset_empties_every_table_with_tenant_data_but_the_named_ones() -> None:
    cleared = queries.cleared_tables()

    assert {"orders", "payments", "events", "deliveries", "delivery_attempts", "idempotency_records"} <= set(cleared)
    assert not {"tenant_state", "subscriptions", "inboxes", "request_logs", "request_counts", "credential_counts"} & set(cleared)
    assert cleared.index("delivery_attempts") < cleared.index("deliveries") < cleared.index("events")


@pytest.mark.parametrize(
    "wanted", [{"profile": "gigantic"}, {"seed": -1}, {"seed": 2**31}], ids=["profile", "negative seed", "large seed"]
)
def test_reset_refuses_what_it_cannot_build(scope: Scope, wanted: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        service.reset(scope, **wanted)

    assert refusal.value.errors[0].field == next(iter(wanted))


def test_fixtures_are_named_only_for_the_world_that_has_them(scope: Scope) -> None:
    with unit_of_work(scope):
        service.reset(scope, profile="empty")
        assert service.fixtures(scope) == {}
        service.reset(scope)
        assert service.fixtures(scope)["customers"][0] == "cus_anna"
