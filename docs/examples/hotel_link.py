"""Link a hotel: a guest of the house books dinner, dines, and the bill goes on the room.

Run it:   TABLEPORT_URL=https://… TABLEPORT_KEY=tp_test_sk_… python hotel_link.py [room]
Scopes:   reservations:read, reservations:write, menus:read, orders:write, payments:write, locations:read
"""

import os
import sys
import uuid
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

PARTY, AT = 2, "19:30"


def main() -> None:
    room = sys.argv[1] if len(sys.argv) > 1 else "214"
    stay = f"pms-{uuid.uuid4().hex[:8]}"  # the hotel's own number of the stay
    with connect() as api:
        place = api.get("/v1/locations", params={"limit": 1}).json()["data"][0]
        table = book(api, place, stay, room)
        order = dine(api, place, table)
        entry = charge(api, order, room)
        for finished in (f"/v1/orders/{order['id']}", f"/v1/reservations/{table['id']}"):
            api.patch(finished, json={"status": "completed"})
    print(f"Folio of room {room}: {entry['amount']:.2f} {entry['currency']} + tip {entry['tip']:.2f}, reference {entry['id']}")


def book(api: httpx.Client, place: dict[str, Any], stay: str, room: str) -> dict[str, Any]:
    """Find the free time nearest to the wish, keep the table while the guest decides, then book it."""
    tomorrow = date.fromisoformat(place["business_date"]) + timedelta(days=1)
    question = {"location_id": place["id"], "date": str(tomorrow), "party_size": PARTY, "time": AT}
    slots = api.get("/v1/availability", params=question).json()["slots"]
    if not slots:
        raise SystemExit("Nothing is free tomorrow.")
    wish = datetime.fromisoformat(f"{tomorrow}T{AT}").replace(tzinfo=ZoneInfo(place["time_zone"]))
    slot = min(slots, key=lambda one: abs(datetime.fromisoformat(one["start_at"]) - wish))
    hold = api.post("/v1/holds", json={
        "location_id": place["id"], "start_at": slot["start_at"], "party_size": PARTY, "ttl_seconds": 300,
        "table_ids": slot["table_options"][0]["table_ids"],
    }).json()  # fmt: skip
    print(f"Kept until {hold['expires_at']}: {', '.join(hold['table_ids'])} at {hold['start_at']}")
    # The number of the stay makes the booking repeatable: the same request again finds this reservation.
    booked = api.post("/v1/reservations", json={
        "hold_id": hold["id"], "external_id": stay, "customer": {"name": "Grace Guest", "email": "grace@example.com"},
        "special_request": f"Guest of the house, room {room}",
    }).json()  # fmt: skip
    print(f"Reservation {booked['ref']} is {booked['status']}")
    return booked


def dine(api: httpx.Client, place: dict[str, Any], booked: dict[str, Any]) -> dict[str, Any]:
    """The party comes and orders; the order belongs to the reservation, so a deposit would lower this bill."""
    for status in ("arrived", "seated"):
        api.patch(f"/v1/reservations/{booked['id']}", json={"status": status})
    menu = api.get("/v1/menu-items", params={"location_id": place["id"], "available": "true", "limit": PARTY}).json()
    order = api.post("/v1/orders", headers={"Idempotency-Key": f"dinner-{booked['id']}"}, json={
        "location_id": place["id"], "fulfillment": {"type": "dine_in"}, "table_id": booked["table_ids"][0],
        "reservation_id": booked["id"], "items": [{"menu_item_id": item["id"]} for item in menu["data"]],
    }).json()  # fmt: skip
    for status in ("accepted", "preparing", "ready"):
        order = api.patch(f"/v1/orders/{order['id']}", json={"status": status}).json()
    return order


def charge(api: httpx.Client, order: dict[str, Any], room: str) -> dict[str, Any]:
    """Put what is due on the room. The hotel settles it with the guest at check-out; here the bill is paid."""
    return api.post("/v1/payments", headers={"Idempotency-Key": f"room-{order['id']}"}, json={
        "order_id": order["id"], "method": "room_charge", "payer_label": f"Room {room}", "tip": 5,
    }).json()  # fmt: skip


def connect() -> httpx.Client:
    """A client that stops with the platform's own words when a call is refused."""
    def check(answer: httpx.Response) -> None:
        if answer.is_error:
            raise SystemExit(f"{answer.status_code} {answer.read().decode()}")

    headers = {"Authorization": f"Bearer {os.environ['TABLEPORT_KEY']}"}
    return httpx.Client(base_url=os.environ["TABLEPORT_URL"], headers=headers, timeout=30, event_hooks={"response": [check]})


if __name__ == "__main__":
    main()
