"""A restaurant's plan in the portal: looked at, asked for, decided, and what it did."""

import re
from dataclasses import dataclass

import pytest

from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from accounts.applications.service import seeding_side
from accounts.keys.service import create_key
from accounts.logs.models import RequestCount
from api.requestlog import request_log
from kit.clock import now
from kit.documents import append
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox.provision import provision
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import application_of


@dataclass
class Live:
    """A partner whose application a restaurant on the Pro plan has connected, with three live keys."""

    partner: Partner
    application_id: str
    tenant_id: str

    @property
    def visitor(self) -> Visitor:
        return self.partner.visitor


@pytest.fixture
def live(partner: Partner) -> Live:
    application_id = application_of(partner)
    with control_unit():
        tenant = create_tenant(environment=Environment.PRODUCTION, application_id=None, name=f"Bistro of {partner.email}",
                               plan_tier="pro", profile="empty")  # fmt: skip
        tenant_id = tenant.id
        connect(application_id=application_id, tenant_id=tenant_id)
        side = seeding_side(application_id=application_id, environment=Environment.PRODUCTION)
        for number in range(3):
            create_key(side, name=f"Till {number}", scopes=["orders:read"])
    provision(tenant_id)
    return Live(partner, application_id, tenant_id)


def count_calls(live: Live, calls: int, limited: int) -> None:
    """Let the application have called today."""
    scope, today = Scope(Environment.PRODUCTION, live.tenant_id, application_id=live.application_id), f"{now():%Y-%m-%d}"
    with unit_of_work(scope):
        append(scope, RequestCount, [{
            "id": f"{live.application_id}:{today}:orders:read", "application_id": live.application_id, "day": today,
            "area": "orders", "bucket": "read", "calls": calls, "refused": limited, "limited": limited, "failed": 0,
            "duration_us": 1,
        }])  # fmt: skip


def facts(html: str) -> dict[str, str]:
    """The terms of a page's lists of facts with the text beside them."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html, re.DOTALL)
    return {term: re.sub(r"<[^>]+>", "", text).strip() for term, text in found}


def test_plan_in_force_is_marked_and_each_other_can_be_asked_for(live: Live) -> None:
    html = live.visitor.get("/live/plan").text
    rows = {row[0]: row[1] for row in re.findall(r'<th role="rowheader" scope="row">(\w+)</th>(.*?)</tr>', html, re.DOTALL)}
    assert [name for name in ("Basic", "Standard", "Smart", "Pro", "Enterprise") if "Your plan" in rows[name]] == ["Pro"]
    assert [name for name in ("Basic", "Standard", "Smart", "Pro", "Enterprise") if "Request" in rows[name]] == [
        "Basic", "Standard", "Smart", "Enterprise",
    ]  # fmt: skip


def test_partner_asks_and_operator_decides_and_the_keys_page_says_so(live: Live, operator: Visitor) -> None:
    visitor = live.visitor
    page = visitor.get(f"/live/plan?tenant={live.tenant_id}&tier=smart").text
    assert re.findall(r"Till \d", facts(page)["API keys"]) == ["Till 2"]
    assert "Calls a day" in page
    visitor.submit("tier=smart", reason="Winter season")
    assert "Waiting for a decision" in visitor.get("/live/plan").text

    count_calls(live, calls=225_000, limited=7)
    operator.get("/admin/plans")
    operator.get(next(link for link in operator.links("/admin/plans/requests/") if live.partner.email in operator.get(link).text))
    review = operator.page.text if operator.page else ""
    assert "225000 on" in review
    assert "90.0 % of the quota of 250000" in review
    assert "7, on 1 days" in review
    operator.submit(operator.page.request.path if operator.page else "", verdict="ask", note="How long?")
    assert "wait for your answer" in visitor.get("/live/plan").text
    visitor.submit(f"message?tenant={live.tenant_id}", text="Until May")
    operator.get("/admin/plans")
    operator.get(next(link for link in operator.links("/admin/plans/requests/") if live.partner.email in operator.get(link).text))
    assert "Until May" in (operator.page.text if operator.page else "")
    operator.submit(operator.page.request.path if operator.page else "", verdict="approve", note="Fine")

    after = visitor.get("/live/plan").text
    assert "is on the Smart plan" in after
    assert "Fine" in after
    keys = visitor.get("/live/keys").text
    assert keys.count("Held") == 1
    assert "Stopped: 1 API key." in visitor.get("/notices").text


def test_operator_looks_at_what_a_plan_does_and_changes_it(live: Live, operator: Visitor) -> None:
    html = operator.get(f"/admin/plans/{live.tenant_id}?tier=smart").text
    assert re.findall(r"Till \d", facts(html)["API keys"]) == ["Till 2"]
    page = operator.submit(f"{live.tenant_id}?tier=smart", reason="Contract ended")
    assert "On the Smart plan" in page.text


@pytest.mark.parametrize("address", ["/sandbox/plan?tenant=tn_none", "/live/plan?tenant=tn_none"])
def test_restaurant_of_others_is_404(partner: Partner, address: str) -> None:
    assert partner.visitor.get(address).status_code == 404


def test_request_without_a_reason_is_shown_again_with_what_it_would_do(live: Live) -> None:
    visitor = live.visitor
    visitor.get(f"/live/plan?tenant={live.tenant_id}&tier=smart")
    answer = visitor.post("tier=smart", reason=" ")
    assert answer.status_code == 422
    assert "Reason is needed." in answer.text
    assert "Smart instead of Pro" in answer.text


def test_usage_is_shown_by_day_bucket_and_key(live: Live) -> None:
    assert "No calls in these days" in live.visitor.get("/live/usage").text
    count_calls(live, calls=200_007, limited=7)
    html = live.visitor.get("/live/usage?days=7").text
    assert "200,000 of 250,000 calls, 80.0 %" in html
    assert re.findall(r'data-label="Of the quota" class="number">(.*?)<', html) == ["80.0 %"]
    assert "200,007" in html


def test_usage_names_the_keys_that_called(partner: Partner) -> None:
    partner.visitor.get("/start")
    partner.visitor.submit("/start/call", call="me")
    request_log.flush()
    html = partner.visitor.get("/sandbox/usage").text
    section = html.partition('id="keys-title"')[2]
    assert re.findall(r'data-label="Calls" class="number">(\d+)<', section) == ["1"]
    partner.visitor.get(partner.visitor.links("/sandbox/keys/key_")[0])
    key = facts(partner.visitor.page.text if partner.visitor.page else "")
    assert re.fullmatch(r"just now from 10\.9\.\d+\.0/24, for GET /v1/me|.*, for GET /v1/me", key["Last used"])
