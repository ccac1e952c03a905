"""Sending again from an endpoint's page: a look at how many first, progress afterwards, nothing for those who only read."""

import re

import pytest
from flask import Flask
from sqlalchemy import update

from accounts.webhooks.models import Delivery
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import make_viewer
from tests.portal.test_webhooks import open_inbox_endpoint
from worker.deliver import pump

ALL = {"which": "all"}
WINDOW = {**ALL, "from": "2020-01-01T00:00", "to": "2020-01-02T00:00"}


@pytest.fixture
def api(app: Flask, partner: Partner) -> Caller:
    """The partner's API calls; three orders are placed and delivered."""
    caller = Caller(app, partner.key)
    for _ in range(3):
        assert caller.post("/v1/orders", json=BURGER).status_code == 201
    pump(Environment.SANDBOX)
    return caller


def give_up(api: Caller) -> None:
    """Leave what the sandbox's failing endpoint waits for as the worker does after the last attempt."""
    scope = Scope(Environment.SANDBOX, api.get("/v1/me").json["tenant_id"])
    with unit_of_work(scope):
        waiting = update(Delivery).where(Delivery.tenant_id == scope.tenant_id, Delivery.state == "pending")
        session(scope).execute(waiting.values(state="dead", due_at=None))


def failing_endpoint(visitor: Visitor) -> str:
    """Open the sandbox's endpoint that always answers 502 and return its address."""
    html = visitor.get("/sandbox/webhooks").text
    address = re.findall(r'href="(/sandbox/webhooks/we_\w+)">Fixture: always answers 502', html)[0]
    visitor.get(address)
    return str(address)


def test_replay_is_counted_then_sent_then_followed(partner: Partner, api: Caller) -> None:
    visitor = partner.visitor
    address = open_inbox_endpoint(visitor)
    preview = visitor.submit("/replay/preview", **ALL, types=["order.created"]).text
    for text in ("This sends 3 events to", "Send 3 events", "<code>order.created</code>"):
        assert text in preview

    started = visitor.submit("/replay").text
    for text in ("3 events are sent again.", "Replay under way", "0 of 3 delivered, 3 waiting."):
        assert text in started
    assert len(visitor.links(f"{address}/deliveries/dlv_")) == 3
    visitor.get(address)
    assert "Another replay to this endpoint is still being delivered." in visitor.submit("/replay/preview", **ALL).text

    pump(Environment.SANDBOX)
    visitor.get(address)
    assert "Replay under way" not in visitor.get(address).text
    assert "No event fits" in visitor.submit("/replay/preview", which="missed").text


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (WINDOW, "keeps events for"),
        ({**WINDOW, "from": "2020-01-03T00:00"}, "Expected an instant that is not after"),
        ({**WINDOW, "from": "yesterday"}, "From: write the time as YYYY-MM-DDTHH:MM, in UTC."),
        ({**WINDOW, "to": "2020-01-02T00:00+02:00"}, "To: write the time as"),
        ({"which": "some"}, "Events: pick one of the offered values."),
        ({**ALL, "types": "order.exploded"}, "The endpoint does not receive"),
    ],
    ids=["too-old", "turned-round", "no-time", "with-offset", "unknown-choice", "unknown-type"],
)
def test_replay_that_cannot_be_made_is_refused_on_the_form(partner: Partner, fields: dict[str, str], message: str) -> None:
    open_inbox_endpoint(partner.visitor)
    refused = partner.visitor.post("/replay/preview", **fields)
    assert refused.status_code == 422
    assert message in refused.text
    assert 'id="replay"' in refused.text


def test_given_up_deliveries_are_retried_by_class(partner: Partner, api: Caller) -> None:
    give_up(api)
    visitor = partner.visitor
    address = failing_endpoint(visitor)
    assert "Retry 3: 5xx failed" in visitor.get(address).text

    page = visitor.submit("/retry-failed", status_class="5xx").text
    assert "3 deliveries are due now." in page
    assert 'id="failed"' not in page
    visitor.get(visitor.links(f"{address}/deliveries/dlv_")[0])
    detail = visitor.page.text if visitor.page else ""
    said = "A proxy in front of the endpoint got no valid answer from it."
    for text in ("502 Bad Gateway at", "The second of 4 attempts follows within seconds.", said, "curl -i -X POST"):
        assert text in detail


@pytest.mark.parametrize("action", ["/replay/preview", "/test"])
def test_who_only_reads_sends_nothing(partner: Partner, action: str) -> None:
    open_inbox_endpoint(partner.visitor)
    make_viewer(partner)
    assert partner.visitor.post(action).status_code == 403


def test_who_only_reads_cannot_replay_or_retry(partner: Partner, api: Caller) -> None:
    give_up(api)
    visitor = partner.visitor
    address, failing = open_inbox_endpoint(visitor), failing_endpoint(visitor)
    visitor.get(address)
    pages = [("/replay", visitor.submit("/replay/preview", **ALL)), ("/retry-failed", visitor.get(failing))]
    for endpoint, action in ((failing, "/retry"), (address, "/resend")):
        visitor.get(endpoint)
        pages.append((action, visitor.get(visitor.links(f"{endpoint}/deliveries/dlv_")[0])))
    make_viewer(partner)

    for action, visitor.page in pages:
        assert visitor.post(action, status_class="all").status_code == 403, action
    assert {row["state"] for row in api.get(f"/v1/webhooks/{failing.rpartition('/')[2]}/deliveries").json["data"]} == {"dead"}
