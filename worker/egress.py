"""Requests to addresses that partners chose: only to the public internet, only what was checked, never for long.

A host is resolved once, every address it has must pass, and the connection goes to the address that passed while TLS
server name and Host header keep the name. No redirects, no proxies, no decompression, 16 KiB of answer, one deadline over
everything. Sources: OWASP SSRF Prevention cheat sheet; GHSA-mvm9-4fhw-xqf3 (is_global alone is not enough).
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from functools import lru_cache
from typing import Any

import aiohttp
import certifi
import httpx
import yarl
from aiohttp.abc import AbstractResolver
from aiohttp.abc import ResolveResult

from kit.planes import Environment
from worker.addresses import Address
from worker.addresses import Networks
from worker.addresses import networks

MAX_ANSWER_BYTES = 16 * 1024
MAX_HEADERS = 40
MAX_HEADER_CHARS = 500
RESOLVE_S = 3.0
CONNECT_S = 5.0
CONNECTIONS = 128
MOST_TRIED = 3  # addresses of one host
KEEPALIVE_S = 15.0
INTERNAL_ERROR = "internal_error"  # the reason when it was not the receiver's fault
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # PostgreSQL stores no NUL in text
# What the client would add by itself: a partner's server sees our headers and no others.
OWN_HEADERS = ("Accept", "User-Agent")
METHODS = frozenset({"POST", "PUT", "PATCH"})
# Where a request goes, how long it is and what happens to the connection after it is not for a caller to say.
KEPT_HEADERS = frozenset({
    "host", "content-length", "transfer-encoding", "connection", "accept-encoding", "keep-alive", "te", "trailer", "upgrade",
    "expect", "proxy-authorization", "proxy-connection",
})  # fmt: skip

Resolver = Callable[[str, int], list[Address]]
_lookups = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")


@dataclass(frozen=True)
class Answer:
    """What came back. `reason` is ok for a 2xx, else http_<status> or what went wrong before there was a status.

    timings: milliseconds of dns, connect, tls and until the first_byte; a connection that was open already has only the last.
    """

    status: int | None
    reason: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    duration_ms: int = 0
    timings: dict[str, int] = field(default_factory=dict)


class Blocked(OSError):
    """The request was refused here. `reason` is a short code for the attempt log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Stopwatch:
    """The steps of one request, in milliseconds since the step before."""

    def __init__(self) -> None:
        self.steps: dict[str, int] = {}
        self._at = time.monotonic()

    def done(self, step: str) -> None:
        """End a step; the next one begins now."""
        now = time.monotonic()
        self.steps[step], self._at = round((now - self._at) * 1000), now


_watch: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


def _done(step: str) -> None:
    if (watch := _watch.get()) is not None:
        watch.done(step)


def system_addresses(host: str, port: int) -> list[Address]:
    """Every address the system's resolver knows for a host, as a family, address pair. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(Address(str(sockaddr[0])) for _family, _type, _proto, _name, sockaddr in found))


class _Door(AbstractResolver):
    """Decides where connections go: names to checked addresses here, and each socket once more before it connects."""

    def __init__(self, policy: Networks, *, is_strict: bool, resolve: Resolver) -> None:
        self._policy = policy
        self._is_strict = is_strict
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve, check every address, and return the first few."""
        addresses = await self._lookup(host, port)
        for address in addresses:
            self._check(address, port)
        _done("dns")
        return [
            ResolveResult(
                hostname=host, host=address.text, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address.text else socket.AF_INET,
            )
            for address in addresses[:MOST_TRIED]
        ]  # fmt: skip

    def open(self, target: Any) -> socket.socket:
        """A socket for one address. An address written into the URL comes here without having been resolved."""
        family, kind, proto, _, sockaddr = target
        self._check(Address(str(sockaddr[0])), int(sockaddr[1]))
        return socket.socket(family, kind, proto)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _check(self, address: Address, port: int) -> None:
        if not self._policy.may_reach(address):
            raise Blocked("blocked_address")
        if not self._policy.is_opened(address) and not self._may_use(port):
            raise Blocked("blocked_port")

    async def _lookup(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_S):
                addresses = await loop.run_in_executor(_lookups, self._resolve, host, port)
        except (OSError, UnicodeError) as error:  # a timeout is an OSError too
            raise Blocked("dns") from error
        if not addresses:
            raise Blocked("dns")
        return addresses

    def _may_use(self, port: int) -> bool:
        # Well-known ports speak other protocols: a webhook must not become a message to a mail server.
        return port == 443 if self._is_strict else port in {80, 443} or port >= 1024


