"""Customers over HTTP."""

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from domain.guestbook.moving import move_merged
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.domain.recorded import recorded_types
from tests.factories.clock import freeze_clock

NOW = "2026-01-12T12:00:00Z"
NOTHING = {
    "visits": 0, "cancels": 0, "no_shows": 0, "orders": 0, "lifetime_spend": [], "last_visit_at": None, "last_order_at": None,
    "next_visit_at": None,
}  # fmt: skip
UNKNOWN = {"status": "unknown", "at": None, "source": None, "proof": None}


@pytest.fixture(scope="module", autouse=True)
def stopped_clock(partner: Partner) -> None:
    """The partner's clock stands at noon of 2026-01-12."""
    with unit_of_work(partner.scope):
        freeze_clock(partner.scope, datetime(2026, 1, 12, 12, tzinfo=UTC))


def entered(caller: Caller, **body: Any) -> dict[str, Any]:
    answer = caller.post("/v1/customers", json={"name": "Jan Kos", **body})
    assert answer.status_code == 201, answer.text
    return answer.json


def put(caller: Caller, path: str, **body: Any) -> Any:
    return caller.send("PUT", path, json=body)


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json["data"]]


def test_new_customer_is_answered_whole_and_told(caller: Caller, partner: Partner) -> None:
    before = len(recorded_types(partner.scope))
    answer = caller.post("/v1/customers", json={
        "first_name": "花子", "last_name": "山田", "alpha_first_name": "Hanako", "locale": "ja", "country": "JP",
        "phones": ["03-1234-5678", {"number": "+81312345679", "tag": "work"}], "emails": [{"email": "Hanako@Example.com"}],
        "company": {"name": "Nippon"}, "calendar_events": [{"month": 2, "day": 29, "tag": "birthday"}],
        "consents": {"surveys": "granted", "source": "form"}, "tags": ["vip", "vip"], "allergies": ["milk"],
    })  # fmt: skip
    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/customers/{made['id']}")
    assert (made["name"], made["display_name"], made["alpha_first_name"]) == ("山田 花子", None, "Hanako")
    assert (made["phones"], made["emails"]) == (["+81312345678", "+81312345679"], ["hanako@example.com"])
    assert [row["tag"] for row in made["phone_objects"]] == [None, "work"]
    assert made["company"] == {"name": "Nippon", "title": None, "division": None}
    assert [(row["month"], row["day"], row["year"]) for row in made["calendar_events"]] == [(2, 29, None)]
    assert made["consents"]["surveys"] == {"status": "granted", "at": NOW, "source": "form", "proof": None}
    assert made["consents"]["email_marketing"] == UNKNOWN
    assert (made["tags"], made["allergies"], made["stats"], made["version"]) == (["vip"], ["milk"], NOTHING, 1)
    assert made["loyalty"] == {"members": []}
    assert caller.get(f"/v1/customers/{made['id']}").json == made
    assert recorded_types(partner.scope)[before:] == ["customer.created"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "A", "phones": ["12"]}, "phones[0]"),
        ({"name": "A", "emails": ["a@b@c"]}, "emails[0]"),
        ({"name": "A", "country": "Poland"}, "country"),
        ({"name": "A", "parent_location_id": "loc_nowhere"}, "parent_location_id"),
        ({"name": "A", "calendar_events": [{"month": 2, "day": 30}]}, "calendar_events[0]"),
        ({"name": "A", "tags": ["a/b"]}, "tags[0]"),
        ({"name": "A", "consents": {"surveys": "granted"}}, "consents.source"),
        ({"name": "A", "shoe_size": 44}, "shoe_size"),
    ],
    ids=["nobody", "blank", "phone", "email", "country", "location", "30-february", "tag", "consent-from-nowhere", "unknown"],
)
def test_customer_that_breaks_a_rule_is_refused_without_a_trace(
    caller: Caller, partner: Partner, body: dict[str, Any], field: str
) -> None:
    before = (recorded_types(partner.scope), ids(caller.get("/v1/customers?limit=100")))
    answer = caller.post("/v1/customers", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert (recorded_types(partner.scope), ids(caller.get("/v1/customers?limit=100"))) == before


def test_external_id_names_one_customer(caller: Caller) -> None:
    first = entered(caller, external_id="crm-1")
    again = caller.post("/v1/customers", json={"name": "Jan Kos", "external_id": "crm-1"})
    assert (again.status_code, again.json["id"]) == (200, first["id"])
    other = caller.post("/v1/customers", json={"name": "Ewa Lis", "external_id": "crm-1"})
    assert (other.status_code, other.json["code"]) == (409, "duplicate_reference")


@pytest.mark.parametrize(
    "query",
    ["q=zazolc", "q=GĘŚLĄ+zaż", "email=gesla@example.com", "phone=%2B48600700800", "tag=filtered", "external_id=crm-find",
     "q=600700", "updated_since=2026-01-12T12:00:00Z&tag=filtered", "temporary=false&tag=filtered"],
)  # fmt: skip
def test_customer_is_found(caller: Caller, query: str) -> None:
    wanted = {"name": "Zażółć Gęślą", "external_id": "crm-find", "tags": ["filtered"]}
    contacts = {"phones": ["+48600700800"], "emails": ["gesla@example.com"]}
    customer = caller.post("/v1/customers", json={**wanted, **contacts})
    assert ids(caller.get(f"/v1/customers?{query}")) == [customer.json["id"]]


@pytest.mark.compliance("ASVS 5.0 8.2.3")
@pytest.mark.parametrize("query", ["email=a@example.com", "phone=%2B48600700800"])
def test_contacts_are_not_searched_without_the_scope(restricted: NewCaller, query: str) -> None:
    answer = restricted("customers:read").get(f"/v1/customers?{query}")
    assert (answer.status_code, answer.json["required_scopes"]) == (403, ["customers:pii"])


def test_contacts_are_masked_without_the_scope(caller: Caller, restricted: NewCaller) -> None:
    address = {"line1": "Main 1", "city": "Vilnius"}
    made = entered(caller, phones=["+37060012345"], emails=["jane@example.com"], addresses=[address])
    seen = restricted("customers:read").get(f"/v1/customers/{made['id']}").json
    assert (seen["name"], seen["phones"], seen["emails"]) == ("Jan Kos", ["+3706•••345"], ["j•••@example.com"])
    assert (seen["addresses"][0]["line1"], seen["addresses"][0]["city"]) == ("•••", "Vilnius")
    assert seen["loyalty"] is None  # that needs loyalty:read
    assert ids(restricted("customers:read").get("/v1/customers?q=60012345")) == []


def test_change_replaces_the_lists_it_names(caller: Caller, partner: Partner) -> None:
    made = entered(caller, phones=["+48600100100", "+48600100200"], tags=["a", "b"], memo="Quiet table")
    path = f"/v1/customers/{made['id']}"
    kept = made["phone_objects"][1]["id"]
    before = len(recorded_types(partner.scope))
    changed = caller.patch(path, json={"phones": [{"id": kept, "tag": "home"}, "+48600100300"], "tags": ["b", "c"], "memo": None})
    assert changed.status_code == 200, changed.text
    assert changed.json["phones"] == ["+48600100200", "+48600100300"]
    assert changed.json["phone_objects"][0] == {"id": kept, "number": "+48600100200", "tag": "home"}
    assert (changed.json["tags"], changed.json["memo"], changed.json["version"]) == (["b", "c"], None, 2)
    assert recorded_types(partner.scope)[before:] == ["customer.updated", "customer.tag.added"]
    stale = caller.patch(path, json={"memo": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (409, "version_conflict")
    foreign = caller.patch(path, json={"phones": [{"id": "gct_01J0000000000000000000000"}]})
    assert (foreign.status_code, foreign.json["code"]) == (422, "nested_not_found")


def test_consents_change_one_channel_at_a_time(caller: Caller, partner: Partner) -> None:
    path = f"/v1/customers/{entered(caller)['id']}/consents"
    before = len(recorded_types(partner.scope))
    granted = put(caller, path, email_marketing="granted", sms_marketing="denied", source="till", proof="slip 7")
    assert granted.json["consents"]["email_marketing"] == {"status": "granted", "at": NOW, "source": "till", "proof": "slip 7"}
    assert granted.json["consents"]["direct_mail"] == UNKNOWN
    assert put(caller, path, email_marketing="granted", source="web").json["consents"]["email_marketing"]["source"] == "till"
    assert recorded_types(partner.scope)[before:] == ["customer.consent.updated"] * 2
    assert put(caller, path, source="web").status_code == 422


def test_tags_are_put_on_and_taken_off(caller: Caller, partner: Partner) -> None:
    path = f"/v1/customers/{entered(caller)['id']}"
    before = len(recorded_types(partner.scope))
    assert [caller.post(f"{path}/tags", json={"tag": "vip"}).status_code for _ in range(2)] == [201, 201]
    assert caller.get(path).json["tags"] == ["vip"]
    assert [caller.send("DELETE", f"{path}/tags/vip").status_code for _ in range(2)] == [204, 404]
    assert recorded_types(partner.scope)[before:] == ["customer.tag.added", "customer.updated"]


def test_import_says_of_each_row_what_became_of_it(caller: Caller) -> None:
    known = entered(caller, external_id="crm-imp", phones=["+48601601601"])
    rows = [
        {"name": "Jan Kos", "external_id": "crm-imp", "tags": ["imported"]}, {"name": "New One", "emails": ["new@example.com"]},
        {"name": "Wrong", "phones": ["1"]}, {"name": "Jan Kos", "phones": ["+48601601601"]}, 7,
    ]  # fmt: skip
    results = caller.post("/v1/customers/import", json={"customers": rows}).json["results"]
    assert [(row["index"], row["status"]) for row in results] == [
        (0, "updated"), (1, "created"), (2, "refused"), (3, "unchanged"), (4, "refused"),
    ]  # fmt: skip
    assert (results[0]["id"], results[3]["id"]) == (known["id"], known["id"])
    assert results[2]["error"] == {"code": "phone_invalid", "message": results[2]["error"]["message"], "field": "phones[0]"}
    assert caller.post("/v1/customers/import", json={"customers": []}).status_code == 422


def test_histories_need_the_scopes_of_what_they_show(caller: Caller, restricted: NewCaller) -> None:
    customer = entered(caller, tags=["regular"])
    path = f"/v1/customers/{customer['id']}"
    order = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger"}], "customer_id": customer["id"]}
    order_id = caller.post("/v1/orders", json=order).json["id"]
    review_id = caller.post("/v1/reviews", json={"order_id": order_id, "overall": 5}).json["id"]
    booking = {"location_id": "loc_waw_01", "start_at": "2026-03-02T12:00:00Z", "party_size": 2, "customer_id": customer["id"]}
    booking_id = caller.post("/v1/reservations", json=booking).json["id"]
    found = {name: ids(caller.get(f"{path}/{name}")) for name in ("orders", "reservations", "reviews")}
    assert found == {"orders": [order_id], "reservations": [booking_id], "reviews": [review_id]}
    reader = restricted("customers:read")
    assert [reader.get(f"{path}/{name}").status_code for name in (*found, "export")] == [403] * 4
    assert [row["type"] for row in reader.get(f"{path}/timeline").json["data"]] == ["tag"]
    told = caller.get(f"{path}/timeline").json["data"]
    assert told[0]["type"] == "reservation"
    assert sorted(row["type"] for row in told) == ["order", "reservation", "review", "tag"]
    bundle = caller.get(f"{path}/export").json
    assert {name: len(part) for name, part in bundle.items() if isinstance(part, list)} == {
        "consent_history": 0, "orders": 1, "reservations": 1, "reviews": 1, "memberships": 0, "messages": 0,
    }  # fmt: skip
    stats = caller.get(path).json["stats"]
    assert (stats["orders"], stats["next_visit_at"], stats["last_order_at"]) == (1, "2026-03-02T12:00:00Z", NOW)


def test_merge_ends_the_victim_at_once_and_the_rest_soon(caller: Caller, partner: Partner) -> None:
    victor, victim = entered(caller), entered(caller, name="J. Kos")
    path = f"/v1/customers/{victor['id']}/merge"
    refused = caller.post(path, json={"victim_ids": [victor["id"]]})
    assert (refused.status_code, refused.json["code"]) == (422, "self_merge")
    answer = caller.post(path, json={"victim_ids": [victim["id"]]})
    assert (answer.status_code, answer.json["status"]) == (202, "queued")
    assert caller.get(f"/v1/customers/{victim['id']}").status_code == 404
    with unit_of_work(partner.scope):
        move_merged(partner.scope, answer.json["id"])
    done = caller.get(answer.headers["Location"]).json
    assert (done["status"], done["victim_ids"], done["moved_counts"]) == ("done", [victim["id"]], {})
    assert caller.get(f"/v1/customers/{victor['id']}").json["merged_customer_ids"] == [victim["id"]]


def test_erased_customer_is_not_found_and_cannot_be_erased_twice(caller: Caller, restricted: NewCaller) -> None:
    path = f"/v1/customers/{entered(caller)['id']}"
    assert restricted("customers:write").send("DELETE", path).status_code == 403
    assert [caller.send("DELETE", path).status_code for _ in range(2)] == [204, 404]
    assert caller.get(path).status_code == 404
