"""Where a scenario plays, who plays in it, and the account of what happened."""

from collections import Counter
from random import Random
from typing import Any

from domain.locations.service import get_location
from domain.locations.service import list_locations
from domain.orders.service import place_order
from domain.payments.service import take_payment
from kit.documents import Document
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.scope import Scope
from sandbox.appetite import choice_of
from sandbox.attempts import attempt
from sandbox.restaurant import GUEST
from sandbox.restaurant import KITCHEN
from sandbox.restaurant import acting

NAMES = ("Ada Lind", "Bruno Costa", "Chen Wei", "Dalia Petrauskaitė", "Emre Kaya", "Fatima Zahra", "Grzegorz Wilk", "Hana Sato")


class Scene:
    """One run of a scenario. luck: the same in every run, so that the same things are ordered."""

    def __init__(self, scope: Scope, name: str, location: Document) -> None:
        self.name = name
        self.location = location
        self.scope = scope
        self.guests, self.kitchen = acting(scope, GUEST), acting(scope, KITCHEN)
        self.luck = Random(name)  # noqa: S311 - simulated guests; nothing secret comes from here
        self.counts: Counter[str] = Counter()
        self.ids: dict[str, list[str]] = {}
        self.steps: list[str] = []

    def note(self, kind: str, object_id: str) -> str:
        """Remember an object the run made or changed; each is listed once."""
        known = self.ids.setdefault(kind, [])
        if object_id not in known:
            known.append(object_id)
        return object_id

    def refuse(self, refusal: PlatformError) -> None:
        """Count a refusal by its code, as `refused_<code>`."""
        self.counts[f"refused_{refusal.code}"] += 1

    def tell(self, step: str) -> None:
        """Say in one sentence what happened."""
        self.steps.append(step)

    def account(self) -> Document:
        """What the run did: {name, location_id, counts, ids, steps}."""
        return {
            "name": self.name, "location_id": self.location["id"], "counts": dict(sorted(self.counts.items())),
            "ids": self.ids, "steps": self.steps,
        }  # fmt: skip

    def place_orders(self, count: int, **more: Any) -> list[Document]:
        """Let guests order, each something else; what is refused is counted. more: fields of every draft."""
        choice = choice_of(self.scope, location_id=self.location["id"])
        placed = []
        for _ in range(count):
            with attempt(self.scope) as tried:
                draft = choice.draft(self.luck, metadata={"made_by": f"scenario_{self.name}"}, **more)
                placed.append(place_order(self.guests, draft=draft).document)
            if tried.refusal is not None:
                self.refuse(tried.refusal)
        self.counts["orders_placed"] += len(placed)
        for order in placed:
            self.note("orders", order["id"])
        return placed

    def pay(self, order: Document) -> Document:
        """Let a guest pay all that is due by card; the amount is never one that a card refuses."""
        payment = take_payment(self.guests, order_id=order["id"], method="card", source="tok_ok")
        self.counts["payments_taken"] += 1
        self.note("payments", payment["id"])
        return payment


def stage(scope: Scope, location_id: str | None) -> Document:
    """The location a scenario plays at: the named one, else the first in service where something can be ordered.

    Raises NotFound.
    """
    if location_id is not None:
        return get_location(scope, location_id=location_id)
    for location in sorted(list_locations(scope, limit=50, after=None, is_active=True), key=lambda one: one["id"]):
        with attempt(scope) as look:
            choice_of(scope, location_id=location["id"])
        if look.refusal is None and location["status"]["status"] == "online":
            return location
    raise NotFound("This sandbox has no location where something can be ordered now; reset it to fill it.")
