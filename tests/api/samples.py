"""What to call every endpoint with: an object per path parameter and a body per operation that needs one.

An endpoint with a new kind of path parameter, or one that asks for a body, gets its line here; everything else about the
matrix of endpoints follows from the registered operations.
"""

from typing import Any

from accounts.webhooks.models import Delivery
from api.operations import Operation
from api.requestlog import request_log
from domain.campaigns.models import CampaignRecipient
from domain.locations.service import create_area
from domain.loyalty.service import redeem_reward
from domain.menus.service import upload_menu
from domain.notifications.service import send_message
from kit.clock import iso
from kit.clock import now
from kit.clock import now_us
from kit.documents import append
from kit.ids import new_id
from kit.unit import unit_of_work
from sandbox.listeners import put_message
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.factories.campaigns import create_campaign
from tests.factories.campaigns import create_promo
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.loyalty import make_member
from tests.factories.loyalty import make_reward
from tests.factories.menus import create_category
from tests.factories.menus import create_charge
from tests.factories.menus import create_item
from tests.factories.menus import create_menu
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax

MISSING = {
    "event_id": "evt_01J0000000000000000000000", "location_id": "loc_nowhere", "request_id": "req_01J0000000000000000000000",
    "menu_id": "mnu_none", "item_id": "itm_none", "group_id": "mgr_none", "payment_id": "pay_01J0000000000000000000000",
    "refund_id": "rfd_01J0000000000000000000000", "order_id": "ord_1", "endpoint_id": "we_01J0000000000000000000000",
    "delivery_id": "dlv_01J0000000000000000000000", "token": "inboxwithoutanymessages",
    "member_id": "mem_01J0000000000000000000000", "program_id": "prg_none", "reward_id": "rwd_none",
    "redemption_id": "rdm_01J0000000000000000000000", "review_id": "rev_01J0000000000000000000000",
    "fault_id": "flt_01J0000000000000000000000", "run_id": "trf_01J0000000000000000000000",
    "delivery_status": "assigned", "scenario": "no_such_scenario",
    "campaign_id": "cam_01J0000000000000000000000", "code": "NOSUCHCODE", "alert_id": "alr_01J0000000000000000000000",
    "cart_id": "crt_01J0000000000000000000000", "line_id": "cln_01J0000000000000000000000",
    "reservation_id": "res_01J0000000000000000000000", "hold_id": "hld_01J0000000000000000000000",
    "entry_id": "wtl_01J0000000000000000000000",
    "category_id": "cat_none", "modifier_id": "mod_none", "tax_id": "tax_none", "charge_id": "chg_none", "job_id": "mjb_none",
    "table_id": "tbl_none", "area_id": "are_none",
    "export_id": "exp_01J0000000000000000000000", "schedule_id": "exs_01J0000000000000000000000",
    "integration_id": "int_01J0000000000000000000000", "record_id": "anr_01J0000000000000000000000",
    "customer_id": "cus_01J0000000000000000000000", "tag": "no-such-tag", "merge_id": "mrg_01J0000000000000000000000",
    "listener_id": "we_01J0000000000000000000009", "message_id": "lmg_01J0000000000000000000000",
    "segment_id": "seg_none", "notification_id": "ntf_01J0000000000000000000000",
}  # fmt: skip
WORDS = {"delivery_status": "assigned", "scenario": "refund_day"}  # what stands in a path and is nobody's object
EXPORT = {"dataset": "orders", "from": "2026-01-01", "to": "2026-01-31"}
SCHEDULE = {"dataset": "orders", "frequency": "daily"}
ITEM_ORDER = {"items": [{"menu_item_id": "itm_bacon_cheeseburger"}], "location_id": "loc_waw_01"}
WEBHOOK = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]}
TABLE = {"location_id": "loc_waw_01", "start_at": "2030-01-14T12:00:00Z", "party_size": 2}
GUEST = {"name": "Jane Doe", "phone": "+37060012345"}
PROMO_CODE = {"code": "SAMPLE-TEN", "kind": "percent", "value": 10}
BODIES: dict[str, dict[str, Any]] = {
    "core.create_customer": {"name": "Ada Byron"},
    "core.import_customers": {"customers": [{"name": "Ada Byron"}]},
    "core.change_customer": {"likes": ["soup"]},
    "core.set_consents": {"sms_marketing": "granted", "source": "paper form"},
    "core.add_tag": {"tag": "sample"},
    "core.merge_customers": {"victim_ids": ["cus_none"]},
    "core.create_segment": {"name": "Sample", "rule": {"min_orders": 1}},
    "core.change_segment": {"description": "Those who come back"},
    "core.create_notification": {"title": "Sample", "body": "Soup is out"},
    "core.mark_notification": {"is_read": True},
    "core.create_campaign": {"name": "Soup", "channel": "sms", "message": {"body": "Soup!"}},
    "core.change_campaign": {"name": "Soup week"},
    "core.record_click": {"customer_id": "cus_none"},
    "core.create_promo_code": PROMO_CODE,
    "core.change_promo_code": {"is_active": False},
    "core.validate_promo_code": ITEM_ORDER,
    "core.send_sms_alert": {"text": "Soup!"},
    "core.create_cart": ITEM_ORDER,
    "core.change_cart": {"notes": "Ring twice"},
    "core.add_cart_item": {"menu_item_id": "itm_bacon_cheeseburger"},
    "core.change_cart_item": {"quantity": 2},
    "core.apply_cart_promo": {"code": "SAMPLE-TEN"},
    "core.check_out_cart": {"payment": {"method": "cash"}},
    "core.create_reservation": {**TABLE, "customer": GUEST},
    "core.change_reservation": {"memo": "Window"},
    "core.take_deposit": {},
    "core.create_hold": TABLE,
    "core.renew_hold": {"ttl_seconds": 600},
    "core.join_waitlist": {"location_id": "loc_waw_01", "party_size": 2, "customer": GUEST},
    "core.create_order": ITEM_ORDER,
    "core.preview_order": ITEM_ORDER,
    "core.change_order": {"notes": "Ring twice"},
    "core.amend_order": {"operations": [{"op": "add", "item": {"name": "Bread", "price": 1}}]},
    "core.split_order": {"mode": "even", "parts": 2},
    "core.update_delivery": {"status": "assigned"},
    "core.set_availability": {"available": False, "reason": "manual_86"},
    "core.set_availabilities": {"items": [{"menu_item_id": "itm_fries", "available": False}]},
    "core.create_menu": {"name": "Lunch"},
    "core.change_menu": {"subtitle": "Until three"},
    "core.upload_menu": {"categories": [{"name": "Soups", "items": [{"name": "Barszcz", "price": 18}]}]},
    "core.create_category": {"menu_id": "mnu_all_day", "name": "Soups"},
    "core.change_category": {"subtitle": "Hot"},
    "core.create_item": {"name": "Barszcz", "price": 18},
    "core.change_item": {"price": 19.5},
    "core.create_modifier_group": {"name": "Breads", "modifiers": [{"name": "Rye", "price": 3}]},
    "core.change_modifier_group": {"max": 2},
    "core.set_modifier_availability": {"available": False},
    "core.create_tax": {"name": "VAT 5 %", "rate": "0.05"},
    "core.change_tax": {"code": "C"},
    "core.create_charge": {"name": "Terrace", "kind": "percent", "value": 5},
    "core.change_charge": {"value": 6},
    "core.change_restaurant": {"name": "Bistro"},
    "core.change_location": {"internal_name": "WAW"},
    "core.set_hours": {"opening_hours": [{"weekday": 0, "opens": "00:00", "closes": "24:00"}]},
    "core.set_status": {"status": "online"},
    "core.create_table": {"location_id": "loc_waw_01", "name": "Sample", "seats": {"max": 4}},
    "core.change_table": {"x": 1.5},
    "core.create_area": {"location_id": "loc_waw_01", "name": "Sample"},
    "core.change_area": {"sort": 1},
    "core.take_payment": {"method": "cash"},  # and the order, see body_of
    "core.refund_payment": {"reason": "quality"},
    "core.create_webhook": WEBHOOK,
    "core.start_export": EXPORT,
    "core.create_export_schedule": SCHEDULE,
    "core.create_integration": {"name": "Till", "kind": "pos"},
    "core.change_integration": {"name": "Main till"},
    "core.put_mappings": {"mappings": []},
    "core.add_record": {"metric": "footfall", "value": 120},
    "core.change_webhook": {"description": "Kitchen screen"},
    "core.resend_event": {"webhook_id": "we_none"},  # or the tenant's own endpoint, see body_of
    "core.recover_events": {"since": iso(now_us())},
    "core.retry_failed": {"status_class": "all"},
    "core.replay_events": {"from": "2030-01-01T00:00:00Z", "to": "2030-01-02T00:00:00Z"},
    "sandbox.set_clock": {"advance_seconds": 60},
    "sandbox.set_plan": {"tier": None},
    "core.create_program": {"name": "Regulars"},
    "core.change_program": {"name": "Friends"},
    "core.change_reward": {"name": "Gift"},
    "core.change_member": {"code": "SAMPLE-CARD"},
    "core.import_members": {"members": [{"program_id": "prg_none", "customer_id": "cus_none"}]},
    "core.post_points": {"delta": 1, "reason": "adjust"},
    "core.submit_review": {"overall": 5, "location_id": "loc_waw_01"},
    "core.change_review": {"status": "response_needed"},
    "core.respond_to_review": {"text": "Thank you"},
    "sandbox.submit_review": {"overall": 4, "location_id": "loc_waw_01"},
    "sandbox.add_fault": {"effect": {"status": 503}, "match": {"path": "/v1/nowhere"}},
    "sandbox.put_store_status": {"status": "online"},
    "sandbox.take_off_sale": {"available": True},
    "sandbox.start_traffic": {"orders_per_min": 1, "duration_s": 1},
    "sandbox.trigger": {"type": "order.created"},
    "sandbox.open_listener": {"machine": "till"},
    "sandbox.answer_message": {"status": 204},
}


