"""Another plan for a restaurant: asked for, decided, and what it holds back and gives back in the same step."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from accounts.applications.service import Side
from accounts.applications.service import get_tenant
from accounts.applications.service import side_for
from accounts.approvals.messages import messages_of
from accounts.audit.models import AuditEntry
from accounts.keys.models import ApiKey
from accounts.keys.service import create_key
from accounts.keys.service import revoke_key
from accounts.keys.service import roll_key
from accounts.mail.models import Mail
from accounts.notices.models import Notice
from accounts.oauth.models import OAuthClient
from accounts.oauth.service import create_client
from accounts.organisations.members import Member
from accounts.plans.catalog import TIERS
from accounts.tiers import service as tiers
from accounts.tiers.changing import change_tier
from accounts.tiers.errors import TierAlreadyRequested
from accounts.tiers.errors import TierRequestDecided
from accounts.tiers.impact import impact_on
from accounts.tiers.models import TierMessage
from accounts.tiers.models import TierRequest
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.service import create_endpoint
from accounts.webhooks.service import enable_endpoint
from accounts.webhooks.service import update_endpoint
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlanRequired
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account


@dataclass
class Restaurant:
    """A production tenant on the Pro plan and what one application has there: four keys, one client, three endpoints."""

    account: Account
    tenant_id: str
    keys: list[str]
    client: str
    endpoints: list[str]

    @property
    def side(self) -> Side:
        """The owner's side; needs an open control unit."""
        return side_for(self.account.member, application_id=self.account.application_id,
                        environment=Environment.PRODUCTION, tenant_id=self.tenant_id)  # fmt: skip

    def ask(self, tier: str = "smart", member: Member | None = None, reason: str = "Fewer calls") -> TierRequest:
        tenant = get_tenant(tenant_id=self.tenant_id)
        impact = impact_on(application_id=self.account.application_id, tenant=tenant, tier=TIERS.get(tier, TIERS["smart"]))
        return tiers.request_tier(
            member or self.account.member, application_id=self.account.application_id, tenant_id=self.tenant_id, tier=tier,
            reason=reason, impact=impact,
        )  # fmt: skip


@pytest.fixture
def restaurant(account: Account) -> Restaurant:
    with control_unit():
        side = account.production_side("pro")
        keys = [create_key(side, name=f"Key {n}", scopes=["orders:read"]).key.id for n in range(4)]
        client = create_client(side, name="Client", scopes=["orders:read"]).client.id
        types = ["order.created", "menu.updated"]
        urls = [f"https://hooks.example.com/{n}" for n in range(3)]
        endpoints = [create_endpoint(side, url=url, event_types=types).endpoint.id for url in urls]
    return Restaurant(account, side.tenant_id, keys, client, endpoints)


def held(restaurant: Restaurant) -> tuple[list[bool], bool, list[str]]:
    """Which keys are held, whether the client is, and the states of the endpoints, each the oldest first."""
    with control_unit(writes=False):
        get = control().session.get
        keys = [get(ApiKey, one).held_at is not None for one in restaurant.keys]
        client = get(OAuthClient, restaurant.client).held_at is not None
        return keys, client, [get(WebhookEndpoint, one).state for one in restaurant.endpoints]


NOTHING = ([False] * 4, False, ["enabled"] * 3)
ON_SMART = ([False, False, True, True], True, ["enabled", "enabled", "disabled"])


def test_preview_names_what_stops_newest_first(restaurant: Restaurant) -> None:
    with control_unit(writes=False):
        tenant = get_tenant(tenant_id=restaurant.tenant_id)
        application_id = restaurant.account.application_id
        smaller = impact_on(application_id=application_id, tenant=tenant, tier=TIERS["smart"])
        larger = impact_on(application_id=application_id, tenant=tenant, tier=TIERS["enterprise"])
    assert [key.name for key in smaller.keys] == ["Key 3", "Key 2"]
    assert [client.id for client in smaller.clients] == [restaurant.client]
    assert [(one.id, one.name) for one in smaller.endpoints] == [(restaurant.endpoints[2], "https://hooks.example.com/2")]
    assert smaller.event_types == ["menu.updated"]
    assert not any(larger.as_dict().values())


def test_smaller_plan_holds_the_newest_back_and_a_larger_one_gives_them_back(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="smart", reason="Unpaid")
    assert held(restaurant) == ON_SMART
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="enterprise", reason="Paid")
    assert held(restaurant) == NOTHING


def test_change_is_told_and_written_down_with_what_it_held_back(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="smart", reason="Unpaid")
    organisation = restaurant.account.organisation_id
    with control_unit(writes=False):
        query = select(Notice.severity, Notice.text).where(Notice.organisation_id == organisation, Notice.kind == "tier.changed")
        notice = control().session.execute(query).one()
        mails = select(Mail).where(Mail.organisation_id == organisation, Mail.kind == "tier.changed")
        mail = control().session.scalars(mails).one()
        query = select(AuditEntry).where(AuditEntry.organisation_id == organisation, AuditEntry.action == "plan.changed")
        entry = control().session.scalars(query).one()
    told = "Stopped: 2 API keys, 1 OAuth client, 1 webhook endpoint. Unpaid"
    assert tuple(notice) == ("warning", told)
    assert "API keys: Key 3, Key 2" in mail.text
    assert "https://hooks.example.com/2" in mail.html
    assert (entry.person_id, entry.target) == (operator.person_id, restaurant.tenant_id)
    assert entry.details == {
        "tenant_id": restaurant.tenant_id, "from": "pro", "to": "smart", "reason": "Unpaid", "released": [],
        "held": [restaurant.keys[3], restaurant.keys[2], restaurant.client, restaurant.endpoints[2]],
    }  # fmt: skip


