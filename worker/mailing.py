"""The postman: takes due mails from the outbox and sends them, in a thread of the scheduler.

A mail server that hangs must hold up neither ticks nor deliveries, hence the thread. Several postmen may run, on several
machines: each mail is under the lease of one. Killed anywhere it loses nothing; what it had sent without saying so goes out
again under the same message id.
"""

import logging
import threading
import time
from email.headerregistry import Address

from sqlalchemy.exc import SQLAlchemyError

from accounts.mail.message import BadAddress
from accounts.mail.message import message_of
from accounts.mail.service import LEASE
from accounts.mail.service import Taken
from accounts.mail.service import is_mail_due
from accounts.mail.service import note_failure
from accounts.mail.service import note_sent
from accounts.mail.service import take_mails
from kit.settings import Settings
from kit.unit import control_unit
from worker.mail_routes import MailFolder
from worker.mail_routes import MailServer
from worker.mail_routes import NotSent
from worker.mail_routes import Refused
from worker.mail_routes import Route
from worker.mail_routes import Unreachable

log = logging.getLogger(__name__)

BATCH = 20
LOOK_EVERY_S = 2.0
LONGEST_BACKOFF_S = 60.0


def route_of(settings: Settings) -> Route:
    """The way mails of this installation leave."""
    if settings.smtp_url:
        return MailServer(settings.smtp_url, envelope_from=settings.mail_sender.addr_spec)
    if settings.is_production:
        log.warning("no mail server is set: mails become files and reach nobody")
    return MailFolder(settings.home)


class Postman:
    """One postman."""

    def __init__(self, route: Route, *, sender: Address) -> None:
        self._route = route
        self._sender = sender
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._walk, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the mail that is being sent; one that hangs is left to its lease."""
        self._stopped.set()
        self._thread.join(2)

    def round(self) -> int:
        """Send the mails that are due, at most a batch. Returns how many it took."""
        with control_unit(writes=False):
            if not is_mail_due():
                return 0
        with control_unit():
            mails = take_mails(limit=BATCH)
        until = time.monotonic() + LEASE.total_seconds() / 2
        try:
            for place, mail in enumerate(mails):
                if self._stopped.is_set() or time.monotonic() > until:
                    break  # the others fall due again when their lease ends
                if not self._send(mail):
                    self._leave(mails[place + 1 :])
                    break
        finally:
            self._route.close()
        return len(mails)

    def _send(self, mail: Taken) -> bool:
        """Send one mail and say how it went. Returns whether there is any use in sending the next."""
        try:
            self._route.send(mail.id, mail.to_address, message_of(mail, sender=self._sender))
        except NotSent as error:
            _fail(mail, str(error), is_final=isinstance(error, Refused))
            return not isinstance(error, Unreachable)
        except BadAddress:
            _fail(mail, "the address has no form a mail can carry", is_final=True)
        else:
            with control_unit():
                note_sent(mail, sent_to=self._route.name)
        return True

    def _leave(self, mails: list[Taken]) -> None:
        for mail in mails:
            _fail(mail, "the mail server could not be reached", is_final=False)

    def _walk(self) -> None:
        pause_s = LOOK_EVERY_S
        while not self._stopped.wait(pause_s):
            try:
                pause_s = 0.0 if self.round() == BATCH else LOOK_EVERY_S
            except SQLAlchemyError:
                pause_s = min(max(pause_s, LOOK_EVERY_S) * 2, LONGEST_BACKOFF_S)
                log.exception("the outbox does not answer; next look in %d s", pause_s)
            except Exception:  # nothing may end the postman: mails would wait for ever
                pause_s = min(max(pause_s, LOOK_EVERY_S) * 2, LONGEST_BACKOFF_S)
                log.exception("the postman stumbled; next look in %d s", pause_s)


def _fail(mail: Taken, error: str, *, is_final: bool) -> None:
    log.warning("a mail was not sent", extra={"mail": mail.id, "attempt": mail.attempt, "problem": error})
    with control_unit():
        note_failure(mail, error=error, is_final=is_final)
