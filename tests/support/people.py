"""People as tests need them, and the letters they get."""

import re

from sqlalchemy import select
from sqlalchemy import update

from accounts.mail.models import Mail
from accounts.mail.service import read_secret
from accounts.people.models import Person
from kit.clock import now
from kit.unit import control
from kit.unit import control_unit


def confirm(email: str) -> None:
    """Let the address of an account be confirmed, as its letter would; needs an open control unit."""
    control().session.execute(update(Person).where(Person.email == email.lower()).values(confirmed_at=now()))


def letters_to(address: str) -> list[str]:
    """The kinds of the letters to an address, oldest first."""
    with control_unit(writes=False) as unit:
        return list(unit.session.scalars(_to(address).with_only_columns(Mail.kind)))


def link_to(address: str, kind: str) -> str:
    """The path that the newest letter of a kind to an address leads to."""
    with control_unit(writes=False) as unit:
        mail = unit.session.scalars(_to(address).where(Mail.kind == kind)).all()[-1]
        text = read_secret(mail)
        assert text is not None
    return re.findall(r":\nhttps?://[^/]+(/\S*)\n", text)[-1]


def _to(address: str):
    return select(Mail).where(Mail.to_address == address).order_by(Mail.created_at, Mail.id)
