"""Requests no OAuth client sends, made by chance from ones that clients do send; the same number makes the same request.

`python -m tests.hostile.oauth 5000 --seed 7` sends that many to an application of its own and counts the answers.
"""

import argparse
import json
import logging
import sys
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote_plus

from flask import Flask
from werkzeug.test import TestResponse

from accounts.oauth.service import DEVICE_CODE
from accounts.oauth.service import IssuedClient
from bootstrap import create_app
from kit.planes import planes
from tests.api.authorizing import alone
from tests.api.authorizing import new_person
from tests.portal.browsing import Visitor
from tests.support.oauth import CALLBACK
from tests.support.oauth import VERIFIER
from tests.support.oauth import parameters_of
from tests.support.planes import running_services
from tests.support.proofs import Holder

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NASTY = (
    "", " ", "\x00", "é", "\u202e", "😀", '"', "\\", "'", "%", "%zz", "\r\nSet-Cookie: a=b", "a" * 2001, "a b  c", "null", "[]",
    "{}", "<script>", "../..", "https://evil.example/", "javascript:alert(1)", CALLBACK + "@evil.example", CALLBACK + "#x",
    "\ud800", "*", "code token", "plain", "client_credentials", "authorization_code", "refresh_token", "password",
    "orders:read orders:fly", "tp_test_at_" + "0" * 57, "tp_test_rt_" + "A" * 57, "S256", "none", "\t", "\x7f", "0", "-1",
    "1e309", "true",
)  # fmt: skip
GRANTS = {
    "authorization_code": {"code": "x" * 43, "redirect_uri": CALLBACK, "code_verifier": VERIFIER},
    "refresh_token": {"refresh_token": "tp_test_rt_" + "0" * 57},
    "client_credentials": {"scope": "orders:read"},
    DEVICE_CODE: {"device_code": "x" * 43},
}
ENDPOINTS = ("token", "token", "par", "device_authorization", "revoke", "introspect")
ERRORS = {
    "invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client", "unsupported_grant_type",
    "unsupported_response_type", "request_not_supported", "invalid_dpop_proof", "use_dpop_nonce",
}  # fmt: skip
SENT_ON = ("/login?next=/", "https://app.example/cb?from=tableport&")
HOLDER = Holder()


@dataclass(frozen=True)
class Odd:
    """One request: what Flask's test client is given."""

    method: str
    path: str
    options: dict[str, Any]


def odd_request(number: int, *, client_id: str, secret: str) -> Odd:
    """The request of this number, by or about this client."""
    chance = Random(number)
    asked = parameters_of(client_id)
    if chance.random() < 0.3:
        referred = {"client_id": client_id, "request_uri": "urn:ietf:params:oauth:request_uri:x"}
        query = _spelled(chance, _changed(chance, chance.choice((asked, asked, referred))))
        return Odd(chance.choice(("GET", "GET", "POST", "HEAD", "PUT")), f"/oauth/authorize?{query}", {})
    if chance.random() < 0.05:
        return Odd(chance.choice(("GET", "POST")), f"/device?user_code={_quoted(chance.choice(NASTY))}", {})
    grant, endpoint = chance.choice(tuple(GRANTS)), chance.choice(ENDPOINTS)
    meant = asked if endpoint == "par" else {"grant_type": grant, **GRANTS[grant], "token": "x"}
    sent = {**meant, "client_id": client_id, "client_secret": secret}
    pairs, headers = _changed(chance, sent), _headers(chance, client_id, secret)
    body: Any = _spelled(chance, pairs)
    kind = chance.choice((FORM, FORM, FORM, JSON, "text/plain", "multipart/form-data; boundary=x", FORM + "; charset=utf-16"))
    if kind == JSON:
        body = json.dumps({name: chance.choice((value, value, [value], 1, None, {"a": value})) for name, value in pairs})
    if chance.random() < 0.1:
        body = chance.randbytes(chance.choice((1, 50, 9000)))
    query = "?" + _spelled(chance, pairs[:1]) if chance.random() < 0.1 else ""
    method = "POST" if chance.random() < 0.95 else chance.choice(("GET", "PUT", "DELETE", "PATCH", "OPTIONS"))
    return Odd(method, f"/oauth/{endpoint}{query}", {"data": body, "content_type": kind, "headers": headers})


