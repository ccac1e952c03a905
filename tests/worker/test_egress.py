import asyncio
import datetime as dt
import gzip
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit.planes import Environment
from tests.worker.receiver import Receiver
from tests.worker.receiver import receiving
from worker.addresses import Address
from worker.addresses import Networks
from worker.egress import Answer
from worker.egress import Egress
from worker.egress import TimedContext
from worker.egress import system_addresses

LOOPBACK = Networks(("127.0.0.0/8",))
PUBLIC_ONLY = Networks()


def post(
    url: str, policy: Networks = PUBLIC_ONLY, environment: Environment = Environment.PRODUCTION, **options: Any
) -> Answer:
    deadline = options.pop("deadline", 5.0)

    async def run() -> Answer:
        egress = Egress(environment, policy=policy, **options)
        try:
            return await egress.post(url, {"webhook-id": "evt_1"}, b"{}", deadline)
        finally:
            await egress.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "100.100.100.200",
        "168.63.129.16", "192.0.0.192", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "192.0.2.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1%eth0",
        "fec0::1", "ff02::1", "100::1",
    ],
)  # fmt: skip
def test_address_is_refused_when_not_public(text: str):
    assert PUBLIC_ONLY.may_reach(Address(text)) is False


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_address_is_reached_when_public(text: str):
    assert PUBLIC_ONLY.may_reach(Address(text)) is True


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("https://127.0.0.1/", "blocked_address", id="loopback"),
        pytest.param("https://2130706433/", "blocked_url", id="decimal"),
        pytest.param("https://0x7f000001/", "blocked_address", id="hexadecimal"),
        pytest.param("https://0177.0.0.1/", "blocked_url", id="octal"),
        pytest.param("https://127.1/", "blocked_url", id="short"),
        pytest.param("https://localhost/", "blocked_address", id="name"),
        pytest.param("https://0.0.0.0/", "blocked_address", id="any"),
        pytest.param("https://169.254.169.254/latest/meta-data/", "blocked_address", id="metadata"),
        pytest.param("https://[::1]/", "blocked_address", id="v6-loopback"),
        pytest.param("https://[::ffff:127.0.0.1]/", "blocked_address", id="v4-mapped"),
        pytest.param("https://[64:ff9b::7f00:1]/", "blocked_address", id="nat64"),
        pytest.param("https://[fd00:ec2::254]/", "blocked_address", id="v6-metadata"),
        pytest.param("https://①②⑦.⓪.⓪.①/", "blocked_url", id="circled-digits"),
        pytest.param("http://8.8.8.8/", "blocked_url", id="plain-http"),
        pytest.param("https://user:secret@8.8.8.8/", "blocked_url", id="userinfo"),
        pytest.param("file:///etc/passwd", "blocked_url", id="file"),
        pytest.param("gopher://8.8.8.8/", "blocked_url", id="gopher"),
        pytest.param("https:///path", "blocked_url", id="no-host"),
        pytest.param("https://8.8.8.8:8443/", "blocked_port", id="other-port"),
        pytest.param("https://8.8.8.8:22/", "blocked_port", id="ssh"),
        pytest.param("https://no-such-host.invalid/", "dns", id="unknown-name"),
        pytest.param("https://exa mple.com/", "dns", id="space"),
    ],
)
def test_post_is_refused_when_the_target_is_not_public(url: str, reason: str):
    answer = post(url)
    assert (answer.status, answer.reason) == (None, reason)


def test_post_is_refused_when_one_of_several_addresses_is_private():
    answer = post("https://mixed.test/", resolve=lambda _h, _p: [Address("8.8.8.8"), Address("10.0.0.1")])
    assert answer.reason == "blocked_address"


def test_post_uses_the_checked_address_when_the_name_is_rebound(receiver: Receiver):
    asked = []

    def rebinding(host: str, _port: int) -> list[Address]:
        asked.append(host)
        return [Address("127.0.0.1" if len(asked) == 1 else "10.0.0.1")]

    answer = post(f"http://rebind.test:{receiver.port}/hook?x=1", LOOPBACK, resolve=rebinding)
    assert (answer.status, answer.reason, asked) == (200, "ok", ["rebind.test"])
    assert receiver.requests[0].headers["host"] == f"rebind.test:{receiver.port}"
    assert receiver.requests[0].path == "/hook?x=1"


@pytest.mark.parametrize("port", [22, 25, 110, 587])
def test_post_in_the_sandbox_is_refused_when_the_port_speaks_another_protocol(port: int):
    assert post(f"http://8.8.8.8:{port}/", environment=Environment.SANDBOX).reason == "blocked_port"


