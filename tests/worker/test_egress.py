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
    deadline, method = options.pop("deadline", 5.0), options.pop("method", "POST")

    async def run() -> Answer:
        egress = Egress(environment, policy=policy, **options)
        try:
            return await egress.send(method, url, {"webhook-id": "evt_1"}, b"{}", deadline)
        finally:
            await egress.close()

    return asyncio.run(run())


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_address_is_reached_when_public(text: str):
    assert PUBLIC_ONLY.may_reach(Address(text)) is True


def test_post_uses_the_checked_address_when_the_name_is_rebound(receiver: Receiver):
    asked = []

    def rebinding(host: str, _port: int) -> list[Address]:
        asked.append(host)
        return [Address("127.0.0.1" if len(asked) == 1 else "10.0.0.1")]

    answer = post(f"http://rebind.test:{receiver.port}/hook?x=1", LOOPBACK, resolve=rebinding)
    assert (answer.status, answer.reason, asked) == (200, "ok", ["rebind.test"])
    assert receiver.requests[0].headers["host"] == f"rebind.test:{receiver.port}"
    assert receiver.requests[0].path == "/hook?x=1"


def test_post_times_each_step_when_a_connection_is_new_and_the_last_one_when_it_is_not(receiver: Receiver):
    async def twice() -> list[Answer]:
        egress = Egress(Environment.SANDBOX, policy=LOOPBACK, resolve=lambda _h, _p: [Address("127.0.0.1")])
        try:
            return [await egress.send("POST", f"http://name.test:{receiver.port}/", {}, b"{}") for _ in range(2)]
        finally:
            await egress.close()

    first, second = asyncio.run(twice())
    assert (list(first.timings), list(second.timings)) == (["dns", "connect", "first_byte"], ["first_byte"])
    assert sum(first.timings.values()) <= first.duration_ms + 2


def test_post_uses_no_proxy_when_the_environment_names_one(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(receiver.url, LOOPBACK).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_send_keeps_method_and_path_as_they_are(receiver: Receiver, method: str):
    answer = post(f"{receiver.url}/6f1c%2F1/a%20b?x=%C3%B3", LOOPBACK, method=method)
    [request] = receiver.requests
    assert (answer.status, request.method, request.path, request.body) == (200, method, "/hook/6f1c%2F1/a%20b?x=%C3%B3", b"{}")


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
    server_side, trust = certificate(tmp_path, "hooks.test")
    with receiving(server_side) as receiver:
        resolve = lambda _host, _port: [Address("127.0.0.1")]  # noqa: E731
        right = post(f"https://hooks.test:{receiver.port}/", LOOPBACK, resolve=resolve, tls=trust)
        wrong = post(f"https://other.test:{receiver.port}/", LOOPBACK, resolve=resolve, tls=trust)
        untrusted = post(f"https://hooks.test:{receiver.port}/", LOOPBACK, resolve=resolve)
    assert (right.reason, wrong.reason, untrusted.reason) == ("ok", "tls", "tls")
    assert list(right.timings) == ["dns", "connect", "tls", "first_byte"]
    assert receiver.requests[0].headers["host"] == f"hooks.test:{receiver.port}"
    assert len(receiver.requests) == 1


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
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
