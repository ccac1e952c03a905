"""The two ways a mail leaves: to a mail server, or into a folder where no server is set.

A route sends one message at a time and raises Refused for what no second try would change, NotSent for everything else.
"""

import os
import smtplib
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote
from urllib.parse import urlsplit

from accounts.mail.message import BadAddress
from accounts.mail.message import address_of

TIMEOUT_S = 20.0
PORTS = {"smtp": 25, "smtps": 465}


class NotSent(Exception):
    """The mail did not go out; another try may do better. The message is for the operator."""


class Refused(NotSent):
    """The mail server will never take this mail."""


class Unreachable(NotSent):
    """There is no server to talk to, so the next mail would fail as well."""


class Route(Protocol):
    """A way for mails to leave. `name` is what the outbox shows of it."""

    name: str

    def send(self, mail_id: str, to_address: str, message: EmailMessage) -> None: ...

    def close(self) -> None: ...


class MailServer:
    """An SMTP server. The connection is opened for the first mail and kept until close or until it breaks.

    A password is sent over TLS only: with `smtps` from the first byte, with `smtp` after STARTTLS, which is also used without a
    password whenever a server on another machine offers it. Certificates are checked against the system's roots.
    """

    name = "server"

    def __init__(self, url: str, *, envelope_from: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._from = envelope_from
        self._tls = tls or ssl.create_default_context()
        self._connection: smtplib.SMTP | None = None

    def send(self, mail_id: str, to_address: str, message: EmailMessage) -> None:
        """Hand one message over. Raises Refused, Unreachable or NotSent."""
        try:
            recipient = address_of(to_address).addr_spec
        except BadAddress as error:
            raise Refused("the address has no form a mail server takes") from error
        connection = self._open()
        try:
            connection.send_message(message, self._from, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            [(code, text)] = error.recipients.values()
            self._reset(connection)
            raise (Refused if 500 <= code < 600 else NotSent)(f"recipient refused: {_said(code, text)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused("the server takes no international addresses") from error
        except smtplib.SMTPResponseException as error:
            self._reset(connection)
            raise NotSent(_said(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotSent(f"the connection broke: {type(error).__name__}") from error

    def close(self) -> None:
        """End the connection; the next mail opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _open(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connected()
            except smtplib.SMTPResponseException as error:
                raise Unreachable(_said(error.smtp_code, error.smtp_error)) from error
            except ssl.SSLError as error:
                raise Unreachable(f"TLS: {error.reason or 'failed'}") from error
            except (smtplib.SMTPException, OSError) as error:
                raise Unreachable(f"{self._host}:{self._port} does not answer: {type(error).__name__}") from error
        return self._connection

    def _connected(self) -> smtplib.SMTP:
        if self._is_tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=self._tls)
        else:
            connection = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        try:
            self._secure(connection)
            if self._user:
                connection.login(self._user, self._password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _secure(self, connection: smtplib.SMTP) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._is_tls:
            return
        is_offered = connection.has_extn("starttls")
        if self._user and not is_offered:
            raise Unreachable("the server offers no STARTTLS, and a password is sent over TLS only")
        if is_offered and (self._user or not _is_here(self._host)):
            connection.starttls(context=self._tls)

    def _reset(self, connection: smtplib.SMTP) -> None:
        """After a refusal the connection is good for the next mail; one that is not is given up."""
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            self.close()


class MailFolder:
    """A folder of .eml files, one a mail, which mail programs open."""

    name = "folder"

    def __init__(self, home: Path | None = None) -> None:
        self._folder: Path | None = None
        if home is not None:
            self.configure(home)

    def configure(self, home: Path) -> None:
        """Set the installation's home folder, in which the mails' own lies."""
        self._folder = home / "mail"

    def send(self, mail_id: str, to_address: str, message: EmailMessage) -> None:
        """Write one message, whole or not at all. A mail that is sent again replaces its file. Raises NotSent."""
        folder = self._top()
        aside = folder / f".{mail_id}.part"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
            os.replace(aside, folder / f"{mail_id}.eml")
        except OSError as error:
            raise NotSent(f"the mail folder cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is open."""

    def forget(self, *, kept_s: float) -> int:
        """Delete files older than so many seconds. Returns how many. A process that was given no home has none."""
        removed, before_s = 0, time.time() - kept_s
        for path in self._folder.glob("*.eml") if self._folder is not None and self._folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before_s:
                    path.unlink()
                    removed += 1
        return removed

    def _top(self) -> Path:
        if self._folder is None:
            raise RuntimeError("the mail folder is not configured")
        return self._folder


mail_files = MailFolder()


def _said(code: int, text: bytes | str) -> str:
    """What a server answered, on one line."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"


def _is_here(host: str) -> bool:
    """Whether a server is on this machine, where nobody listens in on the way."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
