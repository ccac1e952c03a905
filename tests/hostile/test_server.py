"""Hostile requests that only a real server meets: broken framing, no length, headers without an end."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from benchmarks.stack import Stack

MIB = 1024 * 1024


@pytest.fixture
def key(stack: Stack) -> str:
    return str(stack.demo["credentials"]["tm.full"]["headers"]["Authorization"])


@pytest.fixture
def client(stack: Stack, key: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, headers={"Authorization": key}, timeout=5) as client:
        yield client


def two_mebibytes() -> Iterator[bytes]:
    """A body in chunks, so that no length is announced."""
    yield b'{"notes":"'
    for _ in range(32):
        yield b"x" * (2 * MIB // 32)
    yield b'"}'


def exchange(stack: Stack, request: bytes) -> bytes:
    """Send raw bytes and return the answer's first line, empty when the server just closes."""
    address = urlsplit(stack.url)
    with socket.create_connection((address.hostname, address.port), timeout=15) as connection:
        try:
            connection.sendall(request)
            return connection.makefile("rb").readline()
        except ConnectionError:
            return b""


def state(client: httpx.Client) -> dict[str, object]:
    return client.get("/sandbox/v1/state").json()


@pytest.mark.parametrize("is_chunked", [True, False], ids=["chunked", "announced"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/v1/orders", 413), ("POST", "/v1/nothing", 404), ("PUT", "/v1/orders", 405), ("POST", "/healthz", 405)],
    ids=lambda value: str(value).replace("/", "-"),
)
def test_body_of_two_mebibytes_when_sent_again_on_one_connection_is_refused_each_time(
    method: str, path: str, status: int, is_chunked: bool, client: httpx.Client
) -> None:
    before = state(client)
    for _ in range(10):
        body = two_mebibytes() if is_chunked else b"".join(two_mebibytes())
        response = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert response.status_code == status
    assert state(client) == before


def test_chunked_body_of_two_mebibytes_when_sent_gets_a_problem_document(client: httpx.Client) -> None:
    response = client.post("/v1/orders", content=two_mebibytes(), headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (413, "payload_too_large")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_body_when_the_credential_is_wrong_leaves_the_connection_usable(stack: Stack) -> None:
    with httpx.Client(base_url=stack.url, timeout=5) as stranger:
        answers = [stranger.post("/v1/orders", content=b"x" * (2 * MIB)).status_code for _ in range(6)]
    assert answers == [401] * 6


def test_announced_length_of_two_mebibytes_when_sent_is_refused_before_the_body_is_sent(stack: Stack, key: str) -> None:
    head = f"POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nContent-Type: application/json\r\n"
    line = exchange(stack, f"{head}Content-Length: {2 * MIB}\r\n\r\n".encode())
    assert line.split()[1] == b"413"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET /v1/orders HTTP/1.1\r\nHost: x\r\nX-Huge: " + b"h" * (8 * MIB) + b"\r\n\r\n",
        b"GET /v1/orders HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(2000)) + b"\r\n",
        b"GET /v1/orders\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\xff\xfe\x00 nonsense\r\n\r\n",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
        b"POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["huge-header", "2000-headers", "nul-in-path", "not-http", "two-lengths", "negative-length", "bad-chunk"],
)
def test_framing_when_broken_is_refused_and_the_server_goes_on(
    request_bytes: bytes, stack: Stack, client: httpx.Client
) -> None:
    line = exchange(stack, request_bytes)
    assert not line or line.split()[1].startswith(b"4")
    assert client.get("/v1/me").status_code == 200


def test_chunked_body_when_small_is_read_like_any_other(client: httpx.Client) -> None:
    body = json.dumps({"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger"}]}).encode()
    response = client.post("/v1/orders/preview", content=iter([body]), headers={"Content-Type": "application/json"})
    assert response.status_code == 200
