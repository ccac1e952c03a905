"""Owners are told that an endpoint comes near to being disabled: once a rung, on control and on the planes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.applications.service import mark_ready
from accounts.audit.models import AuditEntry
from accounts.mail.models import Mail
from accounts.notices.models import Notice
from accounts.webhooks import sync
from accounts.webhooks.models import DISABLED_AFTER
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.queries import list_events
from accounts.webhooks.reasons import in_words
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import delete_endpoint
from accounts.webhooks.service import disable_endpoint
from accounts.webhooks.service import update_endpoint
from accounts.webhooks.sync import sync_pending
from accounts.webhooks.warnings import endpoint_recovered
from accounts.webhooks.warnings import warn_endpoint
from kit.clock import now
from kit.clock import to_us
from kit.documents import append
from kit.planes import Environment
from kit.scope import Scope
from kit.scope import TenantState
from kit.unit import control
from kit.unit import control_unit
from kit.unit import unit_of_work
from tests.accounts.conftest import Account
from worker.ladder import FAILING_US

SINCE = now() - timedelta(days=3, hours=12)


def warn(account: Account, percent: int = 50, **changes: Any) -> bool:
    values = {"version": 1, "failing_since": SINCE, "last_reason": "http_502"} | changes
    with control_unit():
        return warn_endpoint(endpoint_id=account.signed_up.endpoint_id, percent=percent, **values)


def disable(account: Account, reason: str) -> None:
    with control_unit():
        disable_endpoint(endpoint_id=account.signed_up.endpoint_id, reason=reason)


def endpoint_of(account: Account) -> WebhookEndpoint:
    with control_unit(writes=False):
        return control().session.get(WebhookEndpoint, account.signed_up.endpoint_id)


def told(account: Account) -> tuple[list[str], list[str], list[str]]:
    """Kinds of the notices and of the mails, and the audited actions that follow the sign-up."""
    with control_unit(writes=False):
        find = control().session.scalars
        mine = account.organisation_id
        return (
            list(find(select(Notice.kind).where(Notice.organisation_id == mine).order_by(Notice.id))),
            list(find(select(Mail.kind).where(Mail.organisation_id == mine).order_by(Mail.id))),
            list(find(
                select(AuditEntry.action)
                .where(AuditEntry.organisation_id == mine, AuditEntry.person_id.is_(None))
                .order_by(AuditEntry.sequence)
            )),
        )  # fmt: skip


def events_of(scope: Scope) -> list[tuple[str, Any]]:
    with unit_of_work(scope, writes=False):
        events = list_events(scope, after_sequence=0, limit=50)
    return [(event["type"].removeprefix("webhook.endpoint."), event["body"]["object"].get("percent")) for event in events]


def test_warning_writes_a_notice_a_mail_an_audit_entry_and_an_event(account: Account):
    assert warn(account, 70) is True
    assert told(account) == (["endpoint.failing"], ["endpoint.failing"], ["endpoint.warned"])
    endpoint = endpoint_of(account)
    assert (endpoint.warned_percent, endpoint.version, endpoint.needs_sync) == (70, 1, False)
    with unit_of_work(account.scope, writes=False):
        [event] = list_events(account.scope, after_sequence=0, limit=5)
    assert (event["type"], event["object_id"]) == ("webhook.endpoint.failing", endpoint.id)
    body = event["body"]["object"]
    assert {name: body[name] for name in ("id", "state", "percent", "failing_since", "disabled_at_earliest")} == {
        "id": endpoint.id, "state": "enabled", "percent": 70, "failing_since": to_us(SINCE),
        "disabled_at_earliest": to_us(SINCE) + 5 * 24 * 3600 * 1_000_000,
    }  # fmt: skip
    with control_unit(writes=False):
        [mail] = control().session.scalars(select(Mail).where(Mail.organisation_id == account.organisation_id))
        [notice] = control().session.scalars(select(Notice).where(Notice.organisation_id == account.organisation_id))
    assert mail.to_address == account.email
    assert mail.subject == "Your sandbox inbox is 70 % of the way to being switched off"
    assert "Last answer:   502 Bad Gateway" in mail.text
    assert f"/sandbox/webhooks/{endpoint.id}?application={account.application_id}" in mail.text
    assert (notice.severity, notice.application_id) == ("warning", account.application_id)


def test_each_rung_of_a_fault_is_told_once_and_no_lower_one_after_it(account: Account):
    assert [warn(account, percent) for percent in (50, 50, 70, 50, 70, 90, 90)] == [True, False, True, False, False, True, False]
    assert told(account)[0] == ["endpoint.failing"] * 3
    assert events_of(account.scope) == [("failing", 50), ("failing", 70), ("failing", 90)]


def test_next_fault_is_told_from_the_first_rung(account: Account):
    later = SINCE + timedelta(days=1)
    assert (warn(account, 70), warn(account, failing_since=later), warn(account, 70)) == (True, True, False)
    assert (endpoint_of(account).warned_percent, endpoint_of(account).failing_since) == (50, later)


def test_nothing_is_told_when_the_endpoint_was_changed_since(account: Account):
    with control_unit():
        update_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id, description="mended")
    assert warn(account) is False
    assert warn(account, version=2) is True


@pytest.mark.parametrize("made_by", ["listener", "world"])
def test_nothing_is_told_of_an_endpoint_nobody_made(account: Account, made_by: str):
    with control_unit():
        control().session.get(WebhookEndpoint, account.signed_up.endpoint_id).made_by = made_by
    assert warn(account) is False
    disable(account, "gone_410")
    assert told(account) == ([], [], ["endpoint.disabled"])


def test_nothing_is_told_of_a_deleted_disabled_or_unknown_endpoint(account: Account, stranger: Account):
    with control_unit():
        delete_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id)
        update_endpoint(stranger.side(), endpoint_id=stranger.signed_up.endpoint_id, state="disabled")
    assert [warn(account, version=2), warn(stranger, version=2)] == [False, False]
    with control_unit():
        assert warn_endpoint(endpoint_id="we_none", version=1, percent=50, failing_since=SINCE, last_reason=None) is False
        assert endpoint_recovered(endpoint_id="we_none") is False


def test_event_is_recorded_once_when_the_process_died_between_control_and_plane(
    account: Account, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as dead:
        dead.setattr(sync, "_copy", lambda *_: 1 / 0)
        assert warn(account) is True
    assert (events_of(account.scope), endpoint_of(account).needs_sync) == ([], True)
    sync_pending()
    assert (events_of(account.scope), endpoint_of(account).needs_sync) == ([("failing", 50)], False)
    with control_unit():
        control().session.get(WebhookEndpoint, account.signed_up.endpoint_id).needs_sync = True
    sync_pending()
    assert events_of(account.scope) == [("failing", 50)]


def test_late_copy_tells_no_older_warning(account: Account, monkeypatch: pytest.MonkeyPatch):
    late, copy = [], sync._copy
    with monkeypatch.context() as held:
        held.setattr(sync, "_copy", lambda *arguments: late.append(arguments))
        warn(account)
    warn(account, 70)
    with unit_of_work(account.scope):
        copy(*late[0])
    assert events_of(account.scope) == [("failing", 70)]


def connected(account: Account) -> Scope:
    """A production tenant that is ready and works with the application."""
    with control_unit():
        tenant_id = account.connected_tenant("pro")
        mark_ready(tenant_id=tenant_id)
    scope = Scope(Environment.PRODUCTION, tenant_id, application_id=account.application_id)
    with unit_of_work(scope):
        append(scope, TenantState, [{"created_at": now()}])
    return scope


def test_every_connected_tenant_has_the_event_and_one_that_connects_later_has_not(account: Account):
    scopes = [connected(account), connected(account)]
    with control_unit():
        side = account.side(Environment.PRODUCTION)
        endpoint_id = create_endpoint(side, url="https://pos.example.com/", event_types=["*"]).endpoint.id
    with control_unit():
        assert warn_endpoint(endpoint_id=endpoint_id, version=1, percent=90, failing_since=SINCE, last_reason="dns") is True
    scopes.append(connected(account))
    sync_pending()
    assert [events_of(scope) for scope in scopes] == [[("failing", 90)], [("failing", 90)], []]


def test_recovery_is_told_once_after_a_warning_and_without_a_mail(account: Account):
    with control_unit():
        assert endpoint_recovered(endpoint_id=account.signed_up.endpoint_id) is False
    warn(account)
    with control_unit():
        assert endpoint_recovered(endpoint_id=account.signed_up.endpoint_id) is True
        assert endpoint_recovered(endpoint_id=account.signed_up.endpoint_id) is False
    assert told(account)[:2] == (["endpoint.failing", "endpoint.recovered"], ["endpoint.failing"])
    endpoint = endpoint_of(account)
    assert (endpoint.warned_percent, endpoint.failing_since, endpoint.failing_reason) == (0, None, None)


def test_warning_that_was_recovered_from_before_the_plane_knew_is_no_event(account: Account, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as dead:
        dead.setattr(sync, "_copy", lambda *_: 1 / 0)
        warn(account)
    with control_unit():
        endpoint_recovered(endpoint_id=account.signed_up.endpoint_id)
    sync_pending()
    assert events_of(account.scope) == []


def test_warning_is_over_when_the_owner_resumes_the_endpoint_and_stands_after_other_changes(account: Account):
    warn(account, 70)
    seen = []
    for changes in ({"url": "https://new.example/"}, {"state": "disabled"}, {"state": "enabled"}):
        with control_unit():
            update_endpoint(account.side(), endpoint_id=account.signed_up.endpoint_id, **changes)
        seen.append(endpoint_of(account).warned_percent)
    assert seen == [70, 70, 0]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("gone_410", "It answered 410 Gone, which means that it wants no more webhooks."),
        ("no_success_for_5_days", f"It had taken no webhook since {SINCE:%Y-%m-%d %H:%M} UTC. Last answer: 502 Bad Gateway."),
    ],
    ids=["gone", "failing"],  # the text holds the time of this process, and workers compare the ids of tests
)
def test_disabling_is_told_by_notice_and_mail(account: Account, reason: str, said: str):
    warn(account, 90)
    disable(account, reason)
    assert told(account)[:2] == (["endpoint.failing", "endpoint.disabled"],) * 2
    with control_unit(writes=False):
        query = select(Notice).where(Notice.organisation_id == account.organisation_id, Notice.kind == "endpoint.disabled")
        notice = control().session.scalars(query).one()
    assert (notice.text, notice.severity) == (said, "error")
    assert endpoint_of(account).warned_percent == 0
    assert [kind for kind, _ in events_of(account.scope)] == ["failing", "disabled"]


@pytest.mark.parametrize("reason", ["disabled_by_owner", "listener_away"])
def test_switch_of_the_owner_and_a_closed_laptop_are_not_told(account: Account, reason: str):
    disable(account, reason)
    assert told(account)[:2] == ([], [])


def test_five_days_are_the_engines_five_days():
    assert DISABLED_AFTER // timedelta(microseconds=1) == FAILING_US


@pytest.mark.parametrize(
    ("reason", "words"),
    [("http_502", "502 Bad Gateway"), ("http_999", "status 999"), ("timeout", "no answer in time"), (None, "unknown"),
     ("http_", "http "), ("too_large", "too large")],
)  # fmt: skip
def test_reason_is_said_in_words(reason: str | None, words: str):
    assert in_words(reason) == words
