"""Authenticator apps and recovery codes, and signing in with any factor: what is accepted, once, and what is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import update

from accounts.audit.models import AuditEntry
from accounts.factors import service as factors
from accounts.factors.errors import SignInExpired
from accounts.factors.errors import WrongCode
from accounts.factors.models import Authenticator
from accounts.factors.models import RecoveryCode
from accounts.factors.models import Ticket
from accounts.factors.proofs import accept
from accounts.factors.proofs import check
from accounts.factors.proofs import look_up
from accounts.factors.proofs import ways_of
from accounts.factors.recovery import PreparedCodes
from accounts.factors.recovery import prepare_codes
from accounts.factors.signing_in import begin_sign_in
from accounts.factors.signing_in import find_waiting
from accounts.factors.signing_in import finish_sign_in
from accounts.organisations.members import Member
from accounts.people.errors import FactorNeeded
from accounts.people.errors import WrongCredentials
from accounts.people.models import Person
from accounts.people.service import Proof
from accounts.people.service import find_session
from accounts.people.service import get_person
from accounts.people.service import open_session
from kit.clock import now
from kit.errors import Forbidden
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.unit import control_unit
from tests.accounts.conftest import PASSWORD
from tests.accounts.conftest import Account
from tests.accounts.factors.steps import WHERE
from tests.accounts.factors.steps import prove
from tests.accounts.factors.steps import seed_of
from tests.accounts.factors.steps import set_up_app
from tests.accounts.factors.steps import set_up_passkey
from tests.accounts.factors.steps import told
from tests.support.authenticator import SoftKey
from tests.support.authenticator import codes_at


@pytest.fixture(scope="module")
def codes() -> PreparedCodes:
    """Ten recovery codes, hashed once for all tests."""
    return prepare_codes()


def test_app_counts_once_a_code_of_it_was_typed(account: Account, codes: PreparedCodes):
    seed = seed_of(account.member)
    with pytest.raises(WrongCode), control_unit():
        factors.finish_app(account.member, code="000 00", codes=codes)
    with control_unit(writes=False):
        assert ways_of(account.member.person_id) == ("password",)
    with control_unit():
        typed = codes_at(seed, 0)[0]
        factors.finish_app(account.member, code=f" {typed[:3]} {typed[3:]} ", codes=codes)
    with control_unit(writes=False) as unit:
        shown = factors.overview(account.member)
        assert (shown.has_factor, shown.enrolment, shown.codes_left) == (True, None, 10)
        assert ways_of(account.member.person_id) == ("totp", "recovery")
        kept = select(Authenticator.sealed_seed).where(Authenticator.person_id == account.member.person_id)
        assert seed not in unit.session.scalars(kept).one()
    with pytest.raises(InvalidTransition), control_unit():
        factors.begin_app(account.member)
    assert told(account) == (["factor.totp_added"], ["An authenticator app was added to your account"])


def test_app_that_was_not_finished_in_time_is_no_longer_shown(account: Account):
    seed = seed_of(account.member)
    with control_unit() as unit:
        unit.session.execute(update(Authenticator).values(created_at=now() - timedelta(minutes=16)))
    with control_unit(writes=False):
        assert factors.overview(account.member).enrolment is None
    with pytest.raises(NotFound), control_unit():
        factors.finish_app(account.member, code=codes_at(seed, 0)[0], codes=None)


@pytest.mark.compliance("ASVS 5.0 6.5.5")
@pytest.mark.parametrize("step", [-2, 3], ids=["too-old", "too-new"])
def test_code_is_refused_when_it_is_not_of_now(account: Account, step: int):
    seed = set_up_app(account.member)
    with pytest.raises(WrongCode):
        prove(account.member, "totp", codes_at(seed, step)[0])


@pytest.mark.compliance("ASVS 5.0 6.5.1")
def test_code_of_one_half_minute_is_taken_once_when_typed_eight_times_at_once(account: Account):
    seed = set_up_app(account.member)
    with control_unit(writes=False):
        known = look_up(person_id=account.member.person_id, by="totp", text=codes_at(seed, 1)[0])
    proven = check(known)

    def attempt(_: int) -> bool:
        try:
            with control_unit():
                accept(proven)
        except WrongCode:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(attempt, range(8))) == [False] * 7 + [True]
    with pytest.raises(WrongCode):
        prove(account.member, "totp", codes_at(seed, 0)[0])


@pytest.mark.compliance("ASVS 5.0 6.5.1", "ASVS 5.0 6.5.2")
def test_recovery_code_works_once_however_it_is_typed_and_is_told(account: Account, codes: PreparedCodes):
    set_up_app(account.member, codes)
    typed = codes.texts[3].replace("-", " ").lower().replace("0", "o").replace("1", "l")
    prove(account.member, "recovery", typed)
    with pytest.raises(WrongCode):
        prove(account.member, "recovery", codes.texts[3])
    with pytest.raises(WrongCode):
        prove(account.member, "recovery", "AAAA-AAAA-AAAA-AAAA")
    with control_unit(writes=False) as unit:
        assert factors.overview(account.member).codes_left == 9
        kept = select(RecoveryCode.rest_hash).where(RecoveryCode.person_id == account.member.person_id)
        hashes = list(unit.session.scalars(kept))
    assert [value[:10] for value in hashes] == ["$argon2id$"] * 10
    assert told(account)[0][-1] == "factor.code_used"
    assert told(account)[1][-1] == "A recovery code was used on your account"


def test_password_proves_nothing_beside_a_factor(account: Account):
    prove(account.member, "password", PASSWORD)
    with pytest.raises(WrongCredentials):
        prove(account.member, "password", "not the password")
    set_up_app(account.member)
    with pytest.raises(WrongCode):
        prove(account.member, "password", PASSWORD)


def test_last_factor_takes_the_recovery_codes_along(account: Account, codes: PreparedCodes):
    set_up_app(account.member, codes)
    key = SoftKey()
    passkey = set_up_passkey(account.member, key)
    with control_unit():
        factors.remove_app(account.member)
        assert factors.overview(account.member).codes_left == 10
    with control_unit():
        factors.remove_passkey(account.member, passkey_id=passkey.id)
        assert factors.overview(account.member).codes_left == 0
        assert get_person(person_id=account.member.person_id).has_factor is False
    with pytest.raises(InvalidTransition), control_unit():
        factors.renew_codes(account.member, codes=codes)
    actions = ["factor.totp_added", "factor.passkey_added", "factor.totp_removed", "factor.passkey_removed"]
    assert told(account)[0] == actions


@pytest.mark.compliance("ASVS 5.0 6.4.4")
def test_factors_are_forgotten_and_sessions_ended_for_whoever_lost_them_all(account: Account, codes: PreparedCodes):
    set_up_app(account.member, codes)
    set_up_passkey(account.member, SoftKey())
    with control_unit():
        assert factors.forget_factors(email=account.email.upper()) is True
        assert factors.forget_factors(email="nobody@example.com") is False
    with control_unit(writes=False) as unit:
        shown = factors.overview(account.member)
        assert (shown.has_factor, shown.codes_left, ways_of(account.member.person_id)) == (False, 0, ("password",))
        assert find_session(account.signed_up.session_token) is None
        query = select(AuditEntry.person_id).where(
            AuditEntry.organisation_id == account.organisation_id, AuditEntry.action == "factor.forgotten"
        )  # fmt: skip
        assert unit.session.scalars(query).one() is None
    assert told(account)[1][-1] == "The second factors of your account were taken away"


@pytest.fixture
def waiting(account: Account) -> Callable[[], str]:
    """Gives the account an app and begins a sign-in that waits for it."""

    def begin() -> str:
        with control_unit():
            return begin_sign_in(get_person(person_id=account.member.person_id))

    return begin


@pytest.mark.compliance("ASVS 5.0 6.3.3", "ASVS 5.0 6.3.4")
def test_password_alone_opens_no_session_beside_a_factor(account: Account, waiting: Callable[[], str]):
    seed = set_up_app(account.member)
    with control_unit(writes=False):
        stored = get_person(person_id=account.member.person_id).password_hash
        proven = check(look_up(person_id=account.member.person_id, by="totp", text=codes_at(seed, 1)[0]))
    with pytest.raises(FactorNeeded), control_unit():
        open_session(Proof(account.member.person_id, stored, None), **WHERE)
    ticket = waiting()
    with control_unit():
        token = finish_sign_in(ticket, proven, **WHERE)
        signed = find_session(token)
    assert signed is not None
    assert (signed.member, signed.has_factor, signed.is_lacking) == (account.member, True, False)
    with pytest.raises(SignInExpired), control_unit():
        finish_sign_in(ticket, proven, **WHERE)


@pytest.mark.compliance("ASVS 5.0 6.5.5")
def test_waiting_sign_in_ends_after_five_minutes_or_with_a_new_password(account: Account, waiting: Callable[[], str]):
    person_id, tickets = account.member.person_id, [waiting(), waiting()]
    with control_unit() as unit:
        assert find_waiting(tickets[0]).id == person_id
        newest = select(Ticket.id).where(Ticket.kind == "sign_in").order_by(Ticket.expires_at.desc()).limit(1)
        unit.session.execute(update(Ticket).where(Ticket.id == newest.scalar_subquery()).values(expires_at=now()))
    with pytest.raises(SignInExpired), control_unit(writes=False):
        find_waiting(tickets[1])
    with control_unit() as unit:
        unit.session.execute(update(Person).where(Person.id == person_id).values(password_hash="changed"))
    with pytest.raises(SignInExpired), control_unit(writes=False):
        find_waiting(tickets[0])


def test_owner_asks_everybody_for_a_factor_and_has_one_first(account: Account):
    with control_unit():
        colleague = account.colleague("developer")
    with pytest.raises(Forbidden), control_unit():
        factors.require_factor(colleague, is_required=True)
    with pytest.raises(Invalid) as refused, control_unit():
        factors.require_factor(account.member, is_required=True)
    assert [error.field for error in refused.value.errors] == ["is_required"]
    set_up_app(account.member)
    with control_unit():
        factors.require_factor(account.member, is_required=True)
        assert factors.requirement_of(colleague) == factors.Requirement(is_set=True, members=2, with_factor=1)
        ticket = finish_sign_in_of(colleague)
        signed = find_session(ticket)
    assert signed is not None
    assert signed.is_lacking is True
    assert told(account)[0][-1] == "factor.required"


def finish_sign_in_of(colleague: Member) -> str:
    """Sign in somebody who has no factor."""
    return open_session(Proof(colleague.person_id, get_person(person_id=colleague.person_id).password_hash, None), **WHERE)
