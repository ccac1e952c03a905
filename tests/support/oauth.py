"""Pieces of the authorization code flow that several tests need."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit

from accounts.applications.service import Side
from accounts.oauth.service import IssuedClient
from accounts.oauth.service import create_client

VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-0123456789"
CALLBACK = "https://app.example/cb?from=tableport"


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def register(side: Side, *, kind: str = "confidential", **options: object) -> IssuedClient:
    """A client that asks people; needs an open control unit."""
    chosen: dict[str, object] = {
        "name": "Loyalty for bistros", "scopes": ["orders:read", "orders:write", "menus:read"], "kind": kind,
        "grant_types": ["authorization_code"], "redirect_uris": [CALLBACK, "http://127.0.0.1/cb"],
    }  # fmt: skip
    return create_client(side, **chosen | options)  # type: ignore[arg-type]


def request_of(client_id: str, **changes: str | None) -> str:
    """The address of an authorization request; a change of None leaves the parameter out."""
    return "/oauth/authorize?" + urlencode(parameters_of(client_id, **changes))


def parameters_of(client_id: str, **changes: str | None) -> dict[str, str]:
    """The parameters of an authorization request; a change of None leaves one out."""
    parameters = {
        "response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "scope": "orders:read menus:read",
        "state": "xyz", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
    } | changes  # fmt: skip
    return {name: value for name, value in parameters.items() if value is not None}


@dataclass(frozen=True)
class Answer:
    """Where a person was sent back to, and what the client is told there."""

    address: str
    told: dict[str, str]


def answer_in(location: str) -> Answer:
    """Read a redirect to a client."""
    parts = urlsplit(location)
    return Answer(
        f"{parts.scheme}://{parts.netloc}{parts.path}", {name: values[0] for name, values in parse_qs(parts.query).items()}
    )
