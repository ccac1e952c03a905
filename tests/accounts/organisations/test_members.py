"""Who belongs to an organisation and what their role lets them do."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from accounts.audit.queries import list_entries
from accounts.mail.models import Mail
from accounts.organisations.members import Member
from accounts.organisations.service import get_organisation
from accounts.people.errors import LastOwner
from accounts.people.memberships import add_membership
from accounts.people.memberships import change_role
from accounts.people.memberships import choose_organisation
from accounts.people.memberships import leave
from accounts.people.memberships import list_members
from accounts.people.memberships import list_organisations
from accounts.people.memberships import remove_member
from accounts.people.memberships import transfer_ownership
from accounts.people.service import check_password
from accounts.people.service import find_password
from accounts.people.service import member_of_session
from accounts.people.service import open_session
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import PASSWORD
from tests.accounts.conftest import Account


def roles(account: Account) -> list[str]:
    with control_unit(writes=False):
        return [colleague.role for colleague in list_members(account.member)]


def test_owner_changes_a_role_and_the_trail_says_so(account: Account):
    with control_unit():
        other = account.colleague("viewer")
        change_role(account.member, person_id=other.person_id, role="developer")
    assert roles(account) == ["owner", "developer"]
    with control_unit(writes=False):
        entry = list_entries(account.member, limit=1)[0]
    assert (entry.action, entry.target) == ("member.role_changed", other.person_id)
    assert entry.details == {"from": "viewer", "to": "developer"}


@pytest.mark.compliance("ASVS 5.0 7.4.2")
def test_removed_member_is_signed_out(account: Account):
    with control_unit():
        other = account.colleague("developer")
        proof = check_password(find_password(email=other.email), PASSWORD)
        token = open_session(proof, ip="192.0.2.1", user_agent="x")
    with control_unit():
        remove_member(account.member, person_id=other.person_id)
    with control_unit(writes=False):
        assert member_of_session(token) is None
    assert roles(account) == ["owner"]


@pytest.mark.parametrize("role", ["developer", "viewer"])
def test_members_are_changed_by_owners_only(account: Account, role: str):
    with control_unit():
        other = account.colleague(role)
    for act in (
        lambda: change_role(other, person_id=account.member.person_id, role="viewer"),
        lambda: remove_member(other, person_id=account.member.person_id),
    ):
        with pytest.raises(Forbidden), control_unit():
            act()
    assert roles(account) == ["owner", role]


def test_person_of_another_organisation_looks_absent(account: Account, stranger: Account):
    for act in (
        lambda: change_role(account.member, person_id=stranger.member.person_id, role="viewer"),
        lambda: remove_member(account.member, person_id=stranger.member.person_id),
    ):
        with pytest.raises(NotFound), control_unit():
            act()
    assert roles(stranger) == ["owner"]


def test_role_is_refused_when_unknown(account: Account):
    with pytest.raises(Invalid), control_unit():
        change_role(account.member, person_id=account.member.person_id, role="king")


def test_last_owner_stays(account: Account):
    for act in (
        lambda: change_role(account.member, person_id=account.member.person_id, role="viewer"),
        lambda: remove_member(account.member, person_id=account.member.person_id),
    ):
        with pytest.raises(LastOwner), control_unit():
            act()


def test_one_owner_stays_when_two_demote_each_other_at_once(account: Account):
    with control_unit():
        other = account.colleague("owner")

    def demote(pair: tuple[Member, Member]) -> bool:
        try:
            with control_unit():
                change_role(pair[0], person_id=pair[1].person_id, role="viewer")
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, [(account.member, other), (other, account.member)])) == [False, True]
    assert sorted(roles(account)) == ["owner", "viewer"]


def test_operator_without_organisation_has_none(operator: Member):
    with pytest.raises(NotFound), control_unit():
        get_organisation(operator)


def test_owner_hands_the_organisation_over_and_becomes_a_developer(account: Account):
    with control_unit():
        other = account.colleague("finance")
        heir = transfer_ownership(account.member, person_id=other.person_id, confirmation="Pasta & Co")
    assert (heir.email, roles(account)) == (other.email, ["developer", "owner"])
    with control_unit(writes=False):
        entry = list_entries(account.member, limit=1)[0]
        mail = control().session.scalars(select(Mail).where(Mail.to_address == other.email)).one()
    assert (entry.action, entry.target) == ("organisation.transferred", other.person_id)
    assert entry.details == {"from": "finance", "former_owner": account.member.person_id}
    assert (mail.kind, mail.subject) == ("organisation.transferred", "Pasta & Co is yours now")


def test_organisation_is_not_handed_over_without_its_name_to_oneself_or_by_others(account: Account, stranger: Account):
    with control_unit():
        other = account.colleague("developer")
    for giver, person_id, name, refusal in (
        (account.member, other.person_id, "pasta", Invalid), (account.member, account.member.person_id, "Pasta & Co", Invalid),
        (account.member, stranger.member.person_id, "Pasta & Co", NotFound), (other, other.person_id, "Pasta & Co", Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal), control_unit():
            transfer_ownership(giver, person_id=person_id, confirmation=name)
    assert roles(account) == ["owner", "developer"]


def test_member_leaves_and_the_last_owner_does_not(account: Account):
    with control_unit():
        other = account.colleague("viewer")
        leave(other)
    assert roles(account) == ["owner"]
    with control_unit(writes=False):
        assert list_entries(account.member, limit=1)[0].action == "member.left"
    with pytest.raises(LastOwner), control_unit():
        leave(account.member)


def test_person_of_two_organisations_acts_in_the_one_they_chose(account: Account, stranger: Account):
    token = stranger.signed_up.session_token
    with control_unit():
        add_membership(stranger.member, organisation_id=account.organisation_id, role="viewer", invitation_id="inv_x")
    with control_unit(writes=False):
        assert member_of_session(token) == stranger.member
        assert [(one.name, one.role) for one in list_organisations(person_id=stranger.member.person_id)] == [
            ("Pasta & Co", "owner"), ("Pasta & Co", "viewer"),
        ]  # fmt: skip
    with control_unit():
        choose_organisation(stranger.member, session_token=token, organisation_id=account.organisation_id)
    with control_unit(writes=False):
        acting = member_of_session(token)
    assert acting == replace(stranger.member, organisation_id=account.organisation_id, role="viewer")
    with control_unit():
        leave(acting)
    with control_unit(writes=False):
        assert member_of_session(token) == stranger.member


def test_nobody_chooses_an_organisation_they_do_not_belong_to(account: Account, stranger: Account):
    token = stranger.signed_up.session_token
    for member, organisation_id in ((stranger.member, account.organisation_id), (account.member, account.organisation_id)):
        with pytest.raises(NotFound), control_unit():
            choose_organisation(member, session_token=token, organisation_id=organisation_id)
