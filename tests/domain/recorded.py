"""What the outbox holds, for assertions."""

from kit.outbox import EventRow
from kit.scope import Scope
from kit.unit import session
from kit.unit import unit_of_work


def recorded_events(scope: Scope) -> list[EventRow]:
    """Every event of the tenant in the order of its sequence. Opens a unit of its own."""
    with unit_of_work(scope, writes=False):
        return list(session(scope).scalars(EventRow.owned_by(scope).order_by(EventRow.sequence)))


def recorded_types(scope: Scope) -> list[str]:
    """The type of each recorded event, in order."""
    return [event.type for event in recorded_events(scope)]
