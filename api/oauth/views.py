"""The routes of the authorization server. Sources: RFC 6749, 7009, 7636, 7662, 8414, 8628, 9126, 9207, 9449, 9728.

Parameters come from the body only, as a form or as JSON; a client authenticates in exactly one way.
"""

from collections.abc import Callable
from typing import Any

import orjson
from authlib.oauth2 import OAuth2Error
from flask import Blueprint
from flask import Response

from accounts.oauth.service import GRANT_TYPES
from accounts.plans.scopes import SCOPES
from api.addresses import base_url
from api.oauth.endpoints import DeviceAuthorization
from api.oauth.endpoints import Introspection
from api.oauth.endpoints import PushedAuthorization
from api.oauth.endpoints import Revocation
from api.oauth.server import METHODS
from api.oauth.server import SECRET_METHODS
from api.oauth.server import server
from api.proofs import ALGORITHMS
from kit.unit import control_unit

blueprint = Blueprint("oauth", __name__)


@blueprint.post("/oauth/token")
def issue_token() -> Response:
    """Issue an access token to a client: for itself, or for a person whose code it exchanges. It lasts one hour."""
    return _answer(server.create_token_response)


@blueprint.post("/oauth/par")
def push_request() -> Response:
    """Keep an authorization request and tell the reference to send the person with."""
    return _answer(lambda: server.create_endpoint_response(PushedAuthorization.ENDPOINT_NAME))


@blueprint.post("/oauth/device_authorization")
def begin_on_device() -> Response:
    """Tell a client without a browser the code its person types on another screen, and the one to ask with meanwhile."""
    return _answer(lambda: server.create_endpoint_response(DeviceAuthorization.ENDPOINT_NAME))


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
    url = base_url()
    return _document({
        "issuer": url,
        "authorization_endpoint": f"{url}/oauth/authorize",
        "token_endpoint": f"{url}/oauth/token",
        "pushed_authorization_request_endpoint": f"{url}/oauth/par",
        "device_authorization_endpoint": f"{url}/oauth/device_authorization",
        "revocation_endpoint": f"{url}/oauth/revoke",
        "introspection_endpoint": f"{url}/oauth/introspect",
        "grant_types_supported": list(GRANT_TYPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "require_pushed_authorization_requests": False,  # a setting of each client
        "request_parameter_supported": False,
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
        "scopes_supported": list(SCOPES),
        "protected_resources": [url],
        "service_documentation": f"{url}/docs/oauth",
    })  # fmt: skip


@blueprint.get("/.well-known/oauth-protected-resource")
def describe_resource() -> Response:
    """Which tokens the API takes and who issues them (RFC 9728)."""
    url = base_url()
    return _document({
        "resource": url,
        "resource_name": "Tableport",
        "resource_documentation": f"{url}/docs",
        "authorization_servers": [url],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "dpop_bound_access_tokens_required": False,
    })  # fmt: skip


def _document(metadata: dict[str, Any]) -> Response:
    return Response(orjson.dumps(metadata), content_type="application/json")


def _answer(create: Callable[[], Any]) -> Response:
    """Run one endpoint in a control transaction; what is malformed is answered before Authlib sees it."""
    try:
        with control_unit():
            answer: Response = create()
            return answer
    except OAuth2Error as error:
        return server.handle_error_response(None, error)
