"""Steps that tests of factors take: set up an app or a passkey, prove who one is, see who was told."""


from sqlalchemy import select

from accounts.audit.models import AuditEntry
from accounts.factors import passkeys
from accounts.factors import service as factors
from accounts.factors.models import Passkey
from accounts.factors.passkeys import RelyingParty
from accounts.factors.proofs import accept
from accounts.factors.proofs import check
from accounts.factors.proofs import look_up
from accounts.factors.recovery import PreparedCodes
from accounts.mail.models import Mail
from accounts.organisations.members import Member
from kit.unit import control_unit
from tests.accounts.conftest import Account
from tests.support.authenticator import SoftKey
from tests.support.authenticator import codes_at

PARTY = RelyingParty("localhost", "http://localhost:8000")
WHERE = {"ip": "192.0.2.7", "user_agent": "Firefox"}


def seed_of(member: Member) -> str:
    """Begin to set up an app; return its seed."""
    with control_unit():
        factors.begin_app(member)
    with control_unit(writes=False):
        enrolment = factors.overview(member).enrolment
        assert enrolment is not None
        return enrolment.seed


def set_up_app(member: Member, codes: PreparedCodes | None = None) -> str:
    """Give a person an authenticator app; return its seed. The present code is used up."""
    seed = seed_of(member)
    with control_unit():
        factors.finish_app(member, code=codes_at(seed, 0)[0], codes=codes)
    return seed


def set_up_passkey(member: Member, key: SoftKey, name: str = "Laptop") -> Passkey:
    """Register a passkey."""
    with control_unit():
        asked = passkeys.ask_to_enrol(PARTY, person_id=member.person_id, email=member.email)
        challenge = passkeys.take_challenge(asked.token, person_id=member.person_id)
        return factors.add_passkey(
            member, party=PARTY, name=name, answer=key.create(asked.options), challenge=challenge, codes=None
        )


def prove(member: Member, by: str, text: str) -> None:
    """Show who one is, in the three steps."""
    with control_unit(writes=False):
        known = look_up(person_id=member.person_id, by=by, text=text)
    proven = check(known)
    with control_unit():
        accept(proven)


def asked_of(member: Member | None = None) -> tuple[str, bytes]:
    """What a passkey is asked to sign, and the challenge in it."""
    holder = member.person_id if member else ""
    with control_unit():
        asked = passkeys.ask_to_prove(PARTY, person_id=holder)
        return asked.options, passkeys.take_challenge(asked.token, person_id=holder)


def told(account: Account) -> tuple[list[str], list[str]]:
    """Actions in the audit log and subjects of mails about factors, in order."""
    with control_unit(writes=False) as unit:
        actions = select(AuditEntry.action).where(
            AuditEntry.organisation_id == account.organisation_id, AuditEntry.action.like("factor.%")
        ).order_by(AuditEntry.sequence)  # fmt: skip
        subjects = select(Mail.subject).where(
            Mail.person_id == account.member.person_id, Mail.kind == "factor.changed"
        ).order_by(Mail.created_at, Mail.id)  # fmt: skip
        return list(unit.session.scalars(actions)), list(unit.session.scalars(subjects))
