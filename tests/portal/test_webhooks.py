"""Endpoints, deliveries and the inbox as pages."""

import html
import json
import re

import pytest
from sqlalchemy import select

from accounts.applications.models import Tenant
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox import inbox
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

    inbox = visitor.get("/sandbox/inbox").text
    assert "menu.item.unavailable" in inbox
    assert "Signature valid" in inbox
    assert "Signature wrong" not in inbox
    visitor.get(address)
    detail = visitor.get(visitor.links(f"{address}/deliveries/dlv_")[0]).text
    assert "Succeeded" in detail
    assert "webhook-signature" in detail
    assert "Attempt 1" in detail


def test_inbox_names_what_arrived_in_any_dialect(partner: Partner) -> None:
    address = re.search(r"https://inbox\.sandbox\.invalid/[\w-]+", partner.visitor.get("/sandbox/inbox").text).group()
    with control_unit(writes=False):
        newest = select(Tenant.id).where(Tenant.environment == Environment.SANDBOX).order_by(Tenant.created_at.desc())
        scope = Scope(Environment.SANDBOX, str(control().session.scalar(newest.limit(1))))
    with unit_of_work(scope):
        for path, body in (
            ("/", {"event": "order.paid", "data": {}}), ("/", {"event_type": "updated", "syncable_type": "customer"}),
            ("/orders/o-1/cancellation", {"outcome": "cancelled"}), ("/stores/s-1/items/status", [{"is_active": False}]),
            ("/", "text"),
        ):  # fmt: skip
            inbox.receive(
                scope, token=inbox.token_of(address), method="PATCH", path=path, headers={}, secrets=[],
                body=json.dumps(body).encode(),
            )  # fmt: skip
    html = partner.visitor.get("/sandbox/inbox").text
    names = re.findall(r'<strong class="break">(.+?)</strong>', html)
    assert names == [
        "message", "PATCH /stores/s-1/items/status", "PATCH /orders/o-1/cancellation", "customer.updated", "order.paid",
    ]  # fmt: skip


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


OPTIONS = {
    "url": "https://example.com/a", "takes": "some", "event_types": ["order.*", "menu.item.*"], "location_ids": "loc_1, loc_2",
    "filters": "totals.total gte 50\nstatus in accepted, ready\ntable_id exists false\nnotes eq \"5\"",
    "headers": "Authorization: Bearer hunter2\nx-shop: 7", "max_per_second": "20", "max_in_flight": "4",
}  # fmt: skip


def test_endpoint_is_made_with_options_and_keeps_them_when_it_is_saved_again(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/webhooks")
    page = visitor.submit("/sandbox/webhooks", **OPTIONS)
    address = visitor.links("/sandbox/webhooks/we_")[0].split("?")[0]
    for _ in range(2):
        text = html.unescape(page.text)
        assert 'value="order.*" checked' in text
        assert 'value="menu.item.*" checked' in text
        assert "loc_1 loc_2</textarea>" in text
        assert 'totals.total gte 50\nstatus in accepted, ready\ntable_id exists false\nnotes eq "5"</textarea>' in text
        assert '<code>authorization</code>, <code>x-shop</code>' in text
        assert "hunter2" not in text
        saved = {name: value for name, value in OPTIONS.items() if name not in ("headers", "location_ids")}
        page = visitor.submit(address, **saved, location_ids="loc_1\nloc_2")
        assert "Saved." in page.text
    assert "16 types" in visitor.get("/sandbox/webhooks").text


def test_headers_are_replaced_and_never_shown_not_even_when_refused(partner: Partner) -> None:
    open_inbox_endpoint(partner.visitor)
    visitor = partner.visitor
    for wrong in ("Authorization hunter2", "host: hunter2", "a: hunter2\nA: hunter2", "x-a: hunter2\x07"):
        answer = visitor.post("/headers", headers=wrong)
        assert (answer.status_code, "hunter2" in answer.text, 'aria-invalid="true"' in answer.text) == (422, False, True)
    page = visitor.submit("/headers", headers="Authorization: Bearer hunter2")
    assert ("<code>authorization</code>" in page.text, "hunter2" in page.text) == (True, False)
    assert "Nothing is added" in visitor.submit("/headers", headers="").text


def test_scheme_is_changed_and_the_public_key_stays_on_the_page(partner: Partner) -> None:
    address = open_inbox_endpoint(partner.visitor)
    visitor = partner.visitor
    first = re.findall(r"whpk_[A-Za-z0-9+/=]{44}", visitor.submit("/signature", signature="v1a").text)
    assert first == re.findall(r"whpk_[A-Za-z0-9+/=]{44}", visitor.get(address).text) != []
    assert first[0] not in visitor.submit("/rotate").text
    assert "whsec_" in visitor.submit("/signature", signature="v1").text
    page = visitor.get(address).text
    assert ("whsec_" in page, "whpk_" in page) == (False, False)
    assert visitor.post("/signature", signature="v2").status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("filters", "status", "filters[0].operator"),
        ("filters", "status like x", "filters[0].operator: one of eq"),
        ("location_ids", "loc_1 é", "location_ids[1]"),
        ("max_in_flight", "many", "write a whole number"),
        ("max_in_flight", "33", "from 1 to 32"),
        ("max_per_second", "0", "from 1 to 1000"),
        ("signature", "v2", "pick one"),
    ],
)
def test_wrong_option_is_422_and_what_was_typed_stays(partner: Partner, field: str, value: str, message: str) -> None:
    partner.visitor.get("/sandbox/webhooks")
    answer = partner.visitor.post("/sandbox/webhooks", **{**OPTIONS, field: value})
    text = html.unescape(answer.text)
    assert answer.status_code == 422
    assert message in text
    assert 'value="order.*" checked' in text
    assert "hunter2" not in text
    assert field == "signature" or value in text
