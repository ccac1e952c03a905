"""Orders and drafts of orders. Rows are written inside an open unit of work."""

from dataclasses import replace
from typing import Any

from domain.orders.drafts import LineDraft
from domain.orders.drafts import ModifierDraft
from domain.orders.drafts import OrderDraft
from domain.orders.models import Order
from domain.orders.models import OrderLine
from domain.orders.models import OrderStatusChange
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us
from tests.factories.locations import create_location
from tests.factories.menus import create_item
from tests.factories.menus import create_modifier
from tests.factories.menus import create_modifier_group
from tests.factories.menus import create_tax


def create_burger(scope: Scope, **location: Any) -> OrderDraft:
    """A location that sells a burger for 38.50 with extra bacon for 4.00 at 8 % tax; returns a draft of one of each."""
    location_id = create_location(scope, **location)
    item_id = create_item(
        scope, name="Bacon Cheeseburger", base_price_minor=3850, tax_id=create_tax(scope, rate="0.08")
    )
    modifier_id = create_modifier(scope, group_id=create_modifier_group(scope, item_id=item_id), name="Extra Bacon")
    return build_draft(location_id, LineDraft(item_id=item_id, modifiers=(ModifierDraft(modifier_id=modifier_id),)))


def build_draft(location_id: str, *lines: LineDraft, **changes: Any) -> OrderDraft:
    """A pickup order through the API for as soon as possible."""
    draft = OrderDraft(source="api", location_id=location_id, lines=lines, fulfillment={"type": "pickup"})
    return replace(draft, **changes)


def create_order(scope: Scope, *, location_id: str, **changes: Any) -> str:
    """An unpaid pending order of one open line for 45.90, written without events."""
    now, order_id = tenant_now_us(scope), changes.get("id") or new_id("ord")
    row = {
        "id": order_id, "number": 1, "business_date": "2026-01-12", "source": "website", "location_id": location_id,
        "fulfillment": {"type": "pickup", "requested_at": None, "promised_at": None, "address": None},
        "status": "pending",
        "currency": "PLN", "price_mode": "exclusive", "discounts": [], "charges": [], "tax_lines": [],
        "subtotal_minor": 4590, "total_minor": 4590, "due_minor": 4590, "metadata": {},
        "created_at": now, "updated_at": now,
        **changes,
    }  # fmt: skip
    append(scope, Order, [row])
    append(scope, OrderLine, [{
        "id": new_id("oln"), "order_id": order_id, "position": 0, "name": "Lunch", "unit_minor": 4590, "quantity": 1,
        "modifiers": [], "gross_minor": 4590, "net_minor": 4590, "allergens": [],
    }])  # fmt: skip
    append(scope, OrderStatusChange, [{
        "id": new_id("osc"), "order_id": order_id, "position": 0, "status": row["status"], "at": row["created_at"],
        "actor_type": "system", "actor_id": "tableport",
    }])  # fmt: skip
    return str(order_id)
