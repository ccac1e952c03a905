"""Credentials and recoverable secrets.

A credential is `<prefix>_<live|test>_<kind>_` + 8 key-id characters + 43 secret characters (256 bit) + 6 characters CRC-32,
all base62; only its HMAC-SHA-256 under the pepper is stored. A secret we must read again (webhook signing secrets) is
sealed with AES-256-GCM under its own data key, bound to the row it belongs to. Sources: GitHub's token format (prefix and
checksum), OWASP ASVS 5 chapter 11.
"""

import hashlib
import hmac
import json
import re
import secrets
from base64 import b64decode
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KINDS = ("sk", "rk", "at", "rt", "cs")
PRIVATE_KEY = "whsk_"  # what a signing secret that is an ed25519 key begins with
NOT_HERE = "sealed secret does not belong to this place or key"
KID_CHARS, SECRET_CHARS, CHECK_CHARS = 8, 43, 6
CREDENTIAL = re.compile(
    rf"(?:tp_(?:live|test)_(?:{'|'.join(KINDS)})|(?:ts|ot)_(?:live|test))_"
    rf"[0-9A-Za-z]{{{KID_CHARS + SECRET_CHARS + CHECK_CHARS}}}"
)


@dataclass(frozen=True)
class Credential:
    """A parsed credential. `head` is everything before the key id, e.g. `tp_test_sk_`."""

    head: str
    kid: str
    text: str

    @property
    def is_live(self) -> bool:
        return "_live_" in self.head

    @property
    def last4(self) -> str:
        return self.text[-4:]


def mint(head: str) -> Credential:
    """Create a new credential with the given head (`tp_test_sk_`, `ts_live_`, …)."""
    kid = _base62(secrets.randbits(64), KID_CHARS)
    body = head + kid + _base62(secrets.randbits(256), SECRET_CHARS)
    return Credential(head, kid, body + _checksum(body))


def parse(text: str) -> Credential | None:
    """Split a credential, or return None when its form or checksum is wrong (saves a database read for garbage)."""
    if not CREDENTIAL.fullmatch(text) or _checksum(text[:-CHECK_CHARS]) != text[-CHECK_CHARS:]:
        return None
    cut = len(text) - KID_CHARS - SECRET_CHARS - CHECK_CHARS
    return Credential(text[:cut], text[cut : cut + KID_CHARS], text)


