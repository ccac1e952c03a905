"""The authorization server: Authlib's rules over the clients, grants, codes and tokens of accounts.oauth.

Nothing here opens a transaction: api.oauth does for machines, the consent page for people.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import Request
from flask import Response
from flask import current_app
from flask import redirect
from flask import request

from accounts.oauth import codes
from accounts.oauth import refreshing
from accounts.oauth import service as oauth
from accounts.oauth.grants import find_live_grant
from accounts.oauth.introspection import describe_token
from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.models import RefreshToken
from accounts.oauth.redirects import is_registered
from api.oauth_requests import CheckedRequest
from api.oauth_requests import body_parameters
from api.oauth_requests import url_parameters

SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
METHODS = [*SECRET_METHODS, "none"]  # none: a public client, which has no secret
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class Client(ClientMixin):
    """Authlib's view of a client. What it may do with whom it has proved to be is asked by the caller."""

    def __init__(self, row: OAuthClient) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.id

    def get_default_redirect_uri(self) -> None:
        """None: a request always names where it wants the person sent back to."""

    def get_allowed_scope(self, scope: str) -> str | None:
        """The scopes the request gets; None refuses it, because a scope is never silently dropped."""
        wanted = oauth.granted(self.row, scope or "")
        return None if wanted is None else " ".join(wanted)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_registered(redirect_uri, self.row.redirect_uris)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and "authorization_code" in self.row.grant_types

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return (method == "none") == (self.row.kind == "public") and method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row.grant_types


class Server(AuthorizationServer):
    """Authlib's server on our requests, clients and answers."""

    def query_client(self, client_id: str) -> Client | None:
        row = oauth.find_client(client_id=client_id)
        return Client(row) if row else None

    def create_oauth2_request(self, http: Any) -> Any:
        return http if isinstance(http, CheckedRequest) else CheckedRequest(request, body_parameters(request))

    def handle_error_response(self, http: Any, error: OAuth2Error) -> Response:
        if error.redirect_uri:
            return sent_back(error.redirect_uri, dict(error.get_body()))
        return super().handle_error_response(http, error)

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        body = orjson.dumps(dict(payload) if isinstance(payload, list) else payload)
        response = Response(body, status=status_code, content_type="application/json")
        response.headers.update(NO_STORE)
        for name, value in headers:
            if name.lower() not in ("content-type", "cache-control", "pragma"):
                response.headers[name] = value
        return response


def issuer() -> str:
    """The identifier of this server (RFC 8414): where it is reached."""
    return current_app.config.get("PUBLIC_URL") or request.host_url.rstrip("/")


def sent_back(redirect_uri: str, parameters: dict[str, str]) -> Response:
    """The answer that takes a person back to a client, with who sent them (RFC 9207)."""
    mark = "&" if "?" in redirect_uri else "?"
    response: Any = redirect(redirect_uri + mark + urlencode(parameters | {"iss": issuer()}), 303)
    response.headers.update(NO_STORE)
    return response


class ClientCredentials(grants.ClientCredentialsGrant):
    """A client acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRET_METHODS

    def validate_requested_scope(self) -> None:
        allowed = self.request.client.get_allowed_scope(self.request.payload.scope)
        if allowed is None:
            raise InvalidScopeError("The client does not hold every requested scope.")
        self.request.scope = allowed

    def create_token_response(self) -> Any:
        scopes = self.request.scope.split(" ")
        text, lasts_s = oauth.issue_token(self.request.client.row, scopes=scopes)
        return 200, _told(text, lasts_s, scopes), self.TOKEN_RESPONSE_HEADER


class CodeGrant(grants.AuthorizationCodeGrant):
    """A person lets a client act for them; the client exchanges the code it is told once."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def create_authorization_response(self, redirect_uri: str, grant_user: OAuthGrant | None) -> Any:
        state = {"state": self.request.payload.state} if self.request.payload.state else {}
        if grant_user is None:
            answer = {"error": "access_denied", "error_description": "The person refused.", **state}
        else:
            text = codes.issue_code(
                self.request.client.row, grant=grant_user, redirect_uri=redirect_uri,
                challenge=self.request.payload.data["code_challenge"],
            )  # fmt: skip
            answer = {"code": text, **state}
        return 303, "", [("Location", sent_back(redirect_uri, answer).location)]

    def query_authorization_code(self, code: str, client: Client) -> "Code | None":
        row = codes.find_code(client.row, text=code)
        return Code(row) if row else None

    def create_token_response(self) -> Any:
        code = self.request.authorization_code.row
        if find_live_grant(grant_id=code.grant_id) is None or not codes.use_code(code):
            raise InvalidGrantError("The code was used before, or what it stands for was revoked.")
        client: OAuthClient = self.request.client.row
        text, lasts_s = oauth.issue_token(client, scopes=code.scopes, grant_id=code.grant_id, family_id=code.family_id)
        told = _told(text, lasts_s, code.scopes)
        if self.request.client.check_grant_type("refresh_token"):
            told["refresh_token"] = refreshing.begin(
                client, scopes=code.scopes, grant_id=code.grant_id, family_id=code.family_id
            )
        return 200, told, self.TOKEN_RESPONSE_HEADER


