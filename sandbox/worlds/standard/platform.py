"""What the platform remembers: events with their deliveries, request logs and exports.

Deliveries and logs are dated in real time and inside what a sandbox keeps; the events are those of the orders.
"""

import orjson

from accounts.exports.models import ExportJob
from accounts.exports.service import RUN
from accounts.logs.models import RequestLog
from accounts.plans.catalog import SANDBOX
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import DeliveryAttempt
from domain.orders.service import get_order
from domain.orders.totals import payment_status
from domain.timers.service import set_task
from kit.clock import day_of
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.outbox import EventRow
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard import queries
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.setting import weighted

# Each event went to two endpoints that answer, and some to one that never does: 12,840 deliveries, 99.92 % successful.
EVENTS, DEAD = 6415, 10
STEPS = 7  # transactions they are written in
ATTEMPTED = 50  # the newest events, of whose deliveries each attempt is kept; and of those that failed
KEPT_US = 6 * DAY_US  # a sandbox keeps events for a week
FAILING = "fail-502"
LOGS = 2000  # 40 pages of 50
STATUSES = {200: 89, 401: 1, 403: 1, 404: 3, 409: 1, 422: 3, 429: 2}
CODES = {
    401: "unauthenticated", 403: "scope_missing", 404: "resource_not_found", 409: "invalid_transition",
    422: "validation_failed", 429: "rate_limited",
}  # fmt: skip
ROUTES = (
    ("GET", "/v1/orders"), ("GET", "/v1/orders/{id}"), ("POST", "/v1/orders"), ("GET", "/v1/menus"), ("GET", "/v1/menu-items"),
    ("GET", "/v1/reservations"), ("POST", "/v1/reservations"), ("GET", "/v1/customers"), ("GET", "/v1/locations"),
    ("PATCH", "/v1/orders/{id}"),
)  # fmt: skip
TERMINAL = {
    "completed": "order.completed", "rejected": "order.rejected", "cancelled": "order.cancelled", "failed": "order.failed",
}  # fmt: skip
DEAD_AFTER_US = (0, 5_000_000, 300_000_000, 1_800_000_000)  # when each attempt is made; the last one is the end


