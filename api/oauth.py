"""OAuth 2.0 for machines: client credentials, revocation and server metadata. Sources: RFC 6749, RFC 7009, RFC 8414.

Parameters come from the body only, as a form or as JSON; a client authenticates in exactly one way. Authlib decides what a
request means, accounts.oauth what is issued; nothing malformed reaches Authlib, whose own answers to it can be a 500.
"""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Blueprint
from flask import Request
from flask import Response
from flask import current_app
from flask import request

from accounts.oauth import service as oauth
from accounts.oauth.models import OAuthClient
from accounts.plans.scopes import SCOPES
from kit.unit import control_unit

MAX_BODY = 8192
MAX_FIELDS = 20
LONGEST = 2000  # of one parameter
METHODS = ["client_secret_basic", "client_secret_post"]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
blueprint = Blueprint("oauth", __name__)


class Client(ClientMixin):
    """Authlib's view of a client that has proved who it is."""

    def __init__(self, row: OAuthClient) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return self.row.id

    def get_allowed_scope(self, scope: str) -> str | None:
        """The scopes the request gets; None refuses it, because a scope is never silently dropped."""
        wanted = oauth.granted(self.row, scope)
        return None if wanted is None else " ".join(wanted)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row.grant_types


class BodyRequest(FlaskOAuth2Request):
    """A request whose parameters were read and checked by this module: Authlib itself would read the query string too."""

    def __init__(self, http: Request, parameters: dict[str, str]) -> None:
        # TLS ends in front of this process, or there is none on a developer's loopback: the scheme seen here says nothing.
        OAuth2Request.__init__(self, http.method, http.url.replace("http://", "https://", 1), headers=http.headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


class Server(AuthorizationServer):
    """Authlib's server on our requests."""

    def create_oauth2_request(self, http: Any) -> Any:
        return http if isinstance(http, BodyRequest) else BodyRequest(request, _parameters(request))

    def handle_response(self, status_code: int, payload: Any, headers: Any) -> Response:
        body = orjson.dumps(dict(payload) if isinstance(payload, list) else payload)
        response = Response(body, status=status_code, content_type="application/json")
        response.headers.update(NO_STORE)
        for name, value in headers:
            if name.lower() not in ("content-type", "cache-control", "pragma"):
                response.headers[name] = value
        return response


class ClientCredentials(grants.ClientCredentialsGrant):
    """The one grant: a client acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def validate_requested_scope(self) -> None:
        allowed = self.request.client.get_allowed_scope(self.request.payload.scope or "")
        if allowed is None:
            raise InvalidScopeError("The client does not hold every requested scope.")
        self.request.scope = allowed

    def create_token_response(self) -> Any:
        scopes = self.request.scope.split(" ")
        text, lasts_s = oauth.issue_token(self.request.client.row, scopes=scopes)
        token = {"token_type": "Bearer", "access_token": text, "expires_in": lasts_s, "scope": self.request.scope}
        return 200, token, self.TOKEN_RESPONSE_HEADER


class Revocation(RevocationEndpoint):
    """RFC 7009: the answer is the same whether or not the token was the client's own."""

    CLIENT_AUTH_METHODS = METHODS

    def create_endpoint_request(self, http: Any) -> Any:
        return self.server.create_oauth2_request(http)

    def authenticate_token(self, http: Any, client: Client) -> str:
        if "token" not in http.form:
            raise InvalidRequestError("Send the parameter token.")
        return str(http.form["token"])

    def create_endpoint_response(self, http: Any) -> Any:
        client = self.authenticate_endpoint_client(http)
        oauth.revoke_token(client.row, text=self.authenticate_token(http, client))
        return 200, {}, []


def _authenticate_basic(_query: Any, http: Any) -> Client | None:
    sent = request.authorization
    if sent is None or sent.type != "basic":
        return None
    return _client(sent.username or "", sent.password or "", status=401)


def _authenticate_post(_query: Any, http: Any) -> Client | None:
    if "client_secret" not in http.form:
        return None
    return _client(http.form.get("client_id", ""), http.form["client_secret"], status=401)


def _client(client_id: str, secret: str, *, status: int) -> Client:
    row = oauth.verify_client(client_id=client_id, secret=secret)
    if row is None:
        raise InvalidClientError("The client id or secret is wrong, or the client was revoked.", status_code=status)
    return Client(row)


def _parameters(http: Request) -> dict[str, str]:
    """The body's parameters. Raises InvalidRequestError for anything but one flat set of short printable strings."""
    if http.args:
        raise InvalidRequestError("Send parameters in the body, not in the URL.")
    parameters = _json(http) if http.mimetype == "application/json" else _form(http)
    for value in parameters.values():
        if not isinstance(value, str) or len(value) > LONGEST or not value.isascii() or not value.isprintable():
            raise InvalidRequestError("Every parameter must be one short string of printable ASCII characters.")
    if not set(parameters.get("grant_type", "")) <= set("abcdefghijklmnopqrstuvwxyz_:-."):
        raise InvalidRequestError("The grant_type is malformed.")
    if "Authorization" in http.headers:
        _ensure_basic(http, parameters)
    return parameters


def _json(http: Request) -> dict[str, Any]:
    try:
        parameters = orjson.loads(_body(http))
    except orjson.JSONDecodeError as error:
        raise InvalidRequestError("The body is not valid JSON.") from error
    if not isinstance(parameters, dict):
        raise InvalidRequestError("The body must be a JSON object.")
    return parameters


def _form(http: Request) -> dict[str, str]:
    if http.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequestError("Send application/x-www-form-urlencoded or application/json.", status_code=415)
    try:
        pairs = parse_qsl(_body(http).decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidRequestError("The body is not a valid form.") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise InvalidRequestError("A parameter is repeated.")
    return dict(pairs)


def _body(http: Request) -> bytes:
    body = http.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise InvalidRequestError("The body is too large.", status_code=413)
    return body


def _ensure_basic(http: Request, parameters: dict[str, str]) -> None:
    sent = http.authorization
    if sent is None or sent.type != "basic" or sent.username is None:
        raise InvalidClientError(
            "The Authorization header is not HTTP Basic with client id and secret.", status_code=401
        )
    if "client_secret" in parameters:
        raise InvalidRequestError("Authenticate in one way: HTTP Basic, or client_id and client_secret in the body.")
    if parameters.get("client_id", sent.username) != sent.username:
        raise InvalidRequestError("The body names another client than the Authorization header.")


server = Server()
server.register_client_auth_method("client_secret_basic", _authenticate_basic)
server.register_client_auth_method("client_secret_post", _authenticate_post)
server.register_grant(ClientCredentials)
server.register_endpoint(Revocation)


@blueprint.post("/oauth/token")
def issue_token() -> Response:
    """Issue an access token to a client (grant client_credentials). It lasts one hour."""
    return _answer(server.create_token_response)


@blueprint.post("/oauth/revoke")
def revoke_token() -> Response:
    """Revoke an access token of the client. Unknown tokens answer the same."""
    return _answer(lambda: server.create_endpoint_response(Revocation.ENDPOINT_NAME))


@blueprint.get("/.well-known/oauth-authorization-server")
def describe_server() -> Response:
    """What this authorization server supports (RFC 8414)."""
    issuer = current_app.config.get("PUBLIC_URL") or request.host_url.rstrip("/")
    metadata = {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "scopes_supported": list(SCOPES),
        "service_documentation": f"{issuer}/docs",
    }
    return Response(orjson.dumps(metadata), content_type="application/json")


def _answer(create: Any) -> Response:
    """Run one endpoint in a control transaction; what is malformed is answered before Authlib sees it."""
    try:
        with control_unit():
            answer: Response = create()
            return answer
    except OAuth2Error as error:
        return server.handle_error_response(None, error)
