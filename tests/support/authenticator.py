"""An authenticator made of software: answers what a page asks of a passkey, as a browser and a device together do."""

import json
import secrets
from hashlib import sha256
from typing import Any

import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers import encode_cbor

from kit.clock import now

PRESENT, VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


class SoftKey:
    """One passkey of one person. origin: where the browser says it is. is_verified: whether the device asked for a PIN."""

    def __init__(self, origin: str = "http://localhost:8000", *, is_verified: bool = True) -> None:
        self.origin, self.count = origin, 0
        self._flags = PRESENT | (VERIFIED if is_verified else 0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self._user = ""

    def create(self, options: str) -> str:
        """Answer a request for a new passkey."""
        asked = json.loads(options)
        self._user = asked["user"]["id"]
        point = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(cose)
        data = self._data(asked["rp"]["id"], HAS_CREDENTIAL) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer("webauthn.create", asked, {"attestationObject": bytes_to_base64url(attestation)})

    def get(self, options: str, *, count: int | None = None) -> str:
        """Answer a request for proof. count: what the counter says, when it does not simply go on."""
        asked = json.loads(options)
        self.count = self.count + 1 if count is None else count
        data = self._data(asked["rpId"], 0)
        signed = data + sha256(self._client_data("webauthn.get", asked)).digest()
        signature = self._key.sign(signed, ec.ECDSA(SHA256()))
        return self._answer("webauthn.get", asked, {
            "authenticatorData": bytes_to_base64url(data), "signature": bytes_to_base64url(signature),
            "userHandle": self._user,
        })  # fmt: skip

    def _data(self, party: str, more: int) -> bytes:
        return sha256(party.encode()).digest() + bytes([self._flags | more]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, kind: str, asked: dict[str, Any], response: dict[str, Any]) -> str:
        shown = bytes_to_base64url(self.id)
        client_data = bytes_to_base64url(self._client_data(kind, asked))
        return json.dumps({
            "id": shown, "rawId": shown, "type": "public-key", "clientExtensionResults": {},
            "response": {**response, "clientDataJSON": client_data},
        })  # fmt: skip


def codes_at(seed: str, *steps: int) -> list[str]:
    """Codes an authenticator app shows, so many half minutes from now."""
    totp = pyotp.TOTP(seed)
    return [totp.at(now(), counter_offset=step) for step in steps]
