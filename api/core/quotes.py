"""Price quotes: a preview's prices, sealed for 15 minutes of the tenant's clock. Nothing is stored; the token is the quote."""

from typing import Any

from api.operations import cursors
from domain.orders.service import quote_of
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import InvalidCursor
from kit.scope import Scope
from kit.unit import tenant_now_us

VALID_US = 900_000_000
PREFIX = "quo_"


class QuoteInvalid(Invalid):
    """The quote is forged, of another tenant, or older than 15 minutes."""

    title = "The quote is not valid any more"


def seal_quote(scope: Scope, document: Document) -> str:
    """A quote_id holding the prices of a previewed order, valid for this tenant only."""
    position: list[Any] = [tenant_now_us(scope) + VALID_US, quote_of(document)]
    return PREFIX + cursors.key.seal(position, "quote", scope.environment, scope.tenant_id)


def open_quote(scope: Scope, quote_id: str) -> dict[str, int]:
    """The prices a quote guarantees. Raises QuoteInvalid (422)."""
    message = "Ask for a new quote at /v1/orders/preview; quotes are valid for 15 minutes."
    refusal = QuoteInvalid(message, errors=[FieldError("quote_id", "invalid", message)])
    try:
        expires_at, prices = cursors.key.open(quote_id.removeprefix(PREFIX), "quote", scope.environment, scope.tenant_id)
    except InvalidCursor as error:
        raise refusal from error
    if expires_at < tenant_now_us(scope):
        raise refusal
    return dict(prices)
