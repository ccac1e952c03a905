"""The parts of the standard world in order: the fixtures and all that has a name of its own, then place after place."""

from functools import partial

from domain.locations.models import Franchise
from kit.documents import append
from kit.scope import Scope
from sandbox import queries as sandbox_queries
from sandbox.worlds import minimal
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.standard import queries
from sandbox.worlds.standard.bookings import write_bookings
from sandbox.worlds.standard.floor import write_floor
from sandbox.worlds.standard.floor import write_location
from sandbox.worlds.standard.guests import write_guests
from sandbox.worlds.standard.kitchen import menu_id
from sandbox.worlds.standard.kitchen import write_kitchen
from sandbox.worlds.standard.opinions import write_reviews
from sandbox.worlds.standard.orders import write_orders
from sandbox.worlds.standard.outreach import write_integrations
from sandbox.worlds.standard.outreach import write_outreach
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.platform import EVENTS
from sandbox.worlds.standard.platform import STEPS
from sandbox.worlds.standard.platform import write_events
from sandbox.worlds.standard.platform import write_exports
from sandbox.worlds.standard.platform import write_logs
from sandbox.worlds.standard.regulars import write_cards
from sandbox.worlds.standard.regulars import write_programs
from sandbox.worlds.standard.setting import Part
from sandbox.worlds.standard.setting import Setting

FIXTURES: dict[str, list[str]] = minimal.FIXTURES | {
    "locations": [place.id for place in PLACES],
    "menus": [*minimal.FIXTURES["menus"], *(menu_id(place) for place in PLACES)],
}


def begin(scope: Scope, setting: Setting) -> None:
    """Write what everything else refers to, and what a caller could name too while the rest is being written.

    The fixtures' world is there already. Keeps the first event numbers free for the events that follow.
    """
    dated = {"created_at": setting.now_us - 500 * DAY_US, "updated_at": setting.now_us - 500 * DAY_US}
    append(scope, Franchise, [
        {"id": scope.tenant_id, "name": "Bistro Group", "slug": "bistro-group", "default_currency": "PLN", **dated}
    ])  # fmt: skip
    for place in PLACES:
        write_location(scope, setting, place)
    write_guests(scope, setting)
    write_programs(scope, setting)
    write_outreach(scope, setting)
    sandbox_queries.change_state.rows(scope, ("event_sequence",), new_event_sequence=EVENTS)


def write_place(scope: Scope, setting: Setting, place: Place) -> None:
    """Write the tables and the menu of one place, its reservations and its orders."""
    write_floor(scope, setting, place)
    write_kitchen(scope, setting, place)
    write_bookings(scope, setting, place)
    write_orders(scope, setting, place)


def write_echo(scope: Scope, setting: Setting) -> None:
    """Write what follows from the orders: cards, reviews, how often codes were used."""
    write_cards(scope, setting)
    write_reviews(scope, setting)
    write_integrations(scope, setting)
    queries.count_uses.rows(scope)
    queries.count_redemptions.rows(scope)


PARTS: tuple[Part, ...] = (
    *(Part(place.key, partial(write_place, place=place)) for place in PLACES),
    Part("echo", write_echo),
    *(Part(f"events {step + 1}", partial(write_events, step=step)) for step in range(STEPS)),
    Part("logs", write_logs),
    Part("exports", write_exports),
)
