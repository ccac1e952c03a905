"""Forgetting an erased guest in request logs, stored answers and attempts."""

from collections.abc import Callable

import pytest

from accounts.logs.models import RequestLog
from api.idempotency import IdempotencyRecord
from domain.guestbook import erasing
from domain.guestbook.erasing import erase
from domain.timers.models import Timer
from kit.clock import day_of
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order
from worker import forgetting
from worker.forgetting import forget
from worker.timekeeping import keep_time

pytestmark = pytest.mark.usefixtures("clean_planes", "no_timers")


def log_call(scope: Scope, about: str, **columns: str) -> str:
    """A logged call whose answer names something."""
    request_id = new_id("req")
    with unit_of_work(scope):
        append(scope, RequestLog, [{
            "id": request_id, "application_id": "app_1", "credential_id": "key_1", "product": "core", "method": "GET",
            "path": "/v1/customers", "query": "q=Anna", "status": 200, "duration_us": 1, "at": now(),
            "expires_on": day_of(now_us()) + 7, "request_body": '{"name":"Anna"}',
            "response_body": f'{{"id":"{about}","name":"Anna"}}', **columns,
        }])  # fmt: skip
    return request_id


def texts_of(scope: Scope, request_id: str) -> tuple[str, str, str]:
    with unit_of_work(scope, writes=False):
        row = session(scope).scalar(RequestLog.owned_by(scope).where(RequestLog.id == request_id))
        return row.query, row.request_body, row.response_body


@pytest.fixture
def erased(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A guest with an order, erased a moment ago: ids of both. What is kept of calls is still to be forgotten."""
    monkeypatch.setattr(erasing, "FORGET_AFTER_S", 0.0)
    with unit_of_work(scope):
        guest_id = create_guest(scope, name="Anna")
        order_id = create_order(scope, location_id=create_location(scope), customer_id=guest_id)
        erase(scope, guest_id=guest_id)
    return guest_id, order_id


def test_task_empties_what_mentions_the_guest_or_its_order(scope: Scope, erased: tuple[str, str]):
    with unit_of_work(scope):
        other = create_guest(scope, name="Anna")
    guest_call, order_call, other_call = (log_call(scope, about) for about in (*erased, other))
    keep_time(Environment.SANDBOX)
    assert [texts_of(scope, call) for call in (guest_call, order_call)] == [("", "", "")] * 2
    assert texts_of(scope, other_call) == ("q=Anna", '{"name":"Anna"}', f'{{"id":"{other}","name":"Anna"}}')
    with unit_of_work(scope, writes=False):
        assert session(scope).scalars(Timer.owned_by(scope)).all() == []


def test_more_than_a_page_is_forgotten_and_a_second_time_changes_nothing(
    scope: Scope, erased: tuple[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(forgetting, "PAGE", 2)
    calls = [log_call(scope, erased[0]) for _ in range(5)]
    for _ in range(2):
        forget(scope, erased[0])
        assert {texts_of(scope, call) for call in calls} == {("", "", "")}


def test_stored_answer_becomes_not_found(scope: Scope, erased: tuple[str, str]):
    answers = {"1": (201, f'{{"id":"{erased[0]}"}}'), "2": (201, '{"id":"cus_other"}'), "3": (None, None)}
    kept = {"fingerprint": "f", "lease_until_us": 1, "headers": "{}", "created_us": 1}
    with unit_of_work(scope):
        append(scope, IdempotencyRecord, [
            {**kept, "id": number, "status": status, "body": body} for number, (status, body) in answers.items()
        ])  # fmt: skip
    forget(scope, erased[0])
    with unit_of_work(scope, writes=False):
        rows = {row.id: row for row in session(scope).scalars(IdempotencyRecord.owned_by(scope))}
    assert {number: row.status for number, row in rows.items()} == {"1": 404, "2": 201, "3": None}
    assert '"code":"resource_not_found"' in rows["1"].body
    assert rows["2"].body == '{"id":"cus_other"}'


def test_another_tenants_call_that_names_the_same_id_stays(
    scope: Scope, erased: tuple[str, str], new_scope: Callable[..., Scope]
):
    theirs = new_scope()
    call = log_call(theirs, erased[0])
    forget(scope, erased[0])
    assert texts_of(theirs, call)[0] == "q=Anna"


def test_guest_nobody_knows_is_nothing_to_forget(scope: Scope):
    call = log_call(scope, "cus_none")
    forget(scope, "cus_none")
    assert texts_of(scope, call)[0] == "q=Anna"
