"""OAuth 2.0 for machines: tokens, revocation, introspection, metadata. Sources: RFC 6749, 7009, 7636, 7662, 8414, 9207.

Parameters come from the body only, as a form or as JSON; a client authenticates in exactly one way. The page where people
let a client in is the portal's (portal.consent).
"""

from typing import Any

import orjson
from authlib.oauth2 import OAuth2Error
from flask import Blueprint
from flask import Response

from accounts.oauth.service import GRANT_TYPES
from accounts.plans.scopes import SCOPES
from api.oauth_server import METHODS
from api.oauth_server import SECRET_METHODS
from api.oauth_server import Introspection
from api.oauth_server import Revocation
from api.oauth_server import issuer
from api.oauth_server import server
from kit.unit import control_unit

blueprint = Blueprint("oauth", __name__)


@blueprint.post("/oauth/token")
def issue_token() -> Response:
    """Issue an access token to a client: for itself, or for a person whose code it exchanges. It lasts one hour."""
    return _answer(server.create_token_response)


@blueprint.post("/oauth/revoke")
def revoke_token() -> Response:
    """Revoke an access or refresh token of the client. Unknown tokens answer the same."""
    return _answer(lambda: server.create_endpoint_response(Revocation.ENDPOINT_NAME))


@blueprint.post("/oauth/introspect")
def introspect_token() -> Response:
    """Say whether a token of the client works, for what and until when."""
    return _answer(lambda: server.create_endpoint_response(Introspection.ENDPOINT_NAME))


@blueprint.get("/.well-known/oauth-authorization-server")
def describe_server() -> Response:
    """What this authorization server supports (RFC 8414)."""
    url = issuer()
    metadata = {
        "issuer": url,
        "authorization_endpoint": f"{url}/oauth/authorize",
        "token_endpoint": f"{url}/oauth/token",
        "revocation_endpoint": f"{url}/oauth/revoke",
        "introspection_endpoint": f"{url}/oauth/introspect",
        "grant_types_supported": list(GRANT_TYPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
        "scopes_supported": list(SCOPES),
        "service_documentation": f"{url}/docs",
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
