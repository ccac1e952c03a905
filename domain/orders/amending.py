"""Amending an order the kitchen can still change: lines voided, changed in number, added or substituted.

Prices of lines that stay are never read again; only new lines are judged by the menu. What the guest has paid too much
is given back by domain.payments, which calls this.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

from domain.locations.service import get_location
from domain.menus.errors import ItemUnavailable
from domain.menus.service import catalog_for
from domain.menus.service import release_stock
from domain.menus.service import reserve_stock
from domain.orders import queries
from domain.orders.changes import changed_at
from domain.orders.changes import lock_order
from domain.orders.changes import read_order
from domain.orders.changes import record_updated
from domain.orders.changes import write_columns
from domain.orders.drafts import CHANNEL
from domain.orders.drafts import LineDraft
from domain.orders.drafts import OrderDraft
from domain.orders.lines import choose_lines
from domain.orders.lines import require_sellable
from domain.orders.machine import AMENDABLE
from domain.orders.machine import MOVES
from domain.orders.models import OrderLine
from domain.orders.pricing import PriceLine
from domain.orders.totals import bill_minor
from domain.orders.totals import payment_status
from domain.orders.totals import priced_order
from kit.documents import Document
from kit.documents import append
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.scope import Scope

VOID, QUANTITY, ADD, SUBSTITUTE = "void", "quantity", "add", "substitute"
OPERATIONS = (VOID, QUANTITY, ADD, SUBSTITUTE)
MOST_LINES = 200
LINE_COLUMNS = ("quantity", "gross_minor", "net_minor", "state", "reason")


@dataclass(frozen=True, slots=True)
class Operation:
    """One amendment. void: line_id; quantity: line_id, quantity; add: item; substitute: line_id, item."""

    op: str
    line_id: str | None = None
    quantity: int | None = None
    item: LineDraft | None = None
    reason: str | None = None


@dataclass(slots=True)
class _Plan:
    """What a list of operations makes of an order's lines, before the menu is asked."""

    lines: dict[str, Document]
    new: list[tuple[str, LineDraft, str | None]] = field(default_factory=list)  # (path, line, id of the line it replaces)
    raised: dict[str, str] = field(default_factory=dict)  # item id → path of the operation that wants more of it
    errors: list[FieldError] = field(default_factory=list)


def amend_order(
    scope: Scope,
    *,
    order_id: str,
    operations: Sequence[Operation],
    allow_open_items: bool = False,
    expected_version: int | None = None,
) -> Document:
    """Apply amendments in order, price the order again, move its stock and record order.updated; return the order.

    A line that goes keeps its price with state voided or substituted. What the order costs more becomes due; what it costs
    less lowers what is due, and the rest has been paid too much: see domain.payments.adjusting. Raises NotFound, Conflict,
    InvalidTransition (409) unless pending, accepted or preparing, and with 422 Invalid and what placing a line raises;
    fields are named operations[n].…
    """
    before = lock_order(scope, order_id=order_id, expected_version=expected_version)
    if before["status"] not in AMENDABLE:
        data: dict[str, Any] = {"from": before["status"], "to": "amended", "allowed": list(MOVES[before["status"]])}
        raise InvalidTransition(f"A {before['status']} order cannot be amended.", **data)
    plan = _planned(before, operations)
    if plan.errors:
        raise Invalid(errors=plan.errors)
    added = _judged(scope, before, plan, allow_open_items)
    _check_size(len(added) + sum(line["state"] == "active" for line in plan.lines.values()))
    columns, lines = _priced(before, plan, added)
    if not added and all(line == plan.lines[line["id"]] for line in before["lines"]):
        return before
    _write(scope, before, columns, lines, plan)
    after = read_order(scope, order_id=order_id)
    record_updated(scope, before=before, after=after)
    _move_stock(scope, before, after, plan)
    return after


def _check_size(lines: int) -> None:
    if not lines:
        raise Invalid(errors=[FieldError("operations", "validation_failed", "Nothing would be left: cancel the order.")])
    if lines > MOST_LINES:
        message = f"An order has {MOST_LINES} lines at most, not {lines}."
        raise Invalid(errors=[FieldError("operations", "validation_failed", message)])


def _planned(order: Document, operations: Sequence[Operation]) -> _Plan:
    plan = _Plan({line["id"]: dict(line) for line in order["lines"]})
    for index, operation in enumerate(operations):
        _plan_one(plan, operation, f"operations[{index}]")
    return plan


def _plan_one(plan: _Plan, operation: Operation, path: str) -> None:
    line = plan.lines.get(operation.line_id or "")
    if operation.op not in OPERATIONS:
        plan.errors.append(FieldError(f"{path}.op", "validation_failed", f"Expected one of {', '.join(OPERATIONS)}."))
    elif operation.op != ADD and (line is None or line["state"] != "active"):
        message = f"The order has no active line {operation.line_id}."
        plan.errors.append(FieldError(f"{path}.line_id", "validation_failed", message))
    elif operation.op in (ADD, SUBSTITUTE) and operation.item is None:
        plan.errors.append(FieldError(f"{path}.item", "validation_failed", "Say which item to add."))
    elif operation.op == QUANTITY and (operation.quantity is None or operation.quantity < 1):
        plan.errors.append(FieldError(f"{path}.quantity", "validation_failed", "Expected 1 or more; void ends a line."))
    else:
        _apply(plan, operation, line, path)


