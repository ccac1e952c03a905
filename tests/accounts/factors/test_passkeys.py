"""Passkeys: what is accepted, once, and what is refused."""

from typing import Any

import pytest
from sqlalchemy import update

from accounts.factors import passkeys
from accounts.factors import service as factors
from accounts.factors.errors import PasskeyRefused
from accounts.factors.models import Passkey
from accounts.factors.models import Ticket
from accounts.factors.passkeys import RelyingParty
from accounts.factors.passkeys import relying_party
from accounts.factors.tickets import forget_tickets
from kit.clock import now
from kit.errors import NotFound
from kit.unit import control_unit
from tests.accounts.conftest import Account
from tests.accounts.factors.steps import PARTY
from tests.accounts.factors.steps import asked_of
from tests.accounts.factors.steps import set_up_passkey
from tests.support.authenticator import SoftKey


def test_passkey_of_another_person_is_unknown(account: Account, stranger: Account):
    passkey = set_up_passkey(account.member, SoftKey())
    with pytest.raises(NotFound), control_unit():
        factors.remove_passkey(stranger.member, passkey_id=passkey.id)
    options, challenge = asked_of(stranger.member)
    assert passkey.credential_id not in options
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.check_passkey(PARTY, answer=SoftKey().get(options), challenge=challenge, person_id=stranger.member.person_id)


def test_passkey_says_who_is_there_and_its_counter_goes_on(account: Account):
    key = SoftKey()
    set_up_passkey(account.member, key)
    options, challenge = asked_of()
    with control_unit():
        shown = passkeys.check_passkey(PARTY, answer=key.get(options), challenge=challenge)
        passkeys.take_count(shown)
    assert (shown.person_id, shown.seen_count, shown.new_count) == (account.member.person_id, 0, 1)
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.take_count(shown)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"origin": "https://evil.example"}, {}),
        ({"_flags": 0x01}, {}),
        ({"id": b"another credential"}, {}),
        ({"_user": "cGVyX2Fub3RoZXI"}, {}),
        ({}, {"count": 3}),
        ({}, {"count": 2}),
    ],
    ids=["origin", "person-not-verified", "unknown", "other-person", "counter-stands", "counter-goes-back"],
)
def test_passkey_is_refused(account: Account, change: dict[str, Any], answer: dict[str, Any]):
    key = SoftKey()
    passkey = set_up_passkey(account.member, key)
    with control_unit() as unit:
        unit.session.execute(update(Passkey).where(Passkey.id == passkey.id).values(sign_count=3))
    key.count = 3
    options, challenge = asked_of()
    for name, value in change.items():
        setattr(key, name, value)
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.check_passkey(PARTY, answer=key.get(options, **answer), challenge=challenge)


@pytest.mark.parametrize("party", [RelyingParty("evil.example", PARTY.origin), RelyingParty("localhost", "https://localhost")],
                         ids=["domain", "origin"])  # fmt: skip
def test_new_passkey_for_another_site_is_refused(account: Account, party: RelyingParty):
    with control_unit():
        asked = passkeys.ask_to_enrol(party, person_id=account.member.person_id, email=account.email)
        challenge = passkeys.take_challenge(asked.token, person_id=account.member.person_id)
    answer = SoftKey(party.origin).create(asked.options)
    with pytest.raises(PasskeyRefused), control_unit():
        factors.add_passkey(account.member, party=PARTY, name="x", answer=answer, challenge=challenge, codes=None)


NUL = '{"id": "\\u0000", "rawId": "", "type": "public-key", "response": {"userHandle": ""}}'
HOLLOW = '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}'
BROKEN = ["", "[]", "{}", "nonsense", '{"id": 7}', HOLLOW, NUL, "[" * 20_000, "[" * 16_000]


@pytest.mark.parametrize("answer", BROKEN, ids=["empty", "list", "object", "text", "number", "hollow", "nul", "huge", "deep"])
def test_broken_answer_is_refused(account: Account, answer: str):
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.check_passkey(PARTY, answer=answer, challenge=b"x" * 32)
    with pytest.raises(PasskeyRefused), control_unit():
        factors.add_passkey(account.member, party=PARTY, name="x", answer=answer, challenge=b"x" * 32, codes=None)


@pytest.mark.compliance("ASVS 5.0 6.5.5")
def test_challenge_is_good_once_for_whom_it_was_made_and_for_five_minutes(account: Account, stranger: Account):
    holder = account.member.person_id
    with control_unit():
        tokens = [passkeys.ask_to_prove(PARTY, person_id=holder).token for _ in range(2)]
    for person_id in (stranger.member.person_id, ""):
        with pytest.raises(PasskeyRefused), control_unit():
            passkeys.take_challenge(tokens[0], person_id=person_id)
    with control_unit():
        passkeys.take_challenge(tokens[0], person_id=holder)
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.take_challenge(tokens[0], person_id=holder)
    with control_unit() as unit:
        unit.session.execute(update(Ticket).where(Ticket.holder == holder).values(expires_at=now()))
    with pytest.raises(PasskeyRefused), control_unit():
        passkeys.take_challenge(tokens[1], person_id=holder)
    with control_unit():
        assert forget_tickets(limit=100) >= 1


@pytest.mark.parametrize(
    ("url", "party"),
    [
        ("http://127.0.0.1:8000", RelyingParty("localhost", "http://localhost:8000")),
        ("https://Api.Example.com", RelyingParty("api.example.com", "https://api.example.com")),
        ("https://[::1]:8443", RelyingParty("localhost", "https://localhost:8443")),
        ("https://192.0.2.7", None),
    ],
    ids=["loopback", "domain", "loopback-6", "number"],
)
def test_passkeys_are_made_for_the_domain_of_the_installation(url: str, party: RelyingParty | None):
    assert relying_party(url) == party
