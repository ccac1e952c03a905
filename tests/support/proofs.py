"""A client that holds a key and proves it (DPoP, RFC 9449), well or badly."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from dataclasses import field
from hashlib import sha256
from itertools import count
from time import time
from typing import Any

import orjson
from joserfc import jwk
from joserfc import jws
from werkzeug.test import TestResponse

_numbers = count(1)


@dataclass
class Holder:
    """One key, and the nonce its owner was told last."""

    key: Any = field(default_factory=lambda: jwk.ECKey.generate_key("P-256"))
    alg: str = "ES256"
    nonce: str = ""

    @property
    def jkt(self) -> str:
        return str(self.key.thumbprint())

    def proof(self, method: str, url: str, token: str = "", *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """A proof for one request; a change of None leaves a claim or a header out."""
        claims = {
            "htm": method, "htu": url, "jti": f"proof-{next(_numbers)}", "iat": int(time()), "nonce": self.nonce or None,
            "ath": hash_of(token) if token else None,
        } | changes  # fmt: skip
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.key.as_dict(private=False)} | (header or {})
        text = f"{encoded(_given(head))}.{encoded(_given(claims))}"
        # Signed past the library's checks, which would not write some of the headers that are wanted here.
        signature = jws.JWSRegistry.algorithms[self.alg].sign(text.encode(), self.key)
        return f"{text}.{_base64(signature)}"

    def learn(self, answer: TestResponse) -> TestResponse:
        """Keep the nonce an answer carries."""
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer


def hash_of(token: str) -> str:
    return _base64(sha256(token.encode()).digest())


def encoded(part: Any) -> str:
    return _base64(orjson.dumps(part))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
