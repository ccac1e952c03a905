"""Going live: asking, deciding, suspending, and the evidence a reviewer sees."""

import pytest
from sqlalchemy import select

from accounts.applications.revocations import revocations
from accounts.applications.service import get_application
from accounts.approvals.errors import ProductionAlreadyRequested
from accounts.approvals.errors import RequestAlreadyDecided
from accounts.approvals.evidence import evidence
from accounts.approvals.grants import change_grant
from accounts.approvals.grants import reinstate
from accounts.approvals.grants import suspend
from accounts.approvals.messages import messages_of
from accounts.approvals.models import ProductionMessage
from accounts.approvals.service import Verdict
from accounts.approvals.service import decide
from accounts.approvals.service import decided
from accounts.approvals.service import get_request
from accounts.approvals.service import list_requests
from accounts.approvals.service import queue
from accounts.approvals.service import request_production
from accounts.approvals.service import withdraw
from accounts.approvals.thread import write_as_operator
from accounts.approvals.thread import write_as_partner
from accounts.audit.queries import list_entries
from accounts.logs.models import RequestLog
from accounts.mail.models import Mail
from accounts.notices.service import list_notices
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
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.accounts.conftest import Account

SCOPES = ["orders:read", "orders:write"]
KNOWN = {
    ("GET", "/v1/orders"): "orders:read", ("POST", "/v1/orders"): "orders:write", ("PATCH", "/v1/orders/{id}"): "orders:write",
    ("GET", "/v1/menus"): "menus:read",
}  # fmt: skip


def scope_of(method: str, route: str) -> str:
    return KNOWN.get((method, route), "")


