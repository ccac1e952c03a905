"""Inviting people: who may, what a link is worth, and for how long."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from accounts.audit.queries import list_entries
from accounts.invitations.errors import AlreadyInvited
from accounts.invitations.errors import AlreadyMember
from accounts.invitations.errors import InvitedSomebodyElse
from accounts.invitations.models import Invitation
from accounts.invitations.service import accept
from accounts.invitations.service import accept_as_new
from accounts.invitations.service import get_invited
from accounts.invitations.service import invite
from accounts.invitations.service import list_invitations
from accounts.invitations.service import send_again
from accounts.invitations.service import withdraw
from accounts.mail.models import Mail
from accounts.mail.service import read_secret
from accounts.organisations.members import Member
from accounts.people.errors import AddressUnconfirmed
from accounts.people.memberships import list_members
from accounts.people.models import Person
from accounts.people.service import PreparedPassword
from accounts.people.service import get_person
from kit.clock import now
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import RateLimited
from kit.ids import new_id
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account

NEW_PASSWORD = PreparedPassword("not to be signed in with")


def somebody() -> str:
    return f"{new_id('p').lower()}@example.com"


def invited(account: Account, email: str, role: str = "developer") -> str:
    """Invite an address and return the token of the mail's link."""
    with control_unit():
        invite(account.member, email=email, role=role)
    return token_of(email)


def token_of(email: str) -> str:
    """The token in the newest mail to an address."""
    with control_unit(writes=False):
        query = select(Mail).where(Mail.to_address == email).order_by(Mail.created_at.desc(), Mail.id.desc())
        mail = control().session.scalars(query).first()
        return re.findall(r"/join/([A-Za-z0-9_-]{43})\n", read_secret(mail) or "")[0]


def age(email: str, by: timedelta) -> None:
    """Let an invitation have been sent earlier."""
    with control_unit() as unit:
        query = update(Invitation).where(Invitation.email == email)
        unit.session.execute(query.values(sent_at=now() - by, expires_at=now() - by + timedelta(days=7)))


def roles(account: Account) -> dict[str, str]:
    with control_unit(writes=False):
        return {one.email: one.role for one in list_members(account.member)}


def test_new_person_joins_with_the_role_they_were_invited_with(account: Account) -> None:
    email = somebody()
    token = invited(account, email, "finance")
    with control_unit(writes=False):
        shown = get_invited(token=token)
    assert (shown.email, shown.role, shown.organisation, shown.has_account) == (email, "finance", "Pasta & Co", False)

    with control_unit():
        joined = accept_as_new(token=token, name="Anna", password=NEW_PASSWORD)

    assert (joined.organisation_id, joined.role) == (account.organisation_id, "finance")
    assert roles(account)[email] == "finance"
    with control_unit(writes=False):
        assert list_invitations(account.member) == []
        found = [entry.action for entry in list_entries(account.member, limit=2)]
    assert found == ["member.added", "member.invited"]


def test_person_with_an_account_joins_and_keeps_their_own_organisation(account: Account, stranger: Account) -> None:
    token = invited(account, stranger.email, "analyst")
    with control_unit():
        assert get_invited(token=token).has_account
        joined = accept(stranger.member, token=token)

    assert (joined.person_id, joined.organisation_id, joined.role) == (
        stranger.member.person_id, account.organisation_id, "analyst",
    )  # fmt: skip
    assert roles(account)[stranger.email] == "analyst"
    assert roles(stranger)[stranger.email] == "owner"


@pytest.mark.compliance("ASVS 5.0 6.4.1")
def test_link_works_once(account: Account) -> None:
    token = invited(account, somebody())
    with control_unit():
        accept_as_new(token=token, name="", password=NEW_PASSWORD)

    with pytest.raises(NotFound), control_unit():
        accept_as_new(token=token, name="", password=NEW_PASSWORD)


def test_link_is_for_the_address_it_was_sent_to(account: Account, stranger: Account) -> None:
    token = invited(account, somebody())
    with pytest.raises(InvitedSomebodyElse), control_unit():
        accept(stranger.member, token=token)
    assert stranger.email not in roles(account)


@pytest.mark.parametrize("end", ["expired", "withdrawn", "sent again", "never sent"])
def test_link_is_worth_nothing_when(account: Account, end: str) -> None:
    email = somebody()
    token = invited(account, email)
    with control_unit(writes=False):
        invitation_id = list_invitations(account.member)[0].id
    if end == "expired":
        age(email, timedelta(days=7, seconds=1))
    if end == "withdrawn":
        with control_unit():
            withdraw(account.member, invitation_id=invitation_id)
    if end == "sent again":
        age(email, timedelta(minutes=2))
        with control_unit():
            send_again(account.member, invitation_id=invitation_id)
        newest = token_of(email)
        with control_unit(writes=False):
            assert get_invited(token=newest).email == email
    if end == "never sent":
        token = "x" * 43

    with pytest.raises(NotFound), control_unit(writes=False):
        get_invited(token=token)


