"""Sending campaigns and alerts: who is reached, who never is, and what stays true when things change meanwhile."""

from datetime import UTC
from datetime import datetime
from threading import Event
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from domain.campaigns import sending
from domain.campaigns.alerts import get_alert
from domain.campaigns.alerts import send_alert
from domain.campaigns.audience import judge
from domain.campaigns.results import record_click
from domain.campaigns.service import change_campaign
from domain.campaigns.service import get_campaign
from domain.campaigns.service import list_recipients
from domain.campaigns.service import send_campaign
from domain.guests.changing import change_guest
from domain.guests.drafts import draft_of
from domain.notifications.service import list_messages
from domain.timekeeping.service import fire
from domain.timekeeping.service import fire_passed
from domain.timers.service import drop_timer
from domain.timers.service import next_due
from kit.clock import now_us
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import current
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.campaigns import create_campaign
from tests.factories.campaigns import create_segment
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
HOUR_US = 3_600_000_000
GRANTED = {"status": "granted", "at": None, "source": "website", "proof": None}
BOTH = {"email_marketing": GRANTED, "sms_marketing": GRANTED}


def work(scope: Scope) -> int:
    """Do every task of campaigns and alerts that is due, each in a unit of its own, as the worker does; returns how many."""
    done = 0
    while True:
        with unit_of_work(scope):
            due = next_due(scope, until_us=now_us(), on_tenants_clock=False)
            if due is None:
                return done
            if due.kind.partition(".")[0] in ("campaign", "alert"):
                fire(scope, due)
                done += 1
            else:
                drop_timer(scope, kind=due.kind, object_id=due.object_id)


def withdraw(scope: Scope, guest_id: str, channel: str = "email_marketing") -> None:
    denied = {channel: {"status": "denied", "source": "unsubscribe", "proof": None}}
    change_guest(scope, guest_id=guest_id, draft=draft_of({"consents": denied}))


def written_to(scope: Scope) -> list[str]:
    with unit_of_work(scope, writes=False):
        return sorted(row["recipient"] for row in list_messages(scope, limit=1000))


def test_campaign_reaches_those_who_allow_it_when_it_is_sent(scope: Scope):
    with unit_of_work(scope):
        yes = create_guest(scope, email="yes@example.com", consents=BOTH)
        no = create_guest(scope, email="no@example.com", consents={"sms_marketing": GRANTED})
        mute = create_guest(scope, consents=BOTH)
        gone = create_guest(scope, email="gone@example.com", consents=BOTH)
        bounced = create_guest(scope, email="bounce@sandbox.invalid", consents=BOTH)
        create_guest(scope, email="outside@example.com", consents=BOTH)
        segment_id = create_segment(scope, yes, no, mute, gone, bounced)
        campaign_id = create_campaign(scope, segment_id=segment_id, link="https://example.com/lunch")
        withdraw(scope, gone)
    with unit_of_work(scope):
        assert send_campaign(scope, campaign_id=campaign_id)["status"] == "sending"
    assert work(scope) == 1
    with unit_of_work(scope, writes=False):
        campaign = get_campaign(scope, campaign_id=campaign_id)
        rows = list_recipients(scope, campaign_id=campaign_id, limit=10)
        bodies = {row["body"] for row in list_messages(scope, limit=10)}
    assert {row["customer_id"]: (row["status"], row["reason"]) for row in rows} == {
        yes: ("sent", None), no: ("suppressed", "no_consent"), mute: ("suppressed", "no_address"),
        gone: ("suppressed", "no_consent"), bounced: ("failed", "bounce"),
    }  # fmt: skip
    assert bodies == {"Soup for 9.\nhttps://example.com/lunch"}
    assert [campaign[name] for name in ("recipients", "sent", "suppressed", "failed")] == [5, 1, 3, 1]
    event = recorded_events(scope)[-1]
    assert (event.type, event.body["object"], event.body["previous"]["status"]) == ("campaign.sent", campaign, "sending")
    assert recorded_types(scope).count("campaign.sent") == 1


def test_production_campaign_counts_nobody_as_reached_without_a_carrier(new_scope: Any):
    scope = new_scope(Environment.PRODUCTION)
    with unit_of_work(scope):
        create_guest(scope, email="yes@example.com", consents=BOTH)
        campaign_id = create_campaign(scope)
        send_campaign(scope, campaign_id=campaign_id)
    work(scope)
    with unit_of_work(scope, writes=False):
        campaign = get_campaign(scope, campaign_id=campaign_id)
    assert (campaign["status"], campaign["sent"], campaign["failed"]) == ("sent", 0, 1)


