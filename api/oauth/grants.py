"""The ways to get a token, each exchanged once. A token is bound to the key a client proves with its request (RFC 9449)."""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceCodeGrant
from flask import request

from accounts.oauth import codes
from accounts.oauth import devices
from accounts.oauth import refreshing
from accounts.oauth import service as oauth
from accounts.oauth.devices import Outcome
from accounts.oauth.grants import find_live_grant
from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.models import RefreshToken
from accounts.oauth.refreshing import hold_grant
from api.addresses import base_url
from api.oauth.server import METHODS
from api.oauth.server import SECRET_METHODS
from api.oauth.server import Client
from api.oauth.server import sent_back
from api.oauth.server import server
from api.proofs import InvalidProof
from api.proofs import NonceNeeded
from api.proofs import check_proof
from api.replays import replays
from kit.ids import new_id

OUTCOMES = {
    Outcome.PENDING: "Nobody has decided yet.",
    Outcome.TOO_EARLY: f"Wait {devices.SLOWER_S} seconds longer between two questions from now on.",
    Outcome.DENIED: "The person refused.",
    Outcome.EXPIRED: "Nobody has decided in time; begin again.",
    Outcome.UNKNOWN: "The device code is unknown or was used before.",
}


class ProofRefused(OAuth2Error):
    """A proof that is missing or wrong, or lacks the nonce told here (RFC 9449, sections 5 and 8)."""

    def __init__(self, error: InvalidProof | NonceNeeded) -> None:
        super().__init__(error.detail, error=error.code, status_code=400)
        self._nonce = error.nonce if isinstance(error, NonceNeeded) else ""

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), *([("DPoP-Nonce", self._nonce)] if self._nonce else [])]


def proved_key(client: OAuthClient, *, path: str = "/oauth/token") -> str | None:
    """Thumbprint of the key this request proves its sender to hold; None when it came without a proof and needs none."""
    proof = request.headers.get("DPoP")
    if proof is None and not client.is_bound_only:
        return None
    try:
        return check_proof(proof, method="POST", url=base_url() + path)
    except (InvalidProof, NonceNeeded) as error:
        raise ProofRefused(error) from error


def _told(text: str, lasts_s: int, scopes: list[str], jkt: str | None) -> dict[str, Any]:
    kind = "Bearer" if jkt is None else "DPoP"
    return {"token_type": kind, "access_token": text, "expires_in": lasts_s, "scope": " ".join(scopes)}


def _answer(told: dict[str, Any], jkt: str | None) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
    """The answer with a token; whoever proves a key gets the nonce of the next proof along."""
    return 200, told, [] if jkt is None else [("DPoP-Nonce", replays.new_nonce())]


def _begun(client: Client, *, grant_id: str, scopes: list[str], family_id: str, jkt: str | None) -> dict[str, Any]:
    """The first tokens of a family."""
    text, lasts_s = oauth.issue_token(client.row, scopes=scopes, grant_id=grant_id, family_id=family_id, jkt=jkt)
    told = _told(text, lasts_s, scopes, jkt)
    if client.check_grant_type("refresh_token"):
        told["refresh_token"] = refreshing.begin(client.row, scopes=scopes, grant_id=grant_id, family_id=family_id, jkt=jkt)
    return told


class ClientCredentials(grants.ClientCredentialsGrant):
    """A client acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def validate_requested_scope(self) -> None:
        allowed = self.request.client.get_allowed_scope(self.request.payload.scope)
        if allowed is None:
            raise InvalidScopeError("The client does not hold every requested scope.")
        self.request.scope = allowed

    def create_token_response(self) -> Any:
        client, scopes = self.request.client.row, self.request.scope.split(" ")
        jkt = proved_key(client)
        text, lasts_s = oauth.issue_token(client, scopes=scopes, jkt=jkt)
        return _answer(_told(text, lasts_s, scopes, jkt), jkt)


class CodeGrant(grants.AuthorizationCodeGrant):
    """A person lets a client act for them; the client exchanges the code it is told once."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def create_authorization_response(self, redirect_uri: str, grant_user: OAuthGrant | None) -> Any:
        sent = self.request.payload.data
        state = {"state": self.request.payload.state} if self.request.payload.state else {}
        if grant_user is None:
            answer = {"error": "access_denied", "error_description": "The person refused.", **state}
        else:
            text = codes.issue_code(
                self.request.client.row, grant=grant_user, redirect_uri=redirect_uri, challenge=sent["code_challenge"],
                jkt=sent.get("dpop_jkt"),
            )  # fmt: skip
            answer = {"code": text, **state}
        return 303, "", [("Location", sent_back(redirect_uri, answer).location)]

    def query_authorization_code(self, code: str, client: Client) -> "Code | None":
        row = codes.find_code(client.row, text=code)
        return Code(row) if row else None

    def create_token_response(self) -> Any:
        client, code = self.request.client, self.request.authorization_code.row
        jkt = proved_key(client.row)
        if code.jkt is not None and code.jkt != jkt:
            raise InvalidGrantError("The code is bound to a key that this request does not prove.")
        if find_live_grant(grant_id=code.grant_id) is None or not codes.use_code(code):
            raise InvalidGrantError("The code was used before, or what it stands for was revoked.")
        return _answer(
            _begun(client, grant_id=code.grant_id, scopes=code.scopes, family_id=code.family_id, jkt=jkt), jkt
        )


