"""The sandbox data page and its reset."""

from flask import Flask

from tests.portal.conftest import Partner


def test_page_shows_the_restaurant_and_links_to_try(partner: Partner) -> None:
    html = partner.visitor.get("/sandbox/data").text

    assert "itm_bacon_cheeseburger" in html
    assert "45.90 PLN" in html
    assert "/start?path=/v1/orders/ord_89421" in partner.visitor.links("/start")


def test_reset_without_the_word_is_422_and_keeps_everything(app: Flask, partner: Partner) -> None:
    order = place_order(app, partner.key)
    partner.visitor.get("/sandbox/data")

    assert partner.visitor.post("/sandbox/data/reset", confirmation="yes").status_code == 422
    assert order in partner.visitor.get("/sandbox/data").text


def test_reset_brings_the_first_day_back_and_keeps_the_key(app: Flask, partner: Partner) -> None:
    order = place_order(app, partner.key)
    partner.visitor.get("/sandbox/data")
    page = partner.visitor.submit("/sandbox/data/reset", confirmation="reset")

    assert "The sandbox is as on its first day" in page.text
    assert order not in page.text
    assert "2026-01-12 12:00:00 UTC" in page.text
    assert place_order(app, partner.key).startswith("ord_")
    assert "Your sandbox inbox" in partner.visitor.get("/sandbox/webhooks").text


def place_order(app: Flask, key: str) -> str:
    """Place an order through the API and return its id."""
    body = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger", "quantity": 1}]}
    answer = app.test_client().post("/v1/orders", headers={"Authorization": f"Bearer {key}"}, json=body)
    assert answer.status_code == 201
    return str(answer.json["id"]) if answer.json else ""
