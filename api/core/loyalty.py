"""Loyalty members, their points and what they redeem, in the Core API."""

from typing import Any

from api.core.blueprint import blueprint
from api.core.loyalty_schemas import MemberIn
from api.core.loyalty_schemas import MemberOut
from api.core.loyalty_schemas import MemberPatch
from api.core.loyalty_schemas import MemberQuery
from api.core.loyalty_schemas import PointsIn
from api.core.loyalty_schemas import PointsTransactionOut
from api.core.loyalty_schemas import RedeemIn
from api.core.loyalty_schemas import RedemptionOut
from api.core.loyalty_schemas import WalletImportIn
from api.core.loyalty_schemas import WalletImportOut
from api.core.schemas import PageQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.loyalty import service as loyalty
from domain.loyalty.errors import InsufficientPoints
from domain.orders.service import lock_order
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound

MEMBERS = "/loyalty/members"
MEMBER = f"{MEMBERS}/<member_id>"
REDEMPTION = "/loyalty/redemptions/<redemption_id>"


def _position(row: Document) -> list[object]:
    return [row["created_at"], row["id"]]


@endpoint(
    blueprint, "GET", MEMBERS, scope="loyalty:read", area="loyalty", query=MemberQuery, returns=MemberOut, is_list=True
)
def list_members(call: Call) -> Reply:
    """List loyalty members, newest first.

    Filter by program, customer, code, status, tier (its code), change time or the name the member has in another product
    (`ref`).
    """
    query = call.query
    ref = parse_reference(query["ref"], noun="membership") if "ref" in query else None
    rows = loyalty.list_members(
        call.scope, limit=query["limit"], after=call.after(), program_id=query.get("program_id"),
        customer_id=query.get("customer_id"), code=query.get("code"), status=query.get("status"), tier=query.get("tier"),
        updated_since_us=query.get("updated_since"), ref=ref,
    )  # fmt: skip
    return call.page(rows, _position)


@endpoint(
    blueprint, "POST", MEMBERS, scope="loyalty:write", area="loyalty", body=MemberIn, returns=MemberOut, status=201,
    errors=(DuplicateReference,),
)  # fmt: skip
def create_member(call: Call) -> Reply:
    """Make a customer a member of a program.

    Without a `code` one is made up. A customer joins a program once: a cancelled membership is joined again by setting its
    status to `active`. After `expiry_date` (UTC) the points expire and the membership is cancelled.
    """
    body = dict(call.body)
    member = loyalty.create_member(call.scope, customer_ids=(body.pop("customer_id"),), **body)
    return Reply(document=member, headers={"Location": f"/v1/loyalty/members/{member['id']}"})


@endpoint(
    blueprint, "POST", f"{MEMBERS}/import", scope="loyalty:write", area="loyalty", body=WalletImportIn, printed=WalletImportOut,
    cost=5,
)  # fmt: skip
def import_members(call: Call) -> Reply:
    """Import the wallets of another loyalty system.

    Up to 1,000 rows; each has a result of its own, and a refused row leaves the others alone. A `code` the program knows
    is updated: its balance becomes `points`. Otherwise a member is made for `customer_id`, or for the `customer` found by
    phone or e-mail, with `points` as the opening balance.
    """
    results = loyalty.import_members(call.scope, rows=call.body["members"])
    return Reply(payload={"results": [_printed(index, result) for index, result in enumerate(results)]})


@endpoint(blueprint, "GET", MEMBER, scope="loyalty:read", area="loyalty", returns=MemberOut)
def read_member(call: Call, member_id: str) -> Document:
    """Read one loyalty member with its balance and tier."""
    return loyalty.get_member(call.scope, member_id=member_id)


@endpoint(
    blueprint, "PATCH", MEMBER, scope="loyalty:write", area="loyalty", body=MemberPatch, returns=MemberOut,
    errors=(InvalidTransition, DuplicateReference),
)  # fmt: skip
def change_member(call: Call, member_id: str) -> Document:
    """Change a loyalty member: its status, code or dates.

    A `pre_enrollment` becomes `active`, an `active` membership `cancelled`, and a cancelled one `active` again. Points and
    tier follow from the ledger.
    """
    body = {name: value for name, value in call.body.items() if name != "version"}
    return loyalty.change_member(call.scope, member_id=member_id, expected_version=expected_version(call), **body)


