"""Hostile requests as data: what is sent, and the refusal the contract gives it. `{names}` are filled in by the tests."""

import gzip
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import orjson

ORDER: dict[str, Any] = {
    "location_id": "loc_waw_01",
    "fulfillment": {"type": "pickup"},
    "items": [{"menu_item_id": "itm_bacon_cheeseburger", "quantity": 1}],
}
PAYMENT = {"order_id": "ord_89421", "method": "card", "source": "tok_ok"}
WEBHOOK = {"url": "https://hooks.sandbox.invalid/ok", "events": ["order.created"]}
LINE = ORDER["items"][0]


@dataclass(frozen=True)
class Case:
    """One hostile request and the status and code of its refusal."""

    name: str
    status: int
    code: str
    method: str = "GET"
    path: str = "/v1/orders"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    authorization: str | None = "Bearer {key}"


def order(name: str, status: int, code: str, /, **changes: Any) -> Case:
    """A valid order with some members replaced."""
    return Case(name, status, code, "POST", "/v1/orders", orjson.dumps({**ORDER, **changes}))


def raw_order(name: str, status: int, code: str, /, members: str) -> Case:
    """An order written by hand, for what no JSON library would write."""
    return Case(name, status, code, "POST", "/v1/orders", members.encode("utf-8", "surrogatepass"))


def line(name: str, status: int, code: str, /, **changes: Any) -> Case:
    """A valid order whose only line has some members replaced."""
    return order(name, status, code, items=[{**LINE, **changes}])


def number(name: str, status: int, code: str, /, text: str) -> Case:
    """A free line with a price written as `text`."""
    return raw_order(name, status, code, '{"location_id":"loc_waw_01","items":[{"name":"X","price":' + text + "}]}")


def post(name: str, status: int, code: str, path: str, /, **members: Any) -> Case:
    return Case(name, status, code, "POST", path, orjson.dumps(members))


def get(name: str, status: int, code: str, /, path: str) -> Case:
    return Case(name, status, code, "GET", path)


def signed(name: str, status: int, code: str, authorization: str | None, path: str = "/v1/orders", **headers: str) -> Case:
    """A harmless call with an unusual credential."""
    return Case(name, status, code, "GET", path, headers=headers, authorization=authorization)


