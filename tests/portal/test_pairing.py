"""Pairing in the portal: what a person sees before they decide, and what their decision does."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.portal.conftest import Partner


def begun(app: Flask, partner: Partner) -> dict[str, Any]:
    """A pairing asked for from the partner's own address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = partner.visitor.address
    told: dict[str, Any] = client.post("/cli/v1/pairings", json={"machine": "Anna's laptop"}).json
    return told


def outcome(app: Flask, told: dict[str, Any]) -> Any:
    return app.test_client().post("/cli/v1/pairings/collect", json={"device_code": told["device_code"]}).json


def test_approval_hands_a_key_to_the_client_and_lists_it(app: Flask, partner: Partner) -> None:
    told = begun(app, partner)
    partner.visitor.get("/cli")
    page = partner.visitor.submit("/cli/code", code=told["user_code"].lower())
    for words in (told["user_code"], "Anna&#39;s laptop", partner.visitor.address, "Sandbox only", "First application"):
        assert words in page.text

    page = partner.visitor.submit("/cli/decide", decision="approve")
    assert "is paired" in page.text
    key = outcome(app, told)["api_key"]

    assert "tableport on Anna&#39;s laptop" in partner.visitor.get("/sandbox/keys").text
    assert app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {key}"}).json["environment"] == "sandbox"
    assert outcome(app, told)["code"] == "expired_token"


def test_denial_ends_the_pairing(app: Flask, partner: Partner) -> None:
    told = begun(app, partner)
    partner.visitor.get(f"/cli?code={told['user_code']}")
    assert "was denied" in partner.visitor.submit("/cli/decide", decision="deny").text
    assert outcome(app, told)["code"] == "access_denied"
    assert partner.visitor.get(f"/cli?code={told['user_code']}").status_code == 404


def test_wrong_code_is_said_beside_the_form(partner: Partner) -> None:
    partner.visitor.get("/cli")
    answer = partner.visitor.post("/cli/code", code="BCDF-GHJK")
    assert (answer.status_code, "unknown, was used or has expired" in answer.text) == (404, True)


def test_application_of_another_organisation_cannot_be_chosen(
    app: Flask, partner: Partner, new_partner: Callable[[], Partner]
) -> None:
    told = begun(app, partner)
    foreign = app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {new_partner().key}"}).json["application_id"]
    partner.visitor.get(f"/cli?code={told['user_code']}")
    answer = partner.visitor.post("/cli/decide", decision="approve")
    assert answer.status_code == 302
    assert partner.visitor.get(f"/cli?application={foreign}").status_code == 404


def test_tries_are_limited(partner: Partner) -> None:
    statuses = [partner.visitor.get("/cli").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
