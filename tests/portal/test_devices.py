"""Connecting a device: the code that is typed or followed, what its page says, and the decision."""

import pytest
from flask import Flask

from accounts.applications.service import seeding_side
from accounts.oauth import devices
from accounts.oauth.devices import Outcome
from accounts.oauth.models import OAuthClient
from accounts.oauth.service import DEVICE_CODE
from accounts.oauth.user_codes import Begun
from kit.planes import Environment
from kit.unit import control_unit
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import application_of
from tests.support.oauth import register


@pytest.fixture
def client(partner: Partner) -> OAuthClient:
    application_id = application_of(partner)
    with control_unit():
        return register(
            seeding_side(application_id=application_id), kind="public", name="Till display", grant_types=[DEVICE_CODE],
            redirect_uris=[],
        ).client  # fmt: skip


@pytest.fixture
def begun(client: OAuthClient) -> Begun:
    with control_unit():
        return devices.begin(client, scopes=["orders:read", "menus:read"], ip="192.0.2.7")


def outcome(client: OAuthClient, begun: Begun) -> tuple[Outcome, list[str]]:
    with control_unit():
        found, grant = devices.poll(client, device_code=begun.device_code)
        return found, grant.scopes if grant else []


def test_person_types_the_code_sees_who_asks_and_allows_less(partner: Partner, client: OAuthClient, begun: Begun) -> None:
    partner.visitor.get("/device")
    page = partner.visitor.submit("/device/code", user_code=begun.user_code.lower().replace("-", ""))
    for words in ("Till display asks for access", "Bistro Systems", "192.0.2.7", f"Does your device show {begun.user_code}?",
                  "Read orders and preview prices", "test data only"):  # fmt: skip
        assert words in page.text
    page = partner.visitor.submit("/device/decide", decision="allow", scopes=["menus:read"])
    assert "Till display was let in. Go back to your device" in page.text
    assert outcome(client, begun) == (Outcome.GRANTED, ["menus:read"])
    assert "Till display" in partner.visitor.get("/sandbox/apps").text


def test_code_in_the_address_is_still_decided_by_a_person(partner: Partner, client: OAuthClient, begun: Begun) -> None:
    path = f"/device?user_code={begun.user_code}"
    assert "Does your device show" in partner.visitor.get(path).text
    assert outcome(client, begun) == (Outcome.PENDING, [])
    assert "Till display was refused" in partner.visitor.submit("/device/decide", decision="refuse").text
    assert outcome(client, begun) == (Outcome.DENIED, [])
    assert partner.visitor.get(path).status_code == 404


def test_forged_choice_changes_nothing(partner: Partner, client: OAuthClient, begun: Begun) -> None:
    partner.visitor.get(f"/device?user_code={begun.user_code}")
    answer = partner.visitor.post("/device/decide", decision="allow", scopes=["orders:write"])
    assert (answer.status_code, "Leave at least one permission ticked" in answer.text) == (422, True)
    assert "Does your device show" in answer.text
    assert outcome(client, begun) == (Outcome.PENDING, [])


@pytest.mark.parametrize("code", ["BBBB-BBBB", "x", "é\x00"])
def test_unknown_code_is_said_beside_the_form(partner: Partner, code: str) -> None:
    partner.visitor.get("/device")
    answer = partner.visitor.post("/device/code", user_code=code)
    assert (answer.status_code, "This code is unknown" in answer.text) == (404, True)
    assert "Type the eight letters" in answer.text


def test_whoever_is_not_signed_in_comes_back_with_the_code(partner: Partner, visitor: Visitor, begun: Begun) -> None:
    answer = visitor.peek(f"/device?user_code={begun.user_code}")
    assert (answer.status_code, answer.location) == (302, f"/login?next=/device?user_code%3D{begun.user_code}")


def test_codes_are_not_tried_by_the_dozen(app: Flask, partner: Partner) -> None:
    partner.visitor.get("/device")
    answers = [partner.visitor.client.post("/device/code").status_code for _ in range(11)]
    assert answers[-1] == 429


@pytest.mark.compliance("ASVS 5.0 6.3.3")
def test_device_for_live_restaurants_is_let_in_with_a_second_factor_only_in_production(
    app: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    application_id = application_of(partner)
    with control_unit():
        live = register(
            seeding_side(application_id=application_id, environment=Environment.PRODUCTION), kind="public", name="Till display",
            grant_types=[DEVICE_CODE], redirect_uris=[],
        ).client  # fmt: skip
        waiting = devices.begin(live, scopes=["orders:read"], ip="192.0.2.7")
    token = partner.visitor.get("/device").text.split('name="csrf_token" value="')[1].split('"')[0]
    monkeypatch.setitem(app.config, "IS_PRODUCTION", True)

    assert partner.visitor.peek(f"/device?user_code={waiting.user_code}").location == "/security"
    fields = {"csrf_token": token, "user_code": waiting.user_code, "scopes": ["orders:read"]}
    assert partner.visitor.client.post("/device/decide", data={**fields, "decision": "allow"}).location == "/security"
    assert outcome(live, waiting) == (Outcome.PENDING, [])
    partner.visitor.client.post("/device/decide", data={**fields, "decision": "refuse"})
    assert outcome(live, waiting) == (Outcome.DENIED, [])
