"""What arrives in each dialect: real changes, sent through the engine to a sandbox inbox."""

import hashlib
import hmac
import json
from base64 import b64decode
from base64 import b64encode
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from accounts.webhooks.models import Subscription
from api import dialects
from domain.bookings.service import change_reservation
from domain.guests.drafts import GuestDraft
from domain.guests.service import change_guest
from domain.locations.service import set_store_status
from domain.menus.service import change_menu
from domain.menus.service import set_item_availability
from domain.menus.service import set_modifier_availability
from domain.orders.drafts import LineDraft
from domain.orders.service import change_order
from domain.orders.service import decide_cancellation
from domain.orders.service import place_order
from domain.orders.service import request_cancellation
from domain.payments.service import take_payment
from domain.references.service import add_reference
from domain.reviews.service import ReviewDraft
from domain.reviews.service import submit_review
from kit.clock import now
from kit.crypto import signing_secret
from kit.crypto import vault
from kit.documents import Document
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work
from sandbox import inbox
from tests.factories.bookings import create_house
from tests.factories.bookings import create_reservation
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.orders import build_draft
from tests.worker.receiver import Receiver
from tests.worker.rows import attempts
from tests.worker.rows import create_events
from tests.worker.rows import create_subscription
from tests.worker.rows import deliveries
from tests.worker.rows import seal
from worker.deliver import pump

pytestmark = pytest.mark.usefixtures("clean_planes")
NOON = datetime(2026, 1, 12, 12, 0, tzinfo=UTC)
PARTNERS_SECRET = "whsec_your_signing_secret_here"
LUNCH = LineDraft(name="Lunch", price_minor=4590)
EVERYTHING = [f"{area}:read" for area in ("orders", "payments", "reservations", "reviews", "menus", "locations", "customers")]


def subscribe(scope: Scope, dialect: str, *, secret: str = "", **values: Any) -> str:
    """An endpoint of a dialect that leads to an inbox. Returns the inbox's token."""
    endpoint_id = values.pop("id", None) or new_id("we")
    with unit_of_work(scope):
        url = inbox.open_inbox(scope)
    given = {"scopes": EVERYTHING, "sealed_secret": seal(scope, endpoint_id, secret or signing_secret()), **values}
    create_subscription(scope, url, id=endpoint_id, dialect=dialect, **given)
    return str(inbox.token_of(url))


def received(scope: Scope, token: str) -> list[Document]:
    """What has arrived, in the order of the events."""
    pump(Environment.SANDBOX)
    with unit_of_work(scope, writes=False):
        found = inbox.messages(scope, token=token, limit=100)
    return sorted(found, key=lambda message: message["headers"]["webhook-id"])


