"""Going live: asking, deciding, suspending, and the evidence a reviewer sees."""

from typing import Any

import pytest

from accounts.applications.revocations import revocations
from accounts.applications.service import get_application
from accounts.approvals.errors import ProductionAlreadyRequested
from accounts.approvals.errors import RequestAlreadyDecided
from accounts.approvals.queries import scope_of_route
from accounts.approvals.service import decide
from accounts.approvals.service import decided
from accounts.approvals.service import evidence
from accounts.approvals.service import get_request
from accounts.approvals.service import list_requests
from accounts.approvals.service import queue
from accounts.approvals.service import reinstate
from accounts.approvals.service import request_production
from accounts.approvals.service import suspend
from accounts.approvals.service import withdraw
from accounts.audit.queries import list_entries
from accounts.logs.models import RequestLog
from accounts.organisations.members import Member
from accounts.webhooks.models import Delivery
from kit.clock import day_of
from kit.clock import from_us
from kit.clock import now_us
from kit.documents import append
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.outbox import Event
from kit.outbox import record
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.accounts.conftest import Account


def ask(account: Account) -> str:
    with control_unit():
        return request_production(
            account.member,
            application_id=account.application_id,
            plan_tier="pro",
            note=" Ready ",
            evidence={"calls": 3},
        ).id


def state_of(account: Account) -> str:
    with control_unit(writes=False):
        return get_application(account.member, application_id=account.application_id).state


