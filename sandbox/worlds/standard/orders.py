"""Three and a half thousand past orders and those on the way now, priced as the platform prices them, with their money."""

from collections import Counter
from collections.abc import Sequence

from domain.locations.hours import business_date
from domain.orders.machine import is_channel_order
from domain.orders.models import Order
from domain.orders.models import OrderCounter
from domain.orders.models import OrderLine
from domain.orders.models import OrderStatusChange
from domain.orders.pricing import gross_of
from domain.orders.service import set_order_timers
from domain.orders.totals import priced_order
from kit.clock import from_us
from kit.documents import Document
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.bookings import Ledger
from sandbox.worlds.standard.bookings import bookings_of
from sandbox.worlds.standard.courses import Step
from sandbox.worlds.standard.courses import course_of
from sandbox.worlds.standard.courses import delivery_of
from sandbox.worlds.standard.courses import wanted_us
from sandbox.worlds.standard.floor import charges_of
from sandbox.worlds.standard.floor import location_document
from sandbox.worlds.standard.floor import tables_of
from sandbox.worlds.standard.guests import Known
from sandbox.worlds.standard.guests import known_guests
from sandbox.worlds.standard.hours import Calendar
from sandbox.worlds.standard.lines import Waiter
from sandbox.worlds.standard.lines import price_line
from sandbox.worlds.standard.offers import AUTUMN
from sandbox.worlds.standard.offers import DOLLAR
from sandbox.worlds.standard.offers import DOLLAR_FROM_MINOR
from sandbox.worlds.standard.offers import EURO
from sandbox.worlds.standard.offers import EURO_FROM_MINOR
from sandbox.worlds.standard.offers import ONCE
from sandbox.worlds.standard.offers import SUMMER
from sandbox.worlds.standard.offers import SUMMER_ENDED_DAYS
from sandbox.worlds.standard.offers import discount_of
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.places import WARSAW
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.stories import Story
from sandbox.worlds.standard.stories import live_stories
from sandbox.worlds.standard.stories import stories_of
from sandbox.worlds.standard.takings import Takings
from sandbox.worlds.standard.takings import take_money

KNOWN_SHARE, HOME_SHARE = 0.55, 0.7
MOST_LINKED = 45  # visits with a reservation whose bill is known, at each place
CHANNEL = "Foodcourier"


def write_orders(scope: Scope, setting: Setting, place: Place) -> None:
    """Write the orders of one place, past and present, with lines, history, money, uses of codes and counters."""
    stories = stories_of(setting)[PLACES.index(place) :: len(PLACES)]
    write_stories(scope, setting, place, stories, is_live=place.id != WARSAW)


def write_stories(scope: Scope, setting: Setting, place: Place, stories: list[Story], *, is_live: bool) -> None:
    """Write stories as the orders of a place. is_live: and those on the way now."""
    seeds = setting.seeds(f"orders:{place.key}")
    _place(setting, place, seeds, stories)
    if is_live:
        stories = stories + live_stories(setting.now_us)
        _give_guests(setting, place, seeds, stories[-6:])
    maker = _Maker(setting, place, seeds)
    for story in sorted(stories, key=lambda story: story.placed_us):
        maker.make(story)
    maker.write(scope)


def _place(setting: Setting, place: Place, seeds: Seeds, stories: list[Story]) -> None:
    """Say when each order was placed, by whom and at which table."""
    calendar = Calendar(setting, place, seeds.choices)
    _link(setting, place, stories)
    for story in stories:
        while not story.placed_us or (story.code == SUMMER and story.placed_us > setting.now_us - SUMMER_ENDED_DAYS * DAY_US):
            story.placed_us = calendar.past() - (4 * HOUR_US if story.is_scheduled else 0)
    _give_guests(setting, place, seeds, stories)
    once = [story for story in stories if story.code == ONCE]
    known = known_guests(setting)
    first = PLACES.index(place) * 40 if place in PLACES else 0
    for index, story in enumerate(once):  # a different guest each time
        story.guest = known[(first + index) % len(known)]