def test_same_plan_again_changes_nothing(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="pro", reason="Again")
        count = select(AuditEntry.id).where(AuditEntry.target == restaurant.tenant_id)
        assert control().session.scalars(count).all() == []


def test_revoking_an_older_key_lets_the_oldest_held_one_work(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="smart", reason="Unpaid")
        with pytest.raises(Exception, match="revoked, expired or already replaced"):
            roll_key(restaurant.side, key_id=restaurant.keys[3], grace_s=0)
        with pytest.raises(PlanRequired):
            create_key(restaurant.side, name="More", scopes=["orders:read"])
        revoke_key(restaurant.side, key_id=restaurant.keys[0])
    assert held(restaurant)[0] == [False, False, False, True]


def test_endpoint_beyond_the_plan_is_enabled_only_where_there_is_room(restaurant: Restaurant, operator: Member) -> None:
    first, _, last = restaurant.endpoints
    with control_unit():
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="smart", reason="Unpaid")
        with pytest.raises(PlanRequired):
            enable_endpoint(restaurant.side, endpoint_id=last)
        update_endpoint(restaurant.side, endpoint_id=first, state="disabled")
        enable_endpoint(restaurant.side, endpoint_id=last)
    assert held(restaurant)[2] == ["disabled", "enabled", "enabled"]


def test_endpoint_stays_as_long_as_one_restaurant_has_room_for_it(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        restaurant.account.connected_tenant("pro")
        change_tier(operator, tenant_id=restaurant.tenant_id, tier="smart", reason="Unpaid")
    assert held(restaurant) == (ON_SMART[0], True, ["enabled"] * 3)


def test_request_is_approved_and_changes_the_plan_in_the_same_step(restaurant: Restaurant, operator: Member) -> None:
    with control_unit():
        request = restaurant.ask("smart")
        assert [key["name"] for key in request.impact["keys"]] == ["Key 3", "Key 2"]
        with pytest.raises(TierAlreadyRequested):
            restaurant.ask("enterprise")
        request_id = request.id
    with control_unit():
        assert [one.request.id for one in tiers.queue(operator) if one.tenant.id == restaurant.tenant_id] == [request_id]
        tiers.decide(operator, request_id=request_id, word="approve", note="")
    assert held(restaurant) == ON_SMART
    with control_unit():
        with pytest.raises(TierRequestDecided):
            tiers.decide(operator, request_id=request_id, word="refuse", note="Too late")
        with pytest.raises(TierRequestDecided):
            tiers.withdraw(restaurant.account.member, request_id=request_id)


def test_question_is_answered_and_a_refusal_changes_nothing(restaurant: Restaurant, operator: Member) -> None:
    member = restaurant.account.member
    with control_unit():
        request = restaurant.ask("enterprise")
        tiers.decide(operator, request_id=request.id, word="ask", note="How many calls?")
        assert request.state == "asked"
        tiers.answer(member, request_id=request.id, text="A million")
        assert request.state == "open"
        said = [(one.is_operator, one.text) for one in messages_of(TierMessage, request_id=request.id)]
        assert said == [(True, "How many calls?"), (False, "A million")]
        tiers.decide(operator, request_id=request.id, word="refuse", note="Not yet")
        assert (request.state, request.note) == ("refused", "Not yet")
        assert get_tenant(tenant_id=restaurant.tenant_id).plan_tier == "pro"
    assert held(restaurant) == NOTHING
    with control_unit(writes=False):
        query = select(Mail.kind).where(Mail.organisation_id == member.organisation_id, Mail.kind.like("tier.%"))
        assert control().session.scalars(query).all() == ["tier.answered", "tier.answered"]


@pytest.mark.parametrize(
    ("tier", "reason", "field"),
    [("gold", "More", "tier"), ("pro", "More", "tier"), ("smart", " ", "reason")], ids=["unknown", "in-force", "no-reason"],
)  # fmt: skip
def test_request_is_refused_and_leaves_nothing(restaurant: Restaurant, tier: str, reason: str, field: str) -> None:
    with control_unit():
        with pytest.raises(Invalid) as refusal:
            restaurant.ask(tier, reason=reason)
        assert [error.field for error in refusal.value.errors] == [field]
        assert tiers.find_pending(application_id=restaurant.account.application_id, tenant_id=restaurant.tenant_id) is None


def test_request_of_others_does_not_exist(restaurant: Restaurant, stranger: Account) -> None:
    member = restaurant.account.member
    with control_unit():
        request = restaurant.ask()
        for call in (
            lambda: restaurant.ask(member=stranger.member),
            lambda: tiers.withdraw(stranger.member, request_id=request.id),
            lambda: tiers.answer(stranger.member, request_id=request.id, text="Mine"),
            lambda: tiers.decide(member, request_id=request.id, word="approve", note=""),
            lambda: change_tier(member, tenant_id=restaurant.tenant_id, tier="enterprise", reason="Please"),
        ):
            with pytest.raises(NotFound):
                call()
        with pytest.raises(Forbidden):
            tiers.withdraw(restaurant.account.colleague("viewer"), request_id=request.id)


def test_sandbox_has_no_plan_to_change(account: Account, operator: Member) -> None:
    with control_unit(), pytest.raises(NotFound):
        change_tier(operator, tenant_id=account.scope.tenant_id, tier="pro", reason="Testing")
