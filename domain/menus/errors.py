"""Refusals of menus."""

from typing import Any

from kit.errors import FieldError
from kit.errors import Invalid


class ItemUnavailable(Invalid):
    """One or more items cannot be ordered. errors[]: field, code, message, menu_item_id, reason, available_again_at."""

    code, title = "item_unavailable", "An item is not available"


def unavailable_item(*, field: str, item_id: str, reason: str | None, available_again_at: Any = None) -> FieldError:
    """Make the field error of one unavailable item. available_again_at: microseconds since the epoch, or None."""
    return FieldError(
        field, ItemUnavailable.code, f"Item {item_id} is not available ({reason or 'stock'}).",
        {"menu_item_id": item_id, "reason": reason, "available_again_at": available_again_at},
    )  # fmt: skip
