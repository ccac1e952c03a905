"""Messages to guests and what becomes of them; notices to staff."""

from collections.abc import Callable

import pytest

from domain.notifications import service as notifications
from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.factories.guests import create_guest
from tests.factories.locations import create_location


@pytest.mark.parametrize(
    ("channel", "to", "fate"),
    [
        ("sms", "+15005550001", ("failed", "invalid_number")),
        ("sms", "+15005550006", ("sent", None)),
        ("email", "bounce@sandbox.invalid", ("failed", "bounce")),
        ("email", "complaint@sandbox.invalid", ("sent", "complaint")),
        ("email", "anna@example.com", ("sent", None)),
        ("push", None, ("suppressed", "no_address")),
    ],
)
def test_message_in_a_sandbox_goes_nowhere_but_says_what_would_have_become_of_it(
    scope: Scope, channel: str, to: str | None, fate: tuple[str, str | None]
) -> None:
    with unit_of_work(scope):
        message_id = notifications.send_message(scope, channel=channel, to=to, subject="Lunch", body="Come in", kind="campaign")
        message = notifications.get_message(scope, message_id=message_id)
    assert (message["status"], message["reason"]) == fate
    assert (message["recipient"], message["subject"], message["body"]) == (to or "", "Lunch", "Come in")
    assert recorded_types(scope) == []


def test_message_in_production_says_that_no_carrier_is_connected(new_scope: Callable[..., Scope]) -> None:
    live = new_scope(Environment.PRODUCTION)
    with unit_of_work(live):
        message_id = notifications.send_message(live, channel="sms", to="+15005550006", body="x", kind="alert")
        message = notifications.get_message(live, message_id=message_id)
    assert (message["status"], message["reason"]) == ("failed", "no_carrier")


def test_messages_are_listed_newest_first_by_channel_and_customer(scope: Scope) -> None:
    with unit_of_work(scope):
        anna = create_guest(scope)
        made = [
            notifications.send_message(scope, channel=channel, to="+15005550006", body="x", kind="alert", customer_id=owner)
            for channel, owner in (("sms", anna), ("email", anna), ("sms", None))
        ]
        listed = notifications.list_messages(scope, limit=9)
        by_channel = notifications.list_messages(scope, limit=9, channel="sms")
        by_customer = notifications.list_messages(scope, limit=1, customer_id=anna)
    assert [row["id"] for row in listed] == made[::-1]
    assert [row["id"] for row in by_channel] == [made[2], made[0]]
    assert [row["id"] for row in by_customer] == [made[1], made[0]]


def test_notice_is_written_and_told(scope: Scope) -> None:
    with unit_of_work(scope):
        location_id = create_location(scope)
        notice = notifications.create_notice(scope, title="Fridge", body="Is warm", kind="alarm", location_id=location_id)
        silent = notifications.notify_staff(scope, title="New order", body="#1", kind="order", location_id=location_id)
    (event,) = recorded_events(scope)
    assert (event.type, event.object_id, event.location_id) == ("staff.notification.created", notice["id"], location_id)
    assert (notice["is_read"], notice["read_at"], silent["kind"]) == (False, None, "order")


def test_notice_to_an_unknown_location_is_refused(scope: Scope) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work(scope):
        notifications.create_notice(scope, title="x", body="x", kind="x", location_id="loc_none")
    assert ([error.field for error in refusal.value.errors], recorded_types(scope)) == (["location_id"], [])


def test_notice_when_read_says_when_and_only_once(scope: Scope) -> None:
    with unit_of_work(scope):
        notice_id = notifications.create_notice(scope, title="x", body="x", kind="x")["id"]
        read = notifications.mark_notice(scope, notice_id=notice_id, is_read=True)
        again = notifications.mark_notice(scope, notice_id=notice_id, is_read=True, expected_version=2)
        unread = notifications.mark_notice(scope, notice_id=notice_id, is_read=False)
        with pytest.raises(Conflict):
            notifications.mark_notice(scope, notice_id=notice_id, is_read=True, expected_version=1)
        with pytest.raises(NotFound):
            notifications.mark_notice(scope, notice_id="ntf_none", is_read=True)
    assert (read["is_read"], read["version"], again) == (True, 2, read)
    assert (unread["is_read"], unread["read_at"], unread["version"]) == (False, None, 3)


def test_notices_of_a_location_are_its_own_and_those_to_all(scope: Scope) -> None:
    with unit_of_work(scope):
        here, there = create_location(scope, slug="here"), create_location(scope, slug="there")
        for location_id in (here, there, None):
            notifications.notify_staff(scope, title=location_id or "all", body="x", kind="x", location_id=location_id)
        listed = notifications.list_notices(scope, limit=9, location_id=here, is_read=False)
    assert [row["title"] for row in listed] == ["all", here]
