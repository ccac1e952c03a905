"""Registering and changing OAuth clients in the portal."""

import re

from tests.portal.browsing import Forms
from tests.portal.conftest import Partner

CODE = {"grant_types": ["authorization_code"], "scopes": ["orders:read"], "redirect_uris": "https://app.example/cb"}


def test_confidential_client_shows_its_secret_once(partner: Partner) -> None:
    partner.visitor.get("/sandbox/clients")
    page = partner.visitor.submit("/sandbox/clients", name="Loyalty", kind="confidential", **CODE)
    assert len(re.findall(r"tp_test_cs_[0-9A-Za-z]{57}", page.text)) == 1
    assert "tp_test_cs_" not in partner.visitor.get("/sandbox/clients").text
    assert "Loyalty" in page.text


def test_public_client_is_registered_changed_and_revoked(partner: Partner) -> None:
    partner.visitor.get("/sandbox/clients")
    page = partner.visitor.submit("/sandbox/clients", name="Pocket", kind="public", **CODE)
    assert "it has no secret" in page.text
    address = page.request.path
    moved = "https://app.example/a\r\nhttp://127.0.0.1/b"
    page = partner.visitor.submit(address, name="Pocket 2", grant_types=["authorization_code"], redirect_uris=moved)
    assert "Pocket 2 was changed" in page.text
    assert "https://app.example/a" in page.text
    page = partner.visitor.submit(f"{address}/revoke")
    assert "Pocket 2 was revoked" in page.text


def test_demands_on_a_client_are_ticked_shown_and_lifted(partner: Partner) -> None:
    device = "urn:ietf:params:oauth:grant-type:device_code"
    partner.visitor.get("/sandbox/clients")
    page = partner.visitor.submit(
        "/sandbox/clients", name="Display", kind="public", grant_types=[device], scopes=["orders:read"], is_bound_only="yes",
    )  # fmt: skip
    assert "<dd>device_code</dd>" in page.text
    assert "Its tokens are bound to a key" in page.text.split("<dt>Must</dt>")[1].split("</dd>")[0]
    address = page.request.path
    left = {name: value for name, value in Forms(page.text).found[address].items() if name != "is_bound_only"}
    partner.visitor.client.post(address, data={**left, "grant_types": [device]})
    assert "<dt>Must</dt>" not in partner.visitor.get(address).text


def test_bad_redirect_address_is_said_beside_its_field_and_nothing_typed_is_lost(partner: Partner) -> None:
    partner.visitor.get("/sandbox/clients")
    answer = partner.visitor.post("/sandbox/clients", name="x", kind="public", **CODE | {"redirect_uris": "http://a.example/"})
    assert answer.status_code == 422
    assert answer.text.count("is not an https:// address") == 2
    assert ">http://a.example/</textarea>" in answer.text
    assert 'value="authorization_code" checked' in answer.text
    assert "No clients yet" in partner.visitor.get("/sandbox/clients").text