def _link(setting: Setting, place: Place, stories: list[Story]) -> None:
    """Let bills belong to visits that were reserved; those whose deposit is applied first."""
    limit = setting.now_us - (4 * DAY_US if place.id == WARSAW else 3 * HOUR_US)
    bookings = bookings_of(setting, place) if place in PLACES else []
    visits = [one for one in bookings if one.status == "completed" and one.end < limit]
    visits.sort(key=lambda one: (one.deposit is None, one.start))
    bills = [story for story in stories if story.kind == "dine_in" and story.is_plain]
    for story, visit in zip(bills, visits[:MOST_LINKED], strict=False):
        story.booking, story.guest, story.table_id = visit, visit.guest, visit.tables[0].id
        story.placed_us = visit.start + 15 * MINUTE_US


def _give_guests(setting: Setting, place: Place, seeds: Seeds, stories: Sequence[Story]) -> None:
    draw, known, tables = seeds.choices, known_guests(setting), tables_of(place)
    home = [guest for guest in known if guest.home == place.id] or known
    for story in stories:
        if story.kind == "dine_in" and story.table_id is None:
            story.table_id = draw.choice(tables).id
        if story.booking is None and draw.random() < KNOWN_SHARE:
            story.guest = draw.choice(home if draw.random() < HOME_SHARE else known)