def test_mail_is_not_sent_again_within_a_minute(account: Account) -> None:
    invited(account, somebody())
    with pytest.raises(RateLimited) as refused, control_unit():
        send_again(account.member, invitation_id=list_invitations(account.member)[0].id)
    assert 0 < refused.value.retry_after_s <= 60


@pytest.mark.parametrize("role", ["developer", "analyst", "finance", "viewer"])
def test_owners_alone_invite(account: Account, role: str) -> None:
    with control_unit():
        other = account.colleague(role)
        invitation_id = invite(account.member, email=somebody(), role="viewer").id
    for act in (
        lambda: invite(other, email=somebody(), role="viewer"),
        lambda: send_again(other, invitation_id=invitation_id),
        lambda: withdraw(other, invitation_id=invitation_id),
    ):
        with pytest.raises(Forbidden), control_unit():
            act()


def test_invitation_of_another_organisation_looks_absent(account: Account, stranger: Account) -> None:
    invited(account, somebody())
    with control_unit(writes=False):
        invitation_id = list_invitations(account.member)[0].id
        assert list_invitations(stranger.member) == []
    for act in (send_again, withdraw):
        with pytest.raises(NotFound), control_unit():
            act(stranger.member, invitation_id=invitation_id)


def test_address_is_invited_once_at_a_time_and_members_not_at_all(account: Account) -> None:
    email = somebody()
    invited(account, email)
    with pytest.raises(AlreadyInvited), control_unit():
        invite(account.member, email=email.upper(), role="viewer")
    with pytest.raises(AlreadyMember), control_unit():
        invite(account.member, email=account.email, role="viewer")


@pytest.mark.parametrize(("email", "role", "field"), [("nobody", "viewer", "email"), ("a@b.example", "king", "role")])
def test_bad_invitation_is_refused_at_its_field(account: Account, email: str, role: str, field: str) -> None:
    with pytest.raises(Invalid) as refused, control_unit():
        invite(account.member, email=email, role=role)
    assert [error.field for error in refused.value.errors] == [field]


def test_organisation_has_room_for_fifty_open_invitations(account: Account, new_account: Callable[[], Account]) -> None:
    with control_unit() as unit:
        unit.session.add_all([
            Invitation(
                id=new_id("inv"), organisation_id=account.organisation_id, email=somebody(), role="viewer",
                token_digest=new_id("dig"), invited_by=account.member.person_id, expires_at=now(),
            )
            for _ in range(50)
        ])  # fmt: skip
    with pytest.raises(Invalid), control_unit():
        invite(account.member, email=somebody(), role="viewer")


def test_database_holds_no_token(account: Account) -> None:
    email = somebody()
    token = invited(account, email)
    with control_unit(writes=False) as unit:
        rows = [unit.session.execute(select(table).where(table.c[column] == email)).one() for table, column in (
            (Invitation.__table__, "email"), (Mail.__table__, "to_address"),
        )]  # fmt: skip
    assert token not in str(rows)


def test_whoever_has_not_confirmed_their_own_address_invites_nobody(account: Account) -> None:
    with pytest.raises(AddressUnconfirmed), control_unit():
        invite(replace(account.member, is_confirmed=False), email=somebody(), role="viewer")


def test_link_confirms_the_address_of_whoever_joins(account: Account, stranger: Account) -> None:
    token, own = invited(account, somebody()), invited(account, stranger.email)
    with control_unit() as unit:
        new = accept_as_new(token=token, name="", password=NEW_PASSWORD)
        unit.session.execute(update(Person).where(Person.id == stranger.member.person_id).values(confirmed_at=None))
        accept(stranger.member, token=own)
    with control_unit(writes=False):
        assert get_person(person_id=new.person_id).confirmed_at is not None
        assert get_person(person_id=stranger.member.person_id).confirmed_at is not None


def test_member_of_two_organisations_is_not_added_twice(account: Account, stranger: Account) -> None:
    token = invited(account, stranger.email)
    with control_unit() as unit:
        accept(stranger.member, token=token)
        unit.session.execute(update(Invitation).where(Invitation.email == stranger.email).values(state="pending"))
    again = Member(stranger.member.person_id, stranger.organisation_id, "owner", is_operator=False, email=stranger.email)
    with pytest.raises(AlreadyMember), control_unit():
        accept(again, token=token)


def test_link_used_twice_at_once_lets_one_in(account: Account) -> None:
    email = somebody()
    token = invited(account, email)

    def join(name: str) -> bool:
        try:
            with control_unit():
                accept_as_new(token=token, name=name, password=NEW_PASSWORD)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(join, ["Anna", "Eva"])) == [False, True]
    assert list(roles(account)) == [account.email, email]
