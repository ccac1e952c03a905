"""A guest with words of its own wherever the API takes words about a guest. Each holds MARK, so it can be looked for."""

from dataclasses import dataclass
from typing import Any

from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.factories.locations import create_location
from tests.factories.locations import create_opening_hour
from tests.factories.locations import create_table

MARK = "qzxyw"  # in no word of any language, and in no id: those are upper case
PHONES = ("+48555777999", "+48555777888", "+48555777666")
EMAILS = ("qzxyw.anna@example.org", "qzxyw.second@example.org", "qzxyw.third@example.org")
CONTACTS = (*PHONES, *EMAILS, "555 777 999", "555777")
ONCE = {"Idempotency-Key": "persona-1"}
ITEM = {"name": "Soup", "price": 18.5}

CUSTOMER = {
    "name": "Qzxywanna Qzxywnowak", "first_name": "Qzxywanna", "last_name": "Qzxywnowak", "alt_first_name": "qzxywalt",
    "alt_last_name": "qzxywalt", "alpha_first_name": "qzxywalpha", "alpha_last_name": "qzxywalpha", "display_name": "qzxywie",
    "name_prefix": "qzxywdr", "company": {"name": "qzxyw ltd", "title": "qzxyw chief", "division": "qzxyw desk"},
    "country": "PL", "locale": "pl", "memo": "qzxyw memo", "likes": ["qzxyw tea"], "dislikes": ["qzxyw noise"],
    "allergies": ["qzxyw pollen"], "tags": ["qzxyw vip"], "source": "qzxyw fair", "external_id": "crm-77",
    "phones": [{"number": "555 777 999", "tag": "qzxywwork"}], "emails": [{"email": EMAILS[0], "tag": "qzxywwork"}],
    "socials": [{"service": "qzxywgram", "username": "qzxywanna"}],
    "calendar_events": [{"month": 5, "day": 4, "memo": "qzxyw born", "tag": "birthday"}],
    "addresses": [{
        "line1": "qzxyw street 1", "line2": "qzxyw", "city": "Qzxywcity", "region": "qzxyw", "postal_code": "qzxyw-1",
        "instructions": "qzxyw bell", "label": "qzxyw home", "tag": "qzxyw",
    }],
    "consents": {"email_marketing": "granted", "sms_marketing": "granted", "source": "qzxyw form", "proof": "qzxyw proof"},
}  # fmt: skip


@dataclass(frozen=True)
class Persona:
    """Ids of the guest and of what belongs to it."""

    customer_id: str
    victim_id: str
    order_id: str
    reservation_id: str
    member_id: str
    review_id: str
    entry_id: str
    cart_id: str
    location_id: str


def settle(caller: Caller, partner: Partner) -> Persona:
    """Enter the guest, with orders, bookings, a card, reviews, messages and a merged duplicate."""
    with unit_of_work(partner.scope):
        location_id = create_location(partner.scope)
        for _ in range(3):
            create_table(partner.scope, location_id=location_id, seats_max=6)
        for weekday in range(7):
            create_opening_hour(partner.scope, location_id=location_id, weekday=weekday, opens="00:00", closes="24:00")
    customer_id, victim_id = _entered(caller)
    order_id = _ordered(caller, location_id, customer_id)
    reservation_id, entry_id = _booked(caller, location_id, customer_id)
    member_id = _joined(caller, customer_id, order_id)
    review_id = _reviewed(caller, order_id, customer_id)
    cart_id = _carted(caller, location_id, customer_id)
    _written_to(caller, customer_id)
    done(caller.post(f"/v1/customers/{customer_id}/merge", json={"victim_ids": [victim_id]}))
    return Persona(customer_id, victim_id, order_id, reservation_id, member_id, review_id, entry_id, cart_id, location_id)


def done(answer: Any) -> Any:
    assert answer.status_code in (200, 201, 202, 204), answer.text
    return answer.json


def _entered(caller: Caller) -> tuple[str, str]:
    made = caller.post("/v1/customers", json=CUSTOMER, headers=ONCE)
    customer_id = done(made)["id"]
    path = f"/v1/customers/{customer_id}"
    done(caller.patch(path, json={"memo": "qzxyw other memo"}))
    done(caller.post(f"{path}/tags", json={"tag": "qzxyw regular"}))
    done(caller.send("PUT", f"{path}/consents", json={"surveys": "denied", "source": "qzxyw call", "proof": "qzxyw tape"}))
    victim = {"name": "A. Qzxywnowak", "phones": [PHONES[1]], "emails": [EMAILS[1]]}
    done(caller.get("/v1/customers?q=qzxywnowak"))
    return customer_id, done(caller.post("/v1/customers", json=victim))["id"]


