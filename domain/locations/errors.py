"""Refusals of locations."""

from kit.errors import Invalid


class StoreUnavailable(Invalid):
    """No orders for the wanted time. Data: location_id, reason (paused, offline, closed, inactive)."""

    code, title = "store_unavailable", "The location does not take orders now"