def ask(account: Account) -> str:
    with control_unit():
        return request_production(
            account.member,
            application_id=account.application_id,
            plan_tier="pro",
            scopes=SCOPES,
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
        word = "approve" if approve else "reject"
        request = decide(operator, request_id=request_id, verdict=Verdict(word=word, reason="Because."))
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
        decide(operator, request_id=request_id, verdict=Verdict(word="reject", reason="  "))
    assert [error.field for error in refused.value.errors] == ["reason"]
    assert state_of(account) == "submitted"


def test_request_can_be_made_again_after_a_rejection_but_not_while_open_or_approved(account: Account, operator: Member):
    first = ask(account)
    with pytest.raises(ProductionAlreadyRequested):
        ask(account)
    with control_unit():
        decide(operator, request_id=first, verdict=Verdict(word="reject", reason="More tests"))
    second = ask(account)
    with control_unit():
        decide(operator, request_id=second, verdict=Verdict(word="approve"))
    with pytest.raises(ProductionAlreadyRequested):
        ask(account)


def test_decision_is_made_once(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        decide(operator, request_id=request_id, verdict=Verdict(word="approve"))
    with pytest.raises(RequestAlreadyDecided), control_unit():
        decide(operator, request_id=request_id, verdict=Verdict(word="reject", reason="No"))
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
        request_production(
            account.member, application_id=account.application_id, plan_tier=plan, scopes=SCOPES, note="", evidence={}
        )
    assert [error.field for error in refused.value.errors] == ["plan_tier"]


@pytest.mark.parametrize("text", ["a" * 2001, "a\x00b"], ids=["long", "nul"])
def test_note_is_refused_when_it_is_no_short_text(account: Account, text: str):
    with pytest.raises(Invalid), control_unit():
        request_production(
            account.member, application_id=account.application_id, plan_tier="pro", scopes=SCOPES, note=text, evidence={}
        )


def test_request_is_forbidden_when_the_role_only_reads(account: Account):
    with control_unit():
        viewer = account.colleague("viewer")
    for act in (
        lambda: request_production(
            viewer, application_id=account.application_id, plan_tier="pro", scopes=SCOPES, note="", evidence={}
        ),
        lambda: withdraw(viewer, application_id=account.application_id),
    ):
        with pytest.raises(Forbidden), control_unit():
            act()


def test_application_of_another_organisation_looks_absent(account: Account, stranger: Account):
    foreign_request = ask(stranger)
    foreign = stranger.application_id
    for act in (
        lambda: request_production(account.member, application_id=foreign, plan_tier="pro", scopes=SCOPES, note="", evidence={}),
        lambda: withdraw(account.member, application_id=foreign),
        lambda: list_requests(account.member, application_id=foreign),
        lambda: write_as_partner(account.member, request_id=foreign_request, text="x"),
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
        lambda: decide(account.member, request_id=request_id, verdict=Verdict(word="approve")),
        lambda: write_as_operator(account.member, request_id=request_id, text="x"),
        lambda: change_grant(account.member, application_id=account.application_id, scopes=SCOPES, limits={}),
        lambda: suspend(account.member, application_id=account.application_id, reason="x"),
        lambda: reinstate(account.member, application_id=account.application_id),
    ):
        with pytest.raises(NotFound), control_unit():
            act()
    assert state_of(account) == "submitted"


def test_wanted_changes_keep_the_request_and_its_messages(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        decide(operator, request_id=request_id, verdict=Verdict(word="changes", reason="Handle 429 first."))
    assert state_of(account) == "needs_changes"
    with pytest.raises(RequestAlreadyDecided), control_unit():
        decide(operator, request_id=request_id, verdict=Verdict(word="approve"))
    assert ask(account) == request_id
    with control_unit():
        write_as_partner(account.member, request_id=request_id, text="Any news?")
        write_as_operator(operator, request_id=request_id, text="Looks good.")
    with control_unit(writes=False):
        assert request_id in [item.request.id for item in queue(operator)]
        messages = [(message.is_operator, message.text) for message in messages_of(ProductionMessage, request_id=request_id)]
        kinds = [notice.kind for notice in list_notices(account.member, limit=10)]
        mailed = control().session.scalars(select(Mail.kind).where(Mail.organisation_id == account.organisation_id)).all()
        reviewed = select(Mail.subject).where(Mail.person_id == operator.person_id).order_by(Mail.id)
        subjects = control().session.scalars(reviewed).all()
    assert state_of(account) == "submitted"
    assert messages == [(True, "Handle 429 first."), (False, "Ready"), (False, "Any news?"), (True, "Looks good.")]
    assert sorted(kinds) == sorted(mailed) == ["production.decided", "production.message"]
    assert subjects == [
        "First application of Pasta & Co asks to go live", "First application of Pasta & Co asks again after changes",
        "First application of Pasta & Co has answered",
    ]  # fmt: skip


def test_approval_grants_fewer_scopes_and_other_limits(account: Account, operator: Member):
    request_id = ask(account)
    with control_unit():
        verdict = Verdict(word="approve", scopes=["orders:read"], limits={"read": 30, "daily": 1000})
        request = decide(operator, request_id=request_id, verdict=verdict)
        assert (request.scopes, request.granted_scopes) == (SCOPES, ["orders:read"])
        assert account.side(Environment.PRODUCTION).scopes == {"orders:read"}
        told = list_entries(account.member, limit=1)[0].details
    assert (told["withheld"], told["limits"]) == (["orders:write"], {"read": 30, "daily": 1000})
    with control_unit(writes=False):
        mail = control().session.scalar(select(Mail.text).where(Mail.organisation_id == account.organisation_id))
    assert "- orders:write" in mail.splitlines()
    with control_unit():
        application = change_grant(operator, application_id=account.application_id, scopes=["menus:read"], limits={})
        assert (application.granted_scopes, application.limits) == (["menus:read"], {})
    assert state_of(account) == "approved"


@pytest.mark.parametrize(
    ("verdict", "field"),
    [
        (Verdict(word="approve", scopes=[]), "scopes"), (Verdict(word="approve", scopes=["sandbox:control"]), "scopes"),
        (Verdict(word="approve", limits={"read": 0}), "limit_read"), (Verdict(word="approve", limits={"x": 1}), "limit_x"),
        (Verdict(word="changes"), "reason"), (Verdict(word="maybe"), "verdict"),
    ],
    ids=["no-scope", "sandbox-scope", "zero", "unknown-limit", "no-reason", "unknown-word"],
)  # fmt: skip
def test_verdict_is_refused_with_its_field_and_changes_nothing(account: Account, operator: Member, verdict: Verdict, field: str):
    request_id = ask(account)
    with pytest.raises(Invalid) as refused, control_unit():
        decide(operator, request_id=request_id, verdict=verdict)
    assert [error.field for error in refused.value.errors] == [field]
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
        decide(operator, request_id=request_id, verdict=Verdict(word="approve"))
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
    (8_000_000, "GET", "/v1/menus", 429, {}),  # Retry-After: 2
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
                "request_headers": headers, "response_headers": {"Retry-After": "2"} if at == 8_000_000 else {},
                "expires_on": day_of(now_us()) + 7,
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
        shown = evidence(scope, scope_of=scope_of)
    assert shown == {
        "calls": 10, "first_call_at": 0, "last_call_at": 9_700_000, "error_rate": 0.5, "server_errors": 1, "rate_limited": 3,
        "hasty_after_429": 2, "writes": 3, "idempotency_rate": 0.6667, "webhook_deliveries": 3,
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
        shown = evidence(stranger.scope, scope_of=scope_of)
    rates = {name: value for name, value in shown.items() if name.endswith("_rate")}
    assert rates == {"error_rate": None, "idempotency_rate": None, "webhook_success_rate": None}
    assert (shown["calls"], shown["first_call_at"], shown["routes"], shown["scopes_used"]) == (0, None, [], [])
