"""Requests no OAuth client sends, made by chance from ones that clients do send; the same number makes the same request."""

import json
from base64 import b64encode
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote_plus

from tests.support.oauth import CALLBACK
from tests.support.oauth import VERIFIER
from tests.support.oauth import challenge_of

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
}


@dataclass(frozen=True)
class Odd:
    """One request: what Flask's test client is given."""

    method: str
    path: str
    options: dict[str, Any]


def odd_request(number: int, *, client_id: str, secret: str) -> Odd:
    """The request of this number, by or about this client."""
    chance = Random(number)
    if chance.random() < 0.4:
        asked = {
            "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "orders:read", "state": "x",
            "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
        }  # fmt: skip
        query = _spelled(chance, _changed(chance, asked))
        return Odd(chance.choice(("GET", "GET", "POST", "HEAD")), f"/oauth/authorize?{query}", {})
    grant = chance.choice(tuple(GRANTS))
    sent = {"grant_type": grant, **GRANTS[grant], "client_id": client_id, "client_secret": secret, "token": "x"}
    pairs, headers = _changed(chance, sent), _headers(chance, client_id, secret)
    body: Any = _spelled(chance, pairs)
    kind = chance.choice((FORM, FORM, FORM, JSON, "text/plain", "multipart/form-data; boundary=x", FORM + "; charset=utf-16"))
    if kind == JSON:
        body = json.dumps({name: chance.choice((value, value, [value], 1, None, {"a": value})) for name, value in pairs})
    if chance.random() < 0.1:
        body = chance.randbytes(chance.choice((1, 50, 9000)))
    path = chance.choice(("/oauth/token", "/oauth/token", "/oauth/revoke", "/oauth/introspect"))
    query = "?" + _spelled(chance, pairs[:1]) if chance.random() < 0.1 else ""
    return Odd("POST", path + query, {"data": body, "content_type": kind, "headers": headers})


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
    return {"Authorization": chance.choice(lines)} if chance.random() < 0.3 else {}
