"""Carts and checkout in the Core API."""

from typing import Any

from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.cart_schemas import CartIn
from api.core.cart_schemas import CartItemPatch
from api.core.cart_schemas import CartOut
from api.core.cart_schemas import CartPatch
from api.core.cart_schemas import CartPromoIn
from api.core.cart_schemas import CheckoutIn
from api.core.cart_schemas import CheckoutOut
from api.core.order_drafts import line_draft
from api.core.order_drafts import order_draft
from api.core.schemas import OrderItemIn
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from api.views import compile_view
from domain.campaigns.errors import PromoInvalid
from domain.carts import service as carts
from domain.carts.errors import CartExpired
from domain.carts.rows import read_cart as stored_cart
from domain.guests.masking import masked_email
from domain.guests.masking import masked_phone
from domain.orders.drafts import PROMO
from kit.documents import Document
from kit.errors import Forbidden
from kit.errors import InvalidTransition
from kit.errors import PaymentDeclined

OWN_NAMES = {"charges": "charge_ids", "tip": "tip_minor"}
NOTHING: dict[str, Any] = {
    "source": "api", "fulfillment": {"type": "pickup"}, "table_less": False, "items": [], "discounts": [], "charges": [],
}  # fmt: skip
print_cart = compile_view(CartOut)
CLOSED = (CartExpired, InvalidTransition)


@endpoint(
    blueprint, "POST", "/carts", scope="orders:write", area="carts", body=CartIn, returns=CartOut, status=201
)  # fmt: skip
def create_cart(call: Call) -> Reply:
    """Open a cart.

    It takes the fields of an order. Prices are the menu's of the moment: every answer prices the cart anew, and `problems`
    names what stands in the way of its checkout. A cart nobody writes to for two hours expires.
    """
    fields = _fields(call, call.body.get("location_id"))
    lines = order_draft(call, {**NOTHING, **call.body}).lines
    cart = carts.open_cart(
        call.scope, location_id=call.body.get("location_id"), lines=lines, may_open_items=call.principal.allow_open_items,
        **fields,
    )  # fmt: skip
    return Reply(document=_shown(call, cart), headers={"Location": f"/v1/carts/{cart['id']}"})


@endpoint(blueprint, "GET", "/carts/<cart_id>", scope="orders:read", area="carts", returns=CartOut, errors=(CartExpired,))
def read_cart(call: Call, cart_id: str) -> Reply:
    """Read a cart, priced as of now."""
    cart = _shown(call, carts.get_cart(call.scope, cart_id=cart_id))
    # The ETag serves If-Match only: prices change without the cart, so a caller who has this version is not told 304.
    return Reply(payload=print_cart(cart), headers={"ETag": f'"{cart["version"]}"'})


@endpoint(
    blueprint, "PATCH", "/carts/<cart_id>", scope="orders:write", area="carts", body=CartPatch, returns=CartOut, errors=CLOSED
)
def change_cart(call: Call, cart_id: str) -> Document:
    """Change anything about a cart but its location and items."""
    location_id = stored_cart(call.scope, cart_id=cart_id)["location_id"]
    cart = carts.change_cart(
        call.scope, cart_id=cart_id, expected_version=expected_version(call), changes=_fields(call, location_id)
    )
    return _shown(call, cart)


@endpoint(
    blueprint, "POST", "/carts/<cart_id>/items", scope="orders:write", area="carts", body=OrderItemIn, returns=CartOut,
    status=201, errors=CLOSED,
)  # fmt: skip
def add_cart_item(call: Call, cart_id: str) -> Document:
    """Put an item into a cart. The answer is the whole cart.

    What cannot be had at the moment is put in as well; `problems` says so and the totals leave it out.
    """
    line = line_draft(call.body, "item", _amounts(call, cart_id))
    cart = carts.add_line(call.scope, cart_id=cart_id, line=line, **_terms(call))
    return _shown(call, cart)


@endpoint(
    blueprint, "PATCH", "/carts/<cart_id>/items/<line_id>", scope="orders:write", area="carts", body=CartItemPatch,
    returns=CartOut, errors=CLOSED,
)  # fmt: skip
def change_cart_item(call: Call, cart_id: str, line_id: str) -> Document:
    """Change the quantity, variation, modifiers or notes of an item in a cart."""
    changes = dict(call.body)
    if "modifiers" in changes:
        changes["modifiers"] = line_draft({"quantity": 1, **changes}, "item", _amounts(call, cart_id)).modifiers
    cart = carts.change_line(call.scope, cart_id=cart_id, line_id=line_id, changes=changes, **_terms(call))
    return _shown(call, cart)


