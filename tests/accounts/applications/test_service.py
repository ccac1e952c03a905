"""Applications, their tenants, and which of them a member can reach."""

import pytest

from accounts.applications.errors import ApplicationNameTaken
from accounts.applications.service import connect
from accounts.applications.service import create_application
from accounts.applications.service import create_tenant
from accounts.applications.service import get_application
from accounts.applications.service import get_tenant
from accounts.applications.service import list_applications
from accounts.applications.service import mark_ready
from accounts.applications.service import rename_application
from accounts.applications.service import sandbox_tenant
from accounts.applications.service import seeding_side
from accounts.applications.service import side_for
from accounts.applications.service import tenants_of
from accounts.applications.service import tenants_pending
from accounts.organisations.members import Member
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.planes import Environment
from kit.unit import control_unit
from tests.accounts.conftest import Account


def test_side_names_the_tenant_the_plan_and_who_acts(account: Account):
    with control_unit(writes=False):
        side = account.side()
    assert (side.application_id, side.organisation_id) == (account.application_id, account.organisation_id)
    assert (side.environment, side.tenant_id, side.plan_tier) == ("sandbox", account.signed_up.tenant_id, None)
    assert (side.made_by, side.person_id, side.role) == ("portal", account.member.person_id, "owner")
    assert (side.actor.type, side.actor.id, len(side.scopes)) == ("partner_app", account.application_id, 39)


def test_production_side_has_no_tenant_until_one_connects(account: Account):
    with control_unit():
        assert account.side(Environment.PRODUCTION).tenant_id == ""
        first, second = account.connected_tenant("pro"), account.connected_tenant("smart")
        side = account.side(Environment.PRODUCTION)
        assert (side.tenant_id, side.plan_tier) == (first, "pro")
        chosen = side_for(
            account.member, application_id=account.application_id, environment=Environment.PRODUCTION, tenant_id=second
        )
        assert (chosen.tenant_id, chosen.plan_tier) == (second, "smart")


def test_application_of_another_organisation_looks_absent(account: Account, stranger: Account):
    for application_id in (stranger.application_id, "app_none"):
        for act in (
            lambda app: get_application(account.member, application_id=app),
            lambda app: rename_application(account.member, application_id=app, name="Mine"),
            lambda app: side_for(account.member, application_id=app, environment=Environment.SANDBOX),
            lambda app: side_for(account.member, application_id=app, environment=Environment.PRODUCTION),
        ):
            with pytest.raises(NotFound) as refused, control_unit():
                act(application_id)
            assert refused.value.detail == "No such resource"
    with control_unit(writes=False):
        assert [application.id for application in list_applications(account.member)] == [account.application_id]


def test_operator_reaches_no_application_of_others(account: Account, operator: Member):
    with pytest.raises(NotFound), control_unit():
        side_for(operator, application_id=account.application_id, environment=Environment.SANDBOX)


def test_tenant_of_another_application_looks_absent(account: Account, stranger: Account):
    with control_unit():
        foreign = stranger.connected_tenant("pro")
    for environment, tenant_id in (
        (Environment.SANDBOX, stranger.signed_up.tenant_id),
        (Environment.PRODUCTION, foreign),
        (Environment.PRODUCTION, account.signed_up.tenant_id),
    ):
        with pytest.raises(NotFound), control_unit():
            side_for(
                account.member, application_id=account.application_id, environment=environment, tenant_id=tenant_id
            )


def test_application_is_created_as_a_draft_and_renamed(account: Account):
    with control_unit():
        application = create_application(account.member, name=" Kiosk ")
        assert (application.name, application.state) == ("Kiosk", "draft")
        renamed = rename_application(
            account.member, application_id=application.id, name="Kiosk 2", description="For halls"
        )
        assert (renamed.name, renamed.description) == ("Kiosk 2", "For halls")
        with pytest.raises(NotFound):
            sandbox_tenant(application_id=application.id)


@pytest.mark.parametrize("name", ["", "a" * 81, "a\x00b"], ids=["blank", "long", "nul"])
def test_application_name_is_refused_when_bad(account: Account, name: str):
    with pytest.raises(Invalid), control_unit():
        create_application(account.member, name=name)


def test_application_name_is_taken_once_per_organisation(account: Account, stranger: Account):
    for act in (
        lambda: create_application(account.member, name="First application"),
        lambda: rename_application(
            account.member, application_id=create_application(account.member, name="B").id, name="First application"
        ),
    ):
        with pytest.raises(ApplicationNameTaken), control_unit():
            act()
    with control_unit(writes=False):
        assert [app.name for app in list_applications(stranger.member)] == ["First application"]


def test_application_is_not_created_by_a_reading_role(account: Account):
    with control_unit():
        viewer = account.colleague("viewer")
    with pytest.raises(Forbidden), control_unit():
        create_application(viewer, name="Kiosk")


def test_tenant_is_pending_until_marked_ready(account: Account):
    with control_unit():
        tenant = create_tenant(
            environment=Environment.SANDBOX, application_id=account.application_id, name="Second", plan_tier="smart",
            clock_mode="frozen",
        )  # fmt: skip
        assert tenant.id in [pending.id for pending in tenants_pending()]
        mark_ready(tenant_id=tenant.id)
        mark_ready(tenant_id=tenant.id)
        assert tenant.id not in [pending.id for pending in tenants_pending()]
        found = get_tenant(tenant_id=tenant.id)
        assert (found.state, found.plan_tier, found.clock_mode, found.profile) == (
            "ready",
            "smart",
            "frozen",
            "minimal",
        )
        assert sandbox_tenant(application_id=account.application_id).id == account.signed_up.tenant_id


def test_connecting_twice_is_the_same_as_once(account: Account):
    with control_unit():
        tenant_id = account.connected_tenant("pro")
        connect(application_id=account.application_id, tenant_id=tenant_id)
        tenants = tenants_of(application_id=account.application_id, environment=Environment.PRODUCTION)
    assert [tenant.id for tenant in tenants] == [tenant_id]


def test_connecting_is_refused_when_the_tenant_is_a_sandbox(account: Account, stranger: Account):
    with pytest.raises(NotFound), control_unit():
        connect(application_id=account.application_id, tenant_id=stranger.signed_up.tenant_id)


def test_seeding_side_acts_for_the_platform(account: Account):
    with control_unit():
        side = seeding_side(application_id=account.application_id)
        assert (side.made_by, side.actor.type, side.tenant_id) == ("world", "system", account.signed_up.tenant_id)
        with pytest.raises(NotFound):
            seeding_side(application_id="app_none")