PERIOD = "from=2026-01-01&to=2026-01-31"
QUERIES = {
    "core.read_availability": "location_id=<location_id>&date=2030-01-14&party_size=2",
    **{f"core.report_{name}": PERIOD for name in (
        "sales", "orders", "items", "channels", "locations", "reservations", "reviews", "loyalty",
    )},
}  # fmt: skip


def body_of(operation: Operation, ids: dict[str, str]) -> dict[str, Any] | None:
    """A body the operation accepts, or None for one without."""
    body = BODIES.get(operation.name)
    if operation.name == "core.take_payment" and body:
        return {**body, "order_id": ids["order_id"]}
    if operation.name == "core.merge_customers" and "duplicate_id" in ids:
        return {"victim_ids": [ids["duplicate_id"]]}
    if operation.name == "core.resend_event":
        return {"webhook_id": ids["endpoint_id"]}
    return body


def path_of(operation: Operation, ids: dict[str, str]) -> str:
    """The path of an operation with the ids in it, and the parameters it cannot do without."""
    path = f"{operation.path}?{QUERIES[operation.name]}" if operation.name in QUERIES else operation.path
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
        places = build_places(partner, location_id, group_id)
        loyal = build_loyalty(partner)
        send_message(partner.scope, channel="email", to="jane@example.com", subject="Hello", body="Soup!", kind="receipt")
    order = {"location_id": location_id, "items": [{"menu_item_id": item_id}]}
    paid, open_order = (answered(caller.post("/v1/orders", json=order))["id"] for _ in range(2))
    payment = answered(caller.post("/v1/payments", json={"order_id": paid, "method": "cash"}))
    refund = answered(caller.post(f"/v1/payments/{payment['id']}/refunds", json={"reason": "other", "amount": 1}))
    endpoint = answered(caller.post("/v1/webhooks", json=WEBHOOK))
    event = answered(caller.get("/v1/events?limit=1&types=order.created"))["data"][0]
    inbox = answered(caller.post("/sandbox/v1/inbox"))
    fault = answered(caller.post("/sandbox/v1/faults", json=BODIES["sandbox.add_fault"]))
    stream = answered(caller.post("/sandbox/v1/traffic", json=BODIES["sandbox.start_traffic"]))
    export = answered(caller.post("/v1/exports", json=EXPORT))
    schedule = answered(caller.post("/v1/export-schedules", json=SCHEDULE))
    integration = answered(caller.post("/v1/integrations", json=BODIES["core.create_integration"]))
    figure = answered(caller.post("/v1/analytics/records", json=BODIES["core.add_record"]))
    request_log.flush()
    return {
        **loyal, **build_listener(partner, caller),
        "review_id": answered(caller.post("/v1/reviews", json={"overall": 5, "location_id": location_id}))["id"],
        "export_id": export["id"], "schedule_id": schedule["id"], "integration_id": integration["id"], "record_id": figure["id"],
        "location_id": location_id, "item_id": item_id, "menu_id": menu_id, "group_id": group_id, "order_id": open_order,
        "payment_id": payment["id"], "refund_id": refund["id"], "endpoint_id": endpoint["id"], "event_id": event["id"],
        "token": inbox["token"], "fault_id": fault["id"], "run_id": stream["id"], **places, **WORDS,
        "request_id": answered(caller.get("/v1/logs?limit=1"))["data"][0]["request_id"],
        "delivery_id": build_delivery(partner, endpoint["id"], event["id"]), **build_sales(partner, caller, order),
        **build_bookings(partner, caller, location_id), **build_guests(caller, location_id, item_id),
    }  # fmt: skip