def test_request_waits_in_the_queue_with_its_evidence(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit(writes=False):
        waiting = next(item for item in queue(operator) if item.request.id == request_id)
        assert get_request(operator, request_id=request_id).request.note == "Ready"
    assert (waiting.application.id, waiting.organisation.name) == (account.application_id, "Pasta & Co")
    assert (waiting.request.evidence, waiting.request.plan_tier) == ({"calls": 3}, "pro")
    assert state_of(account) == "submitted"


@pytest.mark.parametrize(("approve", "state"), [(True, "approved"), (False, "rejected")], ids=["approved", "rejected"])
def test_decision_reaches_the_application_and_the_trail(account: Account, operator: Member, approve: bool, state: str):
    request_id = ask(account)
    with control_unit():
        request = decide(operator, request_id=request_id, approve=approve, reason="Because.")
        assert (request.state, request.decided_by, request.reason) == (state, operator.person_id, "Because.")
    with control_unit(writes=False):
        assert request_id not in [item.request.id for item in queue(operator)]
        assert request_id in [item.request.id for item in decided(operator)]
        assert [request.state for request in list_requests(account.member, application_id=account.application_id)] == [
            state
        ]
        entry = list_entries(account.member, limit=1)[0]
    assert (entry.action, entry.person_id) == (f"production.{state}", operator.person_id)
    assert state_of(account) == state


def test_rejection_needs_a_reason(account: Account, operator: Member):
    request_id = ask(account)
    with pytest.raises(Invalid) as refused, control_unit():
        decide(operator, request_id=request_id, approve=False, reason="  ")
    assert [error.field for error in refused.value.errors] == ["reason"]
    assert state_of(account) == "submitted"


def test_request_can_be_made_again_after_a_rejection_but_not_while_open_or_approved(account: Account, operator: Member):
    first = ask(account)
    with pytest.raises(ProductionAlreadyRequested):
        ask(account)
    with control_unit():
        decide(operator, request_id=first, approve=False, reason="More tests")
    second = ask(account)
    with control_unit():
        decide(operator, request_id=second, approve=True)
    with pytest.raises(ProductionAlreadyRequested):
        ask(account)


def test_decision_is_made_once(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        decide(operator, request_id=request_id, approve=True)
    with pytest.raises(RequestAlreadyDecided), control_unit():
        decide(operator, request_id=request_id, approve=False, reason="No")
    with pytest.raises(RequestAlreadyDecided), control_unit():
        withdraw(account.member, application_id=account.application_id)
    assert state_of(account) == "approved"


def test_withdrawn_request_leaves_the_queue_and_a_draft(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        withdraw(account.member, application_id=account.application_id)
    with control_unit(writes=False):
        assert request_id not in [item.request.id for item in queue(operator)]
    assert state_of(account) == "draft"


@pytest.mark.parametrize("plan", ["basic", "standard", "gold", ""])
def test_request_is_refused_when_the_plan_has_no_api(account: Account, plan: str):
    with pytest.raises(Invalid) as refused, control_unit():
        request_production(account.member, application_id=account.application_id, plan_tier=plan, note="", evidence={})
    assert [error.field for error in refused.value.errors] == ["plan_tier"]


@pytest.mark.parametrize("text", ["a" * 2001, "a\x00b"], ids=["long", "nul"])
def test_note_is_refused_when_it_is_no_short_text(account: Account, text: str):
    with pytest.raises(Invalid), control_unit():
        request_production(
            account.member, application_id=account.application_id, plan_tier="pro", note=text, evidence={}
        )


def test_request_is_forbidden_when_the_role_only_reads(account: Account):
    with control_unit():
        viewer = account.colleague("viewer")
    for act in (
        lambda: request_production(
            viewer, application_id=account.application_id, plan_tier="pro", note="", evidence={}
        ),
        lambda: withdraw(viewer, application_id=account.application_id),
    ):
        with pytest.raises(Forbidden), control_unit():
            act()


def test_application_of_another_organisation_looks_absent(account: Account, stranger: Account):
    ask(stranger)
    foreign = stranger.application_id
    for act in (
        lambda: request_production(account.member, application_id=foreign, plan_tier="pro", note="", evidence={}),
        lambda: withdraw(account.member, application_id=foreign),
        lambda: list_requests(account.member, application_id=foreign),
    ):
        with pytest.raises(NotFound), control_unit():
            act()
    assert state_of(stranger) == "submitted"


def test_operator_pages_do_not_exist_for_partners(account: Account):
    request_id = ask(account)
    for act in (
        lambda: queue(account.member),
        lambda: decided(account.member),
        lambda: get_request(account.member, request_id=request_id),
        lambda: decide(account.member, request_id=request_id, approve=True),
        lambda: suspend(account.member, application_id=account.application_id, reason="x"),
        lambda: reinstate(account.member, application_id=account.application_id),
    ):
        with pytest.raises(NotFound), control_unit():
            act()
    assert state_of(account) == "submitted"


def test_suspension_ends_in_what_the_requests_made_of_the_application(
    account: Account, operator: Member, monkeypatch: pytest.MonkeyPatch
):
    announced: list[str] = []
    monkeypatch.setattr(revocations, "_announce", lambda: announced.append("now"))
    with pytest.raises(Invalid), control_unit():
        suspend(operator, application_id=account.application_id, reason="")
    with control_unit():
        suspend(operator, application_id=account.application_id, reason="Abuse")
    assert (state_of(account), announced) == ("suspended", ["now"])
    with control_unit():
        reinstate(operator, application_id=account.application_id)
    assert state_of(account) == "draft"


def test_suspension_outlasts_a_decision(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        suspend(operator, application_id=account.application_id, reason="Abuse")
        decide(operator, request_id=request_id, approve=True)
    assert state_of(account) == "suspended"
    with control_unit():
        reinstate(operator, application_id=account.application_id)
    assert state_of(account) == "approved"


class Placed(Event):
    type = "order.created"


CALLS = [
    (0, "GET", "/v1/orders", 200, {}),
    (1_000_000, "POST", "/v1/orders", 201, {"Idempotency-Key": "a"}),
    (2_000_000, "POST", "/v1/orders", 422, {"idempotency-key": "b"}),
    (3_000_000, "PATCH", "/v1/orders/{id}", 200, {}),
    (4_000_000, "GET", "/v1/menus", 429, {}),
    (4_400_000, "GET", "/v1/menus", 429, {}),
    (8_000_000, "GET", "/v1/menus", 429, {}),
    (9_500_000, "GET", "/v1/menus", 200, {}),
    (9_600_000, "GET", "/v1/me", 200, {}),
    (9_700_000, "GET", "/v1/orders", 503, {}),
]


def test_evidence_is_counted_from_logs_and_deliveries(account: Account):
    scope = account.scope
    with unit_of_work(scope):
        append(scope, RequestLog, [
            {
                "id": f"req_{number}", "application_id": scope.application_id, "credential_id": "key_1", "product": "core",
                "method": method, "path": route, "route": route, "status": status, "duration_us": 1, "at": from_us(at),
                "request_headers": headers, "response_headers": {}, "expires_on": day_of(now_us()) + 7,
            }
            for number, (at, method, route, status, headers) in enumerate(CALLS)
        ])  # fmt: skip
        events = [record(scope, Placed(object={"id": "ord_1"})) for _ in range(4)]
    with unit_of_work(scope):
        append(scope, Delivery, [
            {
                "id": f"dlv_{number}", "event_id": event.id, "event_type": event.type, "state": state, "endpoint_id": "we_1",
                "created_at": from_us(number),
            }
            for number, (event, state) in enumerate(zip(events, ("succeeded", "succeeded", "dead", "pending"), strict=True))
        ])  # fmt: skip
    with unit_of_work(scope, writes=False):
        shown = evidence(scope)
    assert shown == {
        "calls": 10, "first_call_at": 0, "last_call_at": 9_700_000, "error_rate": 0.5, "server_errors": 1, "rate_limited": 3,
        "hasty_after_429": 1, "writes": 3, "idempotency_rate": 0.6667, "webhook_deliveries": 3,
        "webhook_success_rate": 0.6667,
        "routes": [
            {"method": "GET", "route": "/v1/me", "calls": 1}, {"method": "GET", "route": "/v1/menus", "calls": 1},
            {"method": "GET", "route": "/v1/orders", "calls": 1}, {"method": "POST", "route": "/v1/orders", "calls": 1},
            {"method": "PATCH", "route": "/v1/orders/{id}", "calls": 1},
        ],
        "scopes_used": ["menus:read", "orders:read", "orders:write"],
    }  # fmt: skip


def test_evidence_says_nothing_was_counted_when_there_is_no_traffic(stranger: Account):
    with unit_of_work(stranger.scope, writes=False):
        shown = evidence(stranger.scope)
    rates = {name: value for name, value in shown.items() if name.endswith("_rate")}
    assert rates == {"error_rate": None, "idempotency_rate": None, "webhook_success_rate": None}
    assert (shown["calls"], shown["first_call_at"], shown["routes"], shown["scopes_used"]) == (0, None, [], [])


@pytest.mark.parametrize(
    ("method", "route", "expected"),
    [
        ("GET", "/v1/menu-items", "menus:read"), ("PUT", "/v1/menu-items/{id}/availability", "menus:write"),
        ("POST", "/v1/payments/{id}/cancel", "payments:write"), ("POST", "/v1/refunds", "refunds:write"),
        ("GET", "/v1/events", "events:read"), ("GET", "/v1/me", ""),
    ],
)  # fmt: skip
def test_route_tells_the_scope_it_needs(method: str, route: str, expected: Any):
    assert scope_of_route(method, route) == expected
