"""A mail as it goes over the wire. The same mail is the same message each time: its id and date do not change."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from accounts.mail.service import Taken


class BadAddress(Exception):
    """Nobody can be reached at this address: it has a form no mail can carry."""


def address_of(text: str) -> Address:
    """`name@example.com` as one address, its domain in the letters mail servers know. Raises BadAddress."""
    name, _, domain = text.rpartition("@")
    try:
        address = Address(username=name, domain=domain.encode("idna").decode())
    except (UnicodeError, ValueError) as error:
        raise BadAddress from error
    if not (name and domain and text.isprintable()):
        raise BadAddress
    return address


def message_of(mail: Taken, *, sender: Address) -> EmailMessage:
    """The message of a mail, text and HTML. Raises BadAddress."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{mail.id}@{sender.domain}>"
    message["Date"] = format_datetime(mail.created_at)
    message["From"] = sender
    message["To"] = address_of(mail.to_address)
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