class _Maker:
    """Turns the stories of one place, in the order in which they were placed, into rows."""

    def __init__(self, setting: Setting, place: Place, seeds: Seeds) -> None:
        self._setting, self._place, self._seeds = setting, place, seeds
        self._location = location_document(place)
        self._waiter = Waiter(place, seeds)
        self._ledger = Ledger({Order: []})
        self._numbers: Counter[str] = Counter()
        self._timed: list[Document] = []

    def make(self, story: Story) -> None:
        """Add the rows of one order."""
        draw, order_id = self._seeds.choices, self._seeds.id("ord")
        steps = course_of(story, draw)
        lines, changes = self._lines(story)
        terms = self._terms(story, lines)
        served = [(line, price_line(line)) for line in lines if line["state"] == "active"]
        amounts, priced = priced_order(served, terms=terms, field="items")
        takings = take_money(self._seeds, self._place, story, order_id, amounts, steps)
        order = self._order(story, order_id, steps, amounts, takings, changes)
        self._ledger.add(Order, order)
        active = {line["id"]: line for line in priced}
        for line in lines:
            kept = active.get(line["id"]) or line | {"gross_minor": gross_of(price_line(line)), "net_minor": 0}
            self._ledger.add(OrderLine, kept | {"order_id": order_id})
        self._add_history(story, order_id, steps)
        takings.add_to(self._ledger, self._seeds, story, order)
        if order["status"] == "scheduled" or (order["status"] == "pending" and is_channel_order(order)):
            self._timed.append(order)

    def write(self, scope: Scope) -> None:
        """Write everything, the numbers to go on from, and the timers of what is on the way."""
        self._ledger.write(scope)
        append(scope, OrderCounter, [
            {"id": f"{self._place.id}:{day}", "last_number": last} for day, last in self._numbers.items()
        ])  # fmt: skip
        for order in self._timed:
            set_order_timers(scope, order=order)

    def _lines(self, story: Story) -> tuple[list[Document], int]:
        """The lines, and how many times they were changed after the order was placed."""
        lines, draw = self._waiter.lines(is_free=story.is_free), self._seeds.choices
        if story.is_voided and len(lines) > 1:
            lines[-1] |= {"state": "voided", "reason": draw.choice(("Changed their mind", "Out of stock", "Keyed twice"))}
            return lines, 1
        if story.is_amended:
            lines.append(self._waiter.another(len(lines), lines[0]["id"]))
            lines[0] |= {"state": "substituted", "reason": "Out of stock"}
            return lines, 1
        return lines, 0

    def _terms(self, story: Story, lines: list[Document]) -> Document:
        code = self._code(story, sum(gross_of(price_line(line)) for line in lines if line["state"] == "active"))
        deposit = story.booking.deposit_minor if story.booking and story.booking.deposit == "paid" else 0
        return {
            "discounts": [discount_of(code)] if code else [], "charges": charges_of(self._place, story.kind), "tip_minor": 0,
            "price_mode": self._place.price_mode, "tax_rounding": self._place.tax_rounding, "deposit_minor": deposit,
            "collected_by": "channel" if story.source == "marketplace" else "restaurant",
        }  # fmt: skip

    def _code(self, story: Story, subtotal: int) -> str | None:
        """Where the currency has a code of its own and the bill is large enough, it takes the place of the usual one."""
        if story.code == AUTUMN and self._place.currency == "EUR" and subtotal >= EURO_FROM_MINOR:
            story.code = EURO
        elif story.code == AUTUMN and self._place.currency == "USD" and subtotal >= DOLLAR_FROM_MINOR:
            story.code = DOLLAR
        return story.code

    def _order(
        self, story: Story, order_id: str, steps: list[Step], amounts: Document, takings: Takings, changes: int
    ) -> Document:
        wanted = wanted_us(story) if story.is_scheduled or story.live == "scheduled" else None
        delivery = delivery_of(story, steps, self._seeds.choices)
        day = business_date(self._location, from_us(wanted or story.placed_us))
        self._numbers[day] += 1
        status, _, reason = steps[-1]
        guest = story.guest
        is_channel = story.source == "marketplace"
        columns = {
            "id": order_id, "number": self._numbers[day], "business_date": day, "source": story.source,
            "channel": CHANNEL if is_channel else None, "collected_by": "channel" if is_channel else "restaurant",
            "external_id": f"fc-{order_id[-10:]}" if is_channel else None, "location_id": self._place.id,
            "table_id": story.table_id, "reservation_id": story.booking.id if story.booking else None,
            "customer_id": guest.id if guest else None,
            "pax": self._pax(story),
            "fulfillment": {
                "type": story.kind, "requested_at": wanted, "promised_at": None,
                "address": self._address(guest) if story.kind == "delivery" else None,
            },
            "status": status, "currency": self._place.currency, "price_mode": self._place.price_mode,
            "tax_rounding": self._place.tax_rounding, "metadata": self._reported(story, amounts),
            "cancel_reason": reason, "delivery": delivery, "created_at": story.placed_us,
            "updated_at": max(steps[-1][1], takings.last_us),
            "version": len(steps) + takings.changes + changes + (len(delivery["history"]) if delivery else 0),
        }  # fmt: skip
        return amounts | takings.columns | columns

    def _pax(self, story: Story) -> int | None:
        if story.booking is not None:
            return story.booking.party
        return self._seeds.choices.randint(1, 5) if story.kind == "dine_in" else None

    def _reported(self, story: Story, amounts: Document) -> dict[str, str]:
        if not story.is_mismatched:
            return {}
        return {"totals_match": "false", "reported_total_minor": str(amounts["total_minor"] - self._place.step)}

    def _address(self, guest: Known | None) -> Document:
        draw = self._seeds.choices
        return {
            "line1": f"{draw.randint(1, 120)} Garden Street", "city": self._place.city,
            "postal_code": f"{draw.randint(10_000, 99_999)}", "country": self._place.country,
            **({"instructions": f"Ring twice for {guest.name[:80]}"} if guest and draw.random() < 0.2 else {}),
        }  # fmt: skip

    def _add_history(self, story: Story, order_id: str, steps: list[Step]) -> None:
        for position, (status, at, reason) in enumerate(steps):
            actor = self._actor(story, position, status)
            self._ledger.add(OrderStatusChange, {
                "id": self._seeds.id("osc"), "order_id": order_id, "position": position, "status": status, "at": at,
                "actor_type": actor[0], "actor_id": actor[1], "reason": reason,
            })  # fmt: skip

    def _actor(self, story: Story, position: int, status: str) -> tuple[str, str]:
        if status == "failed" or (status == "pending" and position):
            return "system", "tableport"
        if position == 0 and story.source == "marketplace":
            return "partner_app", "app_foodcourier"
        if position == 0 and story.guest is not None and story.source not in ("pos", "phone"):
            return "guest", story.guest.id
        return "staff", f"usr_{self._place.key}_{1 + position % 3}"
