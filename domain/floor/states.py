"""What state a table is in. Pure functions over what the read found.

bill: served, and money is due · seated: a party sits there · dirty: a party has left and nobody has said it is clean ·
reserved: a party is expected within the hour · held: a guest is booking it right now · free.
"""

from typing import Any

STATES = ("free", "held", "reserved", "seated", "bill", "dirty")
HOUR_US = 3_600_000_000
SOON_US = HOUR_US  # a reservation that starts later leaves its table free
DIRTY_US = HOUR_US // 2  # after that somebody has cleaned it, said or not
SERVED = ("ready", "picked_up", "completed")
Row = dict[str, Any]


def state_of(table: Row, orders: list[Row], reservations: list[Row], holds: list[Row], *, now_us: int) -> Row:
    """The state of one table with the order, reservation and hold that stand behind it, each None where there is none.

    Rows are those of this table; orders in order of creation, reservations in order of their start.
    """
    current = [row for row in orders if row["status"] != "completed" or row["due_minor"] > 0]
    order = current[-1] if current else None
    seated = next((row for row in reservations if row["status"] == "seated"), None)
    expected = next((row for row in reservations if row["status"] not in ("seated", "completed")), None)
    hold = min(holds, key=lambda row: row["start_at"], default=None)
    if order is not None and order["status"] in SERVED and order["due_minor"] > 0:
        state = "bill"
    elif order is not None or seated is not None:
        state = "seated"
    elif is_dirty(table, [*orders, *reservations], now_us=now_us):
        state = "dirty"
    else:
        state = "reserved" if expected is not None else "held" if hold is not None else "free"
    return {"state": state, "order": order, "reservation": seated or expected, "hold": hold}


def is_dirty(table: Row, visits: list[Row], *, now_us: int) -> bool:
    """Whether a party has left a short while ago and the table was not marked clean since."""
    cleaned_at = table["cleaned_at"] or 0
    ends = [row["ended_at"] for row in visits if row["ended_at"] is not None]
    return any(ended_at > cleaned_at and now_us - ended_at < DIRTY_US for ended_at in ends)
