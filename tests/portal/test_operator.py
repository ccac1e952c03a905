"""From the request for production to the live pages."""

import re

import pytest

from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from kit.planes import Environment
from kit.unit import control_unit
from sandbox.provision import provision
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import LIVE
from tests.portal.test_doors import application_of


@pytest.fixture
def asked(partner: Partner) -> Partner:
    """A partner who has asked for production."""
    partner.visitor.get("/sandbox/application/evidence")
    scopes = ["orders:read", "menus:read"]
    partner.visitor.submit("/sandbox/application/request", plan_tier="pro", scopes=scopes, note=f"Note of {partner.email}")
    return partner


def request_of(asked: Partner, operator: Visitor) -> str:
    """Open the queue's entry of this partner and return its address."""
    operator.get("/admin")
    for link in operator.links("/admin/requests/"):
        if asked.email in operator.get(link).text:
            return link
    raise AssertionError("the request is not in the queue")


def test_request_shows_its_evidence_to_both_sides(asked: Partner, operator: Visitor) -> None:
    assert "Submitted" in asked.visitor.get("/live/application").text
    assert "Webhooks accepted" in asked.visitor.page.text if asked.visitor.page else False

    request_of(asked, operator)

    assert "Webhooks accepted" in operator.page.text if operator.page else False


def test_request_can_be_withdrawn(asked: Partner) -> None:
    asked.visitor.get("/sandbox/application")
    page = asked.visitor.submit("/sandbox/application/withdraw")

    assert "The request was withdrawn" in page.text
    assert "Draft" in page.text


def test_rejection_without_a_reason_is_422_and_changes_nothing(asked: Partner, operator: Visitor) -> None:
    request_of(asked, operator)

    answer = operator.post(operator_form(operator), verdict="reject", reason=" ")

    assert answer.status_code == 422
    assert "Submitted" in asked.visitor.get("/sandbox/application").text


def operator_form(operator: Visitor) -> str:
    """Action of the decision form on the page shown."""
    assert operator.page is not None
    return re.findall(r'action="(/admin/requests/[^"/]+)"', operator.page.text)[0]


def test_rejection_tells_the_partner_why_and_lets_them_ask_again(asked: Partner, operator: Visitor) -> None:
    request_of(asked, operator)
    operator.submit(operator_form(operator), verdict="reject", reason="Handle 429 first.")

    page = asked.visitor.get("/sandbox/application")

    assert "Handle 429 first." in page.text
    assert "Check and request production access" in page.text


def test_second_decision_is_409(asked: Partner, operator: Visitor) -> None:
    address = request_of(asked, operator)
    form = operator.page
    operator.submit(operator_form(operator), verdict="approve", reason="")
    operator.page = form

    assert operator.post(address, verdict="reject", reason="Too late.").status_code == 409
    assert "Approved" in asked.visitor.get("/sandbox/application").text


def test_approved_application_gets_live_pages_when_a_restaurant_connects(asked: Partner, operator: Visitor) -> None:
    assert "Your request is being reviewed" in asked.visitor.get("/live/keys").text
    request_of(asked, operator)
    operator.submit(operator_form(operator), verdict="approve", reason="")
    assert "Approved, waiting for a restaurant" in asked.visitor.get("/live/keys").text

    application_id = application_of(asked)
    with control_unit():
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Real Bistro", plan_tier="pro", profile="empty"
        )
        connect(application_id=application_id, tenant_id=tenant.id)
    provision(tenant.id)

    for path in LIVE:
        page = asked.visitor.get(path)
        assert page.status_code == 200
        assert "Not live yet" not in page.text
    asked.visitor.get("/live/keys")
    page = asked.visitor.submit("/live/keys", name="Live", scopes=["orders:read"], expires_at="", allowed_ips="")
    assert re.findall(r"tp_live_rk_[0-9A-Za-z]{57}", page.text)
    assert "sandbox:control" not in page.text


def test_operator_without_organisation_lands_in_the_queue(operator: Visitor) -> None:
    assert operator.page is not None
    assert "<h1>Review queue</h1>" in operator.page.text
    assert operator.get("/sandbox/dashboard").status_code == 404
    assert operator.get("/").status_code == 200