def test_post_times_each_step_when_a_connection_is_new_and_the_last_one_when_it_is_not(receiver: Receiver):
    async def twice() -> list[Answer]:
        egress = Egress(Environment.SANDBOX, policy=LOOPBACK, resolve=lambda _h, _p: [Address("127.0.0.1")])
        try:
            return [await egress.post(f"http://name.test:{receiver.port}/", {}, b"{}") for _ in range(2)]
        finally:
            await egress.close()

    first, second = asyncio.run(twice())
    assert (list(first.timings), list(second.timings)) == (["dns", "connect", "first_byte"], ["first_byte"])
    assert sum(first.timings.values()) <= first.duration_ms + 2


def test_post_treats_a_redirect_as_an_answer_when_redirected(receiver: Receiver):
    receiver.answers = [(302, {"Location": "http://127.0.0.1:1/"}, b"")]
    answer = post(receiver.url, LOOPBACK)
    assert (answer.status, answer.reason, len(receiver.requests)) == (302, "http_302", 1)


def test_post_uses_no_proxy_when_the_environment_names_one(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(receiver.url, LOOPBACK).status == 200


def test_post_keeps_16_kib_when_the_answer_is_longer(receiver: Receiver):
    receiver.answers = [(200, {}, b"x" * 5_000_000)]
    answer = post(receiver.url, LOOPBACK)
    assert (answer.reason, len(answer.body)) == ("ok", 16_384)


def test_post_does_not_decompress_when_the_answer_is_compressed(receiver: Receiver):
    receiver.answers = [(200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))]
    started = time.monotonic()
    answer = post(receiver.url, LOOPBACK)
    assert answer.status == 200
    assert len(answer.body) <= 16_384
    assert "\0" not in answer.body
    assert time.monotonic() - started < 1
    assert receiver.requests[0].headers["accept-encoding"] == "identity"


def test_post_times_out_when_the_answer_comes_late(receiver: Receiver):
    receiver.delay_s = 2
    answer = post(receiver.url, LOOPBACK, deadline=0.2)
    assert (answer.status, answer.reason) == (None, "timeout")
    assert 150 <= answer.duration_ms < 1000


def test_post_times_out_when_the_body_never_ends():
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_drip, args=(server,), daemon=True)
        thread.start()
        answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/", LOOPBACK, deadline=0.4)
        thread.join(5)
    assert (answer.status, answer.reason) == (200, "timeout")


def _read_request(connection: socket.socket) -> None:
    """Take the whole request: closing with unread bytes would reset the connection instead of ending it."""
    received = b""
    while not received.endswith(b"{}"):
        received += connection.recv(65_536)


def _drip(server: socket.socket) -> None:
    connection, _ = server.accept()
    _read_request(connection)
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"x")
            time.sleep(0.05)
    except OSError:
        pass
    finally:
        connection.close()


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nA\x00B: 1\r\n\r\n"], ids=["not-http", "nul"]
)
def test_post_reports_a_protocol_error_when_the_answer_is_not_http(raw: bytes):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_say, args=(server, raw), daemon=True)
        thread.start()
        answer = post(f"http://127.0.0.1:{server.getsockname()[1]}/", LOOPBACK)
        thread.join(5)
    assert answer.reason == "protocol"


def _say(server: socket.socket, raw: bytes) -> None:
    connection, _ = server.accept()
    _read_request(connection)
    connection.sendall(raw)
    connection.close()


def test_post_reports_a_connection_error_when_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/", LOOPBACK).reason == "connection"


def test_post_checks_the_name_in_the_certificate_when_sending_https(tmp_path: Path):
    server_side, trust = _certificate(tmp_path, "hooks.test")
    with receiving(server_side) as receiver:
        resolve = lambda _host, _port: [Address("127.0.0.1")]  # noqa: E731
        right = post(f"https://hooks.test:{receiver.port}/", LOOPBACK, resolve=resolve, tls=trust)
        wrong = post(f"https://other.test:{receiver.port}/", LOOPBACK, resolve=resolve, tls=trust)
        untrusted = post(f"https://hooks.test:{receiver.port}/", LOOPBACK, resolve=resolve)
    assert (right.reason, wrong.reason, untrusted.reason) == ("ok", "tls", "tls")
    assert list(right.timings) == ["dns", "connect", "tls", "first_byte"]
    assert receiver.requests[0].headers["host"] == f"hooks.test:{receiver.port}"
    assert len(receiver.requests) == 1


def _certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(server context with a certificate for host, client context that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    trust = TimedContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(path)
    return server_side, trust


def test_system_addresses_are_checked_types_when_resolved():
    assert Address("127.0.0.1") in system_addresses("localhost", 80)