def test_pos_endpoint_gets_the_documented_headers_and_body(scope: Scope) -> None:
    token = subscribe(scope, "pos", secret=PARTNERS_SECRET, event_types=["reservation.created", "reservation.updated"])
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, create_house(scope).location_id)
    [message] = received(scope, token)

    headers, text = message["headers"], message["body"]
    assert set(headers) == {
        "content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "X-TableSpot-Event",
        "X-TableSpot-Signature",
    }  # fmt: skip
    assert (headers["X-TableSpot-Event"], headers["content-type"]) == ("reservation.created", "application/json")
    assert headers["X-TableSpot-Signature"] == hmac.new(PARTNERS_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    body = json.loads(text)
    assert list(body) == ["event", "data", "timestamp"]
    assert (body["event"], body["timestamp"], body["data"]["id"]) == ("reservation.created", 1_768_219_200_000, reservation_id)
    assert (message["method"], message["path"], message["is_signature_valid"]) == ("POST", "/", True)
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{text}".encode()
    beside = b64encode(hmac.new(PARTNERS_SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{beside}"


def test_pos_endpoint_hears_of_what_its_dialect_has_a_name_for(scope: Scope) -> None:
    token = subscribe(scope, "pos", secret=PARTNERS_SECRET)
    with unit_of_work(scope):
        house = create_house(scope, deposit_policy={})
        reservation_id = create_reservation(scope, house.location_id)
        change_reservation(scope, reservation_id=reservation_id, status="cancelled")
        order = place_order(scope, draft=build_draft(house.location_id, LUNCH, allow_open_items=True)).document
        change_order(scope, order_id=order["id"], status="accepted")
        take_payment(scope, order_id=order["id"], method="cash")
        submit_review(scope, draft=ReviewDraft(overall=5, location_id=house.location_id))
    create_events(scope)  # customer.tag.added: nothing a POS is told of
    bodies = [json.loads(message["body"]) for message in received(scope, token)]

    assert [body["event"] for body in bodies] == [
        "reservation.created", "reservation.updated", "reservation.cancelled", "order.created", "order.updated", "order.paid",
        "order.updated", "review.created",
    ]  # fmt: skip
    assert {body["data"]["id"] for body in bodies if body["event"].startswith("order.")} == {order["id"]}
    assert len(deliveries(scope)) == 8


def test_object_inside_is_its_products_where_it_prints_one(scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialects, "_printers", {})
    dialects.prints("pos", "reservation")(lambda told: {"id": told.object["id"], "customerName": told.object["contact"]["name"]})
    with pytest.raises(ValueError, match="pos has a printer of reservation"):
        dialects.prints("pos", "reservation")(lambda told: None)
    token = subscribe(scope, "pos", secret=PARTNERS_SECRET)
    with unit_of_work(scope):
        reservation_id = create_reservation(scope, create_house(scope).location_id)
    [message] = received(scope, token)
    assert json.loads(message["body"])["data"] == {"id": reservation_id, "customerName": "Jane Doe"}


def sold(scope: Scope, location_id: str, external_id: str, **changes: Any) -> str:
    """The id of an order a channel sold, pending."""
    values = {"source": "marketplace", "collected_by": "channel", "channel": "eats", "allow_open_items": True, **changes}
    return str(place_order(scope, draft=build_draft(location_id, LUNCH, external_id=external_id, **values)).document["id"])


def test_channel_is_called_back_at_the_address_of_each_matter(scope: Scope) -> None:
    token = subscribe(scope, "channel", dialect_options={"names": {"loc_1": "store-123"}, "channel": "eats"})
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location_id = create_location(scope, id="loc_1", auto_accept=False)
        item_id, menu_id = create_item(scope, name="Wings"), create_menu(scope, location_id=location_id)
        modifier_id = create_modifier(scope, group_id=create_modifier_group(scope, item_id=item_id))
        add_reference(scope, product="onetablet", noun="item", value="item-wings-001", object_id=item_id)
        first, second, third, fourth = (sold(scope, location_id, name) for name in ("6f1c/1", "o-2", "o-3", "o-4"))
        sold(scope, location_id, "other", channel="bites", source="marketplace")
        change_order(scope, order_id=first, status="accepted", promised_at=NOON + timedelta(minutes=20))
        change_order(scope, order_id=first, status="ready")
        change_order(scope, order_id=second, status="rejected", reason="store_closed")
        change_order(scope, order_id=third, status="accepted")
        change_order(scope, order_id=fourth, status="cancelled", reason="unable_to_deliver", reason_detail="No courier")
        place_order(scope, draft=build_draft(location_id, LUNCH, allow_open_items=True))  # nobody's but the restaurant's
        set_item_availability(scope, item_id=item_id, available=False, reason="manual_86", until=NOON + timedelta(hours=1))
        set_modifier_availability(scope, modifier_id=modifier_id, available=False, reason="manual_86")
        change_menu(scope, menu_id=menu_id, changes={"name": "Lunch"})
    with unit_of_work(scope):
        freeze_clock(scope, NOON + timedelta(minutes=5))
        request_cancellation(scope, order_id=third, reason="customer_request", reason_detail="Changed my mind")
        decide_cancellation(scope, order_id=third, approve=False)
        set_store_status(scope, location_id=location_id, status="offline")

    found = received(scope, token)
    told = [(message["method"], message["path"], json.loads(message["body"])) for message in found]
    [menu] = [body for _, path, body in told if path.startswith("/menus/")]
    assert told == [
        ("PATCH", "/orders/6f1c%2F1", {
            "merchant_supplied_id": first, "order_status": "success", "prep_time": "2026-01-12T12:20:00Z",
        }),
        ("PATCH", "/orders/6f1c%2F1/events/order_ready_for_pickup", {
            "merchant_supplied_id": first, "ready_at": "2026-01-12T12:00:00Z",
        }),
        ("PATCH", "/orders/o-2", {
            "merchant_supplied_id": second, "order_status": "fail", "failure_reason": "Store is currently closed",
            "failure_code": "store_closed",
        }),
        ("PATCH", "/orders/o-3", {"merchant_supplied_id": third, "order_status": "success"}),
        ("PATCH", "/orders/o-4/cancellation", {
            "merchant_supplied_id": fourth, "cancel_reason": "OTHER", "cancel_details": "No courier", "outcome": "cancelled",
        }),
        ("PUT", "/stores/store-123/items/status", [
            {"merchant_supplied_id": "item-wings-001", "is_active": False, "until": "2026-01-12T13:00:00Z"},
        ]),
        ("PUT", "/stores/store-123/item_options/status", [{"merchant_supplied_id": modifier_id, "is_active": False}]),
        ("PATCH", f"/menus/{menu_id}", menu),
        ("PATCH", "/orders/o-3/cancellation", {
            "merchant_supplied_id": third, "cancel_reason": "OTHER", "cancel_details": "Changed my mind",
            "outcome": "cancellation_denied",
        }),
        ("PUT", "/stores/store-123/status", {"is_active": False, "reason": "operational_issues", "notes": None}),
    ]  # fmt: skip
    assert (menu["id"], menu["name"]) == (menu_id, "Lunch")
    assert {message["is_signature_valid"] for message in found} == {True}
    assert set(found[0]["headers"]) == {
        "content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature",
    }  # fmt: skip


def test_sync_tells_what_changed_and_not_how(scope: Scope) -> None:
    options = {"method": "PUT", "names": {scope.tenant_id: "5ed64e249551e80639a4d995", "loc_1": "5ed64e279551e80639a4da51"}}
    token = subscribe(scope, "sync", dialect_options=options)
    with unit_of_work(scope):
        freeze_clock(scope, NOON)
        location_id = create_location(scope, id="loc_1")
        guest_id = create_guest(scope)
        add_reference(scope, product="tablecheck", noun="customer", value="5ed64e2c9551e80639a4dcac", object_id=guest_id)
        change_guest(scope, guest_id=guest_id, draft=GuestDraft(columns={"first_name": "Ola"}))
        order_id = place_order(scope, draft=build_draft(location_id, LUNCH, allow_open_items=True)).document["id"]
        take_payment(scope, order_id=order_id, method="cash")
    found = received(scope, token)
    about = {"franchise_id": "5ed64e249551e80639a4d995", "created_at": "2026-01-12T12:00:00Z"}
    assert [(message["method"], json.loads(message["body"])) for message in found] == [
        ("PUT", {
            "id": found[0]["webhook_id"], "event_type": "updated", "syncable_type": "customer",
            "syncable_id": "5ed64e2c9551e80639a4dcac", **about,
        }),
        ("PUT", {
            "id": found[1]["webhook_id"], "event_type": "updated", "syncable_type": "pos_journal", "syncable_id": order_id,
            "shop_id": "5ed64e279551e80639a4da51", **about,
        }),
    ]  # fmt: skip
    assert {message["is_signature_valid"] for message in found} == {True}


def test_test_event_of_a_type_its_dialect_does_not_know_is_not_delivered(scope: Scope) -> None:
    create_subscription(scope, "https://hooks.sandbox.invalid/ok", dialect="pos", id="we_pos")
    create_events(scope, only_endpoint_id="we_pos")
    assert (pump(Environment.SANDBOX), deliveries(scope)) == (0, [])


def test_both_kinds_of_keys_sign_while_one_follows_the_other(scope: Scope) -> None:
    key = Ed25519PrivateKey.generate()
    private = "whsk_" + b64encode(key.private_bytes_raw() + key.public_key().public_bytes_raw()).decode()
    endpoint_id, old = new_id("we"), signing_secret()
    token = subscribe(
        scope, "core", signature="v1a", sealed_secret=seal(scope, endpoint_id, private), id=endpoint_id,
        sealed_previous_secret=seal(scope, endpoint_id, old), previous_secret_expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
    create_events(scope)
    [message] = received(scope, token)
    headers = message["headers"]
    kinds = [part.partition(",")[0] for part in headers["webhook-signature"].split(" ")]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message['body']}".encode()
    key.public_key().verify(b64decode(headers["webhook-signature"].split(" ")[0].removeprefix("v1a,")), signed)
    assert (kinds, message["is_signature_valid"]) == (["v1a", "v1"], True)


def test_owners_headers_are_sent_and_never_noted(scope: Scope, receiver: Receiver) -> None:
    endpoint_id, _ = create_subscription(scope, receiver.url)
    own = {"X-Api-Key": "k-1234", "Webhook-Id": "evt_forged", "Content-Type": "text/plain", "Host": "inside.test"}
    with unit_of_work(scope):
        row = session(scope).scalars(Subscription.owned_by(scope)).one()
        place = (scope.environment, scope.tenant_id, "subscriptions", endpoint_id, "headers")
        row.sealed_headers = vault.box.seal(json.dumps(own), *place)
    [event_id] = create_events(scope)
    pump(Environment.SANDBOX)
    [request], [attempt] = receiver.requests, attempts(scope)
    sent = {name: request.headers[name] for name in ("x-api-key", "webhook-id", "content-type", "host")}
    assert sent == {
        "x-api-key": "k-1234", "webhook-id": event_id, "content-type": "application/json", "host": f"127.0.0.1:{receiver.port}",
    }  # fmt: skip
    assert attempt.request_headers["X-Api-Key"] == "•••"
    assert "k-1234" not in json.dumps(attempt.request_headers)
    assert set(attempt.request_headers) == {
        "content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "x-tableport-event",
        "x-tableport-attempt", "X-Api-Key",
    }  # fmt: skip
