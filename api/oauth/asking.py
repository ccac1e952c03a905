"""What a client asks a person for: read from the address of the consent page, or from what was pushed before.

Nothing here opens a transaction: the consent page does.
"""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Request

from accounts.oauth import pushed
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from api.oauth.requests import CheckedRequest
from api.oauth.requests import url_parameters
from api.oauth.server import server
from kit.errors import BadRequest

GONE = "The request it refers to has expired or was answered before. Go back to the application and start again."


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request in order: which client asks for which scopes, and where it wants the person sent back to."""

    client: OAuthClient
    scopes: list[str]
    redirect_uri: str
    _grant: Any
    _pushed_uri: str

    def answer(self, grant: OAuthGrant | None) -> str:
        """Where to send the person now: with a code for the grant they gave, or with their refusal (None).

        Raises BadRequest when a pushed request was answered meanwhile; then nothing was granted.
        """
        if self._pushed_uri and not pushed.use(uri=self._pushed_uri):
            raise BadRequest(GONE)
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
        uri = parameters.get("request_uri", "")
        if uri:
            found = pushed.find_parameters(client_id=parameters.get("client_id", ""), uri=uri)
            if found is None:
                raise InvalidRequestError(GONE)
            parameters, problem = found, None
        checked = CheckedRequest(http, parameters)
        if problem is not None:
            raise _at_its_client(problem, parameters)
        grant = checked_grant(checked)
        if checked.client.row.is_pushed_only and not uri:
            raise _at_its_client(InvalidRequestError("This client must push its requests to /oauth/par first."), parameters)
    except OAuth2Error as error:
        if not error.redirect_uri:
            return Misasked("", error.description or "The request is not complete.")
        error.state = parameters.get("state")
        return Misasked(str(server.handle_error_response(None, error).location), error.description or "")
    return Asked(checked.client.row, checked.scope.split(" "), parameters["redirect_uri"], grant, uri)


def checked_grant(asked: CheckedRequest) -> Any:
    """Authlib's grant for an authorization request in order. Raises OAuth2Error."""
    return server.get_consent_grant(asked)


def _at_its_client(error: OAuth2Error, parameters: dict[str, str]) -> OAuth2Error:
    client = server.query_client(parameters.get("client_id", ""))
    uri = parameters.get("redirect_uri", "")
    if client is not None and client.check_redirect_uri(uri):
        error.redirect_uri = uri
    return error
