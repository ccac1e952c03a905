"""The error vocabulary: one exception per status of the registry, raised by services and mapped once per edge.

A capability error subclasses one of the children, fixes `code` and `title`, and carries its data as keyword arguments.
Source: contract registry; problem details per RFC 9457.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One refused input field: its path (`items[0].menu_item_id`), a registry code and what was expected."""

    field: str
    code: str
    message: str
    extra: dict[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"field": self.field, "code": self.code, "message": self.message, **(self.extra or {})}


class PlatformError(Exception):
    """Base of every refusal a caller can meet. `detail` is written for the caller; `data` are extra response fields."""

    status = 500
    code = "internal_error"
    title = "Something went wrong on our side"

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **data: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = errors or []
        self.data = data


class BadRequest(PlatformError):
    status, code, title = 400, "invalid_parameter", "A parameter is malformed"


class Unauthenticated(PlatformError):
    status, code, title = 401, "unauthenticated", "No valid credential was sent"


class PaymentDeclined(PlatformError):
    status, code, title = 402, "payment_declined", "The payment was declined"


class Forbidden(PlatformError):
    status, code, title = 403, "insufficient_scope", "The credential may not do this"


class NotFound(PlatformError):
    status, code, title = 404, "resource_not_found", "No such resource"


class MethodNotAllowed(PlatformError):
    status, code, title = 405, "method_not_allowed", "This resource does not support that method"


class NotAcceptable(PlatformError):
    status, code, title = 406, "not_acceptable", "The requested representation is not available"


class Conflict(PlatformError):
    status, code, title = 409, "version_conflict", "The request conflicts with the current state"


class Gone(PlatformError):
    status, code, title = 410, "export_expired", "The resource existed and is gone"


class PayloadTooLarge(PlatformError):
    status, code, title = 413, "payload_too_large", "The request body is too large"


class UnsupportedMediaType(PlatformError):
    status, code, title = 415, "unsupported_media_type", "The request body has an unsupported content type"


class Invalid(PlatformError):
    status, code, title = 422, "validation_failed", "The request breaks a rule"


class RateLimited(PlatformError):
    status, code, title = 429, "rate_limited", "Too many requests"

    def __init__(self, detail: str = "", *, retry_after_s: int, **data: Any) -> None:
        super().__init__(detail, **data)
        self.retry_after_s = retry_after_s


class Unavailable(PlatformError):
    status, code, title = 503, "maintenance", "The service is temporarily unavailable"


class MalformedJson(BadRequest):
    code, title = "malformed_json", "The request body is not valid JSON"


class ParameterMissing(BadRequest):
    code, title = "parameter_missing", "A required parameter is missing"


class InvalidCursor(BadRequest):
    code, title = "invalid_cursor", "The cursor is not valid for this list"


class UnsupportedVersion(BadRequest):
    code, title = "unsupported_version", "This API version does not exist"


class TokenExpired(Unauthenticated):
    code, title = "token_expired", "The credential has expired"


class TokenRevoked(Unauthenticated):
    code, title = "token_revoked", "The credential was revoked"


class PlanRequired(Forbidden):
    code, title = "plan_required", "The plan of this restaurant does not include this"


class ProductionNotApproved(Forbidden):
    code, title = "production_not_approved", "This application is not approved for production"


class IpNotAllowed(Forbidden):
    code, title = "ip_not_allowed", "The credential may not be used from this address"


class LocationRestricted(Forbidden):
    code, title = "location_restricted", "The credential is restricted to locations, and this belongs to none"


class IdempotencyInProgress(Conflict):
    code, title = "idempotency_in_progress", "A request with this idempotency key is still running"


class IdempotencyKeyReused(Invalid):
    code, title = "idempotency_key_reused", "This idempotency key was used with another body"


class InvalidTransition(Conflict):
    code, title = "invalid_transition", "This status change is not allowed"


class DuplicateReference(Conflict):
    code, title = "duplicate_reference", "This reference already belongs to another object"


class QuotaExceeded(RateLimited):
    code, title = "quota_exceeded", "The daily quota is used up"


@contextmanager
def said_in(field: str) -> Iterator[None]:
    """Refuse a field of the body (422) when what it names does not exist: the address that was called does (no 404)."""
    try:
        yield
    except NotFound as missing:
        raise Invalid(missing.detail, errors=[FieldError(field, missing.code, missing.detail)]) from missing


def registry() -> Iterator[type[PlatformError]]:
    """Walk every concrete error class that is imported, base included. A test holds their codes unique and documented."""
    pending: list[type[PlatformError]] = [PlatformError]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(current.__subclasses__())
