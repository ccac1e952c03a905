"""What every part of the machine needs: calls of one shop, refusals, and events counted one by one."""

from collections import Counter
from datetime import UTC
from datetime import datetime
from typing import Any

from flask import Flask
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import initialize
from hypothesis.stateful import invariant
from hypothesis.stateful import multiple

from api.limits import limiter
from kit.unit import unit_of_work
from tests.api.callers import Caller
from tests.api.partners import Partner
from tests.api.partners import sandbox_partner
from tests.factories.clock import freeze_clock
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.locations import create_table
from tests.factories.menus import create_item
from tests.machine.model import PRICES
from tests.machine.model import SEATS
from tests.machine.model import Floor
from tests.machine.model import Shelf

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)
CALLS_AT_A_TIME = 150  # then its rate limits begin anew


class Shop:
    """A partner of its own, and how far its events have been read."""

    def __init__(self, app: Flask) -> None:
        self.partner: Partner = sandbox_partner(plan_tier="enterprise", profile="empty")
        self.sequence = self.calls = self.steps = 0
        self._caller = Caller(app, self.partner.issue().text)
        with unit_of_work(self.partner.scope):
            freeze_clock(self.partner.scope, NOON)
            self.guest_id = create_guest(self.partner.scope, name="Jane Doe")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if self.calls % CALLS_AT_A_TIME == 0:
            limiter.forget(f"sandbox:{self.partner.tenant_id}:")
        self.calls += 1
        return self._caller.send(method, path, **({} if body is None else {"json": body}))

    def new_events(self) -> list[str]:
        """The types of the events since the last look; their numbers follow one another without a gap."""
        types: list[str] = []
        has_more = True
        while has_more:
            page = self.send("GET", f"/v1/events?limit=100&after_sequence={self.sequence}").json
            rows, has_more = page["data"], page["has_more"]
            assert [row["sequence"] for row in rows] == list(range(self.sequence + 1, self.sequence + len(rows) + 1))
            self.sequence += len(rows)
            types += [row["type"] for row in rows]
        return types


class Calls(RuleBasedStateMachine):
    """Opens a new location for each run. What a rule expects to be told stands in `expected` until it was."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop = shop
        self.expected: Counter[str] = Counter()
        self.shelf, self.floor = Shelf(0), Floor()

    @initialize()
    def open(self) -> None:
        """The same house for everybody: three tables, soup of which five portions are left, and steak."""
        scope = self.shop.partner.scope
        with unit_of_work(scope):
            self.location_id = create_location(scope)
            self.items = {
                name: create_item(scope, base_price_minor=price, stock_count=5 if name == "soup" else None)
                for name, price in PRICES.items()
            }
            self.tables = {
                name: create_table(scope, location_id=self.location_id, name=name, seats_max=seats)
                for name, seats in SEATS.items()
            }
        self.shelf = Shelf(5)
        self.shop.new_events()

    @invariant()
    def events_are_those_of_the_changes(self) -> None:
        """As many of each type as the step entailed, and no others."""
        self.shop.steps += 1
        assert Counter(self.shop.new_events()) == self.expected
        self.expected.clear()

    def tell(self, *types: str) -> None:
        self.expected.update(types)

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.shop.send(method, path, body)

    def refused(self, answer: Any, status: int, code: str) -> Any:
        """Hold a refusal against what it has to be; as the result of a rule: nothing new."""
        assert (answer.status_code, answer.json["code"]) == (status, code), answer.text
        return multiple()
