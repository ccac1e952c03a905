"""What orders mean for points: earning when one is completed and paid, and giving back what a refund takes away.

Orders and payments call these with the order row locked; members are locked after it, in the order of their ids.
"""

from domain.loyalty import queries
from domain.loyalty.ledger import announce
from domain.loyalty.ledger import has_earned
from domain.loyalty.ledger import lock_member
from domain.loyalty.ledger import move_points
from domain.loyalty.models import EARN
from domain.loyalty.models import PointsCalculation
from domain.loyalty.rules import MOST_POINTS
from domain.loyalty.rules import MULTIPLIER_UNIT
from domain.loyalty.rules import kept_minor
from domain.loyalty.rules import net_minor
from domain.loyalty.rules import points_of
from domain.loyalty.rules import points_taken_back
from domain.timers.service import set_task
from kit.documents import Document
from kit.documents import append
from kit.errors import NotFound
from kit.ids import new_id
from kit.scope import Scope
from kit.unit import tenant_now_us

CALCULATE = "loyalty.calculate"


def earn_for_order(scope: Scope, *, order: Document) -> None:
    """Give a member the points of an order that is completed and of which nothing is due; else do nothing.

    In each program the customer's oldest active membership earns, once. A program with a callback is asked for the points
    by a worker instead. order: the locked document after its change. Without a customer nothing is read.
    """
    if order["customer_id"] is None or order["status"] != "completed" or order["due_minor"]:
        return
    cards = queries.cards.documents(scope, customer_id=order["customer_id"], order_id=order["id"])
    oldest: dict[str, Document] = {}
    for card in cards:
        oldest.setdefault(card["program_id"], card)
    for card in sorted(oldest.values(), key=lambda one: one["membership_id"]):
        multiplier = card["multiplier_hundredths"]
        points = points_of(card, order, multiplier_hundredths=MULTIPLIER_UNIT if multiplier is None else multiplier)
        if card["callback_url"] is not None:
            _ask(scope, card, order, points)
        elif points:
            _earn(scope, member_id=card["membership_id"], points=points, order=order)


def reverse_for_refund(scope: Scope, *, order: Document, refunded_minor: int) -> None:
    """Take back the points an order earned, pro rata of what was refunded, rounded down and never below a balance of 0.

    order: the locked document after the refund; refunded_minor: this refund alone. Rounding is over all refunds of the
    order together, so refunding it in parts takes back what refunding it at once would.
    """
    for member_id, earned, base_minor, refunded_before in queries.earned.rows(scope, order_id=order["id"]):
        since = order["refunded_minor"] - (refunded_before or 0)
        points = points_taken_back(
            earned=earned, base_minor=base_minor or 0, refunded_minor=since, now_minor=refunded_minor
        )
        if points:
            _take_back(scope, member_id=member_id, points=points, order=order)


def get_calculation(scope: Scope, *, calculation_id: str) -> Document:
    """Read what a callback is asked and whether it has answered. Raises NotFound."""
    document = queries.calculation.document(scope, row_id=calculation_id)
    if document is None:
        raise NotFound(f"There is no calculation {calculation_id}.")
    return document


def end_calculation(scope: Scope, *, calculation_id: str, points: int | None, order: Document) -> None:
    """Give the points a callback said, or those of the program's rate when it did not answer (None).

    order: the locked document as it is now; what was refunded since the question lowers the points pro rata. Ending it
    again changes nothing.
    """
    asked = queries.lock_calculation.document(scope, row_id=calculation_id)
    if asked is None or asked["state"] != "asked":
        return
    state = "unanswered" if points is None else "answered"
    queries.end_calculation.rows(scope, row_id=calculation_id, new_state=state)
    kept_then, kept_now = asked["order_facts"]["kept_minor"], kept_minor(order)
    said = min(asked["default_points"] if points is None else points, MOST_POINTS)
    worth = said * min(kept_now, kept_then) // kept_then if kept_then else said
    if worth and not has_earned(scope, program_id=asked["program_id"], order_id=order["id"]):
        _earn(scope, member_id=asked["membership_id"], points=worth, order=order)


def _ask(scope: Scope, card: Document, order: Document, default_points: int) -> None:
    facts = {
        "id": order["id"], "number": order["number"], "location_id": order["location_id"], "currency": order["currency"],
        "total_minor": order["total_minor"], "net_minor": net_minor(order), "kept_minor": kept_minor(order),
        "items": [
            {"menu_item_id": line["item_id"], "name": line["name"], "quantity": line["quantity"]}
            for line in order["lines"] if line["state"] == "active"
        ],
    }  # fmt: skip
    calculation_id = new_id("pcl")
    append(scope, PointsCalculation, [{
        "id": calculation_id, "membership_id": card["membership_id"], "program_id": card["program_id"],
        "order_id": order["id"], "order_facts": facts, "default_points": default_points, "state": "asked",
        "created_at": tenant_now_us(scope),
    }])  # fmt: skip
    set_task(scope, kind=CALCULATE, object_id=calculation_id)


def _earn(scope: Scope, *, member_id: str, points: int, order: Document) -> None:
    before = _locked(scope, member_id)
    if before is None or before["status"] != "active":
        return
    entry, after = move_points(scope, before=before, delta=points, reason=EARN, order=order)
    announce(scope, before=before, after=after, entry=entry)


def _take_back(scope: Scope, *, member_id: str, points: int, order: Document) -> None:
    before = _locked(scope, member_id)
    if before is None or not before["points"]:
        return
    delta = -min(points, before["points"])
    entry, after = move_points(scope, before=before, delta=delta, reason="refund_reversal", order=order)
    announce(scope, before=before, after=after, entry=entry)


def _locked(scope: Scope, member_id: str) -> Document | None:
    """The locked member, or None when it is gone: an order or refund must not fail because of that."""
    try:
        return lock_member(scope, member_id=member_id)
    except NotFound:
        return None
