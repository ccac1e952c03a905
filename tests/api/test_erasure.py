"""Erasing a customer over HTTP: afterwards no column of any table holds a word of or about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import JSON
from sqlalchemy import String
from sqlalchemy import cast
from sqlalchemy import select

from accounts.webhooks.models import DeliveryAttempt
from api.process import MODELS
from api.requestlog import request_log
from domain.guestbook.erasing import FORGET
from domain.guestbook.moving import move_merged
from domain.guests.models import GuestMerge
from domain.timers.models import Timer
from kit.clock import day_of
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.planes import db
from kit.planes import owner_engine
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import session
from kit.unit import unit_of_work
from sandbox.models import InboxMessage
from tests.api import persona
from tests.api import samples
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.isolation.world import outside_settings
from worker.forgetting import forget

TABLES = db.metadatas["plane"].sorted_tables if MODELS else []
SEARCHED = (persona.MARK, *(phone[1:] for phone in persona.PHONES), "555 777 999")
# Where words stood before. A column that is new here is one that erasing has to know.
HELD = {
    "cart_lines": "guest_name notes",
    "carts": "allergy_notes fulfillment metadata notes",
    "consent_changes": "proof source",
    "delivery_attempts": "request_body",
    "events": "body",
    "guest_addresses": "city instructions label line1 line2 postal_code region tag",
    "guest_contacts": "original tag value",
    "guest_dates": "memo",
    "guest_socials": "service username",
    "guest_tags": "tag",
    "guests": (
        "allergies alpha_first_name alpha_last_name alt_first_name alt_last_name company_division "
        "company_name company_title consents dislikes display_name first_name last_name likes memo name "
        "name_prefix search_text source"
    ),
    "idempotency_records": "body",
    "inbox_messages": "body",
    "integration_mappings": "external_name",
    "memberships": "code",
    "order_lines": "guest_name notes",
    "orders": "allergy_notes fulfillment metadata notes reason_detail",
    "outgoing_messages": "body recipient",
    "payments": "payer_label",
    "points_transactions": "note",
    "request_logs": "query request_body response_body",
    "reservations": "cancel contact_email contact_name contact_phone memo special_request",
    "reviews": "author_name comment response_text",
    "sms_alerts": "text",
    "waitlist_entries": "contact_email contact_name contact_phone notes",
}


@dataclass(frozen=True)
class Erased:
    """What was there before a customer was erased, and whom to ask now."""

    caller: Caller
    scope: Scope
    made: persona.Persona
    held: list[tuple[str, str]]
    bystander: dict[str, Any]


@pytest.fixture(scope="module")
def own(app: Flask) -> Iterator[Partner]:
    yield sandbox_partner(plan_tier="enterprise")
    request_log.flush()


@pytest.fixture(scope="module")
def erased(app: Flask, own: Partner, settings: Settings) -> Erased:
    """A customer with words in every place that takes them, then erased, and somebody who stays."""
    caller = Caller(app, own.issue().text)
    made = persona.settle(caller, own)
    other = caller.post("/v1/customers", json={"name": "Jan Kos", "phones": ["+48600100200"], "memo": "Likes tea"}).json
    caller.post("/v1/orders", json={"location_id": made.location_id, "items": [persona.ITEM], "customer_id": other["id"]})
    deliver(caller, own)
    with unit_of_work(own.scope):
        for merge in session(own.scope).scalars(GuestMerge.owned_by(own.scope)):
            move_merged(own.scope, merge.id)
    before = all_about(caller, other["id"])
    request_log.flush()
    held = columns_with_a_word(own.scope, settings)
    assert caller.send("DELETE", f"/v1/customers/{made.customer_id}").status_code == 204
    request_log.flush()
    assert waiting(own.scope) == [made.customer_id]
    forget(own.scope, made.customer_id)
    return Erased(caller, own.scope, made, held, before)


def deliver(caller: Caller, own: Partner) -> None:
    """Send an event that tells everything to an endpoint and to an inbox, as the worker leaves them."""
    entered = caller.get("/v1/events?types=customer.created&limit=100").json["data"]
    event = next(row for row in entered if persona.MARK in str(row))
    endpoint = caller.post("/v1/webhooks", json=samples.WEBHOOK).json
    token = caller.post("/sandbox/v1/inbox").json["token"]
    delivery_id = samples.build_delivery(own, endpoint["id"], event["id"])
    with unit_of_work(own.scope):
        append(own.scope, DeliveryAttempt, [{
            "id": new_id("att"), "delivery_id": delivery_id, "endpoint_id": endpoint["id"], "number": 1, "started_at": now(),
            "duration_ms": 3, "reason": "ok", "request_body": str(event), "response_body": "",
            "expires_on": day_of(now_us()) + 7,
        }])  # fmt: skip
        append(own.scope, InboxMessage, [{
            "id": new_id("msg"), "inbox_id": token, "body": str(event), "is_signature_valid": True, "received_at": now(),
        }])  # fmt: skip


def all_about(caller: Caller, customer_id: str) -> dict[str, Any]:
    bundle = caller.get(f"/v1/customers/{customer_id}/export").json
    return {name: part for name, part in bundle.items() if name != "generated_at"}


def waiting(scope: Scope) -> list[str]:
    with unit_of_work(scope, writes=False):
        return [timer.object_id for timer in session(scope).scalars(Timer.owned_by(scope)) if timer.kind == FORGET]


def columns_with_a_word(scope: Scope, settings: Settings) -> list[tuple[str, str]]:
    """(table, column) of every text that holds a word of the customer, read past every guard."""
    engine = owner_engine(outside_settings(settings), "sandbox")
    with engine.connect() as connection:
        found = {
            (table.name, column.name)
            for table in TABLES
            for column in table.c
            if isinstance(column.type, String | JSON)
            for (text,) in connection.execute(select(cast(column, String)).where(table.c.tenant_id == scope.tenant_id))
            if text is not None and any(word in text.lower() for word in SEARCHED)
        }
    engine.dispose()
    return sorted(found)


def test_customer_had_words_in_every_place_that_takes_them(erased: Erased) -> None:
    assert erased.held == sorted((table, column) for table, columns in HELD.items() for column in columns.split())


def test_no_column_of_any_table_holds_a_word_of_an_erased_customer(erased: Erased, settings: Settings) -> None:
    assert columns_with_a_word(erased.scope, settings) == []


def test_others_keep_everything(erased: Erased) -> None:
    assert all_about(erased.caller, erased.bystander["customer"]["id"]) == erased.bystander
    assert erased.bystander["customer"]["memo"] == "Likes tea"
    assert len(erased.bystander["orders"]) == 1


def test_what_was_the_customers_reads_without_its_words(erased: Erased) -> None:
    caller, made = erased.caller, erased.made
    for path in (f"customers/{made.customer_id}", f"customers/{made.victim_id}", f"loyalty/members/{made.member_id}"):
        assert caller.get(f"/v1/{path}").status_code == 404
    order = caller.get(f"/v1/orders/{made.order_id}").json
    assert (order["customer_id"], order["notes"], order["metadata"]) == (made.customer_id, None, {})
    assert (order["fulfillment"]["type"], order["fulfillment"]["address"], order["totals"]["total"]) == ("delivery", None, 37.0)
    booking = caller.get(f"/v1/reservations/{made.reservation_id}").json
    assert (booking["contact"], booking["party_size"]) == ({"name": None, "phone": None, "email": None}, 2)
    review = caller.get(f"/v1/reviews/{made.review_id}").json
    assert (review["comment"], review["response"]["text"], review["overall"]) == (None, "•••", 1)
    assert review["sentiment"]["label"] == "negative"
    assert caller.get(f"/v1/waitlist/{made.entry_id}").json["notes"] is None
    assert caller.get(f"/v1/carts/{made.cart_id}").json["customer"] is None


def test_events_go_on_telling_what_happened(erased: Erased) -> None:
    told = []
    after = 0
    while page := erased.caller.get(f"/v1/events?limit=100&after_sequence={after}").json["data"]:
        told += page
        after = page[-1]["sequence"]
    assert [event["sequence"] for event in told] == list(range(1, len(told) + 1))
    last = [event for event in told if event["type"] == "customer.deleted"][-1]["data"]["object"]
    assert (last["id"], last["external_id"], last["name"]) == (erased.made.customer_id, "crm-77", "Erased customer")
    cards = [event["data"]["object"] for event in told if event["type"] == "membership.deleted"]
    assert [(card["id"], card["code"]) for card in cards] == [(erased.made.member_id, erased.made.member_id)]


def test_repeated_request_does_not_bring_the_customer_back(erased: Erased) -> None:
    answer = erased.caller.post("/v1/customers", json=persona.CUSTOMER, headers=persona.ONCE)
    assert (answer.status_code, answer.json["code"]) == (404, "resource_not_found")
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert erased.caller.get("/v1/customers?external_id=crm-77").json["data"] == []
