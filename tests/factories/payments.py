"""Payments. Written inside an open unit of work, without touching their order."""

from typing import Any

from domain.payments.models import Payment
from kit.documents import append
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us


def create_payment(scope: Scope, *, order_id: str | None, **changes: Any) -> str:
    """A pending card payment of 45.90."""
    now = tenant_now_us(scope)
    row = {
        "id": new_id("pay"), "order_id": order_id, "method": "card", "currency": "PLN", "amount_minor": 4590,
        "status": "created", "created_at": now, "updated_at": now, **changes,
    }  # fmt: skip
    append(scope, Payment, [row])
    return str(row["id"])