class Code:
    """Authlib's view of an authorization code."""

    code_challenge_method = "S256"

    def __init__(self, row: AuthorizationCode) -> None:
        self.row = row
        self.code_challenge = row.challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri


class DeviceGrant(DeviceCodeGrant):
    """A client without a browser asks again and again until a person has decided elsewhere (RFC 8628, section 3.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_token_request(self) -> None:
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("The client is not registered for device codes.")
        if "device_code" not in self.request.form:
            raise InvalidRequestError("Send the parameter device_code.")
        self.request.client = client

    def create_token_response(self) -> Any:
        client = self.request.client
        jkt = proved_key(client.row)
        outcome, grant = devices.poll(client.row, device_code=self.request.form["device_code"])
        if outcome is not Outcome.GRANTED:
            raise OAuth2Error(OUTCOMES[outcome], error=outcome.value, status_code=400)
        if grant is None or find_live_grant(grant_id=grant.id) is None:
            raise InvalidGrantError("What the person granted was revoked.")
        hold_grant(grant.id)
        return _answer(_begun(client, grant_id=grant.id, scopes=grant.scopes, family_id=new_id("fam"), jkt=jkt), jkt)


class RefreshGrant(grants.RefreshTokenGrant):
    """A client goes on acting for a person. Each token is exchanged once, for a new one of the same family."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def _validate_request_token(self, client: Client) -> "Refresh":
        if "refresh_token" not in self.request.form:
            raise InvalidRequestError("Send the parameter refresh_token.")
        row = refreshing.find(client.row, text=self.request.form["refresh_token"])
        if row is None:
            raise InvalidGrantError("The refresh token is unknown, was used before, was revoked or has expired.")
        return Refresh(row)

    def create_token_response(self) -> Any:
        client: OAuthClient = self.request.client.row
        row, asked = self.request.refresh_token.row, self.request.payload.scope
        scopes = list(dict.fromkeys(asked.split())) if asked else row.scopes
        jkt = proved_key(client)
        if row.jkt is not None and row.jkt != jkt:
            raise InvalidGrantError("The refresh token is bound to a key that this request does not prove.")
        if find_live_grant(grant_id=row.grant_id) is None or not refreshing.use(row):
            raise InvalidGrantError("The refresh token was used before, or what it stands for was revoked.")
        text, lasts_s = oauth.issue_token(client, scopes=scopes, grant_id=row.grant_id, family_id=row.family_id, jkt=jkt)
        return _answer({**_told(text, lasts_s, scopes, jkt), "refresh_token": refreshing.succeed(client, row)}, jkt)


class Refresh:
    """Authlib's view of a refresh token."""

    def __init__(self, row: RefreshToken) -> None:
        self.row = row

    def get_scope(self) -> str:
        return " ".join(self.row.scopes)


class Challenge(CodeChallenge):
    """PKCE for every client, with S256 only (RFC 9700, section 2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        sent = grant.request.payload.data
        if not sent.get("code_challenge") or sent.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a code_challenge with the code_challenge_method S256 (PKCE).")
        super().validate_code_challenge(grant, redirect_uri)


server.register_grant(ClientCredentials)
server.register_grant(CodeGrant, [Challenge()])
server.register_grant(DeviceGrant)
server.register_grant(RefreshGrant)