@endpoint(
    blueprint, "DELETE", "/carts/<cart_id>/items/<line_id>", scope="orders:write", area="carts", returns=CartOut, errors=CLOSED
)
def remove_cart_item(call: Call, cart_id: str, line_id: str) -> Document:
    """Take an item out of a cart. The answer is the cart without it."""
    cart = carts.remove_line(call.scope, cart_id=cart_id, line_id=line_id, expected_version=expected_version(call))
    return _shown(call, cart)


@endpoint(
    blueprint, "POST", "/carts/<cart_id>/promo", scope="orders:write", area="carts", body=CartPromoIn, returns=CartOut,
    errors=(*CLOSED, PromoInvalid),
)  # fmt: skip
def apply_cart_promo(call: Call, cart_id: str) -> Document:
    """Put a promo code on a cart, instead of the one before.

    A code that cannot be used for the cart as it is answers 422 `promo_invalid` with its reason and changes nothing.
    """
    cart = carts.apply_promo(
        call.scope, cart_id=cart_id, code=call.body["code"], expected_version=expected_version(call)
    )
    return _shown(call, cart)


@endpoint(blueprint, "DELETE", "/carts/<cart_id>/promo", scope="orders:write", area="carts", returns=CartOut, errors=CLOSED)
def remove_cart_promo(call: Call, cart_id: str) -> Document:
    """Take the promo code off a cart."""
    return _shown(call, carts.remove_promo(call.scope, cart_id=cart_id, expected_version=expected_version(call)))


@endpoint(
    blueprint, "POST", "/carts/<cart_id>/checkout", scope="orders:write", area="carts", body=CheckoutIn, printed=CheckoutOut,
    returns=CheckoutOut, status=201, errors=(*CLOSED, PaymentDeclined),
)  # fmt: skip
def check_out_cart(call: Call, cart_id: str) -> Reply:
    """Turn a cart into a paid order.

    Both happen or neither: a declined payment answers 402, leaves no order and the cart open. Needs `payments:write` too.
    Send `expected_total` to make sure that the guest pays what was shown.
    """
    if "payments:write" not in call.principal.scopes:
        raise Forbidden("Checkout needs the scope payments:write besides orders:write.", required_scopes=["payments:write"])
    body, to = call.body, _amounts(call, cart_id)
    payment = body.get("payment") or {}
    bought = carts.check_out(
        call.scope, cart_id=cart_id, expected_version=expected_version(call),
        expected_total_minor=to.minor_or_none(body.get("expected_total"), "expected_total"),
        method=payment.get("method"), source=payment.get("source"), tip_minor=to.minor(payment.get("tip"), "payment.tip"),
        tendered_minor=to.minor_or_none(payment.get("tendered"), "payment.tendered"),
        payer_label=payment.get("payer_label"),
    )  # fmt: skip
    document = {"order": bought.order, "payment": bought.payment, "currency": bought.order["currency"]}
    return Reply(document=document, headers={"Location": f"/v1/orders/{bought.order['id']}"})


@endpoint(blueprint, "DELETE", "/carts/<cart_id>", scope="orders:write", area="carts", status=204, errors=CLOSED)
def delete_cart(call: Call, cart_id: str) -> None:
    """Throw a cart away."""
    carts.delete_cart(call.scope, cart_id=cart_id)


def _fields(call: Call, location_id: str | None) -> dict[str, Any]:
    """The order fields of a cart's body that were sent, in the domain's terms."""
    body = call.body
    draft = order_draft(call, {**NOTHING, **body, "items": [], "location_id": location_id})
    sent = [name for name in body if name not in ("location_id", "items", "version")]
    fields = {OWN_NAMES.get(name, name): getattr(draft, OWN_NAMES.get(name, name)) for name in sent}
    if "fulfillment" in fields:
        fields["fulfillment"] = {name: draft.fulfillment[name] for name in ("type", "requested_at", "address")}
    if "discounts" in fields:
        rows = fields["discounts"]
        fields["discounts"] = [{"type": row.type, "value": row.value} for row in rows if row.type != PROMO]
        if codes := [row.code for row in rows if row.type == PROMO]:
            fields["promo_code"] = codes[-1]
    return fields


def _amounts(call: Call, cart_id: str) -> Amounts:
    return Amounts(lambda: str(stored_cart(call.scope, cart_id=cart_id)["currency"]))


def _terms(call: Call) -> dict[str, Any]:
    return {"expected_version": expected_version(call), "may_open_items": call.principal.allow_open_items}


def _shown(call: Call, cart: Document) -> Document:
    """The cart without the contact values this credential may not see."""
    contact = cart["customer"]
    if contact is None:
        return cart
    shown = {"name": contact["name"], "phone": contact.get("phone"), "email": contact.get("email")}
    if "customers:pii" not in call.principal.scopes:
        shown["phone"] = shown["phone"] and masked_phone(shown["phone"])
        shown["email"] = shown["email"] and masked_email(shown["email"])
    return {**cart, "customer": shown}
