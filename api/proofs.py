"""Proofs that a client holds the key its token is bound to: DPoP (RFC 9449), one signed JWT for one request.

Only the signature's algorithm and key come from the proof itself; everything else it must say is known beforehand.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import orjson
from joserfc import jwk
from joserfc import jws
from joserfc.errors import JoseError

from api.replays import replays
from kit.errors import Unauthenticated

ALGORITHMS = {"ES256": ("EC", "P-256"), "Ed25519": ("OKP", "Ed25519"), "PS256": ("RSA", None)}  # → kty and crv of the key
PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth", "k"))
RSA_BITS = (2048, 4096)  # the upper bound keeps one signature cheap to check
LONGEST = 4096
LONGEST_CLAIM = 256
PORTS = {"http": 80, "https": 443}


class _Registry(jws.JWSRegistry):
    """What joserfc lets through; the usual 512 characters hold no RSA key."""

    max_header_length = LONGEST


_registry = _Registry(algorithms=list(ALGORITHMS))


class InvalidProof(Unauthenticated):
    code, title = "invalid_dpop_proof", "The proof of the token's key is missing or wrong"


class NonceNeeded(Unauthenticated):
    """nonce: what the next proof must carry; sent as the header DPoP-Nonce."""

    code, title = "use_dpop_nonce", "The proof must carry a nonce of this server"
    nonce = ""


@dataclass(frozen=True, slots=True)
class _Read:
    """What a proof with a right signature says. jkt: SHA-256 thumbprint of its key (RFC 7638)."""

    jkt: str
    claims: dict[str, Any]


def check_proof(text: str | None, *, method: str, url: str, token: str | None = None) -> str:
    """The thumbprint of the key a proof shows its sender to hold. The proof is used up.

    method, url: of the request it came with, the URL without its query. token: the access token it came with, None at the token
    endpoint. Raises InvalidProof or NonceNeeded (401), redis.RedisError when used proofs cannot be remembered.
    """
    read = _read(text)
    claims = read.claims
    jti, nonce = claims.get("jti"), claims.get("nonce", "")
    if claims.get("htm") != method or not _is_same_place(claims.get("htu"), url):
        raise InvalidProof(f"htm and htu of the proof must name this request: {method} {url}.")
    if not (isinstance(jti, str) and 0 < len(jti) <= LONGEST_CLAIM):
        raise InvalidProof(f"The proof needs a jti of at most {LONGEST_CLAIM} characters.")
    # The nonce tells when the proof was made: the clock of a device is often wrong.
    if not isinstance(claims.get("iat"), int | float):
        raise InvalidProof("The proof needs an iat, the time of its making in seconds.")
    if token is not None and not _is_hash_of(claims.get("ath"), token):
        raise InvalidProof("ath of the proof must be the SHA-256 of the access token it comes with.")
    is_new = replays.take(nonce, f"{read.jkt}\n{jti}") if isinstance(nonce, str) and len(nonce) <= LONGEST_CLAIM else None
    if is_new is None:
        needed = NonceNeeded("Make a new proof with the nonce of the header DPoP-Nonce, and send the request again.")
        needed.nonce = replays.new_nonce()
        raise needed
    if not is_new:
        raise InvalidProof("This proof was used before; make a new one, with a jti of its own, for each request.")
    return read.jkt


def ensure_holder(text: str | None, *, jkt: str, method: str, url: str, token: str) -> None:
    """Let nobody use a bound token who does not hold its key. Raises like check_proof."""
    if not hmac.compare_digest(check_proof(text, method=method, url=url, token=token), jkt):
        raise InvalidProof("The proof was made with another key than the one the access token is bound to.")


def _read(text: str | None) -> _Read:
    if not text:
        raise InvalidProof("This token is bound to a key: send a proof of it in the header DPoP.")
    if len(text) > LONGEST:
        raise InvalidProof(f"A proof has at most {LONGEST} characters.")
    try:
        signed = jws.extract_compact(text.encode(), registry=_registry)
        key = _key_of(signed.headers())
        is_right = jws.validate_compact(signed, key, registry=_registry)
        claims = orjson.loads(signed.payload) if is_right else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidProof("The proof is no JWT that is signed with the key in its header.") from error
    if not isinstance(claims, dict):
        raise InvalidProof("The signature of the proof is wrong, or its payload no JSON object.")
    return _Read(key.thumbprint(), claims)


def _key_of(head: dict[str, Any]) -> Any:
    """The public key in a proof's header. Raises InvalidProof or ValueError for one that is not fit for its algorithm."""
    algorithm, public = head.get("alg"), head.get("jwk", {})
    if head.get("typ") != "dpop+jwt" or algorithm not in ALGORITHMS:
        raise InvalidProof(f"The header of a proof has typ dpop+jwt and alg {', '.join(ALGORITHMS)}.")
    if (public.get("kty"), public.get("crv")) != ALGORITHMS[algorithm] or public.keys() & PRIVATE:
        raise InvalidProof("jwk in the header of the proof must be the public key that fits its alg, and no private one.")
    key: Any = jwk.import_key(public)
    if algorithm == "PS256" and not RSA_BITS[0] <= key.raw_value.key_size <= RSA_BITS[1]:
        raise InvalidProof(f"An RSA key has {RSA_BITS[0]} to {RSA_BITS[1]} bits.")
    return key


def _is_same_place(htu: Any, url: str) -> bool:
    """Whether two URLs lead to the same place: query and fragment do not count, nor how the rest is spelled (section 4.3)."""
    try:
        return isinstance(htu, str) and len(htu) <= LONGEST and _place(htu) == _place(url)
    except ValueError:
        return False


def _place(url: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme), unquote(parts.path) or "/"


def _is_hash_of(ath: Any, token: str) -> bool:
    right = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    return isinstance(ath, str) and hmac.compare_digest(ath.encode(), right.encode())
