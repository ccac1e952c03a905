"""The sandbox page: what a partner may make happen. Values come from the code that acts on them; the sentences live here.

Tests hold that every value has its sentence and that no sentence is left over.
"""

from dataclasses import dataclass

from domain.notifications.service import MAGIC
from domain.payments.processor import AMOUNTS
from domain.payments.processor import CONFIRMED
from domain.payments.processor import FAILED
from domain.payments.processor import FAILING_REFUND_MINOR
from domain.payments.processor import NO_ANSWER
from domain.payments.processor import TOKENS
from domain.payments.processor import Outcome
from sandbox.hosts import BEHAVIOURS
from sandbox.hosts import HOST
from sandbox.scenarios.service import SCENARIOS
from sandbox.service import PROFILES

Row = tuple[str, str]  # a value and what it does

PROFILE_TEXTS = {
    "minimal": "One Warsaw restaurant with every named fixture. New sandboxes start with it; it is built in under a second.",
    "standard": "Restaurant groups with months of history: places, guests, orders, bookings and reviews in all their states.",
    "large": "The standard world with numbers that test paging and exports.",
    "neighbour": "Another small restaurant, in Kraków, that shares no id with the first.",
    "empty": "No restaurant at all, for building your own from nothing.",
}
CLOCK_TEXTS = {  # by the kind of timer
    "hold.expire": "A hold runs out, with reservation.hold_expired.",
    "reservation.no_show": "A party that has not come is counted as a no-show.",
    "order.start": "A scheduled order enters the kitchen in time to be ready.",
    "order.acceptance": "An order nobody accepts fails.",
    "payment.confirm": "A payment that took its time is confirmed.",
    "cart.expire": "A cart nobody touches expires.",
    "item.return": "An item taken off sale until an hour comes back.",
    "modifier.return": "So does a modifier.",
    "store.resume": "A pause of a location ends.",
    "table.unlock": "A table's lock ends.",
    "campaign.start": "A planned campaign is sent.",
    "loyalty.expire": "A membership reaches its last day.",
    "segment.daily": "Segments that depend on the date are found anew.",
    "export.expire": "An export's file is removed.",
    "export.schedule": "A scheduled export starts.",
}
SCENARIO_TEXTS = {
    "friday_rush": "Two dozen orders in one breath: some are rejected, some finished and paid, the rest is in hand.",
    "no_show_evening": "Parties book an evening in several sittings. Some never come, the others eat and leave.",
    "eighty_six_storm": "Items go off sale at once, guests who want them are refused, every second item comes back.",
    "webhook_outage": "Orders are finished while an endpoint is down: each delivery to it fails twice and then gets through.",
    "refund_day": "Paid orders are refunded: in full, in part, with a refund that fails and one that asks for too much.",
    "merge_duplicates": "People who were entered twice, with orders and a review on both, become one each.",
    "dst_night": "Tables and orders across the next two changes of the clocks, and a local time that does not exist.",
    "double_booking_race": "Several guests ask for one table at the same moment. One gets it.",
}
BEHAVIOUR_TEXTS = {
    "ok": "Answers 200.",
    "fail-500": "Answers 500, always.",
    "fail-502": "Answers 502, always.",
    "fail-502-then-ok": "Answers 502 until attempt n (?n=2 unless given), then 200.",
    "timeout": "Does not answer in time.",
    "slow-8s": "Answers 200 after 8 seconds: in time for most plans, too late for Smart.",
    "gone-410": "Answers 410, which disables the endpoint.",
    "redirect-302": "Redirects. Webhooks do not follow, so it has failed.",
    "rate-429": "Answers 429 with Retry-After (?after=5 unless given).",
    "bad-tls": "Has a certificate nobody should trust.",
    "html-200": "Answers 200 with a page: that counts as delivered.",
}
ADDRESS_TEXTS = {
    "+15005550001": "Text messages to it fail: invalid_number.",
    "+15005550006": "Text messages to it arrive.",
    "bounce@sandbox.invalid": "E-mails to it bounce.",
    "complaint@sandbox.invalid": "E-mails to it arrive and are complained about.",
}
EFFECT_TEXTS = {
    "status": "Answer with a status from 400 to 599 and the code injected_fault.",
    "latency_ms": "Wait first, 30 seconds at most. Goes with each of the others.",
    "drop": "End the connection without an answer.",
    "malformed_json": "Carry the call out and cut its answer in half.",
    "rate_limit": "Answer 429 with this Retry-After, in seconds.",
    "when": "before (instead of the call) or after (the call was carried out and its answer is lost).",
}


@dataclass(frozen=True)
class Magic:
    """Values of one kind that the sandbox reacts to. place: where they are sent."""

    title: str
    place: str
    rows: tuple[Row, ...]


def profiles() -> list[Row]:
    """The worlds a reset can build."""
    return [(name, PROFILE_TEXTS[name]) for name in PROFILES]


def scenarios() -> list[Row]:
    """What can be played by one call."""
    return [(name, SCENARIO_TEXTS[name]) for name in SCENARIOS]


def magic() -> list[Magic]:
    """Every value that makes something happen."""
    amounts = [(_decimals(minor), _outcome(outcome)) for minor, outcome in AMOUNTS.items()]
    return [
        Magic("Payment sources", "`source` of a card or wallet payment", tuple((n, _outcome(o)) for n, o in TOKENS.items())),
        Magic("Amounts", "a card or wallet payment without a source, amount and tip together", tuple(amounts)),
        Magic("Refunds", "`amount` of a refund", ((_decimals(FAILING_REFUND_MINOR), "The refund fails."),)),
        Magic(
            "Webhook URLs", "`url` of an endpoint; these hosts exist in the sandbox only",
            tuple((f"https://{HOST}/{name}", BEHAVIOUR_TEXTS[name]) for name in BEHAVIOURS),
        ),
        Magic("Recipients", "phones and e-mail addresses of guests", tuple((name, ADDRESS_TEXTS[name]) for name in MAGIC)),
        Magic("Names", "the contact of a reservation", (("No Show", "The party never arrives when the booking is advanced."),)),
    ]  # fmt: skip


def _outcome(outcome: Outcome) -> str:
    if outcome.status == CONFIRMED:
        return "Confirmed at once."
    if outcome.status == FAILED:
        return f"Declined: 402 with decline_code {outcome.decline_code}."
    if outcome.status == NO_ANSWER:
        return "The processor does not answer: 503, and nothing is written. Retry with the same Idempotency-Key."
    if outcome.confirms_after_s is None:
        return "Stays created until the payer acts: POST /sandbox/v1/payments/{payment_id}/settle."
    return f"Created, and confirmed after {outcome.confirms_after_s} seconds of the sandbox clock."


def _decimals(minor: int) -> str:
    """An amount as it is sent in a currency of two decimals."""
    return f"{minor // 100}.{minor % 100:02d}"
