"""An ordering page of your own: show the menu, fill a cart, check out, follow the order until it is ready.

Run it:   TABLEPORT_URL=https://… TABLEPORT_KEY=tp_test_sk_… python ordering_front_end.py
Scopes:   menus:read, orders:read, orders:write, payments:write; in a sandbox also sandbox:control
"""

import os
import time
import uuid
from typing import Any

import httpx

DONE = {"ready", "picked_up", "completed", "rejected", "cancelled", "failed"}


def main() -> None:
    with connect() as api:
        menu = api.get("/v1/menus", params={"limit": 1}).json()["data"][0]
        items = show_menu(api.get(f"/v1/menus/{menu['id']}").json())

        # The cart lives on the platform: it prices itself, and says in `problems` what is not available any more.
        cart = api.post("/v1/carts", json={
            "location_id": menu["location_id"], "source": "website", "fulfillment": {"type": "pickup"},
            "customer": {"name": "Ada Guest", "phone": "+48221234500"},
        }).json()  # fmt: skip
        for item in items[:2]:
            cart = api.post(f"/v1/carts/{cart['id']}/items", json=line(item)).json()
        print(f"\nTo pay: {cart['totals']['total']:.2f} {cart['currency']}, of it tax {cart['totals']['tax']:.2f}")

        # One key for one purchase: if the connection breaks, sending the same request again cannot charge twice.
        # `expected_total` is what the guest agreed to; if a price has changed since, nothing is charged.
        bought = api.post(
            f"/v1/carts/{cart['id']}/checkout", headers={"Idempotency-Key": str(uuid.uuid4())},
            json={"expected_total": cart["totals"]["total"], "payment": {"method": "card", "source": "tok_ok"}},
        ).json()  # fmt: skip
        print(f"Order {bought['order']['id']}: payment {bought['payment']['status']}")
        follow(api, bought["order"]["id"])


def show_menu(menu: dict[str, Any]) -> list[dict[str, Any]]:
    """Print the menu as guests see it and return what can be ordered now."""
    for category in menu["categories"]:
        print(f"\n{category['name']}")
        for item in category["items"]:
            contains = ", ".join(one["code"] for one in item["allergens"] if one["level"] == "contains")
            note = f" (contains {contains})" if contains else ""
            print(f"  {item['name']:<22}{item['price']:>8.2f}{note}" + ("" if item["available"] else "  SOLD OUT"))
    return [item for category in menu["categories"] for item in category["items"] if item["available"]]


def line(item: dict[str, Any]) -> dict[str, Any]:
    """A cart line with the choices the kitchen insists on."""
    needed = [group for group in item["modifier_groups"] if group["required"]]
    chosen = [modifier["id"] for group in needed for modifier in group["modifiers"][: max(group["min"], 1)]]
    return {"menu_item_id": item["id"], "modifiers": [{"modifier_id": one} for one in chosen]}


def follow(api: httpx.Client, order_id: str) -> None:
    """Print each new status. A server would use the webhooks order.accepted, order.ready … instead of asking."""
    seen = ""
    while seen not in DONE:
        answer = api.get(f"/v1/orders/{order_id}")
        if (status := answer.json()["status"]) == seen:
            time.sleep(2)
            continue
        print(f"  {status}")
        seen = status
        if answer.headers["X-Environment"] == "sandbox" and seen not in DONE:
            api.post(f"/sandbox/v1/orders/{order_id}/advance")  # in a sandbox somebody has to play the kitchen


def connect() -> httpx.Client:
    """A client that stops with the platform's own words when a call is refused."""
    def check(answer: httpx.Response) -> None:
        if answer.is_error:
            raise SystemExit(f"{answer.status_code} {answer.read().decode()}")

    headers = {"Authorization": f"Bearer {os.environ['TABLEPORT_KEY']}"}
    return httpx.Client(base_url=os.environ["TABLEPORT_URL"], headers=headers, timeout=30, event_hooks={"response": [check]})


if __name__ == "__main__":
    main()