@endpoint(
    blueprint, "GET", f"{MEMBER}/transactions", scope="loyalty:read", area="loyalty", query=PageQuery,
    returns=PointsTransactionOut, is_list=True,
)  # fmt: skip
def list_transactions(call: Call, member_id: str) -> Reply:
    """List a member's ledger, newest first.

    The entries' deltas add up to the balance; an entry never changes.
    """
    rows = loyalty.list_entries(call.scope, member_id=member_id, limit=call.query["limit"], after=call.after())
    return call.page(rows, lambda row: [row["position"]])


@endpoint(
    blueprint, "POST", f"{MEMBER}/points", scope="loyalty:write", area="loyalty", body=PointsIn, returns=PointsTransactionOut,
    status=201, errors=(InsufficientPoints, DuplicateReference, InvalidTransition),
)  # fmt: skip
def post_points(call: Call, member_id: str) -> Reply:
    """Give a member points or take some away.

    `earn` counts for the lifetime points and so for the tier, once per order; `adjust` corrects them either way; `expire`
    takes points away and leaves the lifetime points as they are. The balance never falls below zero. Orders that are
    completed and paid earn by themselves, and refunds take points back by themselves.
    """
    body = dict(call.body)
    order = _order(call, body.pop("order_id", None))
    entry = loyalty.post_points(call.scope, member_id=member_id, order=order, **body)
    return Reply(document=entry, headers={"Location": f"/v1/loyalty/members/{member_id}/transactions"})


@endpoint(
    blueprint, "POST", f"{MEMBER}/rewards/<reward_id>/redeem", scope="loyalty:write", area="loyalty", body=RedeemIn,
    returns=RedemptionOut, status=201, errors=(InsufficientPoints, InvalidTransition),
)  # fmt: skip
def redeem_reward(call: Call, member_id: str, reward_id: str) -> Reply:
    """Redeem a reward: its cost leaves the balance.

    The redemption keeps the reward as it is now. Name the order it is used on, if there is one.
    """
    order = _order(call, call.body.get("order_id"))
    redemption = loyalty.redeem_reward(call.scope, member_id=member_id, reward_id=reward_id, order=order)
    return Reply(document=redemption, headers={"Location": f"/v1/loyalty/redemptions/{redemption['id']}"})


@endpoint(blueprint, "GET", REDEMPTION, scope="loyalty:read", area="loyalty", returns=RedemptionOut)
def read_redemption(call: Call, redemption_id: str) -> Document:
    """Read one redemption."""
    return loyalty.get_redemption(call.scope, redemption_id=redemption_id)


@endpoint(blueprint, "POST", f"{REDEMPTION}/reverse", scope="loyalty:write", area="loyalty", returns=RedemptionOut)
def reverse_redemption(call: Call, redemption_id: str) -> Document:
    """Reverse a redemption: its points return to the balance.

    Reversing it again changes nothing.
    """
    return loyalty.reverse_redemption(call.scope, redemption_id=redemption_id)


def _order(call: Call, order_id: str | None) -> Document | None:
    """The order of a body, locked: what it earns and what a refund takes back must not pass each other."""
    if order_id is None:
        return None
    try:
        return lock_order(call.scope, order_id=order_id)
    except NotFound as error:
        raise Invalid(errors=[FieldError("order_id", "validation_failed", f"There is no order {order_id}.")]) from error


def _printed(index: int, result: loyalty.Imported) -> dict[str, Any]:
    error = None
    if result.refusal is not None:
        first = result.refusal.errors[0] if result.refusal.errors else None
        error = {
            "code": result.refusal.code, "message": first.message if first else result.refusal.detail,
            "field": first.field if first else None,
        }  # fmt: skip
    return {"index": index, "status": result.status, "id": result.member_id, "error": error}
