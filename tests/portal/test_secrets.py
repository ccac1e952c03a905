"""A secret is on one page, once."""

import re

import pytest
from flask import Flask

from tests.portal.conftest import Partner
from tests.portal.test_doors import MEMBER


@pytest.mark.parametrize("path", MEMBER)
def test_key_of_the_sign_up_never_appears_a_second_time(partner: Partner, path: str) -> None:
    html = partner.visitor.get(path).text

    assert partner.key not in html
    assert partner.key[11:30] not in html


def test_created_key_is_shown_once_and_works(app: Flask, partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    page = visitor.submit("/sandbox/keys", name="Menu sync", scopes=["menus:read"], allowed_ips="", expires_at="")
    found = re.findall(r"tp_test_rk_[0-9A-Za-z]{57}", page.text)

    assert len(found) == 1
    assert found[0] not in visitor.get("/sandbox/keys").text
    headers = {"Authorization": f"Bearer {found[0]}"}
    assert app.test_client().get("/v1/menu-items", headers=headers).status_code == 200
    assert app.test_client().get("/v1/orders", headers=headers).status_code == 403


def test_old_cookie_does_not_show_the_key_in_another_browser(app: Flask, partner: Partner) -> None:
    cookie = partner.visitor.client.get_cookie("tableport")
    assert cookie is not None

    assert partner.key not in cookie.value
    other = app.test_client()
    other.set_cookie("tableport", cookie.value)
    assert partner.key not in other.get("/start").text


def test_rolled_key_is_shown_once_and_the_old_one_lives_out_its_grace(app: Flask, partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    visitor.get(visitor.links("/sandbox/keys/key_")[0])
    page = visitor.submit("/roll", grace_s="3600")
    new = re.findall(r"tp_test_sk_[0-9A-Za-z]{57}", page.text)[0]

    for key in (new, partner.key):
        answer = app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 200
    assert "Expiring" in visitor.get("/sandbox/keys").text
    assert new not in visitor.page.text if visitor.page else False


def test_revoked_key_is_refused_with_the_next_call(app: Flask, partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    visitor.get(visitor.links("/sandbox/keys/key_")[0])
    visitor.submit("/revoke")

    answer = app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {partner.key}"})

    assert answer.status_code == 401
    assert "Revoked" in visitor.get("/sandbox/keys").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scopes": []}, "scope"),
        ({"allowed_ips": "300.1.1.1"}, "not an IP address"),
        ({"expires_at": "2020-01-01"}, "future"),
        ({"expires_at": "soon"}, "YYYY-MM-DD"),
        ({"name": ""}, "Name is needed."),
    ],
    ids=["no-scope", "bad-address", "past", "no-date", "no-name"],
)
def test_key_form_is_refused_and_keeps_what_was_typed(
    partner: Partner, fields: dict[str, str | list[str]], words: str
) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    typed: dict[str, str | list[str]] = {"name": "Typed name", "scopes": ["orders:read"], "expires_at": "", **fields}

    answer = visitor.post("/sandbox/keys", **typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "name" in fields or 'value="Typed name"' in answer.text
    assert "scopes" in fields or 'value="orders:read"' in answer.text.split(" checked")[0]


def test_preset_ticks_its_scopes(partner: Partner) -> None:
    html = partner.visitor.get("/sandbox/keys?preset=ordering_channel").text
    ticked = re.findall(r'<input type="checkbox" name="scopes" value="([a-z:]+)"[^>]* checked', html)

    assert sorted(ticked) == ["channel:menus", "channel:orders", "events:read", "locations:read", "menus:read"]


def test_signing_secret_is_shown_once_when_made_and_when_rotated(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/webhooks")
    page = visitor.submit("/sandbox/webhooks", url="https://example.com/hook", description="Mine", takes="all")
    first = secret_on(page.text)
    address = visitor.links(r"/sandbox/webhooks/we_")[0].split("?")[0]
    assert first not in visitor.get(address).text

    second = secret_on(visitor.submit("/rotate").text)

    assert second != first
    assert second not in visitor.get(address).text


def secret_on(html: str) -> str:
    """The one signing secret on a page."""
    return re.findall(r"whsec_[A-Za-z0-9+/=]{44}", html)[0]