def _ordered(caller: Caller, location_id: str, customer_id: str) -> str:
    order = {
        "location_id": location_id, "customer_id": customer_id, "notes": "qzxyw note", "allergy_notes": "qzxyw allergy",
        "items": [{**ITEM, "notes": "qzxyw spicy", "guest_name": "qzxywanna"}], "metadata": {"door": "qzxyw code"},
        "fulfillment": {"type": "delivery", "address": {
            "line1": "qzxyw street 1", "line2": "qzxyw", "city": "Warszawa", "instructions": "qzxyw bell",
        }},
    }  # fmt: skip
    first, second = (done(caller.post("/v1/orders", json=order))["id"] for _ in range(2))
    lines = done(caller.get(f"/v1/orders/{first}"))["items"]
    amendment = {"operations": [{"op": "quantity", "line_id": lines[0]["id"], "quantity": 2, "reason": "qzxyw hungry"}]}
    done(caller.post(f"/v1/orders/{first}/amendments", json=amendment))
    done(caller.patch(f"/v1/orders/{first}", json={"notes": "qzxyw second note"}))
    done(caller.post("/v1/payments", json={"order_id": first, "method": "cash", "payer_label": "qzxywanna"}))
    cancel = {"status": "cancelled", "cancel_reason": "customer_request", "reason_detail": "qzxyw ill"}
    done(caller.patch(f"/v1/orders/{second}", json=cancel))
    contact = {"name": "Qzxywanna", "phone": PHONES[0], "email": EMAILS[0]}
    plain = {"location_id": location_id, "items": [ITEM], "customer": contact}
    done(caller.post("/v1/orders", json=plain))
    return str(first)


def _booked(caller: Caller, location_id: str, customer_id: str) -> tuple[str, str]:
    booking = {
        "location_id": location_id, "start_at": "2030-01-14T12:00:00Z", "party_size": 2, "special_request": "qzxyw window",
        "memo": "qzxyw staff memo", "customer": {"name": "Qzxywanna Qzxywnowak", "phone": PHONES[0], "email": EMAILS[0]},
    }  # fmt: skip
    first = done(caller.post("/v1/reservations", json=booking))["id"]
    done(caller.patch(f"/v1/reservations/{first}", json={"customer": {"phone": PHONES[2], "email": EMAILS[2]}}))
    later = {**booking, "start_at": "2030-02-14T12:00:00Z", "customer_id": customer_id}
    del later["customer"]
    second = done(caller.post("/v1/reservations", json=later))["id"]
    gone = {"status": "cancelled", "cancel": {"reason_type": "other", "reason": "qzxyw ill", "by_customer": True}}
    done(caller.patch(f"/v1/reservations/{second}", json=gone))
    waiting = {"location_id": location_id, "party_size": 2, "customer": booking["customer"], "notes": "qzxyw pram"}
    return first, done(caller.post("/v1/waitlist", json=waiting))["id"]


def _joined(caller: Caller, customer_id: str, order_id: str) -> str:
    program = done(caller.post("/v1/loyalty/programs", json={"name": "Regulars", "tiers": [
        {"code": "gold", "tier": 1, "name": "Gold", "threshold": 50},
    ]}))["id"]  # fmt: skip
    reward = {"program_id": program, "name": "Tea", "points_cost": 50, "benefit": {"type": "percent", "value": 10}}
    reward_id = done(caller.post("/v1/loyalty/rewards", json=reward))["id"]
    card = {"customer_id": customer_id, "program_id": program, "code": "qzxywcard"}
    member_id = done(caller.post("/v1/loyalty/members", json=card))["id"]
    path = f"/v1/loyalty/members/{member_id}"
    done(caller.post(f"{path}/points", json={"delta": 120, "reason": "adjust", "note": "qzxyw birthday"}))
    done(caller.post(f"{path}/points", json={"delta": 30, "reason": "earn", "order_id": order_id}))
    done(caller.post(f"{path}/rewards/{reward_id}/redeem", json={}))
    return str(member_id)


def _reviewed(caller: Caller, order_id: str, customer_id: str) -> str:
    review = {"order_id": order_id, "overall": 1, "comment": "qzxyw cold soup, terrible", "author_name": "Qzxywanna N."}
    review_id = done(caller.post("/v1/reviews", json=review))["id"]
    done(caller.post(f"/v1/reviews/{review_id}/response", json={"text": "Sorry, qzxywanna"}))
    return str(review_id)


def _carted(caller: Caller, location_id: str, customer_id: str) -> str:
    cart = {
        "location_id": location_id, "customer_id": customer_id, "notes": "qzxyw", "allergy_notes": "qzxyw",
        "metadata": {"door": "qzxyw"},
        "fulfillment": {"type": "delivery", "address": {"line1": "qzxyw street 1", "city": "Warszawa"}},
        "items": [{**ITEM, "notes": "qzxyw", "guest_name": "qzxywanna"}],
    }  # fmt: skip
    cart_id = done(caller.post("/v1/carts", json=cart))["id"]
    unnamed = {name: value for name, value in cart.items() if name != "customer_id"}
    paid = done(caller.post("/v1/carts", json={**unnamed, "customer": {"name": "Qzxywanna", "phone": PHONES[0]}}))["id"]
    done(caller.post(f"/v1/carts/{paid}/checkout", json={"payment": {"method": "cash", "payer_label": "qzxywanna"}}))
    return str(cart_id)


def _written_to(caller: Caller, customer_id: str) -> None:
    hotel = done(caller.post("/v1/integrations", json={"name": "Hotel", "kind": "hotel"}))["id"]
    folio = {"kind": "folio", "external_ref": "F-100", "external_name": "qzxywanna", "object_id": customer_id}
    done(caller.send("PUT", f"/v1/integrations/{hotel}/mappings", json={"mappings": [folio]}))
    done(caller.post("/v1/alerts/sms", json={"customer_id": customer_id, "text": "Dear qzxywanna"}))
