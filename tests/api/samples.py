"""What to call every endpoint with: an object per path parameter and a body per operation that needs one.

An endpoint with a new kind of path parameter, or one that asks for a body, gets its line here; everything else about the
matrix of endpoints follows from the registered operations.
"""

from typing import Any

from accounts.webhooks.models import Delivery
from api.operations import Operation
from api.requestlog import request_log
from kit.clock import now
from kit.documents import append
from kit.ids import new_id
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.factories.locations import create_location
from tests.factories.menus import create_category
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier_group

MISSING = {
    "event_id": "evt_01J0000000000000000000000", "location_id": "loc_nowhere", "request_id": "req_01J0000000000000000000000",
    "menu_id": "mnu_none", "item_id": "itm_none", "group_id": "mgr_none", "payment_id": "pay_01J0000000000000000000000",
    "refund_id": "rfd_01J0000000000000000000000", "order_id": "ord_1", "endpoint_id": "we_01J0000000000000000000000",
    "delivery_id": "dlv_01J0000000000000000000000", "token": "inboxwithoutanymessages",
}  # fmt: skip
ITEM_ORDER = {"items": [{"menu_item_id": "itm_bacon_cheeseburger"}], "location_id": "loc_waw_01"}
WEBHOOK = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]}
BODIES: dict[str, dict[str, Any]] = {
    "core.create_order": ITEM_ORDER,
    "core.preview_order": ITEM_ORDER,
    "core.change_order": {"notes": "Ring twice"},
    "core.set_availability": {"available": False, "reason": "manual_86"},
    "core.take_payment": {"method": "cash"},  # and the order, see body_of
    "core.refund_payment": {"reason": "quality"},
    "core.create_webhook": WEBHOOK,
    "core.change_webhook": {"description": "Kitchen screen"},
    "sandbox.set_clock": {"advance_seconds": 60},
    "sandbox.trigger": {"type": "order.created"},
}


def body_of(operation: Operation, ids: dict[str, str]) -> dict[str, Any] | None:
    """A body the operation accepts, or None for one without."""
    body = BODIES.get(operation.name)
    return {**body, "order_id": ids["order_id"]} if operation.name == "core.take_payment" and body else body


def path_of(operation: Operation, ids: dict[str, str]) -> str:
    path = operation.path
    for name, value in ids.items():
        path = path.replace(f"<{name}>", value)
    return path


def build_objects(partner: Partner, caller: Caller) -> dict[str, str]:
    """Make an object for every path parameter, under ids no other tenant has."""
    with unit_of_work(partner.scope):
        location_id = create_location(partner.scope, slug=new_id("loc").lower())
        item_id = create_item(partner.scope, location_id=location_id)
        menu_id = create_menu(partner.scope, location_id=location_id)
        create_category(partner.scope, menu_id=menu_id, item_ids=[item_id])
        group_id = create_modifier_group(partner.scope, item_id=item_id)
    order = {"location_id": location_id, "items": [{"menu_item_id": item_id}]}
    paid, open_order = (answered(caller.post("/v1/orders", json=order))["id"] for _ in range(2))
    payment = answered(caller.post("/v1/payments", json={"order_id": paid, "method": "cash"}))
    refund = answered(caller.post(f"/v1/payments/{payment['id']}/refunds", json={"reason": "other", "amount": 1}))
    endpoint = answered(caller.post("/v1/webhooks", json=WEBHOOK))
    event = answered(caller.get("/v1/events?limit=1"))["data"][0]
    inbox = answered(caller.post("/sandbox/v1/inbox"))
    request_log.flush()
    return {
        "location_id": location_id, "item_id": item_id, "menu_id": menu_id, "group_id": group_id, "order_id": open_order,
        "payment_id": payment["id"], "refund_id": refund["id"], "endpoint_id": endpoint["id"], "event_id": event["id"],
        "token": inbox["token"], "request_id": answered(caller.get("/v1/logs?limit=1"))["data"][0]["request_id"],
        "delivery_id": build_delivery(partner, endpoint["id"], event["id"]),
    }  # fmt: skip


def build_delivery(partner: Partner, endpoint_id: str, event_id: str) -> str:
    """A delivery that was given up, as the worker leaves it."""
    delivery_id = new_id("dlv")
    with unit_of_work(partner.scope):
        append(partner.scope, Delivery, [{
            "id": delivery_id, "event_id": event_id, "event_type": "order.created", "endpoint_id": endpoint_id,
            "state": "dead", "attempts": 4, "last_status": 502, "last_reason": "http_502", "created_at": now(),
            "finished_at": now(),
        }])  # fmt: skip
    return delivery_id


def answered(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.text
    return answer.json
