"""The one mapping from refusals to answers of the Core API: problem details (RFC 9457)."""

import logging
from typing import Any

import orjson
import redis
from flask import Response
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed as WerkzeugMethodNotAllowed
from werkzeug.exceptions import TooManyRequests

from api.addresses import base_url
from api.limits import WINDOW_S
from api.proofs import ALGORITHMS
from api.proofs import InvalidProof
from api.proofs import NonceNeeded
from api.views import plain
from kit.errors import BadRequest
from kit.errors import Forbidden
from kit.errors import MethodNotAllowed
from kit.errors import NotFound
from kit.errors import PayloadTooLarge
from kit.errors import PlatformError
from kit.errors import RateLimited
from kit.errors import TokenExpired
from kit.errors import TokenRevoked
from kit.errors import Unauthenticated
from kit.errors import Unavailable
from kit.errors import UnsupportedMediaType

log = logging.getLogger(__name__)
DOCS = "/docs/errors#"
SOON_S = 5
REALM = 'realm="tableport"'
_BY_STATUS: dict[int, type[PlatformError]] = {
    404: NotFound, 405: MethodNotAllowed, 413: PayloadTooLarge, 415: UnsupportedMediaType,
}  # fmt: skip


def refusal_of(error: Exception) -> PlatformError:
    """Turn any exception into the refusal a caller sees. Unknown ones are logged in full and shown as internal_error."""
    if isinstance(error, PlatformError):
        return error
    if isinstance(error, WerkzeugMethodNotAllowed):
        allowed = sorted(error.valid_methods or [])
        return MethodNotAllowed(f"Allowed here: {', '.join(allowed)}.", allowed=allowed)
    if isinstance(error, TooManyRequests):
        return RateLimited("Too many requests from this address; try again in a minute.", retry_after_s=WINDOW_S)
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return _BY_STATUS.get(error.code, BadRequest)()
    if isinstance(error, redis.RedisError):
        # Doors that count their tries in Redis stay shut without it: an open one would be worse.
        log.warning("a request needed Redis and did not get it", exc_info=error)
        return Unavailable("This is unavailable for a moment; try again in some seconds.")
    log.error("unhandled error", exc_info=error)
    return PlatformError()


def problem(error: PlatformError, request_id: str) -> dict[str, Any]:
    """The problem document of a refusal."""
    body: dict[str, Any] = {
        "type": f"{DOCS}{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **plain(error.data, error.data.get("currency")),
    }
    if error.errors:
        body["errors"] = [plain(item.as_dict(), None) for item in error.errors]
    return {**body, "request_id": request_id, "doc_url": f"{DOCS}{error.code}"}


def problem_response(error: PlatformError, request_id: str) -> Response:
    """The HTTP answer of a refusal, with the headers its status calls for."""
    response = Response(
        orjson.dumps(problem(error, request_id)), status=error.status, content_type="application/problem+json"
    )
    if isinstance(error, RateLimited):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(SOON_S)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.data.get("allowed", ()))
    for challenge in _challenges(error):
        response.headers.add("WWW-Authenticate", challenge)
    if isinstance(error, NonceNeeded):
        response.headers["DPoP-Nonce"] = error.nonce
    return response


def _challenges(error: PlatformError) -> list[str]:
    """What a client is told about the token it needs, once for each way to send one (RFC 6750, 9449 and 9728)."""
    proof = f'algs="{" ".join(ALGORITHMS)}"'
    if isinstance(error, InvalidProof | NonceNeeded):
        return [f'DPoP {REALM}, error="{error.code}", {proof}']
    if isinstance(error, TokenExpired | TokenRevoked):
        what = 'error="invalid_token"'
    elif isinstance(error, Unauthenticated):
        what = f'resource_metadata="{base_url()}/.well-known/oauth-protected-resource"'
    elif isinstance(error, Forbidden) and (scopes := error.data.get("required_scopes")):
        what = f'error="insufficient_scope", scope="{" ".join(scopes)}"'
    else:
        return []
    return [f"Bearer {REALM}, {what}", f"DPoP {REALM}, {what}, {proof}"]
