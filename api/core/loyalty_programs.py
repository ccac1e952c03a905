"""Loyalty programs and rewards in the Core API."""

from decimal import Decimal
from typing import Any

from accounts.webhooks.urls import checked_url
from api.amounts import Amounts
from api.core.blueprint import blueprint
from api.core.loyalty_schemas import LoyaltyProgramIn
from api.core.loyalty_schemas import LoyaltyProgramOut
from api.core.loyalty_schemas import LoyaltyProgramPatch
from api.core.loyalty_schemas import LoyaltyProgramQuery
from api.core.loyalty_schemas import LoyaltyProgramSavedOut
from api.core.loyalty_schemas import RewardIn
from api.core.loyalty_schemas import RewardOut
from api.core.loyalty_schemas import RewardPatch
from api.core.loyalty_schemas import RewardQuery
from api.core.naming import named
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.loyalty import service as loyalty
from domain.loyalty.rules import MULTIPLIER_UNIT
from domain.loyalty.rules import RATE_UNIT
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid

PROGRAMS = "/loyalty/programs"
REWARDS = "/loyalty/rewards"


@endpoint(
    blueprint, "GET", PROGRAMS, scope="loyalty:read", area="loyalty", query=LoyaltyProgramQuery, returns=LoyaltyProgramOut,
    is_list=True,
)  # fmt: skip
def list_programs(call: Call) -> Reply:
    """List loyalty programs with their tiers, newest first."""
    rows = loyalty.list_programs(call.scope, limit=call.query["limit"], after=call.after(), ref=named(call, "program"))
    return call.page(rows, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", PROGRAMS, scope="loyalty:write", area="loyalty", body=LoyaltyProgramIn,
    returns=LoyaltyProgramSavedOut, status=201,
)  # fmt: skip
def create_program(call: Call) -> Reply:
    """Create a loyalty program.

    An order that is completed and paid earns `floor(net of tax and tip x point_rate x tier multiplier)`. In a `points`
    program the rate is per currency unit, in a `stamps` program per order, in a `cashback` program it is the share of the
    net that comes back, and the balance is in minor units of the currency.

    With a `callback_url` the points of each order are asked for there: a signed POST with the order and
    `default_points`, answered within 10 seconds by `{"points": 12}`. When there is no such answer, `default_points` count.
    """
    body = dict(call.body)
    tiers = [
        loyalty.TierDraft(
            code=tier["code"], tier=tier["tier"], name=tier["name"], threshold=tier["threshold"],
            multiplier_hundredths=_scaled(tier["point_multiplier"], MULTIPLIER_UNIT, f"tiers[{index}].point_multiplier"),
        )
        for index, tier in enumerate(body.pop("tiers"))
    ]  # fmt: skip
    saved = loyalty.create_program(call.scope, tiers=tiers, **_domain_words(call, body))
    return _saved(saved)


@endpoint(blueprint, "GET", f"{PROGRAMS}/<program_id>", scope="loyalty:read", area="loyalty", returns=LoyaltyProgramOut)
def read_program(call: Call, program_id: str) -> Document:
    """Read one loyalty program."""
    return loyalty.get_program(call.scope, program_id=program_id)


@endpoint(
    blueprint, "PATCH", f"{PROGRAMS}/<program_id>", scope="loyalty:write", area="loyalty", body=LoyaltyProgramPatch,
    returns=LoyaltyProgramSavedOut,
)  # fmt: skip
def change_program(call: Call, program_id: str) -> Reply:
    """Change a loyalty program: its name, rate, callback, or whether it is active.

    Points already given stay. An inactive program takes no new members and earns nothing.
    """
    body = {name: value for name, value in call.body.items() if name != "version"}
    saved = loyalty.change_program(
        call.scope, program_id=program_id, expected_version=expected_version(call), **_domain_words(call, body)
    )
    return _saved(saved, is_new=False)


@endpoint(
    blueprint, "GET", REWARDS, scope="loyalty:read", area="loyalty", query=RewardQuery, returns=RewardOut, is_list=True
)
def list_rewards(call: Call) -> Reply:
    """List the rewards on offer, cheapest first.

    With `member_id`, those of the member's program and whether the balance reaches them.
    """
    query = call.query
    rows = loyalty.list_rewards(
        call.scope, limit=query["limit"], after=call.after(), program_id=query.get("program_id"),
        member_id=query.get("member_id"),
    )  # fmt: skip
    return call.page(rows, lambda row: [row["points_cost"], row["id"]])


@endpoint(
    blueprint, "POST", REWARDS, scope="loyalty:write", area="loyalty", body=RewardIn, returns=RewardOut, status=201
)
def create_reward(call: Call) -> Reply:
    """Create a reward: what a number of points buys.

    The benefit is a percentage off, a fixed amount off, or a menu item.
    """
    body = dict(call.body)
    reward = loyalty.create_reward(call.scope, **_benefit(body.pop("benefit")), **body)
    return Reply(document=reward, headers={"Location": f"/v1/loyalty/rewards/{reward['id']}"})


@endpoint(blueprint, "GET", f"{REWARDS}/<reward_id>", scope="loyalty:read", area="loyalty", returns=RewardOut)
def read_reward(call: Call, reward_id: str) -> Document:
    """Read one reward."""
    return loyalty.get_reward(call.scope, reward_id=reward_id)


@endpoint(
    blueprint, "PATCH", f"{REWARDS}/<reward_id>", scope="loyalty:write", area="loyalty", body=RewardPatch, returns=RewardOut
)
def change_reward(call: Call, reward_id: str) -> Document:
    """Change a reward, or take it off the offer.

    What members have redeemed stays as it was.
    """
    body = {name: value for name, value in call.body.items() if name != "version"}
    return loyalty.change_reward(call.scope, reward_id=reward_id, expected_version=expected_version(call), **body)


def _saved(saved: loyalty.SavedProgram, *, is_new: bool = True) -> Reply:
    document = {**saved.document, "callback_secret": saved.callback_secret}
    headers = {"Location": f"/v1/loyalty/programs/{document['id']}"} if is_new else {}
    return Reply(document=document, headers=headers)


def _domain_words(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A program's body with its rate in millionths and its callback checked."""
    if "point_rate" in body:
        body["rate_millionths"] = _scaled(body.pop("point_rate"), RATE_UNIT, "point_rate")
    if body.get("callback_url") is not None:
        body["callback_url"] = _callback(call, body["callback_url"])
    return body


def _callback(call: Call, url: str) -> str:
    try:
        return checked_url(url, environment=call.scope.environment)
    except Invalid as refusal:
        errors = [FieldError("callback_url", one.code, one.message) for one in refusal.errors]
        raise Invalid("The callback URL cannot be used.", errors=errors) from refusal


def _scaled(value: Decimal, unit: int, field: str) -> int:
    scaled = value * unit
    if scaled != int(scaled):
        message = f"At most {len(str(unit)) - 1} fraction digits."
        raise Invalid(errors=[FieldError(field, "invalid", message)])
    return int(scaled)


def _benefit(benefit: dict[str, Any]) -> dict[str, Any]:
    """A benefit in the domain's terms: percent as basis points, an amount as minor units."""
    currency, value, minor = benefit.get("currency"), benefit.get("value"), None
    if value is not None and benefit["type"] == "percent":
        minor = _scaled(value, 100, "benefit.value")
    elif value is not None and currency is not None:
        minor = Amounts(lambda: str(currency)).minor(value, "benefit.value")
    return {
        "benefit": benefit["type"], "benefit_value": minor, "currency": currency, "item_id": benefit.get("item_id"),
    }  # fmt: skip
