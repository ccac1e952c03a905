"""Where webhooks must not go: every way to name an inside address, one case each. Each case here is a refusal.

Sources: IANA special-purpose address registries; OWASP SSRF Prevention cheat sheet; GHSA-mvm9-4fhw-xqf3, GHSA-794r-5rp2-fpg8.
"""

import asyncio
import socket
from typing import Any

import pytest

from accounts.webhooks.options import RESERVED_HEADERS
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.triggers import trigger_event
from tests.worker.receiver import Receiver
from tests.worker.rows import attempts
from tests.worker.rows import create_subscription
from worker.addresses import Address
from worker.addresses import Networks
from worker.deliver import pump
from worker.egress import KEPT_HEADERS
from worker.egress import METHODS
from worker.egress import Answer
from worker.egress import Egress

PUBLIC_ONLY = Networks()
LOOPBACK = Networks(("127.0.0.0/8",))
OUTSIDE = "8.8.8.8"

ADDRESSES = (
    # this machine and its network
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.1.1", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.7", "198.18.0.1",
    # carrier-grade NAT, relays, and the metadata of clouds
    "100.64.0.1", "100.127.255.255", "192.88.99.1", "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16",
    "192.0.0.192",
    # IPv6 of this machine and its network
    "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1%eth0", "fec0::1", "ff02::1", "100::1", "2001:db8::1", "3fff::1",
    "5f00::1",
    # IPv4 inside IPv6: compatible, mapped, translated, NAT64, 6to4, Teredo
    "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001::1", "2001:0:7f00:1::1",
)  # fmt: skip

URLS = (
    ("loopback", "https://127.0.0.1/", "blocked_address"),
    ("loopback-with-dot", "https://127.0.0.1./", "blocked_url"),
    ("any", "https://0.0.0.0/", "blocked_address"),
    ("private", "https://10.0.0.1:443/", "blocked_address"),
    ("carrier-grade-nat", "https://100.64.0.1/", "blocked_address"),
    ("decimal", "https://2130706433/", "blocked_url"),
    ("hexadecimal", "https://0x7f000001/", "blocked_address"),
    ("hexadecimal-parts", "https://0x7f.0x0.0x0.0x1/", "blocked_address"),
    ("octal", "https://0177.0.0.1/", "blocked_url"),
    ("octal-in-one", "https://017700000001/", "blocked_url"),
    ("short", "https://127.1/", "blocked_url"),
    ("metadata", "https://169.254.169.254/latest/meta-data/", "blocked_address"),
    ("metadata-decimal", "https://2852039166/", "blocked_url"),
    ("metadata-alibaba", "https://100.100.100.200/", "blocked_address"),
    ("metadata-azure", "https://168.63.129.16/", "blocked_address"),
    ("metadata-oracle", "https://192.0.0.192/", "blocked_address"),
    ("metadata-v6", "https://[fd00:ec2::254]/", "blocked_address"),
    ("v6-loopback", "https://[::1]/", "blocked_address"),
    ("v6-any", "https://[::]/", "blocked_address"),
    ("v6-long", "https://[0000:0000:0000:0000:0000:0000:0000:0001]/", "blocked_address"),
    ("v4-mapped", "https://[::ffff:127.0.0.1]/", "blocked_address"),
    ("v4-mapped-hexadecimal", "https://[::ffff:a9fe:a9fe]/", "blocked_address"),
    ("v4-compatible", "https://[::127.0.0.1]/", "blocked_address"),
    ("nat64", "https://[64:ff9b::7f00:1]/", "blocked_address"),
    ("6to4", "https://[2002:7f00:1::]/", "blocked_address"),
    ("teredo", "https://[2001:0:7f00:1::1]/", "blocked_address"),
    ("localhost", "https://localhost/", "blocked_address"),
    ("localhost-in-capitals", "https://LocalHost/", "blocked_address"),
    ("circled-digits", "https://①②⑦.⓪.⓪.①/", "blocked_url"),
    ("wide-full-stops", "https://127。0。0。1/", "blocked_address"),
    ("plain-http", "http://8.8.8.8/", "blocked_url"),
    ("userinfo", "https://user:secret@8.8.8.8/", "blocked_url"),
    ("userinfo-that-looks-like-a-host", "https://8.8.8.8@127.0.0.1/", "blocked_url"),
    ("file", "file:///etc/passwd", "blocked_url"),
    ("gopher", "gopher://8.8.8.8/", "blocked_url"),
    ("ftp", "ftp://8.8.8.8/", "blocked_url"),
    ("dict", "dict://127.0.0.1:11211/stats", "blocked_url"),
    ("no-scheme", "//127.0.0.1/", "blocked_url"),
    ("no-host", "https:///path", "blocked_url"),
    ("unknown-name", "https://no-such-host.invalid/", "dns"),
    ("space", "https://exa mple.com/", "dns"),
    *((f"port-{port}", f"https://8.8.8.8:{port}/", "blocked_port") for port in (22, 25, 80, 3306, 5432, 6379, 8443)),
)

