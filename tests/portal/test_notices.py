"""Notices and warnings as a partner sees them."""

import re
from collections.abc import Callable
from datetime import UTC
from datetime import datetime

import pytest
from sqlalchemy import select

from accounts.applications.models import Application
from accounts.notices.models import Notice
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.warnings import warn_endpoint
from kit.unit import control_unit
from tests.portal.browsing import Forms
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import application_of
from tests.portal.test_doors import make_viewer

SINCE = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.fixture
def warned(partner: Partner) -> tuple[Visitor, str]:
    """A partner whose endpoint is 70 % of the way: (the visitor, the endpoint's address)."""
    return partner.visitor, warn(partner)


def warn(partner: Partner, percent: int = 70) -> str:
    """Warn of the endpoint the sign-up made; returns the address of its page."""
    application_id = application_of(partner)
    with control_unit() as unit:
        query = select(WebhookEndpoint).where(
            WebhookEndpoint.application_id == application_id, WebhookEndpoint.description == "Your sandbox inbox"
        )
        endpoint = unit.session.scalars(query).one()
        warn_endpoint(
            endpoint_id=endpoint.id, version=endpoint.version, percent=percent, failing_since=SINCE, last_reason="http_502"
        )
        return f"/sandbox/webhooks/{endpoint.id}"


def unread(visitor: Visitor) -> str:
    """What the layout says beside Notices."""
    found = re.search(r'class="count">([^<]+)<', visitor.get("/sandbox/keys").text)
    return found[1] if found else ""


def test_page_says_what_to_expect_when_there_is_nothing(partner: Partner) -> None:
    html = partner.visitor.get("/notices").text

    assert "Nothing to tell you" in html
    assert "Mark all as read" not in html
    assert unread(partner.visitor) == ""


def test_warning_is_counted_read_and_leads_to_its_endpoint(warned: tuple[Visitor, str]) -> None:
    visitor, address = warned
    assert unread(visitor) == "1"
    html = visitor.get("/notices").text
    assert "Your sandbox inbox is 70 % of the way to being switched off" in html
    assert "It has taken no webhook since 2026-11-01 09:00 UTC. Last answer: 502 Bad Gateway." in html
    [link] = visitor.links("/sandbox/webhooks/we_")
    assert link.startswith(address)
    assert visitor.get(link).status_code == 200

    [action] = re.findall(r'action="(/notices/ntc_\w+/read)"', visitor.get("/notices").text)
    page = visitor.submit(action)

    assert "Marked as read" in page.text
    assert unread(visitor) == ""


def test_all_are_marked_at_once(partner: Partner) -> None:
    warn(partner, 50)
    warn(partner, 90)
    assert unread(partner.visitor) == "2"
    partner.visitor.get("/notices")

    assert "Everything is read" in partner.visitor.submit("/notices/read").text
    assert unread(partner.visitor) == ""


def test_endpoint_and_list_show_how_near_it_is(warned: tuple[Visitor, str]) -> None:
    visitor, address = warned
    page = visitor.get(address).text

    assert "This endpoint is 70 % of the way to being switched off." in page
    assert "at the earliest 2026-11-06 09:00:00 UTC" in page
    assert "70 % of the way to being switched off, at the earliest 2026-11-06" in visitor.get("/sandbox/webhooks").text


def test_notice_of_another_organisation_is_404_and_stays_unread(
    warned: tuple[Visitor, str], new_partner: Callable[[], Partner]
) -> None:
    other = new_partner()
    warn(other)
    theirs, mine = warned[0].get("/notices").text, other.visitor.get("/notices")
    [notice_id] = re.findall(r"/notices/(ntc_\w+)/read", theirs)
    [token] = {form["csrf_token"] for form in Forms(mine.text).found.values()}

    answer = other.visitor.client.post(f"/notices/{notice_id}/read", data={"csrf_token": token})

    assert (answer.status_code, notice_id in mine.text) == (404, False)
    assert unread(warned[0]) == "1"


def test_long_list_is_paged_and_the_count_ends_at_99(partner: Partner) -> None:
    application_id = application_of(partner)
    with control_unit() as unit:
        organisation_id = unit.session.get(Application, application_id).organisation_id
        for number in range(100):
            unit.session.add(Notice(
                id=f"ntc_{application_id}_{number:03}", organisation_id=organisation_id, kind="x", severity="info",
                title=f"Number {number:03}.", text="", link="/",
            ))  # fmt: skip

    assert unread(partner.visitor) == "99+"
    first = partner.visitor.get("/notices").text
    older = partner.visitor.get(partner.visitor.links(r"/notices\?after=")[0]).text

    shown = [re.findall(r"Number (\d{3})\.", html) for html in (first, older)]
    assert [len(set(numbers)) for numbers in shown] == [25, 25]
    assert not set(shown[0]) & set(shown[1])
    assert partner.visitor.get("/notices?after=forged").status_code == 400


def test_viewer_reads_and_marks_nothing(partner: Partner) -> None:
    warn(partner)
    make_viewer(partner)

    html = partner.visitor.get("/notices").text

    assert "70 % of the way" in html
    assert "Mark" not in html
    assert unread(partner.visitor) == ""