def test_consent_withdrawn_between_two_steps_is_respected(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "STEP", 2)
    with unit_of_work(scope):
        ids = sorted(create_guest(scope, email=f"g{n}@example.com", consents=BOTH) for n in range(5))
        campaign_id = create_campaign(scope)
        send_campaign(scope, campaign_id=campaign_id)
    with unit_of_work(scope):
        sending.send_step(scope, campaign_id)
        withdraw(scope, ids[0])
        withdraw(scope, ids[3])
    work(scope)
    assert written_to(scope) == ["g0@example.com", "g1@example.com", "g2@example.com", "g4@example.com"]


def test_consent_withdrawn_while_a_step_runs_waits_for_it_or_is_seen(scope: Scope):
    with unit_of_work(scope):
        guest_id = create_guest(scope, email="late@example.com", consents=BOTH)
        campaign_id = create_campaign(scope, status="sending")
    is_read, order = Event(), []

    def leave() -> None:
        is_read.wait(10)
        with unit_of_work(scope):
            withdraw(scope, guest_id)
            current(scope).flush()
            order.append("withdrawn")

    other = Thread(target=leave)
    other.start()
    with unit_of_work(scope):
        sending.send_step(scope, campaign_id)
        is_read.set()
        other.join(0.3)
        order.append("sent")
    other.join(10)
    assert order == ["sent", "withdrawn"]
    assert written_to(scope) == ["late@example.com"]