class Code:
    """Authlib's view of an authorization code."""

    code_challenge_method = "S256"

    def __init__(self, row: AuthorizationCode) -> None:
        self.row = row
        self.code_challenge = row.challenge

    def get_redirect_uri(self) -> str:
        return self.row.redirect_uri


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
        row, asked = self.request.refresh_token.row, self.request.payload.scope
        scopes = list(dict.fromkeys(asked.split())) if asked else row.scopes
        if find_live_grant(grant_id=row.grant_id) is None or not refreshing.use(row):
            raise InvalidGrantError("The refresh token was used before, or what it stands for was revoked.")
        client: OAuthClient = self.request.client.row
        text, lasts_s = oauth.issue_token(client, scopes=scopes, grant_id=row.grant_id, family_id=row.family_id)
        return 200, {**_told(text, lasts_s, scopes), "refresh_token": refreshing.succeed(client, row)}, self.TOKEN_RESPONSE_HEADER


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


class Revocation(RevocationEndpoint):
    """RFC 7009: the answer is the same whether or not the token was the client's own. A refresh token ends its family."""

    CLIENT_AUTH_METHODS = METHODS

    def create_endpoint_request(self, http: Any) -> Any:
        return self.server.create_oauth2_request(http)

    def create_endpoint_response(self, http: Any) -> Any:
        client, text = self.authenticate_endpoint_client(http), _token_in(http)
        if not oauth.revoke_token(client.row, text=text):
            refreshing.revoke(client.row, text=text)
        return 200, {}, []


class Introspection(IntrospectionEndpoint):
    """RFC 7662, for a client with a secret and its own tokens; of any other one it learns that it is not active."""

    CLIENT_AUTH_METHODS = SECRET_METHODS

    def create_endpoint_request(self, http: Any) -> Any:
        return self.server.create_oauth2_request(http)

    def create_endpoint_response(self, http: Any) -> Any:
        client = self.authenticate_endpoint_client(http)
        found = describe_token(client.row, text=_token_in(http))
        if found is None:
            return 200, {"active": False}, []
        told = {
            "active": True, "client_id": client.row.id, "scope": " ".join(found.scopes), "iss": issuer(),
            "iat": int(found.created_at.timestamp()), "exp": int(found.expires_at.timestamp()),
        }  # fmt: skip
        kind = {"token_type": "Bearer"} if found.is_access_token else {}
        return 200, told | kind | ({"sub": found.person_id} if found.person_id else {}), []


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request in order: which client asks for which scopes."""

    client: OAuthClient
    scopes: list[str]
    _grant: CodeGrant

    def answer(self, grant: OAuthGrant | None) -> str:
        """Where to send the person now: with a code for the grant they gave, or with their refusal (None)."""
        response = server.create_authorization_response(request=self._grant.request, grant_user=grant, grant=self._grant)
        return str(response.location)


@dataclass(frozen=True, slots=True)
class Misasked:
    """An authorization request that is refused. location: where the client learns of it; empty when that is not safe."""

    location: str
    detail: str


def read_authorization(http: Request) -> Asked | Misasked:
    """Check an authorization request. Only a registered client's registered redirect URI is ever redirected to."""
    parameters: dict[str, str] = {}
    try:
        parameters, problem = url_parameters(http)
        checked = CheckedRequest(http, parameters)
        if problem:
            raise _at_its_client(InvalidRequestError(problem), parameters)
        grant = server.get_consent_grant(checked)
    except OAuth2Error as error:
        if not error.redirect_uri:
            return Misasked("", error.description or "The request is not complete.")
        error.state = parameters.get("state")
        return Misasked(str(server.handle_error_response(None, error).location), error.description or "")
    return Asked(checked.client.row, checked.scope.split(" "), grant)


def _at_its_client(error: OAuth2Error, parameters: dict[str, str]) -> OAuth2Error:
    client = server.query_client(parameters.get("client_id", ""))
    uri = parameters.get("redirect_uri", "")
    if client is not None and client.check_redirect_uri(uri):
        error.redirect_uri = uri
    return error


def _token_in(http: Any) -> str:
    if "token" not in http.form:
        raise InvalidRequestError("Send the parameter token.")
    return str(http.form["token"])


def _told(text: str, lasts_s: int, scopes: list[str]) -> dict[str, Any]:
    return {"token_type": "Bearer", "access_token": text, "expires_in": lasts_s, "scope": " ".join(scopes)}


def _authenticate_basic(_query: Any, http: Any) -> Client | None:
    sent = request.authorization
    if sent is None or sent.type != "basic":
        return None
    return _proved(sent.username or "", sent.password or "")


def _authenticate_post(_query: Any, http: Any) -> Client | None:
    if "client_secret" not in http.form:
        return None
    return _proved(http.form.get("client_id", ""), http.form["client_secret"])


def _authenticate_none(_query: Any, http: Any) -> Client | None:
    if "client_secret" in http.form or request.authorization is not None:
        return None
    return server.query_client(http.form.get("client_id", ""))


def _proved(client_id: str, secret: str) -> Client:
    row = oauth.verify_client(client_id=client_id, secret=secret)
    if row is None:
        raise InvalidClientError("The client id or secret is wrong, or the client was revoked.", status_code=401)
    return Client(row)


server = Server()
server.register_client_auth_method("client_secret_basic", _authenticate_basic)
server.register_client_auth_method("client_secret_post", _authenticate_post)
server.register_client_auth_method("none", _authenticate_none)
server.register_grant(ClientCredentials)
server.register_grant(CodeGrant, [Challenge()])
server.register_grant(RefreshGrant)
server.register_endpoint(Revocation)
server.register_endpoint(Introspection)