def digest(pepper: str, text: str) -> str:
    """The stored form of a credential, token or session id: versioned HMAC-SHA-256 under the pepper."""
    return "1$" + hmac.new(pepper.encode(), text.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two digests in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def redact(text: str) -> str:
    """Replace every credential and webhook secret in a text by its recognisable head."""
    text = CREDENTIAL.sub(lambda match: match.group()[: -SECRET_CHARS - CHECK_CHARS] + "…", text)
    return re.sub(r"(whs(?:ec|k)_)[A-Za-z0-9+/=]{8,}", r"\1…", text)


def signing_secret() -> str:
    """A webhook signing secret in Standard Webhooks form: whsec_ + base64 of 32 random bytes."""
    return "whsec_" + _b64(secrets.token_bytes(32))


def signing_key() -> tuple[str, str]:
    """A new ed25519 key pair that signs webhooks: (private key, public key).

    whsk_ + base64 of the 32-byte seed and the 32-byte public key after it; whpk_ + base64 of the public key. Source:
    Standard Webhooks, "Signature scheme" (v1a).
    """
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return "whsk_" + _b64(private.private_bytes_raw() + public), "whpk_" + _b64(public)


def hmac_key(secret: str) -> bytes:
    """The key of a signing secret: the 24 to 64 bytes behind `whsec_`; of any other text its own bytes."""
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    return key if secret.startswith("whsec_") and 24 <= len(key) <= 64 else secret.encode()


@lru_cache(maxsize=2048)
def private_key(secret: str) -> Ed25519PrivateKey:
    """The key of a secret `whsk_` + base64 of 32 bytes seed and the 32 bytes of its public key. Raises ValueError."""
    try:
        raw = b64decode(secret.removeprefix(PRIVATE_KEY), validate=True)
        key = Ed25519PrivateKey.from_private_bytes(raw[:32])
    except ValueError:
        raise ValueError("no private key") from None  # what the decoder says may tell of the key
    if raw[32:] != key.public_key().public_bytes_raw():
        raise ValueError("no private key: its halves do not belong together")
    return key


class SecretBox:
    """Seals recoverable secrets. Each gets a fresh data key, wrapped under the master key named by `key_id`.

    old_keys: id → master key; they open what was sealed under them and seal nothing any more.
    """

    def __init__(self, master_key: str, key_id: str = "k1", old_keys: Mapping[str, str] | None = None) -> None:
        keys = {**(old_keys or {}), key_id: master_key}
        self._masters = {
            name: AESGCM(hashlib.sha256(b"seal:" + key.encode()).digest()) for name, key in keys.items()
        }  # fmt: skip
        self._key_id = key_id

    @property
    def key_id(self) -> str:
        """The master key that seals."""
        return self._key_id

    def seal(self, secret: str, *place: str) -> str:
        """Encrypt `secret` for one place (plane, tenant, table, row id, column). Opening it elsewhere fails."""
        bound, data_key, nonce = _bound(place), AESGCM.generate_key(256), secrets.token_bytes(12)
        sealed = {"n": _b64(nonce), "ct": _b64(AESGCM(data_key).encrypt(nonce, secret.encode(), bound))}
        return self._wrapped(data_key, sealed, bound)

    def open(self, sealed: str, *place: str) -> str:
        """Decrypt. Raises ValueError when the record was altered, moved to another row or sealed under another key."""
        record, bound = json.loads(sealed), _bound(place)
        data_key = self._unwrapped(record, bound)
        try:
            return AESGCM(data_key).decrypt(b64decode(record["n"]), b64decode(record["ct"]), bound).decode()
        except InvalidTag as error:
            raise ValueError(NOT_HERE) from error

    def rewrap(self, sealed: str, *place: str) -> str:
        """The same secret with its data key under the current master key; what it encrypts is left as it is.

        Raises ValueError like `open`.
        """
        record, bound = json.loads(sealed), _bound(place)
        return self._wrapped(self._unwrapped(record, bound), {name: record[name] for name in ("n", "ct")}, bound)

    def _wrapped(self, data_key: bytes, sealed: dict[str, str], bound: bytes) -> str:
        nonce = secrets.token_bytes(12)
        wrapped = self._masters[self._key_id].encrypt(nonce, data_key, bound)
        record = {"v": 1, "kid": self._key_id, "wn": _b64(nonce), "wk": _b64(wrapped), **sealed}
        return json.dumps(record, separators=(",", ":"))

    def _unwrapped(self, record: dict[str, str], bound: bytes) -> bytes:
        master = self._masters.get(record["kid"])
        if master is None:
            raise ValueError(NOT_HERE)
        try:
            return master.decrypt(b64decode(record["wn"]), b64decode(record["wk"]), bound)
        except InvalidTag as error:
            raise ValueError(NOT_HERE) from error


def _bound(place: tuple[str, ...]) -> bytes:
    return json.dumps(place).encode()


def _b64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _checksum(body: str) -> str:
    return _base62(crc32(body.encode()), CHECK_CHARS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, index = divmod(number, 62)
        digits.append(BASE62[index])
    return "".join(reversed(digits))


class Vault:
    """The installation's own secrets, set once at start: the pepper of digests and the box of recoverable secrets."""

    def __init__(self) -> None:
        self._pepper = ""
        self._box: SecretBox | None = None

    def configure(
        self, *, pepper: str, master_key: str, key_id: str = "k1", old_keys: Mapping[str, str] | None = None
    ) -> None:
        self._pepper = pepper
        self._box = SecretBox(master_key, key_id, old_keys)

    @property
    def box(self) -> SecretBox:
        if self._box is None:
            raise RuntimeError("the vault is not configured")
        return self._box

    def digest(self, text: str) -> str:
        """The stored form of a credential, token or session id under this installation's pepper."""
        if not self._pepper:
            raise RuntimeError("the vault is not configured")
        return digest(self._pepper, text)


vault = Vault()
