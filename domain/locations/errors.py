"""Refusals of locations."""

from kit.errors import Conflict
from kit.errors import Invalid
from kit.errors import InvalidTransition


class StoreUnavailable(Invalid):
    """No orders for the wanted time. Data: location_id, reason (paused, offline, closed, inactive)."""

    code, title = "store_unavailable", "The location does not take orders now"


class TableUnavailable(Conflict):
    """Somebody else has the table. Data: conflict (what is in the way, or None), alternatives."""

    code, title = "table_unavailable", "The table is taken at that time"


class CurrencyIsFixed(InvalidTransition):
    """Data: from, to, allowed, as for every move that the present state does not allow."""

    title = "The currency cannot change once something was priced in it"
