"""Endpoints, deliveries and the inbox as pages."""

import pytest

from kit.planes import Environment
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from worker.deliver import pump


def open_inbox_endpoint(visitor: Visitor) -> str:
    """Open the endpoint of the sign-up and return its address."""
    visitor.get("/sandbox/inbox")
    address = visitor.links("/sandbox/webhooks/we_")[0]
    visitor.get(address)
    return address


def test_test_event_arrives_signed_in_the_inbox(partner: Partner) -> None:
    visitor = partner.visitor
    address = open_inbox_endpoint(visitor)
    page = visitor.submit("/test", type="menu.item.unavailable")
    assert "menu.item.unavailable was triggered" in page.text

    pump(Environment.SANDBOX)

    html = visitor.get("/sandbox/inbox").text
    assert "menu.item.unavailable" in html
    assert "Signature valid" in html
    assert "Signature wrong" not in html
    visitor.get(address)
    detail = visitor.get(visitor.links(f"{address}/deliveries/dlv_")[0]).text
    assert "Succeeded" in detail
    assert "webhook-signature" in detail
    assert "Attempt 1" in detail


def test_inbox_is_empty_after_clearing(partner: Partner) -> None:
    visitor = partner.visitor
    open_inbox_endpoint(visitor)
    visitor.submit("/test", type="menu.item.unavailable")
    pump(Environment.SANDBOX)
    visitor.get("/sandbox/inbox")

    page = visitor.submit("/sandbox/inbox/clear")

    assert "Nothing received yet" in page.text


def test_test_event_of_an_unknown_type_is_422(partner: Partner) -> None:
    open_inbox_endpoint(partner.visitor)

    assert partner.visitor.post("/test", type="order.exploded").status_code == 422


@pytest.mark.parametrize("url", ["ftp://example.com/x", "https://user:secret@example.com/", "not a url"])
def test_endpoint_with_a_bad_url_is_422_and_keeps_what_was_typed(partner: Partner, url: str) -> None:
    partner.visitor.get("/sandbox/webhooks")

    answer = partner.visitor.post("/sandbox/webhooks", url=url, takes="all")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{url}"' in answer.text


def test_endpoint_is_changed_paused_resumed_and_deleted(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/webhooks")
    visitor.submit("/sandbox/webhooks", url="https://example.com/a", takes="some", event_types=["order.created"])
    address = visitor.links("/sandbox/webhooks/we_")[0]

    page = visitor.submit(address, url="https://example.com/b", takes="some", event_types=["order.created", "order.ready"])
    assert "https://example.com/b" in page.text
    assert page.text.count('name="event_types" value="order.ready" checked') == 1

    assert "Paused" in visitor.submit("/state", state="disabled").text or "Resume" in visitor.get(address).text
    assert "receives events again" in visitor.submit("/state", state="enabled").text
    assert "The endpoint was deleted" in visitor.submit("/delete").text
    assert visitor.get(address).status_code == 404


def test_dead_delivery_is_sent_once_more(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/webhooks")
    visitor.submit("/sandbox/webhooks", url="https://hooks.sandbox.invalid/gone-410", takes="all")
    address = visitor.links("/sandbox/webhooks/we_")[0]
    visitor.submit("/test", type="menu.item.unavailable")
    pump(Environment.SANDBOX)

    visitor.get(f"{address}?state=dead")
    visitor.get(visitor.links(f"{address}/deliveries/dlv_")[0])
    assert "410 Gone" in visitor.page.text if visitor.page else False

    page = visitor.submit("/retry")
    assert "It is due now" in page.text
    assert "Pending" in page.text
