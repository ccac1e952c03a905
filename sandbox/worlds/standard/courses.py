"""How orders go: their status history, and the way of what is delivered."""

from random import Random

from domain.orders.machine import ACCEPTANCE_TIMEOUT
from domain.orders.machine import REASONS
from domain.orders.order_timers import ACCEPTANCE_US
from kit.documents import Document
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.standard.stories import Story

Step = tuple[str, int, str | None]  # status, instant, reason
WAY = {
    "dine_in": ("pending", "accepted", "preparing", "ready", "completed"),
    "pickup": ("pending", "accepted", "preparing", "ready", "completed"),
    "delivery": ("pending", "accepted", "preparing", "ready", "picked_up", "completed"),
}
TAKES = {  # minutes until a status, at least and at most
    "accepted": (0, 4), "preparing": (1, 6), "ready": (9, 24), "picked_up": (2, 8), "completed": (4, 40),
}  # fmt: skip
COURIERS = (("Marek", "bicycle"), ("Aisha", "scooter"), ("Tomas", "car"), ("Yuki", "bicycle"), ("Bruno", "scooter"))
DELIVERY = (("requested", "accepted"), ("assigned", "preparing"), ("arrived_at_store", "ready"), ("picked_up", "picked_up"))
WANTED_LATER_US = 3 * HOUR_US


def course_of(story: Story, draw: Random, *, prep_us: int = 20 * MINUTE_US) -> list[Step]:
    """The status history of an order, from its placing on."""
    at = story.placed_us
    if story.live is not None:
        return _live(story)
    steps: list[Step] = []
    if story.is_scheduled:
        steps.append(("scheduled", at, None))
        at = wanted_us(story) - prep_us
    steps.append(("pending", at, None))
    if story.outcome == "rejected":
        return [*steps, ("rejected", at + draw.randint(1, 5) * MINUTE_US, draw.choice(REASONS[:3]))]
    if story.outcome == "failed":
        return [*steps, ("failed", at + ACCEPTANCE_US, ACCEPTANCE_TIMEOUT)]
    way = WAY[story.kind][1:]
    for status in way[: draw.randint(0, 2)] if story.outcome == "cancelled" else way:
        at += draw.randint(*TAKES[status]) * MINUTE_US
        steps.append((status, at, None))
    if story.outcome == "cancelled":
        steps.append(("cancelled", at + draw.randint(1, 6) * MINUTE_US, draw.choice(("customer_request", "other", "duplicate"))))
    return steps


def wanted_us(story: Story) -> int:
    """When a scheduled order is wanted, on the minute."""
    wanted = story.placed_us + WANTED_LATER_US * (2 if story.live else 1)
    return wanted - wanted % MINUTE_US


def delivery_of(story: Story, steps: list[Step], draw: Random) -> Document | None:
    """Where the courier of an order is, from what became of the order."""
    reached = {status: at for status, at, _ in steps}
    if story.kind != "delivery" or "accepted" not in reached or story.outcome == "cancelled":
        return None
    name, vehicle = draw.choice(COURIERS)
    history = [{"status": status, "at": reached[cause]} for status, cause in DELIVERY if cause in reached]
    if "completed" in reached:
        history.append({"status": "delivered", "at": reached["completed"]})
    elif "picked_up" in reached:
        history.append({"status": "en_route_to_customer", "at": reached["picked_up"] + MINUTE_US})
    courier = {"name": name, "phone": f"+1500555{draw.randint(1000, 9999)}", "vehicle": vehicle, "lat": None, "lng": None}
    return {"status": history[-1]["status"], "courier": courier, "eta_at": story.placed_us + 45 * MINUTE_US, "history": history}


def _live(story: Story) -> list[Step]:
    if story.live == "scheduled":
        return [("scheduled", story.placed_us, None)]
    way = WAY[story.kind]
    passed = way[: way.index(story.live or "pending") + 1]
    return [(status, story.placed_us + index * 2 * MINUTE_US, None) for index, status in enumerate(passed)]
