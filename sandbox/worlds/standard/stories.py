"""What happened with each order, dealt for the whole world before any place is looked at, so that the mix is exact."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sandbox.worlds.standard.bookings import Booking
from sandbox.worlds.standard.guests import Known
from sandbox.worlds.standard.offers import AUTUMN
from sandbox.worlds.standard.offers import FIRST_FORTY
from sandbox.worlds.standard.offers import FIRST_USES
from sandbox.worlds.standard.offers import ONCE
from sandbox.worlds.standard.offers import STAFF_PICK
from sandbox.worlds.standard.offers import SUMMER
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.setting import dealt
from sandbox.worlds.standard.setting import weighted

ORDERS = 3500
KINDS = {"dine_in": 48, "delivery": 30, "pickup": 22}  # these and the next in percent
OUTCOMES = {"completed": 90, "rejected": 4, "cancelled": 5, "failed": 1}
SOURCES: dict[str, dict[str, int]] = {
    "dine_in": {"pos": 62, "qr": 26, "kiosk": 7, "app": 5},
    "delivery": {"website": 34, "app": 30, "marketplace": 22, "phone": 9, "voice": 3, "api": 2},
    "pickup": {"website": 32, "app": 24, "phone": 14, "pos": 12, "marketplace": 9, "kiosk": 4, "voice": 3, "api": 2},
}
SPLIT, MIXED, TIPPED, PROMOTED, PART_REFUNDED, REFUNDED, FREE = 245, 105, 1225, 280, 88, 35, 18
VOIDED, AMENDED, MISMATCHED, SCHEDULED, RETRIED = 170, 70, 18, 105, 100
PER_CODE = ((FIRST_FORTY, FIRST_USES), (SUMMER, 60), (ONCE, 40), (STAFF_PICK, 50))
LIVE = (
    # status, source, kind, minutes since it was placed
    ("scheduled", "website", "pickup", 50), ("pending", "marketplace", "delivery", 4), ("accepted", "app", "pickup", 9),
    ("preparing", "pos", "dine_in", 16), ("ready", "qr", "dine_in", 31), ("picked_up", "website", "delivery", 44),
)  # fmt: skip


@dataclass(slots=True)
class Story:
    """One order before it has a place. payers: 0 for nobody, 1, or several people; is_mixed: half cash, half card."""

    kind: str
    outcome: str
    source: str = ""
    payers: int = 0
    is_mixed: bool = False
    is_tipped: bool = False
    code: str | None = None
    refund: str | None = None  # part | all
    is_free: bool = False
    is_voided: bool = False
    is_amended: bool = False
    is_mismatched: bool = False  # the channel reported another total
    is_scheduled: bool = False
    is_retried: bool = False
    placed_us: int = 0
    guest: Known | None = None
    table_id: str | None = None
    booking: Booking | None = None
    live: str | None = None

    @property
    def is_paid_here(self) -> bool:
        """The restaurant collects the money, and the order was worth any."""
        return self.outcome == "completed" and self.source != "marketplace" and not self.is_free

    @property
    def is_plain(self) -> bool:
        """One guest paid it, and nothing else is to be told about the money."""
        is_special = self.is_mixed or self.is_tipped or self.is_retried or self.refund is not None or self.code is not None
        return self.is_paid_here and self.payers == 1 and not is_special


def stories_of(setting: Setting, *, count: int = ORDERS, name: str = "orders") -> list[Story]:
    """The stories of all past orders, in drawn order."""
    draw = setting.seeds(f"{name}:deck").choices
    outcomes = dealt(draw, _counts(OUTCOMES, count))
    stories = [Story(kind, outcome) for kind, outcome in zip(dealt(draw, _counts(KINDS, count)), outcomes, strict=True)]
    for story in stories:
        story.source = _source(draw, story)
    done = [story for story in stories if story.outcome == "completed"]
    _mark(draw, done, FREE * count // ORDERS, lambda story: setattr(story, "is_free", True), _may_be_free)
    paid = [story for story in done if story.is_paid_here]
    for story in paid:
        story.payers = 1
    _deal_money(draw, paid, count)
    _deal_changes(draw, stories, done, count)
    return stories


def live_stories(now_us: int) -> list[Story]:
    """One order in every state on the way."""
    return [
        Story(kind, status, source, live=status, placed_us=now_us - minutes * 60_000_000)
        for status, source, kind, minutes in LIVE
    ]


def _may_be_free(story: Story) -> bool:
    return story.source != "marketplace" and story.kind != "delivery"


def _counts(percent: dict[str, int], whole: int) -> dict[str, int]:
    counts = {name: whole * share // 100 for name, share in percent.items()}
    first = next(iter(counts))
    return counts | {first: counts[first] + whole - sum(counts.values())}


def _source(draw: Random, story: Story) -> str:
    if story.outcome == "failed":  # nobody accepted it in time, which only happens to a channel
        story.kind = "delivery" if story.kind == "dine_in" else story.kind
        return "marketplace"
    return weighted(draw, SOURCES[story.kind])


def _mark(
    draw: Random, stories: list[Story], count: int, change: Callable[[Story], None],
    may: Callable[[Story], bool] = lambda _: True,
) -> list[Story]:  # fmt: skip
    """Change `count` of the stories that may be changed, and return those."""
    chosen = draw.sample([story for story in stories if may(story)], count)
    for story in chosen:
        change(story)
    return chosen


def _deal_money(draw: Random, paid: list[Story], count: int) -> None:
    def share(amount: int) -> int:
        return amount * count // ORDERS

    _mark(draw, paid, share(SPLIT), lambda story: setattr(story, "payers", draw.choice((2, 2, 2, 3, 3, 4, 5, 6))))
    _mark(draw, paid, share(MIXED), lambda story: setattr(story, "is_mixed", True), lambda story: story.payers == 1)
    _mark(draw, paid, share(TIPPED), lambda story: setattr(story, "is_tipped", True))
    _mark(draw, paid, share(RETRIED), lambda story: setattr(story, "is_retried", True))
    _mark(draw, paid, share(PART_REFUNDED), lambda story: setattr(story, "refund", "part"))
    _mark(draw, paid, share(REFUNDED), lambda story: setattr(story, "refund", "all"), lambda story: story.refund is None)
    codes = [code for code, uses in PER_CODE for _ in range(share(uses))]
    promoted = draw.sample(paid, share(PROMOTED))
    for index, story in enumerate(promoted):
        story.code = codes[index] if index < len(codes) else AUTUMN


def _deal_changes(draw: Random, stories: list[Story], done: list[Story], count: int) -> None:
    def share(amount: int) -> int:
        return amount * count // ORDERS

    plain = [story for story in done if not story.is_free]
    _mark(draw, plain, share(VOIDED), lambda story: setattr(story, "is_voided", True))
    _mark(draw, plain, share(AMENDED), lambda story: setattr(story, "is_amended", True), lambda story: not story.is_voided)
    channel = [story for story in stories if story.source == "marketplace"]
    _mark(draw, channel, share(MISMATCHED), lambda story: setattr(story, "is_mismatched", True))
    _mark(
        draw, done, share(SCHEDULED), lambda story: setattr(story, "is_scheduled", True),
        lambda story: story.kind != "dine_in" and story.source in ("website", "app", "phone"),
    )  # fmt: skip