def write_events(scope: Scope, setting: Setting, step: int) -> None:
    """Write one step's share of the events, with their deliveries. Their numbers were kept free when the world was begun."""
    seeds = setting.seeds(f"events:{step}")
    share = range(EVENTS * step // STEPS, EVENTS * (step + 1) // STEPS)
    documents: dict[str, Document] = {}
    events = []
    for sequence, (at, order_id, kind) in zip(share, _told(scope, setting)[share.start : share.stop], strict=True):
        if order_id not in documents:
            documents[order_id] = get_order(scope, order_id=order_id)
        events.append(_event(setting, seeds, sequence + 1, kind, documents[order_id], at))
    append(scope, EventRow, events)
    _write_deliveries(scope, setting, seeds, events)


def write_logs(scope: Scope, setting: Setting) -> None:
    """Write request logs. They outlive resets, so those that are still there stay as they are."""
    seeds = setting.seeds("logs")
    rows = [_log(setting, seeds, index) for index in range(LOGS)]
    ids = orjson.dumps([row["id"] for row in rows]).decode()
    known = {row_id for (row_id,) in queries.known_logs.rows(scope, ids=ids)}
    append(scope, RequestLog, [row for row in rows if row["id"] not in known])


def write_exports(scope: Scope, setting: Setting) -> None:
    """Write an export that failed and one whose file is gone, and start one that a worker makes ready."""
    day = from_us(setting.now_us - DAY_US).date().isoformat()
    month = from_us(setting.now_us - 30 * DAY_US).date().isoformat()
    shared = {"application_id": setting.application_id, "from_date": month, "to_date": day, "format": "csv"}
    at, old = setting.now_us - HOUR_US, setting.now_us - 20 * DAY_US
    append(scope, ExportJob, [
        {"id": "exp_orders", "dataset": "orders", "status": "queued", "created_at": at, "updated_at": at, **shared},
        {"id": "exp_payments", "dataset": "payments", "status": "failed", "attempts": 5, "failure": "lost", "started_at": at,
         "finished_at": at, "created_at": at, "updated_at": at, **shared},
        {"id": "exp_customers", "dataset": "customers", "status": "expired", "attempts": 1, "row_count": 600,
         "size_bytes": 48_213, "sha256": "0" * 64, "started_at": old, "finished_at": old, "expires_at": old + 7 * DAY_US,
         "created_at": old, "updated_at": old + 7 * DAY_US, **shared},
    ])  # fmt: skip
    set_task(scope, kind=RUN, object_id="exp_orders")


def _told(scope: Scope, setting: Setting) -> list[tuple[int, str, str]]:
    """(instant, order id, type) of the newest events of the orders, oldest first."""
    told = []
    for order_id, status, created, updated in queries.order_facts.rows(scope, before=setting.now_us):
        told.append((created, order_id, "order.created"))
        if status in TERMINAL:
            told.append((updated, order_id, TERMINAL[status]))
    return sorted(told)[-EVENTS:]


def _event(setting: Setting, seeds: Seeds, sequence: int, kind: str, order: Document, at: int) -> Row:
    is_first = kind == "order.created"
    committed = setting.real_us - KEPT_US * (EVENTS - sequence) // EVENTS - MINUTE_US
    previous = None if is_first else {"status": order["status_history"][-2]["status"]}
    actor = order["status_history"][0 if is_first else -1]
    return {
        "id": seeds.id("evt"), "sequence": sequence, "type": kind, "object_id": order["id"],
        "location_id": order["location_id"], "body": {"object": _as_placed(order) if is_first else order, "previous": previous},
        "actor_type": actor["actor_type"], "actor_id": actor["actor_id"], "created_at": at, "committed_at": committed,
        "relayed_at": committed + 1_000_000,
    }  # fmt: skip


def _as_placed(order: Document) -> Document:
    """The order before anything happened to it."""
    total = order["total_minor"] - order["tip_minor"]
    due = 0 if order["collected_by"] == "channel" else total - order["deposit_applied_minor"]
    return order | {
        "status": order["status_history"][0]["status"], "status_history": order["status_history"][:1], "version": 1,
        "tip_minor": 0, "total_minor": total, "paid_minor": 0, "refunded_minor": 0, "due_minor": due, "delivery": None,
        "payment_status": payment_status(paid_minor=0, refunded_minor=0, due_minor=due), "cancel_reason": None,
        "updated_at": order["created_at"],
    }  # fmt: skip


def _write_deliveries(scope: Scope, setting: Setting, seeds: Seeds, events: list[Row]) -> None:
    healthy, failing = _endpoints(scope, setting)
    deliveries, attempts = [], []
    for event in events:
        is_dead = event["sequence"] % (EVENTS // DEAD) == 1 and event["sequence"] < EVENTS // DEAD * DEAD
        for endpoint_id in [*healthy, *([failing] if is_dead else [])]:
            is_ok = endpoint_id != failing
            tries = 1 if is_ok else len(DEAD_AFTER_US)
            outcome = {"last_status": 200, "last_reason": "ok"} if is_ok else {"last_status": 502, "last_reason": "http_502"}
            delivery = {
                "id": seeds.id("dlv"), "event_id": event["id"], "event_type": event["type"], "endpoint_id": endpoint_id,
                "state": "succeeded" if is_ok else "dead", "attempts": tries, "created_at": event["relayed_at"],
                "finished_at": event["relayed_at"] + DEAD_AFTER_US[tries - 1], **outcome,
            }  # fmt: skip
            deliveries.append(delivery)
            if not is_ok or event["sequence"] > EVENTS - ATTEMPTED:
                attempts += [_attempt(seeds, delivery, number) for number in range(1, tries + 1)]
    append(scope, Delivery, deliveries)
    append(scope, DeliveryAttempt, attempts)


def _attempt(seeds: Seeds, delivery: Row, number: int) -> Row:
    started_at = delivery["created_at"] + DEAD_AFTER_US[number - 1]
    return {
        "id": seeds.id("att"), "delivery_id": delivery["id"], "endpoint_id": delivery["endpoint_id"], "number": number,
        "started_at": started_at, "expires_on": day_of(started_at) + SANDBOX.event_days,
        "duration_ms": seeds.choices.randint(18, 420), "status": delivery["last_status"], "reason": delivery["last_reason"],
    }  # fmt: skip


def _endpoints(scope: Scope, setting: Setting) -> tuple[list[str], str]:
    """Two endpoints that answer and the one that never does; names of endpoints long gone where there are none."""
    found = queries.endpoints.rows(scope, application_id=setting.application_id)
    healthy = [endpoint_id for endpoint_id, url in found if FAILING not in url]
    failing = [endpoint_id for endpoint_id, url in found if FAILING in url]
    return [*healthy, "we_former_1", "we_former_2"][:2], [*failing, "we_former_3"][0]


def _log(setting: Setting, seeds: Seeds, index: int) -> Row:
    draw = seeds.choices
    method, route = draw.choice(ROUTES)
    status = weighted(draw, STATUSES)
    if status < 400:
        status = 201 if method == "POST" else 200
    path = route.replace("{id}", seeds.id("ord"))
    at = setting.real_us - KEPT_US * (LOGS - index) // LOGS - MINUTE_US
    return {
        "id": seeds.id("req"), "application_id": setting.application_id, "credential_id": "", "product": "core",
        "method": method, "path": path, "query": "limit=50" if route == "/v1/orders" and method == "GET" else "",
        "route": route, "status": status, "error_code": CODES.get(status), "duration_us": draw.randint(900, 48_000),
        "at": at, "expires_on": day_of(at) + SANDBOX.log_days, "ip": f"198.51.100.{draw.randint(1, 250)}",
        "request_headers": {}, "request_body": "", "response_headers": {}, "response_body": "",
    }  # fmt: skip
