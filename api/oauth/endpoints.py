"""What clients do besides getting tokens: ask ahead, begin on a device, end tokens, look at them."""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from flask import request

from accounts.oauth import devices
from accounts.oauth import pushed
from accounts.oauth import refreshing
from accounts.oauth import service as oauth
from accounts.oauth.introspection import describe_token
from accounts.oauth.service import DEVICE_CODE
from api.addresses import base_url
from api.oauth.asking import checked_grant
from api.oauth.grants import proved_key
from api.oauth.requests import CheckedRequest
from api.oauth.requests import authorization_parameters
from api.oauth.server import METHODS
from api.oauth.server import SECRET_METHODS
from api.oauth.server import server

DEVICE_PAGE = "/device"


class Reading:
    """What Authlib asks of every endpoint first: the HTTP request in the form its server reads."""

    server: Any

    def create_endpoint_request(self, http: Any) -> Any:
        return self.server.create_oauth2_request(http)


class Revocation(Reading, RevocationEndpoint):
    """RFC 7009: the answer is the same whether or not the token was the client's own. A refresh token ends its family."""

    CLIENT_AUTH_METHODS = METHODS

    def create_endpoint_response(self, http: Any) -> Any:
        client, text = self.authenticate_endpoint_client(http), _token_in(http)
        if not oauth.revoke_token(client.row, text=text):
            refreshing.revoke(client.row, text=text)
        return 200, {}, []


class Introspection(Reading, IntrospectionEndpoint):
    """RFC 7662, for a client with a secret and its own tokens; of any other one it learns that it is not active."""

    CLIENT_AUTH_METHODS = SECRET_METHODS

    def create_endpoint_response(self, http: Any) -> Any:
        client = self.authenticate_endpoint_client(http)
        found = describe_token(client.row, text=_token_in(http))
        if found is None:
            return 200, {"active": False}, []
        told: dict[str, Any] = {
            "active": True, "client_id": client.row.id, "scope": " ".join(found.scopes), "iss": base_url(),
            "iat": int(found.created_at.timestamp()), "exp": int(found.expires_at.timestamp()),
        }  # fmt: skip
        if found.is_access_token:
            told["token_type"] = "Bearer" if found.jkt is None else "DPoP"
        if found.jkt is not None:
            told["cnf"] = {"jkt": found.jkt}
        return 200, told | ({"sub": found.person_id} if found.person_id else {}), []


class Asking(Reading):
    """An endpoint Authlib has no class for: it is called with the HTTP request and authenticates the client itself."""

    def __init__(self, server: Any) -> None:
        self.server = server


class PushedAuthorization(Asking):
    """RFC 9126: what will be asked of a person comes from the client itself, checked before anybody is sent anywhere."""

    ENDPOINT_NAME = "pushed_authorization"

    def __call__(self, http: Any) -> Any:
        client = self.server.authenticate_client(http, METHODS, self.ENDPOINT_NAME)
        if "request_uri" in http.form:
            raise InvalidRequestError("A pushed request cannot refer to another one.")
        parameters, problem = authorization_parameters(list(http.form.items()))
        if problem is not None:
            raise problem
        parameters["client_id"] = client.get_client_id()
        if "DPoP" in request.headers:
            jkt = proved_key(client.row, path="/oauth/par")
            if parameters.setdefault("dpop_jkt", str(jkt)) != jkt:
                raise InvalidRequestError("dpop_jkt names another key than the proof of this request.")
        try:
            checked_grant(CheckedRequest(request, parameters))
        except OAuth2Error as error:
            error.redirect_uri = None  # the client learns of it right here
            raise
        uri = pushed.push(client.row, parameters=parameters)
        return 201, {"request_uri": uri, "expires_in": int(pushed.LASTS.total_seconds())}, []


class DeviceAuthorization(Asking):
    """RFC 8628, section 3.1."""

    ENDPOINT_NAME = "device_authorization"

    def __call__(self, http: Any) -> Any:
        client = self.server.authenticate_client(http, METHODS, self.ENDPOINT_NAME)
        if not client.check_grant_type(DEVICE_CODE):
            raise UnauthorizedClientError("The client is not registered for device codes.")
        scopes = oauth.granted(client.row, http.form.get("scope", ""))
        if scopes is None:
            raise InvalidScopeError("The client does not hold every requested scope.")
        begun = devices.begin(client.row, scopes=scopes, ip=request.remote_addr or "")
        page = base_url() + DEVICE_PAGE
        return 200, {
            "device_code": begun.device_code, "user_code": begun.user_code, "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={begun.user_code}", "expires_in": begun.lasts_s,
            "interval": begun.interval_s,
        }, []  # fmt: skip


def _token_in(http: Any) -> str:
    if "token" not in http.form:
        raise InvalidRequestError("Send the parameter token.")
    return str(http.form["token"])


server.register_endpoint(Revocation)
server.register_endpoint(Introspection)
server.register_endpoint(PushedAuthorization)
server.register_endpoint(DeviceAuthorization)
