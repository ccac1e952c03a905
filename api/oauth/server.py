"""The authorization server: Authlib's rules over the clients, grants, codes and tokens of accounts.oauth."""

from typing import Any
from urllib.parse import urlencode

import orjson
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749 import InvalidClientError
from flask import Response
from flask import redirect
from flask import request

from accounts.oauth import service as oauth
from accounts.oauth.models import OAuthClient
from accounts.oauth.redirects import is_registered
from api.addresses import base_url
from api.oauth.requests import CheckedRequest
from api.oauth.requests import basic_credentials
from api.oauth.requests import body_parameters

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


def sent_back(redirect_uri: str, parameters: dict[str, str]) -> Response:
    """The answer that takes a person back to a client, with who sent them (RFC 9207)."""
    mark = "&" if "?" in redirect_uri else "?"
    response: Any = redirect(redirect_uri + mark + urlencode(parameters | {"iss": base_url()}), 303)
    response.headers.update(NO_STORE)
    return response


def _authenticate_basic(_query: Any, http: Any) -> Client | None:
    sent = basic_credentials(request)
    return _proved(*sent) if sent else None


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


server = Server()  # api.oauth.grants and api.oauth.endpoints register what they define
server.register_client_auth_method("client_secret_basic", _authenticate_basic)
server.register_client_auth_method("client_secret_post", _authenticate_post)
server.register_client_auth_method("none", _authenticate_none)