NAMES = (
    ("one-of-two-is-private", (OUTSIDE, "10.0.0.1")),
    ("one-of-two-is-private-and-first", ("10.0.0.1", OUTSIDE)),
    ("the-last-of-five-is-loopback", (OUTSIDE, "1.1.1.1", "8.8.4.4", "1.0.0.1", "127.0.0.1")),
    ("v6-is-loopback", (OUTSIDE, "::1")),
    ("v6-is-nat64", ("2606:4700::1111", "64:ff9b::a9fe:a9fe")),
    ("v6-is-mapped", ("::ffff:10.0.0.1",)),
    ("v6-is-6to4", ("2002:a00:1::",)),
    ("v6-with-zone", ("fe80::1%eth0",)),
    ("metadata.google.internal", ("169.254.169.254",)),
    ("instance-data.ec2.internal", ("169.254.169.254",)),
    ("host.docker.internal", ("192.168.65.254",)),
    ("kubernetes.default.svc", ("10.96.0.1",)),
)


def sent(url: str, environment: Environment = Environment.PRODUCTION, **options: Any) -> Answer:
    method, headers = options.pop("method", "POST"), options.pop("headers", {})
    options.setdefault("policy", PUBLIC_ONLY)

    async def run() -> Answer:
        egress = Egress(environment, **options)
        try:
            return await egress.send(method, url, headers, b"{}", 5.0)
        finally:
            await egress.close()

    return asyncio.run(run())


@pytest.mark.parametrize("text", ADDRESSES)
def test_address_is_refused(text: str) -> None:
    assert PUBLIC_ONLY.may_reach(Address(text)) is False


@pytest.mark.parametrize(("url", "reason"), [pytest.param(url, reason, id=name) for name, url, reason in URLS])
def test_url_is_refused(url: str, reason: str) -> None:
    answer = sent(url)
    assert (answer.status, answer.reason) == (None, reason)


@pytest.mark.parametrize("found", [pytest.param(found, id=name) for name, found in NAMES])
def test_name_is_refused_for_where_it_leads(found: tuple[str, ...]) -> None:
    answer = sent("https://name.test/", resolve=lambda _host, _port: [Address(text) for text in found])
    assert (answer.status, answer.reason) == (None, "blocked_address")


@pytest.mark.parametrize("port", [22, 25, 110, 587])
def test_port_of_another_protocol_is_refused_in_the_sandbox_too(port: int) -> None:
    assert sent(f"http://8.8.8.8:{port}/", Environment.SANDBOX).reason == "blocked_port"


def test_name_that_is_rebound_before_the_next_request_is_refused(receiver: Receiver) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[Address]:
        asked.append(host)
        return [Address("127.0.0.1" if len(asked) == 1 else "10.0.0.1")]

    receiver.answers = [(200, {"Connection": "close"}, b"")]

    async def run() -> list[str]:
        egress = Egress(Environment.SANDBOX, policy=LOOPBACK, resolve=rebinding)
        url = f"http://rebind.test:{receiver.port}/"
        try:
            return [(await egress.send("POST", url, {}, b"{}")).reason for _ in range(2)]
        finally:
            await egress.close()

    assert (asyncio.run(run()), len(receiver.requests)) == (["ok", "blocked_address"], 1)


def test_address_is_looked_at_again_when_its_socket_opens() -> None:
    async def run() -> None:
        egress = Egress(Environment.PRODUCTION, policy=PUBLIC_ONLY)
        try:
            with pytest.raises(OSError, match="blocked_address"):
                egress._session.connector._socket_factory((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443)))
        finally:
            await egress.close()

    asyncio.run(run())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {"Location": "http://169.254.169.254/latest/meta-data/"}, b"")]
    answer = sent(receiver.url, policy=LOOPBACK)
    assert (answer.status, answer.reason, len(receiver.requests)) == (status, f"http_{status}", 1)


@pytest.mark.parametrize("method", sorted(METHODS))
def test_method_changes_nothing_about_it(method: str) -> None:
    assert sent("https://169.254.169.254/", method=method).reason == "blocked_address"


@pytest.mark.parametrize("method", ["GET", "CONNECT", "TRACE", "DELETE", "post", "POST / HTTP/1.1\r\nX: "])
def test_other_method_is_refused(method: str) -> None:
    assert sent("https://8.8.8.8/", method=method).reason == "blocked_request"


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "CONNECTION", "Upgrade", "Accept-Encoding"])
def test_header_that_is_the_connections_is_refused(name: str) -> None:
    assert sent("https://8.8.8.8/", headers={name: "x"}).reason == "blocked_request"


def test_owners_are_told_of_every_header_that_would_be_left_out() -> None:
    assert KEPT_HEADERS <= RESERVED_HEADERS


@pytest.mark.parametrize("headers", [{"X-A": "1\r\nHost: inside.test"}, {"X-A\r\nHost": "inside.test"}], ids=["value", "name"])
def test_header_with_a_line_end_is_not_sent(receiver: Receiver, headers: dict[str, str]) -> None:
    answer = sent(receiver.url, policy=LOOPBACK, headers=headers)
    assert (answer.status, answer.reason, receiver.requests) == (None, "protocol", [])


@pytest.mark.usefixtures("clean_planes")
@pytest.mark.parametrize("dialect", ["core", "channel"])
def test_test_event_goes_the_same_way(scope: Scope, dialect: str) -> None:
    where = ("http://169.254.169.254/", "https://10.0.0.1/", "https://[64:ff9b::a9fe:a9fe]/", "http://8.8.8.8:25/")
    for url in where:
        endpoint_id, _ = create_subscription(scope, url, dialect=dialect, scopes=["locations:read"])
        with unit_of_work(scope):
            trigger_event(scope, type="store.status.updated", only_endpoint_id=endpoint_id)
    pump(Environment.SANDBOX)
    assert [(row.status, row.reason) for row in attempts(scope)] == [(None, "blocked_address")] * 3 + [(None, "blocked_port")]