class Target:
    """An application to send odd requests to: the endpoints for machines alone, pages to a stranger and to a person."""

    def __init__(self, app: Flask) -> None:
        uses = ["client_credentials", "authorization_code", "refresh_token", DEVICE_CODE]
        self._issued: IssuedClient = new_person().register(grant_types=uses)
        self._machines = alone()
        person = Visitor(app)
        person.sign_up()
        self._people = (Visitor(app).client, person.client)

    def send(self, number: int) -> tuple[TestResponse, str]:
        """The answer to the request of a number, and what is wrong with it; nothing when it is in order."""
        odd = odd_request(number, client_id=self._issued.client.id, secret=self._issued.secret)
        is_page = odd.path.startswith(("/oauth/authorize", "/device"))
        client = self._people[number % 2] if is_page else self._machines
        answer = client.open(odd.path, method=odd.method, **odd.options)
        return answer, (_wrong_with_page if is_page else _wrong_with_machine)(answer)


def _wrong_with_page(answer: TestResponse) -> str:
    if answer.status_code not in (200, 302, 303, 400, 404, 405, 429):
        return f"status {answer.status_code}"
    if answer.location and not answer.location.startswith(SENT_ON):
        return f"leads to {answer.location}"
    return "" if answer.status_code in (302, 405) or "no-store" in answer.headers["Cache-Control"] else "may be stored"


def _wrong_with_machine(answer: TestResponse) -> str:
    if answer.status_code == 405 or answer.request.method == "OPTIONS":
        return ""
    if answer.status_code not in (200, 201, 400, 401, 413, 415):
        return f"status {answer.status_code}"
    if "no-store" not in answer.headers["Cache-Control"]:
        return "may be stored"
    return "" if answer.status_code < 300 or answer.json["error"] in ERRORS else f"error {answer.json['error']}"


def _changed(chance: Random, parameters: dict[str, str]) -> list[tuple[str, str]]:
    pairs = list(parameters.items())
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        index = chance.randrange(len(pairs)) if pairs else 0
        way = chance.randrange(5) if pairs else 4
        if way == 0:
            del pairs[index]
        elif way == 1:
            pairs.append(pairs[index])
        elif way == 2:
            pairs[index] = (pairs[index][0], chance.choice(NASTY))
        elif way == 3:
            pairs[index] = (pairs[index][0], pairs[index][1] + chance.choice(NASTY))
        else:
            pairs.append((chance.choice((*NASTY, "resource", "request", "prompt", "application")), chance.choice(NASTY)))
    return pairs


def _spelled(chance: Random, pairs: list[tuple[str, str]]) -> str:
    text = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    odd = ("&&", "&=", "=", "&a", "%", "%ff", "&%00=%00", "&" + "a=1&" * 30)
    return text + chance.choice(odd) if chance.random() < 0.1 else text


def _quoted(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def _headers(chance: Random, client_id: str, secret: str) -> dict[str, str]:
    basic = (
        f"{client_id}:{secret}".encode(), b":", b"x", b"\xff:\xfe", f"{client_id}:é".encode(), b"\x00:\x00", b"a:" + b"b" * 3000,
    )  # fmt: skip
    lines = ("Basic " + b64encode(chance.choice(basic)).decode(), "Basic", "Basic !!!", "Bearer x", "Digest a=b", "basic  ", "\t")
    headers = {"Authorization": chance.choice(lines)} if chance.random() < 0.3 else {}
    if chance.random() < 0.15:
        text = chance.choice(NASTY).encode("utf-8", "replace").decode()
        claims = chance.choice(({}, {"htm": 1}, {"jti": text}, {"nonce": text}, {"nonce": {}}, {"iat": text}, {"htu": text}))
        proof = HOLDER.proof("POST", "https://tableport.example/oauth/token", **claims).split(".")
        ways = (proof, proof[:2], [proof[0], "e30", proof[2]], [*proof, "x"], ["bnVsbA", "", ""])
        headers["DPoP"] = ".".join(chance.choice(ways))
    return headers


def main() -> int:
    """Send requests and count the answers; 1 when one was out of order."""
    parser = argparse.ArgumentParser(description="Odd OAuth requests against an application of its own")
    parser.add_argument("count", type=int, nargs="?", default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    logging.disable(logging.INFO)  # the platform's own words, one line for each refusal
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    with running_services(given.database) as settings:
        target = Target(create_app(settings))
        for number in range(given.count):
            answer, problem = target.send(given.seed * 1_000_000 + number)
            seen[answer.status_code] += 1
            wrong += [f"{given.seed * 1_000_000 + number}: {problem}"] if problem else []
        planes.dispose()
    counts = ", ".join(f"{count} × {status}" for status, count in sorted(seen.items()))
    sys.stdout.write("\n".join([*wrong, f"{given.count} requests, seed {given.seed}: {counts}; {len(wrong)} out of order", ""]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