@pytest.mark.timeout(300)  # many statements, and PostgreSQL may share its machine
@examples(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(st.sampled_from(["granted", "denied", "unknown"]), st.integers(0, 4)), max_size=5))
def test_nobody_is_written_to_without_consent_at_that_moment(
    scope: Scope, monkeypatch: pytest.MonkeyPatch, people: list[tuple[str, int]]
):
    """People: (consent at first, step before which it is withdrawn). Two are looked at a step."""
    monkeypatch.setattr(sending, "STEP", 2)
    with unit_of_work(scope):
        consents = [{"email_marketing": {**GRANTED, "status": status}} for status, _ in people]
        ids = [create_guest(scope, email="a@example.com", consents=one) for one in consents]
        campaign_id = create_campaign(scope, segment_id=create_segment(scope, *ids), status="sending")
    leaving = dict(zip(ids, people, strict=True))
    order = sorted(ids)
    for step in range(len(people) // 2 + 1):
        with unit_of_work(scope):
            for guest_id in [one for one in ids if leaving[one][1] == step]:
                withdraw(scope, guest_id)
            sending.send_step(scope, campaign_id)
    with unit_of_work(scope, writes=False):
        rows = list_recipients(scope, campaign_id=campaign_id, limit=10)
        campaign = get_campaign(scope, campaign_id=campaign_id)
    expected = {
        guest_id: "sent" if leaving[guest_id][0] == "granted" and leaving[guest_id][1] > order.index(guest_id) // 2
        else "suppressed" for guest_id in ids
    }  # fmt: skip
    assert {row["customer_id"]: row["status"] for row in rows} == expected
    assert campaign["status"] == "sent"
    assert (campaign["recipients"], campaign["sent"]) == (len(ids), list(expected.values()).count("sent"))


@given(
    status=st.sampled_from(["granted", "denied", "unknown", None]), channel=st.sampled_from(["email", "sms", "push"]),
    phone=st.sampled_from([None, "+48600000001"]), email=st.sampled_from([None, "a@example.com"]),
)  # fmt: skip
def test_only_a_granted_consent_of_the_channel_reaches(status: str | None, channel: str, phone: Any, email: Any):
    key = {"email": "email_marketing", "sms": "sms_marketing", "push": "push_marketing"}[channel]
    others = {name: GRANTED for name in ("email_marketing", "sms_marketing", "push_marketing", "surveys") if name != key}
    consents = others if status is None else {**others, key: {"status": status}}
    found = judge({"id": "cus_1", "consents": consents, "phone": phone, "email": email}, channel)
    to = {"email": email, "sms": phone, "push": "cus_1"}[channel]
    assert found.to == (to if status == "granted" else None)
    assert (found.obstacle is None) is (found.to is not None)


def test_sending_stops_when_the_campaign_is_called_off(scope: Scope, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "STEP", 1)
    with unit_of_work(scope):
        for n in range(3):
            create_guest(scope, email=f"g{n}@example.com", consents=BOTH)
        campaign_id = create_campaign(scope)
        send_campaign(scope, campaign_id=campaign_id)
    with unit_of_work(scope):
        sending.send_step(scope, campaign_id)
        change_campaign(scope, campaign_id=campaign_id, status="cancelled")
    work(scope)
    assert len(written_to(scope)) == 1
    assert recorded_types(scope) == []


def test_scheduled_campaign_starts_when_its_instant_comes(scope: Scope):
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        campaign_id = create_campaign(scope)
        at_us = int(NOON.timestamp() * 1_000_000) + HOUR_US
        planned = change_campaign(scope, campaign_id=campaign_id, changes={"scheduled_at_us": at_us})
        assert (planned["status"], planned["scheduled_at"], planned["version"]) == ("scheduled", at_us, 2)
        assert change_campaign(scope, campaign_id=campaign_id, status="scheduled")["version"] == 2
    with unit_of_work(scope):
        freeze_clock(scope, datetime(2026, 1, 12, 13, tzinfo=UTC))
        assert fire_passed(scope) == [campaign_id]
        started = get_campaign(scope, campaign_id=campaign_id)
    assert (started["status"], started["started_at"]) == ("sending", at_us)
    assert work(scope) == 1


@pytest.mark.parametrize("status", ["sending", "sent", "cancelled"])
def test_campaign_is_not_sent_again_when_it_is(scope: Scope, status: str):
    with unit_of_work(scope):
        campaign_id = create_campaign(scope, status=status)
        before = get_campaign(scope, campaign_id=campaign_id)
        with pytest.raises(InvalidTransition) as refusal:
            send_campaign(scope, campaign_id=campaign_id)
        with pytest.raises(InvalidTransition):
            change_campaign(scope, campaign_id=campaign_id, changes={"body": "More soup."})
        assert get_campaign(scope, campaign_id=campaign_id) == before
    assert (refusal.value.data["from"], refusal.value.data["to"]) == (status, "sending")


def test_campaign_is_sent_once_when_four_start_it(scope: Scope):
    with unit_of_work(scope):
        create_guest(scope, email="one@example.com", consents=BOTH)
        campaign_id = create_campaign(scope)
    results = at_once(scope, 4, lambda _: send_campaign(scope, campaign_id=campaign_id)["status"])
    work(scope)
    assert sorted(results) == ["invalid_transition"] * 3 + ["sending"]
    assert written_to(scope) == ["one@example.com"]


def test_click_counts_once_when_a_recipient_clicks_four_times_at_once(scope: Scope):
    with unit_of_work(scope):
        yes = create_guest(scope, email="yes@example.com", consents=BOTH)
        no = create_guest(scope, email="no@example.com")
        campaign_id = create_campaign(scope, status="sending")
        sending.send_step(scope, campaign_id)
    click = {"campaign_id": campaign_id, "customer_id": yes}
    results = at_once(scope, 4, lambda _: record_click(scope, **click)["is_first"])
    assert sorted(results) == [False, False, False, True]
    with unit_of_work(scope):
        assert get_campaign(scope, campaign_id=campaign_id)["clicked"] == 1
        for stranger in (no, "cus_nobody"):
            with pytest.raises(Invalid):
                record_click(scope, campaign_id=campaign_id, customer_id=stranger)
    assert recorded_types(scope) == ["campaign.sent", "campaign.clicked"]
    told = recorded_events(scope)[-1].body["object"]
    assert (told["customer_id"], told["campaign_id"], told["campaign"]["clicked"]) == (yes, campaign_id, 1)


def test_alert_to_one_customer_goes_out_at_once_or_not_at_all(scope: Scope):
    with unit_of_work(scope):
        yes = create_guest(scope, phone="+48600000001", consents=BOTH)
        no = create_guest(scope, phone="+48600000002")
        alerts = [send_alert(scope, text="Your table is ready.", customer_id=one) for one in (yes, no)]
        with pytest.raises(Invalid):
            send_alert(scope, text="Hello?", customer_id="cus_nobody")
    assert [(one["status"], one["accepted"], one["suppressed"], one["sent"]) for one in alerts] == [
        ("sent", 1, 0, 1), ("sent", 0, 1, 0),
    ]  # fmt: skip
    assert written_to(scope) == ["+48600000001"]


def test_alert_to_a_segment_asks_again_when_it_is_sent(scope: Scope):
    with unit_of_work(scope):
        ids = [create_guest(scope, phone=f"+4860000001{n}", consents=BOTH) for n in range(3)]
        mute = create_guest(scope, consents=BOTH)
        alert = send_alert(scope, text="Soup!", segment_id=create_segment(scope, *ids, mute))
        withdraw(scope, ids[0], "sms_marketing")
    work(scope)
    with unit_of_work(scope, writes=False):
        after = get_alert(scope, alert_id=alert["id"])
    assert (alert["status"], alert["accepted"], alert["suppressed"]) == ("sending", 3, 1)
    assert (after["status"], after["accepted"], after["suppressed"], after["sent"]) == ("sent", 2, 2, 2)
    assert written_to(scope) == ["+48600000011", "+48600000012"]
