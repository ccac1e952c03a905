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
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import Any

import httpcore
import httpx

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
KEEPALIVE_S = 15.0
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # PostgreSQL stores no NUL in text

Resolver = Callable[[str, int], list[Address]]
_lookups = ThreadPoolExecutor(max_workers=16, thread_name_prefix="resolve")


@dataclass(frozen=True)
class Answer:
    """What came back. `reason` is ok for a 2xx, else http_<status> or what went wrong before there was a status."""

    status: int | None
    reason: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    duration_ms: int = 0


class Blocked(httpcore.ConnectError):
    """The request was refused here. `reason` is a short code for the attempt log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def system_addresses(host: str, port: int) -> list[Address]:
    """Every address the system's resolver knows for a host, as a family, address pair. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(Address(str(sockaddr[0])) for _family, _type, _proto, _name, sockaddr in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to checked addresses only, for the connection pool."""

    def __init__(self, policy: Networks, *, is_strict: bool, resolve: Resolver) -> None:
        self._policy = policy
        self._is_strict = is_strict
        self._resolve = resolve
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check every address, connect to the first that answers."""
        addresses = await self._lookup(host, port)
        for address in addresses:
            if not self._policy.may_reach(address):
                raise Blocked("blocked_address")
            if not self._policy.is_opened(address) and not self._may_use(port):
                raise Blocked("blocked_port")
        failure: Exception = Blocked("dns")
        for address in addresses[:3]:
            try:
                stream = await self._plain.connect_tcp(address.text, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return stream
        raise failure

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

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Refused: no webhook goes to a local socket."""
        raise Blocked("blocked_address")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@cache
def trusted_roots() -> ssl.SSLContext:
    """The TLS context of all outgoing requests; building one takes 20 ms, so there is one."""
    return httpx.create_ssl_context(trust_env=False)


class Egress:
    """One connection pool for one environment. Production sends https to port 443 only."""

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
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or trusted_roots(),
            max_connections=CONNECTIONS,
            max_keepalive_connections=CONNECTIONS // 2,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=CheckedBackend(policy, is_strict=self._is_strict, resolve=resolve),
        )

    async def close(self) -> None:
        """Close every pooled connection."""
        await self._pool.aclose()

    async def post(self, url: str, headers: dict[str, str], body: bytes, deadline: float = 10.0) -> Answer:
        """POST and return the answer, whatever happens, within `deadline` seconds. Never raises for a bad receiver."""
        started = time.monotonic()
        answer = await self._outcome(url, headers, body, deadline)
        return Answer(
            answer.status, answer.reason, answer.headers, answer.body, round((time.monotonic() - started) * 1000)
        )

    async def _outcome(self, url: str, headers: dict[str, str], body: bytes, deadline: float) -> Answer:
        seen: list[httpcore.Response] = []
        try:
            target = self._target(url)
            async with asyncio.timeout(deadline):
                return await self._send(target, headers, body, seen)
        except TimeoutError:
            # The deadline covers the body: a receiver that never ends its answer has not answered.
            return Answer(seen[0].status if seen else None, "timeout")
        except Blocked as error:
            return Answer(None, error.reason)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError) as error:
            return Answer(seen[0].status if seen else None, reason_of(error))

    def _target(self, url: str) -> httpcore.URL:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise Blocked("blocked_url") from error
        may_be_plain = not self._is_strict or self._policy.has_opened
        if (
            parsed.scheme not in ({"http", "https"} if may_be_plain else {"https"})
            or not parsed.host
            or parsed.userinfo
        ):
            raise Blocked("blocked_url")
        return httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path)

    async def _send(
        self, target: httpcore.URL, headers: dict[str, str], body: bytes, seen: list[httpcore.Response]
    ) -> Answer:
        host = target.host if b":" not in target.host else b"[" + target.host + b"]"
        authority = host if target.port is None else host + b":%d" % target.port
        fields = [(b"Host", authority), *((name.encode(), value.encode()) for name, value in headers.items())]
        fields += [(b"Content-Length", str(len(body)).encode()), (b"Accept-Encoding", b"identity")]
        request = httpcore.Request(
            "POST", target, headers=fields, content=body, extensions={"timeout": {"connect": CONNECT_S}}
        )
        response = await self._pool.handle_async_request(request)
        try:
            seen.append(response)
            text = await _first_bytes(response)
        finally:
            await response.aclose()
        reason = "ok" if 200 <= response.status < 300 else f"http_{response.status}"
        return Answer(response.status, reason, _stored_headers(response), text)


async def _first_bytes(response: httpcore.Response) -> str:
    taken = bytearray()
    async for chunk in response.aiter_stream():
        taken += chunk
        if len(taken) >= MAX_ANSWER_BYTES:
            break
    return bytes(taken[:MAX_ANSWER_BYTES]).decode("utf-8", "replace").replace("\0", REPLACEMENT)


def _stored_headers(response: httpcore.Response) -> dict[str, str]:
    pairs = [
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers[:MAX_HEADERS]
    ]
    return {name[:MAX_HEADER_CHARS]: value[:MAX_HEADER_CHARS].replace("\0", REPLACEMENT) for name, value in pairs}


def reason_of(error: BaseException) -> str:
    """Name what went wrong before or during an answer, from the chain of an exception."""
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, Blocked):
            return link.reason
        if isinstance(link, ssl.SSLError):
            return "tls"
        link = link.__cause__ or link.__context__
    if isinstance(error, httpcore.TimeoutException):
        return "timeout"
    if isinstance(error, httpcore.ProtocolError):
        return "protocol"
    return "connection"
