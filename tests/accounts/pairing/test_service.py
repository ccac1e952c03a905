"""Pairing a client: codes, decisions, and the one key it leads to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.keys.service import list_keys
from accounts.oauth.user_codes import Begun
from accounts.organisations.models import Membership
from accounts.pairing import service as pairing
from accounts.pairing.errors import AccessDenied
from accounts.pairing.errors import AuthorizationPending
from accounts.pairing.errors import ExpiredToken
from accounts.pairing.errors import SlowDown
from accounts.pairing.models import Pairing
from accounts.pairing.service import Collected
from accounts.plans.scopes import scopes_of
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.planes import Environment
from kit.unit import control
from kit.unit import control_unit
from tests.accounts.conftest import Account


def begun(machine: str = "till") -> Begun:
    with control_unit():
        return pairing.begin_pairing(machine=machine, ip="192.0.2.7")


def decided(account: Account, user_code: str, *, is_approved: bool = True) -> None:
    with control_unit():
        pairing.decide(account.side(), user_code=user_code, is_approved=is_approved)


def collected(device_code: str) -> Collected | PlatformError:
    with control_unit():
        return pairing.collect(device_code=device_code)


def stored(code: Begun) -> Pairing:
    with control_unit(writes=False):
        found = control().session.scalar(select(Pairing).where(Pairing.device_digest == pairing._device_digest(code.device_code)))
    assert found is not None
    return found


def age(code: Begun, **span: float) -> None:
    """Let time pass for one pairing."""
    pairing_id = stored(code).id
    with control_unit():
        row = control().session.get(Pairing, pairing_id)
        row.expires_at -= timedelta(**span)
        row.asked_at = None if row.asked_at is None else row.asked_at - timedelta(**span)


def test_approved_client_gets_one_key_with_every_sandbox_scope(account: Account) -> None:
    code = begun("Anna's laptop")
    assert isinstance(collected(code.device_code), AuthorizationPending)
    decided(account, code.user_code.lower().replace("-", " "))
    age(code, seconds=2)

    handed = collected(code.device_code)

    assert isinstance(handed, Collected)
    assert (handed.api_key[:11], handed.environment, handed.application_id) == ("tp_test_sk_", "sandbox", account.application_id)
    assert set(handed.scopes) == scopes_of(Environment.SANDBOX)
    with control_unit():
        key = list_keys(account.side())[0]
    assert (key.name, key.created_by) == ("tableport on Anna's laptop", account.member.person_id)
    assert isinstance(collected(code.device_code), ExpiredToken)


def test_codes_are_stored_as_digests_only() -> None:
    code = begun()
    row = stored(code)
    texts = " ".join(str(getattr(row, column.name)) for column in Pairing.__table__.columns)
    assert code.device_code not in texts
    assert code.user_code not in texts
    assert code.user_code.replace("-", "") not in texts
    assert (len(code.user_code), set(code.user_code) - set("BCDFGHJKLMNPQRSTVWXZ")) == (9, {"-"})


def test_denied_client_gets_nothing(account: Account) -> None:
    code = begun()
    decided(account, code.user_code, is_approved=False)
    assert isinstance(collected(code.device_code), AccessDenied)
    with pytest.raises(NotFound):
        decided(account, code.user_code)


def test_pairing_ends_after_ten_minutes(account: Account) -> None:
    code, approved = begun(), begun()
    decided(account, approved.user_code)
    for one in (code, approved):
        age(one, minutes=10)
    with pytest.raises(NotFound), control_unit():
        pairing.find_pairing(user_code=code.user_code)
    assert [isinstance(collected(one.device_code), ExpiredToken) for one in (code, approved)] == [True, True]


def test_client_that_asks_too_often_is_slowed_down(account: Account) -> None:
    code = begun()
    kinds = [type(collected(code.device_code)) for _ in range(2)]
    age(code, seconds=2)
    kinds.append(type(collected(code.device_code)))
    assert kinds == [AuthorizationPending, SlowDown, AuthorizationPending]


@pytest.mark.parametrize("code", ["", "BCDF-GHJK", "aeiou", "🦊"])
def test_wrong_code_is_not_found(account: Account, code: str) -> None:
    with pytest.raises(NotFound):
        decided(account, code)
    assert isinstance(collected(code or "x"), ExpiredToken)


def test_reading_role_and_production_may_not_approve(account: Account) -> None:
    code = begun()
    with pytest.raises(Forbidden), control_unit():
        pairing.decide(account.side(member=account.colleague("viewer")), user_code=code.user_code, is_approved=True)
    with control_unit():
        live = replace(account.side(), environment=Environment.PRODUCTION)
    with pytest.raises(NotFound), control_unit():
        pairing.decide(live, user_code=code.user_code, is_approved=True)
    assert stored(code).state == "pending"


def test_client_gets_nothing_when_whoever_approved_has_left(account: Account) -> None:
    code = begun()
    decided(account, code.user_code)
    with control_unit():
        query = select(Membership).where(Membership.person_id == account.member.person_id)
        control().session.scalar(query).role = "viewer"
    assert isinstance(collected(code.device_code), AccessDenied)


def test_key_of_a_pairing_can_be_ended_and_no_other(account: Account, new_account: Callable[[], Account]) -> None:
    code = begun()
    decided(account, code.user_code)
    handed = collected(code.device_code)
    assert isinstance(handed, Collected)
    with control_unit():
        for text in (account.signed_up.api_key, handed.api_key[:-1] + "x", "nonsense"):
            pairing.end_pairing(api_key=text)
        assert [key.revoked_at for key in list_keys(account.side())] == [None, None]
        pairing.end_pairing(api_key=handed.api_key)
        ended = [key.name for key in list_keys(account.side()) if key.revoked_at]
    assert ended == ["tableport on till"]


@pytest.mark.parametrize("machine", [" ", "x" * 65, "a\tb"])
def test_bad_machine_name_is_refused(machine: str) -> None:
    with pytest.raises(Invalid):
        begun(machine)
