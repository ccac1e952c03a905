"""Dated versions: an older one reads and writes the older form, everywhere the same object appears."""

from typing import Any

import orjson
import pytest

from api.core.schemas import OrderIn
from api.events import render
from api.versions import CURRENT
from api.versions import RELEASES
from api.versions import VERSIONS
from api.versions import downgrade
from api.versions import upgrade
from kit.outbox import EventRow
from kit.unit import session
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import BURGER
from tests.api.partners import Partner

OLD = {"Tableport-Version": "2026-09-01"}


def test_every_release_after_the_first_says_what_it_changed() -> None:
    assert list(VERSIONS) == sorted(VERSIONS)
    assert [len(changes) for changes in RELEASES.values()] == [0, 4]
    for changes in RELEASES.values():
        for change in changes:
            assert change.title
            assert change.description.endswith(".")
            assert change.downgrade(dict(change.newer)) == change.older


def test_order_moves_its_type_when_the_version_is_old(caller: Caller) -> None:
    body = BURGER | {"order_type": "curbside", "fulfillment": {"requested_at": None}}
    created = caller.post("/v1/orders", json=body, headers=OLD)
    assert (created.status_code, created.headers["Tableport-Version"]) == (201, "2026-09-01")
    assert created.json["order_type"] == "curbside"
    assert "type" not in created.json["fulfillment"]
    newest = caller.get(f"/v1/orders/{created.json['id']}")
    assert (newest.headers["Tableport-Version"], newest.json["fulfillment"]["type"]) == (CURRENT, "curbside")
    assert "order_type" not in newest.json


def test_order_type_is_unknown_when_the_version_is_new(caller: Caller) -> None:
    refused = caller.post("/v1/orders", json=BURGER | {"order_type": "curbside"})
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "order_type")


def test_payment_amount_holds_the_tip_when_the_version_is_old(caller: Caller) -> None:
    order = caller.post("/v1/orders", json=BURGER).json
    due = order["totals"]["due"]
    body = {"order_id": order["id"], "method": "card", "source": "tok_ok", "amount": due + 5, "tip": 5}
    paid = caller.post("/v1/payments", json=body, headers=OLD)
    assert (paid.status_code, paid.json["amount"], paid.json["tip"]) == (201, due + 5, 5.0)
    newest = caller.get(f"/v1/payments/{paid.json['id']}").json
    assert (newest["amount"], newest["tip"]) == (due, 5.0)


def test_list_and_items_take_the_old_form_when_the_version_is_old(caller: Caller) -> None:
    old = caller.get("/v1/menu-items?limit=1", headers={"TM-Version": "2026-09-01"}).json
    new = caller.get("/v1/menu-items?limit=1").json
    assert set(old) == {"data", "paging"}
    assert old["paging"] == {"has_more": True, "next": old["paging"]["next"]}
    assert {a["code"] for a in new["data"][0]["allergens"] if a["level"] == "contains"} == set(old["data"][0]["allergens"])
    following = caller.get(f"/v1/menu-items?limit=1&cursor={old['paging']['next']}")
    assert following.status_code == 200


def test_version_is_refused_when_unknown(caller: Caller) -> None:
    refused = caller.get("/v1/orders", headers={"Tableport-Version": "2025-01-01"})
    assert (refused.status_code, refused.json["code"]) == (400, "unsupported_version")
    assert refused.json["versions"] == list(VERSIONS)


def test_event_speaks_the_version_of_its_endpoint(partner: Partner, caller: Caller) -> None:
    order = caller.post("/v1/orders", json=BURGER).json
    with unit_of_work(partner.scope, writes=False):
        rows = session(partner.scope).scalars(EventRow.owned_by(partner.scope).where(EventRow.type == "order.created"))
        event = next(row for row in rows if row.body["object"]["id"] == order["id"])
        document = {column.key: getattr(event, column.key) for column in EventRow.__table__.columns if column.key != "tenant_id"}
    document |= {"environment": "sandbox", "tenant_id": partner.tenant_id}
    document["created_at"] = int(document["created_at"].timestamp() * 1_000_000)
    shown = {
        version: orjson.loads(render(document, api_version=version, scopes=frozenset()))["data"]["object"]
        for version in VERSIONS
    }
    assert shown["2026-09-01"]["order_type"] == "pickup"
    assert shown[CURRENT]["fulfillment"]["type"] == "pickup"


def test_openapi_describes_the_version_it_is_asked_for(caller: Caller) -> None:
    old = caller.get("/openapi.json?version=2026-09-01").json
    schemas = old["components"]["schemas"]
    assert old["info"]["version"] == "2026-09-01"
    assert "order_type" in schemas["OrderOut"]["required"]
    assert "type" not in schemas["FulfillmentOut"]["properties"]
    assert "may_contain" in schemas["ItemOut"]["properties"]
    assert caller.get("/openapi.json?version=1999-01-01").status_code == 400


@pytest.mark.parametrize(
    "body", [[], None, 7, {}, {"order_type": 5}, {"order_type": "pickup", "fulfillment": []}, {"items": [1, {"modifiers": 3}]}]
)
def test_upgrade_leaves_judgement_to_validation_when_a_body_is_broken(body: Any) -> None:
    upgrade("2026-09-01", OrderIn, body)


def test_newest_version_is_left_as_it_is() -> None:
    assert downgrade(CURRENT, None, {"id": "x"}) == {"id": "x"}