class TimedContext(ssl.SSLContext):
    """A TLS context that says when a handshake begins: the TCP connection stands then."""

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        _done("connect")
        return super().wrap_bio(*arguments, **options)


@cache
def trusted_roots() -> ssl.SSLContext:
    """The TLS context of all outgoing requests; building one takes 20 ms, so there is one."""
    context = TimedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _connected(_session: Any, _context: Any, _parameters: Any) -> None:
    watch = _watch.get()
    if watch is not None:
        watch.done("tls" if "connect" in watch.steps else "connect")


class Egress:
    """One connection pool for one environment. Production sends https to port 443 only. Made inside an event loop."""

    def __init__(
        self,
        environment: Environment,
        *,
        policy: Networks = networks,
        resolve: Resolver = system_addresses,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._is_strict = environment == Environment.PRODUCTION
        door = _Door(policy, is_strict=self._is_strict, resolve=resolve)
        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS, keepalive_timeout=KEEPALIVE_S, use_dns_cache=False, resolver=door, socket_factory=door.open,
            ssl=tls or trusted_roots(), happy_eyeballs_delay=None,
        )  # fmt: skip
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_connected)
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False,
            skip_auto_headers=OWN_HEADERS, timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
            trace_configs=[trace],
        )  # fmt: skip

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._session.close()

    async def send(
        self, method: str, url: str, headers: dict[str, str], body: bytes, deadline: float = 10.0
    ) -> Answer:
        """Send and return the answer, whatever happens, within `deadline` seconds. Never raises for a bad receiver.

        method: one of METHODS. A header in KEPT_HEADERS is refused: the connection decides those.
        """
        started, watch = time.monotonic(), Stopwatch()
        _watch.set(watch)  # each delivery is a task of its own, and so is its context
        answer = await self._outcome(method, url, headers, body, deadline)
        duration_ms = round((time.monotonic() - started) * 1000)
        return Answer(answer.status, answer.reason, answer.headers, answer.body, duration_ms, watch.steps)

    async def _outcome(self, method: str, url: str, headers: dict[str, str], body: bytes, deadline: float) -> Answer:
        seen: list[int] = []
        try:
            if method not in METHODS or not KEPT_HEADERS.isdisjoint(map(str.lower, headers)):
                raise Blocked("blocked_request")
            target = self._target(url)
            async with asyncio.timeout(deadline):
                return await self._send(method, target, headers, body, seen)
        except TimeoutError:
            # The deadline covers the body: a receiver that never ends its answer has not answered.
            return Answer(seen[0] if seen else None, "timeout")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Answer(seen[0] if seen else None, reason_of(error))

    def _target(self, url: str) -> yarl.URL:
        may_be_plain = not self._is_strict or self._policy.has_opened
        target = _parsed(url)
        if target is None or target.scheme not in (("http", "https") if may_be_plain else ("https",)):
            raise Blocked("blocked_url")
        return target

    async def _send(self, method: str, target: yarl.URL, headers: dict[str, str], body: bytes, seen: list[int]) -> Answer:
        sent = {**headers, "Accept-Encoding": "identity"}
        async with self._session.request(method, target, headers=sent, data=body, allow_redirects=False) as response:
            _done("first_byte")
            seen.append(response.status)
            text = await _first_bytes(response)
        reason = "ok" if 200 <= response.status < 300 else f"http_{response.status}"
        return Answer(response.status, reason, _stored_headers(response), text)


@lru_cache(maxsize=4096)
def _parsed(url: str) -> yarl.URL | None:
    """A URL with a host and without credentials, as it is sent to; None for anything else."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    return yarl.URL(str(parsed), encoded=True) if parsed.host and not parsed.userinfo else None


async def _first_bytes(response: aiohttp.ClientResponse) -> str:
    taken = bytearray()
    async for chunk in response.content.iter_any():
        taken += chunk
        if len(taken) >= MAX_ANSWER_BYTES:
            response.close()  # the rest is not read, so the connection is of no more use
            break
    return bytes(taken[:MAX_ANSWER_BYTES]).decode("utf-8", "replace").replace("\0", REPLACEMENT)


def _stored_headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.raw_headers[:MAX_HEADERS]]
    return {name[:MAX_HEADER_CHARS]: value[:MAX_HEADER_CHARS].replace("\0", REPLACEMENT) for name, value in pairs}


def reason_of(error: BaseException) -> str:
    """Name what went wrong before or during an answer, from the chain of an exception."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, Blocked):
            return link.reason
        if isinstance(link, ssl.SSLError | ssl.CertificateError):
            return "tls"
        link = link.__cause__ or link.__context__
    if isinstance(error, aiohttp.InvalidURL):
        return "blocked_url"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "connection" if isinstance(error, OSError) else "protocol"
