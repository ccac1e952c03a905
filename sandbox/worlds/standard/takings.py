"""Who paid for an order, how, and what was given back."""

from dataclasses import dataclass
from dataclasses import field
from random import Random

from domain.campaigns.models import PromoUse
from domain.orders.pricing import apportion
from domain.orders.totals import payment_status
from domain.payments.models import Payment
from domain.payments.models import Refund
from domain.payments.processor import AMOUNTS
from domain.payments.processor import FAILING_REFUND_MINOR
from kit.documents import Document
from sandbox.worlds.seeds import MINUTE_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.bookings import Ledger
from sandbox.worlds.standard.courses import Step
from sandbox.worlds.standard.money import local_minor
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import weighted
from sandbox.worlds.standard.stories import Story

METHODS = {"card": 63, "cash": 23, "wallet": 9, "voucher": 3, "room_charge": 2}
PROCESSED = ("card", "wallet")
TIPS = (5, 10, 10, 15, 20)  # percent
NOTE_CENTS = 500
DECLINED = ("generic_decline", "insufficient_funds", "expired_card", "incorrect_cvc")
REASONS = ("quality", "missing_item", "late", "customer_request", "price_adjustment")
ONLINE = ("website", "app", "voice", "api")


@dataclass(slots=True)
class Takings:
    """The payments and refunds of an order, and the columns that follow. changes: how often they changed the order."""

    payments: list[Row] = field(default_factory=list)
    refunds: list[Row] = field(default_factory=list)
    columns: Document = field(default_factory=dict)
    last_us: int = 0
    changes: int = 0

    def add_to(self, ledger: Ledger, seeds: Seeds, story: Story, order: Document) -> None:
        """Add the rows, and those of the codes the order used."""
        for row in self.payments:
            ledger.add(Payment, row)
        for row in self.refunds:
            ledger.add(Refund, row)
        for discount in order["discounts"]:
            ledger.add(PromoUse, {
                "id": seeds.id("pru"), "promo_id": discount["promo_id"], "order_id": order["id"],
                "customer_id": order["customer_id"], "currency": order["currency"],
                "discount_minor": discount["amount_minor"], "used_at": story.placed_us,
                "redeemed_at": order["updated_at"] if order["status"] == "completed" else None,
            })  # fmt: skip


def take_money(seeds: Seeds, place: Place, story: Story, order_id: str, amounts: Document, steps: list[Step]) -> Takings:
    """Pay for an order as its story says; amounts are those of an order nobody has paid."""
    takings, draw = Takings(), seeds.choices
    due = amounts["due_minor"]
    if story.payers and due:
        tip = _tip(draw, place, due) if story.is_tipped else 0
        at = _paid_at(story, steps)
        _pay(takings, seeds, place, story, order_id, due, tip, at)
        if story.refund is not None:
            _refund(takings, seeds, story.refund, at + draw.randint(1, 5) * 10 * MINUTE_US)
    _sum_up(takings, amounts)
    return takings


def _paid_at(story: Story, steps: list[Step]) -> int:
    if story.source in ONLINE:
        return story.placed_us + MINUTE_US
    return max(story.placed_us + MINUTE_US, steps[-1][1] - 2 * MINUTE_US)


def _tip(draw: Random, place: Place, due: int) -> int:
    return max(place.step, due * draw.choice(TIPS) // 100 // place.step * place.step)


def _pay(
    takings: Takings, seeds: Seeds, place: Place, story: Story, order_id: str, due: int, tip: int, at: int
) -> None:
    draw = seeds.choices
    payers = 2 if story.is_mixed else story.payers
    shares = [share for share in apportion(due, [1] * payers) if share]
    methods = ["cash", "card"] if story.is_mixed else [weighted(draw, METHODS) for _ in shares]
    if story.is_retried:
        methods[0] = "card"
        takings.payments.append(_declined(seeds, place, order_id, shares[0], at - MINUTE_US // 2))
    for index, (share, method) in enumerate(zip(shares, methods, strict=False)):
        own_tip = 0 if index else tip
        charged = share + own_tip
        if method in PROCESSED and charged in AMOUNTS:  # the simulated processor would not have taken this amount
            method = "cash"
        note = local_minor(place, NOTE_CENTS)
        tendered = -(-charged // note) * note if method == "cash" else None
        takings.payments.append({
            "id": seeds.id("pay"), "order_id": order_id, "method": method, "currency": place.currency,
            "amount_minor": share, "tip_minor": own_tip, "tendered_minor": tendered,
            "change_minor": None if tendered is None else tendered - charged, "refunded_minor": 0, "status": "confirmed",
            "provider_ref": seeds.id("sim") if method in PROCESSED and story.source in ONLINE else None,
            "payer_label": f"Guest {index + 1}" if len(shares) > 1 else None, "version": 2,
            "created_at": at + index * MINUTE_US // 4, "updated_at": at + index * MINUTE_US // 4,
        })  # fmt: skip


def _declined(seeds: Seeds, place: Place, order_id: str, amount: int, at: int) -> Row:
    return {
        "id": seeds.id("pay"), "order_id": order_id, "method": "card", "currency": place.currency, "amount_minor": amount,
        "status": "failed", "decline_code": seeds.choices.choice(DECLINED), "provider_ref": seeds.id("sim"), "version": 2,
        "created_at": at, "updated_at": at,
    }  # fmt: skip


def _refund(takings: Takings, seeds: Seeds, which: str, at: int) -> None:
    """Give back all of every payment, or part of the first."""
    paid = [row for row in takings.payments if row["status"] == "confirmed"]
    for row in paid if which == "all" else paid[:1]:
        whole = row["amount_minor"] + row["tip_minor"]
        amount = whole if which == "all" else max(1, row["amount_minor"] * seeds.choices.randint(15, 50) // 100)
        amount += amount == FAILING_REFUND_MINOR and amount < whole
        row |= {
            "refunded_minor": amount, "status": "refunded" if amount == whole else "partially_refunded", "updated_at": at,
            "version": 3,
        }  # fmt: skip
        takings.refunds.append({
            "id": seeds.id("rfd"), "payment_id": row["id"], "order_id": row["order_id"], "currency": row["currency"],
            "amount_minor": amount, "reason": seeds.choices.choice(REASONS), "status": "succeeded",
            "created_at": at, "updated_at": at,
        })  # fmt: skip


def _sum_up(takings: Takings, amounts: Document) -> None:
    confirmed = [row for row in takings.payments if row["status"] != "failed"]
    tip = sum(row["tip_minor"] for row in confirmed)
    paid = sum(row["amount_minor"] for row in confirmed) + tip
    refunded = sum(row["amount_minor"] for row in takings.refunds)
    due = amounts["due_minor"] - (paid - tip)
    takings.changes = len(confirmed) + len(takings.refunds)
    takings.last_us = max((row["updated_at"] for row in takings.payments), default=0)
    takings.columns = {
        "tip_minor": tip, "total_minor": amounts["total_minor"] + tip, "paid_minor": paid, "refunded_minor": refunded,
        "due_minor": due,
        "payment_status": payment_status(paid_minor=paid, refunded_minor=refunded, due_minor=due),
    }  # fmt: skip
