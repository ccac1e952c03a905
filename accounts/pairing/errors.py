"""Refusals of pairing. The codes are those of RFC 8628, section 3.5."""

from kit.errors import BadRequest
from kit.errors import Forbidden
from kit.errors import Gone


class AuthorizationPending(BadRequest):
    code, title = "authorization_pending", "Nobody has decided about this pairing yet"


class SlowDown(BadRequest):
    code, title = "slow_down", "The client asks too often"


class AccessDenied(Forbidden):
    code, title = "access_denied", "The pairing was denied"


class ExpiredToken(Gone):
    code, title = "expired_token", "The pairing has expired, was used, or never existed"
