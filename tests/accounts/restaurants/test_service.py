"""Whose restaurants a production tenant is, and what follows for consent."""

import pytest

from accounts.applications.service import create_tenant
from accounts.applications.service import mark_ready
from accounts.applications.service import tenants_owned_by
from accounts.audit.queries import list_entries
from accounts.notices.service import list_notices
from accounts.oauth.grants import find_live_grant
from accounts.oauth.grants import give_grant
from accounts.oauth.grants import offer_to
from accounts.oauth.service import create_client
from accounts.organisations.members import Member
from accounts.restaurants.errors import RestaurantsTaken
from accounts.restaurants.service import assign
from accounts.restaurants.service import get_partner
from accounts.restaurants.service import release
from accounts.restaurants.service import search_organisations
from accounts.restaurants.service import search_unassigned
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control_unit
from tests.accounts.conftest import Account


@pytest.fixture
def group(app: object) -> str:
    """A restaurant group nobody was given: its tenant's id, which is a part of its name too."""
    with control_unit():
        name = f"100%_{new_id('grp')}"
        tenant = create_tenant(environment=Environment.PRODUCTION, application_id=None, name=name, plan_tier="pro")
        mark_ready(tenant_id=tenant.id)
        return tenant.id


def test_group_is_found_given_and_taken_away_again(account: Account, operator: Member, group: str) -> None:
    with control_unit(writes=False):
        (found,) = search_unassigned(operator, words=group, limit=5)
        assert search_unassigned(operator, words=found.name[:20].upper(), limit=5)
    with control_unit():
        assign(operator, organisation_id=account.organisation_id, tenant_id=group)
    with control_unit(writes=False):
        assert [one.id for one in tenants_owned_by(organisation_id=account.organisation_id)] == [group]
        assert [one.id for one in get_partner(operator, organisation_id=account.organisation_id).restaurants] == [group]
        assert search_unassigned(operator, words=group, limit=5) == []
        entry, notice = list_entries(account.member, limit=1)[0], list_notices(account.member, limit=1)[0]
    assert (entry.action, entry.target, entry.person_id) == ("tenant.assigned", group, operator.person_id)
    assert notice.kind == "tenant.assigned"

    with control_unit():
        release(operator, organisation_id=account.organisation_id, tenant_id=group)
    with control_unit(writes=False):
        assert tenants_owned_by(organisation_id=account.organisation_id) == []
        assert list_entries(account.member, limit=1)[0].details["grants_ended"] == 0


def test_consent_lasts_as_long_as_the_restaurants_are_the_organisations(
    account: Account, stranger: Account, operator: Member, group: str
) -> None:
    with control_unit() as unit:
        side = account.production_side("pro")
        client = create_client(
            side, name="Loyalty", scopes=["orders:read"], kind="public", grant_types=["authorization_code"],
            redirect_uris=["https://loyalty.example/back"],
        ).client  # fmt: skip
        get_partner(operator, organisation_id=account.organisation_id).applications[0].state = "approved"
        unit.session.flush()
        assert offer_to(stranger.member, client=client).tenants == []

        assign(operator, organisation_id=stranger.organisation_id, tenant_id=group)
        given = give_grant(
            stranger.member, client=client, tenant_id=group, scopes=["orders:read"], asked=["orders:read"]
        )
        assert find_live_grant(grant_id=given.id) is not None

        release(operator, organisation_id=stranger.organisation_id, tenant_id=group)
        assert find_live_grant(grant_id=given.id) is None
        assert offer_to(stranger.member, client=client).tenants == []


def test_group_belongs_to_one_organisation_at_a_time(
    account: Account, stranger: Account, operator: Member, group: str
) -> None:
    with control_unit():
        assign(operator, organisation_id=account.organisation_id, tenant_id=group)
        assign(operator, organisation_id=account.organisation_id, tenant_id=group)
    with pytest.raises(RestaurantsTaken), control_unit():
        assign(operator, organisation_id=stranger.organisation_id, tenant_id=group)
    with pytest.raises(NotFound), control_unit():
        release(operator, organisation_id=stranger.organisation_id, tenant_id=group)
    with control_unit(writes=False):
        assert [entry.action for entry in list_entries(account.member, limit=9)].count("tenant.assigned") == 1


def test_sandboxes_and_unknown_organisations_cannot_be_given(account: Account, operator: Member, group: str) -> None:
    for organisation_id, tenant_id in (
        (account.organisation_id, account.signed_up.tenant_id), (account.organisation_id, "tn_none"), ("org_none", group),
    ):  # fmt: skip
        with pytest.raises(NotFound), control_unit():
            assign(operator, organisation_id=organisation_id, tenant_id=tenant_id)


def test_partners_cannot_even_look(account: Account, group: str) -> None:
    for act in (
        lambda: search_organisations(account.member, words="", limit=5),
        lambda: get_partner(account.member, organisation_id=account.organisation_id),
        lambda: search_unassigned(account.member, words="", limit=5),
        lambda: assign(account.member, organisation_id=account.organisation_id, tenant_id=group),
        lambda: release(account.member, organisation_id=account.organisation_id, tenant_id=group),
    ):
        with pytest.raises(NotFound), control_unit():
            act()


def test_organisations_are_found_by_name_and_id(account: Account, operator: Member) -> None:
    with control_unit(writes=False):
        (found,) = search_organisations(operator, words=account.organisation_id, limit=5)
        assert (found.id, found.name) == (account.organisation_id, "Pasta & Co")
        assert search_organisations(operator, words="pasta & c", limit=1) != []
        assert search_organisations(operator, words="p%a", limit=1) == []
