"""A mail server on this machine: keeps what it takes, and refuses what it was told to."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import AuthResult
from aiosmtpd.smtp import LoginPassword


@dataclass
class Mailbox:
    """What the server has taken, and its plan: the answers to recipients, and how many connections it drops at the data."""

    port: int = 0
    refusals: dict[str, str] = field(default_factory=dict)  # recipient → SMTP answer
    drops: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str], bool]] = field(default_factory=list)  # sender, recipients, over TLS
    logins: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.drops:
            self.drops -= 1
            server.transport.abort()
            return "421 bye"
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        return "250 taken"

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: LoginPassword) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"s3cret", handled=False)


@contextmanager
def taking_mail(box: Mailbox | None = None, *, tls: ssl.SSLContext | None = None, needs_login: bool = False) -> Iterator[Mailbox]:
    """Run a mail server on the mailbox's port, or a free one. tls: offer STARTTLS."""
    box, loop = box or Mailbox(), asyncio.new_event_loop()

    def protocol() -> SMTP:
        return SMTP(
            box, hostname="localhost", tls_context=tls, authenticator=box.authenticate, auth_required=needs_login,
            auth_require_tls=True, loop=loop,
        )  # fmt: skip

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", box.port, reuse_address=True))
    box.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Close the server and whatever is still connected to it."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
