"""The parts of the large world: those of the standard one, then crowds of guests and many small places with orders.

12,500 guests look to one place, 187 more places make 200, and their orders make 60,000.
"""

from functools import partial

from domain.guests.rows import append_guests
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.standard import world as standard
from sandbox.worlds.standard.dishes import DISHES
from sandbox.worlds.standard.floor import write_floor
from sandbox.worlds.standard.floor import write_location
from sandbox.worlds.standard.guests import LARGEST_GROUP
from sandbox.worlds.standard.kitchen import write_kitchen
from sandbox.worlds.standard.orders import write_stories
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Part
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.stories import ORDERS
from sandbox.worlds.standard.stories import stories_of

GUESTS, GUESTS_A_PART = 12_500, 1250
LOCATIONS, ALL_ORDERS = 200, 60_000
PLACES_A_PART = 2
SMALL_MENU = ("olives", "broth", "greek", "carbonara", "risotto", "rice", "sorbet", "tea", "beer", "water")
TOWNS = ("Gdańsk", "Kraków", "Łódź", "Lublin", "Opole", "Poznań", "Sopot", "Toruń", "Wrocław", "Zakopane")
FIRSTS = ("Ada", "Borys", "Celina", "Dawid", "Ewa", "Filip", "Gaja", "Hugo", "Iga", "Jan", "Kinga", "Leon", "Maja")
LASTS = ("Adamska", "Baran", "Czarnecki", "Duda", "Gajda", "Jasińska", "Kubiak", "Lis", "Mazur", "Nowicka", "Pawlak")
FIXTURES = standard.FIXTURES


def small_places() -> tuple[Place, ...]:
    """The places that come on top, all alike."""
    dishes = tuple(dish._replace(groups=()) for dish in DISHES if dish.key in SMALL_MENU)
    return tuple(
        Place(
            f"loc_pl{number:03d}_01", f"Bistro {TOWNS[number % len(TOWNS)]} {number}", f"bistro-pl-{number}", "PL",
            TOWNS[number % len(TOWNS)], "PLN", "Europe/Warsaw", "inclusive", 4.0, 50, ("0.08", "0.23"), "VAT", 8,
            has_charges=False, dishes=dishes,
        )
        for number in range(1, LOCATIONS - len(PLACES) + 1)
    )  # fmt: skip


def begin(scope: Scope, setting: Setting) -> None:
    """Begin the standard world; nothing here has a name a caller could take."""
    standard.begin(scope, setting)


def write_crowd(scope: Scope, setting: Setting, first: int, count: int) -> None:
    """Write guests of the one place that has many."""
    seeds = setting.seeds(f"crowd:{first}")
    append_guests(scope, [_guest(seeds.id("cus"), seeds.id("gct"), setting, number) for number in range(first, first + count)])


def write_small(scope: Scope, setting: Setting, first: int, count: int) -> None:
    """Write small places with their menus and orders."""
    places = small_places()
    each, left = divmod(ALL_ORDERS - ORDERS, len(places))
    for index in range(first, min(first + count, len(places))):
        write_location(scope, setting, places[index])
        write_floor(scope, setting, places[index])
        write_kitchen(scope, setting, places[index])
        stories = stories_of(setting, count=each + (index < left), name=f"orders:{places[index].key}:large")
        for story in stories:
            story.code = None  # codes count their uses over the standard world
        write_stories(scope, setting, places[index], stories, is_live=False)


def _guest(guest_id: str, contact_id: str, setting: Setting, number: int) -> Row:
    first, last = FIRSTS[number % len(FIRSTS)], LASTS[number % len(LASTS)]
    created = setting.now_us - (91 + number % 500) * DAY_US
    address = f"crowd{number:05d}@example.com"
    return {
        "id": guest_id, "name": f"{first} {last}", "first_name": first, "last_name": last, "locale": "pl", "country": "PL",
        "parent_location_id": LARGEST_GROUP, "source": "import", "created_at": created, "updated_at": created,
        "emails": [{"id": contact_id, "value": address, "original": address}],
    }  # fmt: skip


PARTS: tuple[Part, ...] = (
    *standard.PARTS,
    *(
        Part(f"crowd {first}", partial(write_crowd, first=first, count=GUESTS_A_PART))
        for first in range(0, GUESTS, GUESTS_A_PART)
    ),
    *(
        Part(f"places {first}", partial(write_small, first=first, count=PLACES_A_PART))
        for first in range(0, LOCATIONS - len(PLACES), PLACES_A_PART)
    ),
)