WRONG_TYPES = [
    order("items-string", 422, "validation_failed", items="one"),
    order("items-object", 422, "validation_failed", items={"0": LINE}),
    order("items-empty", 422, "validation_failed", items=[]),
    order("items-null", 422, "validation_failed", items=None),
    order("items-of-numbers", 422, "validation_failed", items=[1, 2]),
    order("items-201", 422, "validation_failed", items=[LINE] * 201),
    order("unknown-field", 422, "validation_failed", is_admin=True),
    order("tenant-in-body", 422, "validation_failed", tenant_id="tnt_other"),
    order("status-in-create", 422, "validation_failed", status="completed"),
    order("fulfillment-string", 422, "validation_failed", fulfillment="pickup"),
    order("delivery-without-address", 422, "validation_failed", fulfillment={"type": "delivery"}),
    order("metadata-list", 422, "validation_failed", metadata=["a"]),
    order("metadata-nested", 422, "validation_failed", metadata={"a": {"b": "c"}}),
    order("metadata-51-keys", 422, "validation_failed", metadata={f"k{n}": "v" for n in range(51)}),
    order("notes-2001-characters", 422, "validation_failed", notes="x" * 2001),
    order("source-unknown", 422, "validation_failed", source="carrier-pigeon"),
    order("requested-at-without-offset", 422, "validation_failed",
          fulfillment={"type": "pickup", "requested_at": "2026-01-12T13:00:00"}),
    order("requested-at-year-10000", 422, "validation_failed",
          fulfillment={"type": "pickup", "requested_at": "10000-01-01T00:00:00Z"}),
    order("requested-at-before-year-one", 422, "validation_failed",
          fulfillment={"type": "pickup", "requested_at": "0001-01-01T00:00:00+23:00"}),
    order("requested-at-number", 422, "validation_failed", fulfillment={"type": "pickup", "requested_at": 1768219200}),
    line("quantity-string", 422, "validation_failed", quantity="1"),
    line("quantity-boolean", 422, "validation_failed", quantity=True),
    line("quantity-fraction", 422, "validation_failed", quantity=1.5),
    line("quantity-zero", 422, "validation_failed", quantity=0),
    line("quantity-negative", 422, "validation_failed", quantity=-1),
    line("item-and-price", 422, "validation_failed", name="Free lunch", price=0),
    line("item-id-number", 422, "validation_failed", menu_item_id=7),
    line("item-id-10-kB", 422, "validation_failed", menu_item_id="x" * 10_000),
    line("item-unknown", 422, "unknown_item", menu_item_id="itm_of_nobody"),
    line("item-sql", 422, "unknown_item", menu_item_id="' OR 1=1 --"),
    line("modifiers-51", 422, "validation_failed", modifiers=[{"modifier_id": "mod_extra_bacon"}] * 51),
]  # fmt: skip
NUMBERS = [
    number("price-nan", 400, "malformed_json", "NaN"),
    number("price-infinity", 400, "malformed_json", "Infinity"),
    number("price-minus-infinity", 400, "malformed_json", "-Infinity"),
    number("price-401-digits", 400, "malformed_json", "1" + "0" * 400),
    number("price-1e999999999", 422, "validation_failed", "1e999999999"),
    number("price-1e-999999999", 422, "amount_precision", "1e-999999999"),
    number("price-negative", 422, "validation_failed", "-0.01"),
    number("price-hexadecimal", 400, "malformed_json", "0x10"),
    number("price-leading-zero", 400, "malformed_json", "007"),
    number("price-string", 422, "validation_failed", '"4.00"'),
    number("price-too-precise", 422, "amount_precision", "4.001"),
    raw_order("quantity-10-to-the-20", 422, "validation_failed",
              '{"location_id":"loc_waw_01","items":[{"menu_item_id":"itm_bacon_cheeseburger","quantity":100000000000000000000}]}'),
    order("total-beyond-64-bits", 422, "validation_failed",
          items=[{"name": "Gold", "price": 9_000_000_000_000_000, "quantity": 999}] * 20),
    order("latitude-beyond-float", 422, "validation_failed", fulfillment={
        "type": "delivery", "address": {"line1": "A", "city": "B", "lat": 1e300}}),
    order("tip-negative", 422, "validation_failed", tip=-1),
    order("tip-too-precise", 422, "amount_precision", tip=0.001),
    post("payment-negative", 422, "validation_failed", "/v1/payments", **PAYMENT, amount=-1),
    post("payment-too-precise", 422, "amount_precision", "/v1/payments", **PAYMENT, amount=4.001),
    post("payment-above-due", 422, "amount_exceeds_due", "/v1/payments", **PAYMENT, amount=999_999_999_999),
    post("payment-other-currency", 422, "currency_mismatch", "/v1/payments", **PAYMENT, amount=1, currency="EUR"),
    Case("version-10-to-the-30", 409, "version_conflict", "PATCH", "/v1/orders/ord_89421",
         b'{"notes":"x","version":1000000000000000000000000000000}'),
]  # fmt: skip
TEXTS = [
    order("nul-in-notes", 422, "validation_failed", notes="a\u0000b"),
    order("escape-in-notes", 422, "validation_failed", notes="\u001b[2J"),
    order("nul-in-location", 422, "validation_failed", location_id="loc\u0000"),
    raw_order("lone-surrogate-value", 400, "malformed_json",
              '{"location_id":"loc_waw_01","notes":"\\ud800","items":[{"menu_item_id":"itm_bacon_cheeseburger"}]}'),
    raw_order("lone-surrogate-field", 400, "malformed_json", '{"\\ud800":1,"items":[{"menu_item_id":"i"}]}'),
    raw_order("lone-surrogate-metadata-key", 400, "malformed_json",
              '{"metadata":{"\\udfff":"x"},"items":[{"menu_item_id":"itm_bacon_cheeseburger"}]}'),
    raw_order("raw-surrogate-bytes", 400, "malformed_json", '{"notes":"\ud800"}'),
    Case("invalid-utf-8", 400, "malformed_json", "POST", body=b'{"notes":"\xff\xfe"}'),
    Case("utf-16-body", 400, "malformed_json", "POST", body='{"items":[]}'.encode("utf-16")),
    Case("byte-order-mark", 400, "malformed_json", "POST", body=b"\xef\xbb\xbf{}"),
    Case("lone-surrogate-quote-id", 400, "malformed_json", "POST", body=(
        b'{"location_id":"loc_waw_01","quote_id":"\\ud800","items":[{"menu_item_id":"itm_bacon_cheeseburger"}]}')),
]  # fmt: skip
BODIES = [
    Case("body-empty", 422, "validation_failed", "POST", body=b""),
    Case("body-array", 422, "validation_failed", "POST", body=b"[]"),
    Case("body-null", 422, "validation_failed", "POST", body=b"null"),
    Case("body-string", 422, "validation_failed", "POST", body=b'"items"'),
    Case("body-cut-off", 400, "malformed_json", "POST", body=b'{"items":['),
    Case("body-trailing-garbage", 400, "malformed_json", "POST", body=b"{} {}"),
    Case("body-single-quotes", 400, "malformed_json", "POST", body=b"{'items':[]}"),
    Case("body-duplicate-keys", 400, "malformed_json", "POST", body=b'{"tip":1,"tip":0}'),
    Case("body-duplicate-keys-deep", 400, "malformed_json", "POST", body=b'{"items":[{"quantity":1,"quantity":2}]}'),
    Case("body-10000-lists-deep", 400, "malformed_json", "POST", body=b"[" * 10_000 + b"]" * 10_000),
    Case("body-100000-objects-deep", 400, "malformed_json", "POST", body=b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    Case("body-300-deep-with-escapes", 400, "malformed_json", "POST", body=b'["\\u0041",' * 300 + b"0" + b"]" * 300),
    Case("body-900-deep-with-escapes", 400, "malformed_json", "POST", body=b'{"\\u0041":' * 900 + b"0" + b"}" * 900),
    Case("body-2-MiB", 413, "payload_too_large", "POST", body=b'{"notes":"' + b"x" * 2**21 + b'"}'),
    Case("body-gzip", 400, "malformed_json", "POST", body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
    Case("body-text-plain", 415, "unsupported_media_type", "POST", body=b"{}", headers={"Content-Type": "text/plain"}),
    Case("body-form", 415, "unsupported_media_type", "POST", body=b"items=1",
         headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Case("body-without-type", 415, "unsupported_media_type", "POST", body=b"{}", headers={"Content-Type": ""}),
    post("webhook-url-script", 422, "validation_failed", "/v1/webhooks", **{**WEBHOOK, "url": "javascript:alert(1)"}),
    post("webhook-url-with-password", 422, "validation_failed", "/v1/webhooks", **{**WEBHOOK, "url": "https://a:b@c.example/"}),
    post("webhook-url-nul", 422, "validation_failed", "/v1/webhooks", **{**WEBHOOK, "url": "https://c.example/\u0000"}),
    post("webhook-event-unknown", 422, "validation_failed", "/v1/webhooks", **{**WEBHOOK, "events": ["order.eaten"]}),
    post("reset-profile-unknown", 422, "validation_failed", "/sandbox/v1/reset", profile="../../etc/passwd"),
    post("clock-two-wishes", 422, "validation_failed", "/sandbox/v1/clock", mode="real", advance_seconds=1),
    post("clock-far-ahead", 422, "validation_failed", "/sandbox/v1/clock", advance_seconds=10**12),
    post("trigger-foreign-object", 404, "resource_not_found", "/sandbox/v1/events/trigger", type="order.ready",
         object_id="{foreign_order}"),
]  # fmt: skip
QUERIES = [
    get("limit-zero", 400, "invalid_parameter", "/v1/orders?limit=0"),
    get("limit-negative", 400, "invalid_parameter", "/v1/orders?limit=-1"),
    get("limit-1e9", 400, "invalid_parameter", "/v1/orders?limit=1e9"),
    get("limit-1000000000", 400, "invalid_parameter", "/v1/orders?limit=1000000000"),
    get("limit-word", 400, "invalid_parameter", "/v1/orders?limit=abc"),
    get("limit-empty", 400, "invalid_parameter", "/v1/orders?limit="),
    get("limit-5000-digits", 400, "invalid_parameter", "/v1/orders?limit=" + "9" * 5000),
    get("parameter-unknown", 400, "invalid_parameter", "/v1/orders?tenant_id=tnt_other"),
    get("parameter-unknown-on-one-object", 400, "invalid_parameter", "/v1/orders/ord_89421?verbose=1"),
    get("parameter-repeated", 400, "invalid_parameter", "/v1/orders?limit=1&limit=2"),
    get("status-unknown", 400, "invalid_parameter", "/v1/orders?status=eaten"),
    get("status-60-values", 400, "invalid_parameter", "/v1/orders?status=" + ",".join(["pending"] * 60)),
    get("sort-sql", 400, "invalid_parameter", "/v1/orders?sort=created_at;drop%20table%20orders"),
    get("created-from-garbage", 400, "invalid_parameter", "/v1/orders?created_from=yesterday"),
    get("nul-in-parameter-name", 400, "invalid_parameter", "/v1/orders?a%00b=1"),
    get("nul-in-filter", 400, "invalid_parameter", "/v1/orders?external_id=%00"),
    get("after-sequence-negative", 400, "invalid_parameter", "/v1/events?after_sequence=-1"),
    get("after-sequence-beyond-64-bits", 400, "invalid_parameter", "/v1/events?after_sequence=99999999999999999999"),
    get("cursor-with-nul", 400, "invalid_parameter", "/v1/orders?cursor=%00"),
    get("cursor-garbled", 400, "invalid_cursor", "/v1/orders?cursor=%21%ff%e2%98%83"),
    get("cursor-base64-of-nothing", 400, "invalid_cursor", "/v1/orders?cursor=AAAA"),
    get("cursor-altered", 400, "invalid_cursor", "/v1/orders?limit=2&cursor=x{cursor}"),
    get("cursor-of-another-tenant", 400, "invalid_cursor", "/v1/orders?limit=2&cursor={foreign_cursor}"),
    get("cursor-with-another-filter", 400, "invalid_cursor", "/v1/orders?limit=2&status=pending&cursor={cursor}"),
    get("cursor-of-another-list", 400, "invalid_cursor", "/v1/payments?limit=2&cursor={cursor}"),
    get("cursor-25-hours-old", 400, "invalid_cursor", "/v1/orders?limit=2&cursor={old_cursor}"),
]
PATHS = [
    get("id-of-another-tenant", 404, "resource_not_found", "/v1/orders/{foreign_order}"),
    get("id-traversal", 404, "resource_not_found", "/v1/orders/..%2f..%2fetc%2fpasswd"),
    get("id-dots", 404, "resource_not_found", "/v1/orders/%2e%2e"),
    get("id-10-kB", 404, "resource_not_found", "/v1/orders/" + "x" * 10_000),
    get("id-sql", 404, "resource_not_found", "/v1/orders/ord_89421'%20OR%20'1'='1"),
    get("id-wildcard", 404, "resource_not_found", "/v1/orders/ord_%25"),
    get("id-unicode", 404, "resource_not_found", "/v1/orders/%E2%98%83%F0%9F%8D%94"),
    get("id-nul", 404, "resource_not_found", "/v1/orders/ord_89421%00"),
    get("id-invalid-utf-8", 404, "resource_not_found", "/v1/orders/%ff%fe"),
    get("path-unknown", 404, "resource_not_found", "/v1/secrets"),
    get("inbox-token-unknown", 404, "resource_not_found", "/sandbox/v1/inbox/" + "y" * 300),
    Case("method-put-on-list", 405, "method_not_allowed", "PUT", "/v1/orders", b"{}"),
    Case("method-delete-on-order", 405, "method_not_allowed", "DELETE", "/v1/orders/ord_89421"),
    Case("method-invented", 405, "method_not_allowed", "BREW", "/v1/orders"),
    Case("method-override", 405, "method_not_allowed", "POST", "/v1/orders/ord_89421", b"{}",
         headers={"X-HTTP-Method-Override": "DELETE"}),
]  # fmt: skip
HEADERS = [
    Case("if-match-garbled", 400, "invalid_parameter", "PATCH", "/v1/orders/ord_89421", b'{"notes":"x"}',
         headers={"If-Match": '"one"'}),
    Case("if-match-list", 400, "invalid_parameter", "PATCH", "/v1/orders/ord_89421", b'{"notes":"x"}',
         headers={"If-Match": '"1", "2"'}),
    Case("if-match-huge", 400, "invalid_parameter", "PATCH", "/v1/orders/ord_89421", b'{"notes":"x"}',
         headers={"If-Match": '"' + "9" * 400 + '"'}),
    Case("if-match-stale", 409, "version_conflict", "PATCH", "/v1/orders/ord_89421", b'{"notes":"x"}',
         headers={"If-Match": '"99999"'}),
    Case("idempotency-key-empty", 400, "invalid_parameter", "POST", body=orjson.dumps(ORDER), headers={"Idempotency-Key": ""}),
    Case("idempotency-key-256", 400, "invalid_parameter", "POST", body=orjson.dumps(ORDER),
         headers={"Idempotency-Key": "k" * 256}),
    Case("idempotency-key-not-ascii", 400, "invalid_parameter", "POST", body=orjson.dumps(ORDER),
         headers={"Idempotency-Key": "k\xe9y"}),
    Case("version-unknown", 400, "unsupported_version", headers={"Tableport-Version": "1999-01-01"}),
    Case("version-10-kB", 400, "unsupported_version", headers={"Tableport-Version": "9" * 10_000}),
]  # fmt: skip
CREDENTIALS = [
    signed("no-credential", 401, "unauthenticated", None),
    signed("credential-empty", 401, "unauthenticated", ""),
    signed("credential-without-scheme", 401, "unauthenticated", "{key}"),
    signed("credential-basic", 401, "unauthenticated", "Basic dXNlcjpwYXNz"),
    signed("credential-twice", 401, "unauthenticated", "Bearer Bearer {key}"),
    signed("credential-not-ascii", 401, "unauthenticated", "Bearer \xfc\xff"),
    signed("credential-10-kB", 401, "unauthenticated", "Bearer " + "x" * 10_000),
    signed("key-in-query", 401, "token_revoked", None, "/v1/orders?api_key={spare_key}"),
    signed("unknown-key-in-query", 401, "unauthenticated", None, "/v1/orders?api_key={unknown_key}"),
    signed("key-in-cookie", 401, "unauthenticated", None, Cookie="key={key}"),
    signed("key-in-another-header", 401, "unauthenticated", None, **{"X-Api-Key": "{key}"}),
    signed("key-with-wrong-checksum", 401, "unauthenticated", "Bearer {flipped_key}"),
    signed("key-with-live-head", 401, "unauthenticated", "Bearer {live_twin}"),
    signed("key-unknown", 401, "unauthenticated", "Bearer {unknown_key}"),
    signed("key-revoked", 401, "token_revoked", "Bearer {revoked_key}"),
    signed("key-from-another-address", 403, "ip_not_allowed", "Bearer {fenced_key}"),
    signed("key-without-scope", 403, "insufficient_scope", "Bearer {menus_key}"),
    signed("production-key-before-approval", 403, "production_not_approved", "Bearer {unapproved_key}"),
    signed("production-key-on-sandbox-control", 404, "resource_not_found", "Bearer {production_key}", "/sandbox/v1/state"),
]
CASES = [*WRONG_TYPES, *NUMBERS, *TEXTS, *BODIES, *QUERIES, *PATHS, *HEADERS, *CREDENTIALS]
