"""A restaurant's plan at the gate: changes act on the next request."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from accounts.organisations.members import Member
from accounts.people.service import create_person
from accounts.tiers.changing import change_tier
from kit.ids import new_id
from kit.unit import control_unit
from tests.api.conftest import NewCaller
from tests.api.partners import Partner
from tests.api.partners import production_partner


@pytest.fixture
def put_on(app: Flask) -> Callable[[Partner, str], None]:
    """Puts a partner's restaurant on another plan."""
    with control_unit():
        operator: Member = create_person(
            email=f"{new_id('op').lower()}@example.com", password="walnut harbour tram", is_operator=True
        )

    def put(partner: Partner, tier: str) -> None:
        with control_unit():
            change_tier(operator, tenant_id=partner.tenant_id, tier=tier, reason="Agreed")

    return put


def test_plan_acts_on_the_next_request(put_on: Callable[..., None], caller_of: NewCaller) -> None:
    partner = production_partner(plan_tier="pro")
    caller = caller_of(partner.key)
    answers: list[Any] = [caller.get("/v1/orders")]
    for tier in ("smart", "enterprise"):
        put_on(partner, tier)
        answers.append(caller.get("/v1/orders"))
    assert [(answer.status_code, answer.headers["X-RateLimit-Limit"]) for answer in answers] == [
        (200, "300"), (403, "30"), (200, "1200"),
    ]  # fmt: skip
    assert (answers[1].json["code"], answers[1].json["required_plan"]) == ("plan_required", "pro")


def test_key_beyond_the_plan_is_refused_until_there_is_room(put_on: Callable[..., None], caller_of: NewCaller) -> None:
    partner = production_partner(plan_tier="pro")
    keys = [partner.issue(), partner.issue()]  # besides the partner's own, which is the oldest
    newest = caller_of(keys[1].text)
    assert newest.get("/v1/me").status_code == 200
    put_on(partner, "smart")
    refused = newest.get("/v1/me")
    assert (refused.status_code, refused.json["code"], refused.json["required_plan"]) == (403, "plan_required", "pro")
    assert [caller_of(text).get("/v1/me").status_code for text in (partner.key, keys[0].text)] == [200, 200]
    partner.revoke(keys[0])
    assert newest.get("/v1/me").status_code == 200