def build_places(partner: Partner, location_id: str, group_id: str) -> dict[str, str]:
    """What hangs on a location and its menus besides items. Inside an open unit of work."""
    scope = partner.scope
    table_id = create_table(scope, location_id=location_id)
    return {
        "modifier_id": create_modifier(scope, group_id=group_id), "tax_id": create_tax(scope),
        "charge_id": create_charge(scope, location_id=location_id),
        "category_id": create_category(scope, menu_id=create_menu(scope, location_id=location_id)),
        "job_id": upload_menu(scope, menu_id=create_menu(scope), document={"categories": []})["id"],
        "table_id": table_id, "area_id": create_area(scope, location_id=location_id, name="Garden")["id"],
    }


def build_sales(partner: Partner, caller: Caller, order: dict[str, Any]) -> dict[str, str]:
    """A campaign with two recipients, a promo code, an alert and a cart."""
    with unit_of_work(partner.scope):
        guest_ids = [create_guest(partner.scope) for _ in range(2)]
        campaign_id, code = create_campaign(partner.scope), create_promo(partner.scope)
        append(partner.scope, CampaignRecipient, [
            {"id": new_id("crp"), "campaign_id": campaign_id, "customer_id": guest_id, "status": "suppressed", "at": now()}
            for guest_id in guest_ids
        ])  # fmt: skip
    alert = answered(caller.post("/v1/alerts/sms", json={"customer_id": guest_ids[0], "text": "Soup!"}))
    cart = answered(caller.post("/v1/carts", json=order))
    ids = {"campaign_id": campaign_id, "code": code, "alert_id": alert["id"], "cart_id": cart["id"]}
    return {**ids, "line_id": cart["items"][0]["id"]}


