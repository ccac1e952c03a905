"""Links in mails work once, for a time, for what they were made for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from accounts.people.errors import LinkOver
from accounts.people.links import CONFIRM
from accounts.people.links import RESET
from accounts.people.links import forget_links
from accounts.people.links import get_link
from accounts.people.links import mint_link
from accounts.people.links import spend_link
from accounts.people.models import MailedLink
from kit.clock import now
from kit.crypto import vault
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account


def minted(account: Account, purpose: str = RESET) -> str:
    with control_unit():
        return mint_link(purpose, person_id=account.member.person_id, email=account.email)


def works(purpose: str, token: str) -> bool:
    try:
        with control_unit(writes=False):
            get_link(purpose, token=token)
    except LinkOver:
        return False
    return True


def spent(token: str) -> bool:
    try:
        with control_unit():
            spend_link(RESET, token=token)
    except LinkOver:
        return False
    return True


@pytest.mark.compliance("ASVS 5.0 6.4.1")
def test_link_is_used_once_when_eight_ask_at_the_same_moment(account: Account):
    token = minted(account)
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(spent, [token] * 8)) == [False] * 7 + [True]


def test_use_of_a_link_ends_the_others_of_its_purpose(account: Account):
    first, second, other = minted(account), minted(account), minted(account, CONFIRM)
    assert spent(second)
    assert (works(RESET, first), works(RESET, second), works(CONFIRM, other)) == (False, False, True)


@pytest.mark.compliance("ASVS 5.0 6.4.1")
@pytest.mark.parametrize(("purpose", "minutes"), [(RESET, 30), (CONFIRM, 24 * 60)], ids=["reset", "confirm"])
def test_link_works_for_its_time_only(account: Account, purpose: str, minutes: int):
    token = minted(account, purpose)
    for passed, is_good in ((minutes - 1, True), (1, False)):
        with control_unit():
            control().session.get(MailedLink, vault.digest(token)).expires_at -= timedelta(minutes=passed)
        assert works(purpose, token) is is_good


@pytest.mark.parametrize("token", ["", "x", "1$" + "0" * 64], ids=["empty", "short", "digest"])
def test_unknown_token_opens_nothing(account: Account, token: str):
    assert not works(RESET, token)


def test_link_of_another_purpose_or_of_nobody_opens_nothing(account: Account):
    with control_unit():
        nobodys = mint_link(RESET, person_id=None, email="nobody@example.com")
    assert (works(CONFIRM, minted(account, RESET)), works(RESET, nobodys)) == (False, False)


def test_links_are_forgotten_a_month_after_their_end(account: Account):
    old, young = minted(account), minted(account)
    with control_unit():
        for token, days in ((old, 31), (young, 29)):
            row = control().session.get(MailedLink, vault.digest(token))
            row.expires_at = now() - timedelta(days=days)
    with control_unit():
        assert forget_links(limit=1000) >= 1
    with control_unit(writes=False):
        kept = [control().session.get(MailedLink, vault.digest(token)) is not None for token in (old, young)]
    assert kept == [False, True]
