"""The first minutes of a partner with a browser that runs no scripts."""

import time
from collections.abc import Callable

import pytest

from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner


def wait_for(visitor: Visitor, path: str, text: str, seconds: float = 3.0) -> str:
    """Reload a page until it shows a text."""
    ends = time.monotonic() + seconds
    while True:
        html = visitor.get(path).text
        if text in html or time.monotonic() > ends:
            return html
        time.sleep(0.05)


def test_newcomer_signs_up_calls_the_api_and_finds_the_call_in_the_logs(visitor: Visitor) -> None:
    key = visitor.sign_up()
    answer = visitor.submit("/start/call", call="order")

    assert "201 Created" in answer.text
    assert "itm_bacon_cheeseburger" in answer.text
    assert "x-request-id: req_" in answer.text
    assert key not in answer.text

    html = wait_for(visitor, "/sandbox/logs", "<strong>POST</strong>")
    assert "<strong>POST</strong> /v1/orders" in html
    detail = visitor.get(visitor.links("/sandbox/logs/req_")[0]).text
    assert "201 Created" in detail
    assert "Bearer $TABLEPORT_KEY" in detail
    assert key not in detail
    assert key[:20] not in detail

    assert "Make a call that works" in visitor.get("/sandbox/dashboard").text
    done = visitor.page.text.split('<li class="done">') if visitor.page else []
    assert any("Make a call that works" in part for part in done[1:])


@pytest.mark.parametrize(
    ("call", "status"), [("me", "200 OK"), ("menu", "200 OK"), ("orders", "200 OK"), ("order", "201 Created")]
)
def test_ready_calls_of_the_console_work(partner: Partner, call: str, status: str) -> None:
    partner.visitor.get("/start")

    assert status in partner.visitor.submit("/start/call", call=call).text


def test_console_takes_a_pasted_key_when_the_first_one_is_gone(partner: Partner) -> None:
    with partner.visitor.client.session_transaction() as session:
        del session["console"]
    partner.visitor.get("/start")

    refused = partner.visitor.post("/start/call", call="me")
    assert refused.status_code == 422
    assert "Paste an API key" in refused.text

    partner.visitor.get("/start")
    answer = partner.visitor.submit("/start/call", call="me", key=partner.key)
    assert "200 OK" in answer.text
    assert partner.key not in answer.text


def test_console_reads_what_another_page_proposes_and_nothing_else(partner: Partner) -> None:
    partner.visitor.get("/start?path=/v1/orders/ord_89421")
    assert "45.9" in partner.visitor.submit("/start/call", path="/v1/orders/ord_89421").text

    partner.visitor.get("/start")
    assert partner.visitor.post("/start/call", path="//evil.example/v1/orders").status_code == 422
    assert 'value="//evil' not in partner.visitor.get("/start?path=//evil.example/").text


def test_console_needs_an_account(visitor: Visitor) -> None:
    visitor.get("/login")
    token = visitor.page.text.split('name="csrf_token" value="')[1].split('"')[0] if visitor.page else ""

    answer = visitor.client.post("/start/call", data={"csrf_token": token, "call": "me"})

    assert answer.location == "/login"


def test_second_application_has_a_sandbox_and_links_that_stay_in_it(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/application")
    visitor.submit("/applications", name="Kiosk")

    assert "Kiosk is there" in visitor.page.text if visitor.page else False
    links = visitor.links("/sandbox/keys")
    assert links
    assert all("application=app_" in link for link in links)
    assert "No keys yet" in visitor.page.text if visitor.page else False
    assert "First key" in visitor.get("/sandbox/keys").text


def test_two_partners_see_their_own_calls_only(new_partner: Callable[[], Partner]) -> None:
    one, other = new_partner(), new_partner()
    one.visitor.get("/start")
    one.visitor.submit("/start/call", call="menu")

    wait_for(one.visitor, "/sandbox/logs", "/v1/menu-items")

    assert "No calls yet" in other.visitor.get("/sandbox/logs").text