def build_bookings(partner: Partner, caller: Caller, location_id: str) -> dict[str, str]:
    """A reservation, a hold and a waiting party at tables of a location."""
    with unit_of_work(partner.scope):
        for _ in range(3):
            create_table(partner.scope, location_id=location_id)
    table = {**TABLE, "location_id": location_id}
    waiting = {"location_id": location_id, "party_size": 2, "customer": GUEST}
    return {
        "reservation_id": answered(caller.post("/v1/reservations", json={**table, "customer": GUEST}))["id"],
        "hold_id": answered(caller.post("/v1/holds", json=table))["id"],
        "entry_id": answered(caller.post("/v1/waitlist", json=waiting))["id"],
    }


def build_guests(caller: Caller, location_id: str, item_id: str) -> dict[str, str]:
    """A customer with a tag and a history, one merged into another, a segment and a notice to staff."""
    names = ("Ada Byron", "A. Byron", "Mary Somerville", "M. S.")
    customer_id, duplicate_id, victor_id, victim_id = (
        answered(caller.post("/v1/customers", json={"name": name}))["id"] for name in names
    )
    tag = answered(caller.post(f"/v1/customers/{customer_id}/tags", json={"tag": new_id("tag").lower()}))["tags"][0]
    order = {"location_id": location_id, "items": [{"menu_item_id": item_id}], "customer_id": customer_id}
    answered(caller.post("/v1/orders", json=order))
    merge = answered(caller.post(f"/v1/customers/{victor_id}/merge", json={"victim_ids": [victim_id]}))
    return {
        "customer_id": customer_id, "duplicate_id": duplicate_id, "tag": tag, "merge_id": merge["id"],
        "segment_id": answered(caller.post("/v1/segments", json=BODIES["core.create_segment"]))["id"],
        "notification_id": answered(caller.post("/v1/notifications", json=BODIES["core.create_notification"]))["id"],
    }  # fmt: skip


def build_loyalty(partner: Partner) -> dict[str, str]:
    """A member with points, a reward it can pay and one it has paid. Inside an open unit of work."""
    member = make_member(partner.scope, points=500)
    reward_id = make_reward(partner.scope, program_id=member["program_id"])["id"]
    redemption = redeem_reward(partner.scope, member_id=member["id"], reward_id=reward_id)
    return {
        "member_id": member["id"], "program_id": member["program_id"], "reward_id": reward_id,
        "redemption_id": redemption["id"],
    }  # fmt: skip


def build_listener(partner: Partner, caller: Caller) -> dict[str, str]:
    """A listener, and a webhook that waits for its client."""
    listener = answered(caller.post("/sandbox/v1/listeners", json={"machine": "laptop"}))
    with unit_of_work(partner.scope):
        message_id = put_message(
            partner.scope, endpoint_id=listener["id"], delivery_id="dlv_1", attempt=1, headers={}, body=b"{}", wait_s=3600
        )
    return {"listener_id": listener["id"], "message_id": str(message_id)}


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
    assert answer.status_code in (200, 201, 202), answer.text
    return answer.json