def _apply(plan: _Plan, operation: Operation, line: Document | None, path: str) -> None:
    """Apply one operation that was judged possible."""
    if operation.item is not None and operation.op in (ADD, SUBSTITUTE):
        plan.new.append((f"{path}.item", operation.item, line["id"] if line is not None and operation.op == SUBSTITUTE else None))
    if line is None or operation.op == ADD:
        return
    if operation.op == QUANTITY and operation.quantity is not None:
        if operation.quantity > line["quantity"] and line["item_id"] is not None:
            plan.raised[line["item_id"]] = f"{path}.quantity"
        line["quantity"] = operation.quantity
        return
    state = "voided" if operation.op == VOID else "substituted"
    line |= {"state": state, "reason": operation.reason, "net_minor": 0}


def _judged(scope: Scope, order: Document, plan: _Plan, allow_open_items: bool) -> list[tuple[Document, PriceLine]]:
    """The new lines as the menu has them now; also refuses more of an item that is not sold any more."""
    if not plan.new and not plan.raised:
        return []
    wanted = [line for _, line, _ in plan.new]
    location = get_location(scope, location_id=order["location_id"])
    item_ids = [line.item_id for line in wanted if line.item_id is not None]
    modifier_ids = [m.modifier_id for line in wanted for m in line.modifiers if m.modifier_id is not None]
    catalog = catalog_for(scope, location=location, item_ids=[*item_ids, *plan.raised], modifier_ids=modifier_ids)
    require_sellable(catalog, plan.raised)
    draft = OrderDraft(source=order["source"], lines=wanted, allow_open_items=allow_open_items)
    paths = [path for path, _, _ in plan.new]
    chosen = choose_lines(draft, catalog=catalog, location=location, wanted_us=None, paths=paths)
    first = max(line["position"] for line in order["lines"]) + 1
    return [
        (row | {"position": first + index, "replaces_id": replaces_id}, price_line)
        for index, ((row, price_line), (_, _, replaces_id)) in enumerate(zip(chosen, plan.new, strict=True))
    ]


def _priced(
    order: Document, plan: _Plan, added: list[tuple[Document, PriceLine]]
) -> tuple[Document, list[Document]]:
    """The order's columns after the amendment, and its active lines with their amounts."""
    kept = sorted((line for line in plan.lines.values() if line["state"] == "active"), key=lambda line: line["position"])
    terms = {
        "discounts": order["discounts"], "charges": order["charges"], "tip_minor": order["tip_minor"],
        "price_mode": order["price_mode"], "tax_rounding": order["tax_rounding"],
        "deposit_minor": order["deposit_applied_minor"], "collected_by": order["collected_by"],
    }  # fmt: skip
    active = [(line, _price_line(line)) for line in kept] + added
    columns, lines = priced_order(active, terms=terms, field="operations")
    if order["collected_by"] != CHANNEL:
        # What the payments so far cover of the bill; a refund does not uncover it.
        covered = bill_minor(order) - order["due_minor"]
        columns["due_minor"] = max(0, bill_minor(columns) - covered)
    columns["payment_status"] = payment_status(
        paid_minor=order["paid_minor"], refunded_minor=order["refunded_minor"], due_minor=columns["due_minor"]
    )
    plan.lines |= {line["id"]: line for line in lines if line["id"] in plan.lines}
    return columns, lines


def _price_line(line: Document) -> PriceLine:
    extras = [(row["price_minor"], row["quantity"]) for row in line["modifiers"]]
    return PriceLine(line["unit_minor"], line["quantity"], extras, line["tax_rate"])


def _write(scope: Scope, order: Document, columns: Document, lines: list[Document], plan: _Plan) -> None:
    for line in order["lines"]:
        after = plan.lines[line["id"]]
        new = {name: after[name] for name in LINE_COLUMNS if after[name] != line[name]}
        if new:
            values = {f"new_{name}": value for name, value in new.items()}
            queries.change_line.rows(scope, tuple(new), order_id=order["id"], line_id=line["id"], **values)
    append(scope, OrderLine, [{**line, "order_id": order["id"]} for line in lines if line["id"] not in plan.lines])
    changed = {name: value for name, value in columns.items() if value != order[name]}
    write_columns(scope, before=order, columns=changed, at=changed_at(scope, order))


def _move_stock(scope: Scope, before: Document, after: Document, plan: _Plan) -> None:
    """Take what is wanted in addition and give back what is not wanted any more."""
    difference = _portions(after)
    difference.subtract(_portions(before))
    try:
        reserve_stock(scope, quantities={item_id: count for item_id, count in difference.items() if count > 0})
    except ItemUnavailable as refusal:
        paths = {line.item_id: f"{path}.menu_item_id" for path, line, _ in plan.new} | plan.raised
        errors = [replace(error, field=paths[(error.extra or {})["menu_item_id"]]) for error in refusal.errors]
        raise ItemUnavailable(errors=errors) from refusal
    release_stock(scope, quantities={item_id: -count for item_id, count in difference.items() if count < 0})


def _portions(order: Document) -> Counter[str]:
    portions: Counter[str] = Counter()
    for line in order["lines"]:
        if line["item_id"] is not None and line["state"] == "active":
            portions[line["item_id"]] += line["quantity"]
    return portions
