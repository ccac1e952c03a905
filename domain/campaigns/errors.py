"""Refusals of promo codes."""

from kit.errors import FieldError
from kit.errors import Invalid


class PromoInvalid(Invalid):
    """Data: reason (unknown, inactive, not_started, expired, exhausted, wrong_location, wrong_currency, min_subtotal,
    per_customer_limit, customer_required, already_used) and promo_code."""

    code, title = "promo_invalid", "The promo code cannot be used"

    @property
    def reason(self) -> str:
        return str(self.data["reason"])


def promo_refusal(reason: str, *, code: str, field: str = "code") -> PromoInvalid:
    """The refusal of a code for one reason. field: where the caller gave the code."""
    message = MESSAGES[reason].format(code=code)
    errors = [FieldError(field, PromoInvalid.code, message, {"reason": reason})]
    return PromoInvalid(message, errors=errors, reason=reason, promo_code=code)


MESSAGES = {
    "unknown": "There is no promo code {code}.",
    "inactive": "The promo code {code} is switched off.",
    "not_started": "The promo code {code} is not valid yet.",
    "expired": "The promo code {code} is not valid any more.",
    "exhausted": "The promo code {code} was used as often as it may be.",
    "wrong_location": "The promo code {code} is not valid at this location.",
    "wrong_currency": "The promo code {code} is in another currency than the order.",
    "min_subtotal": "The order is too small for the promo code {code}.",
    "per_customer_limit": "This customer has used the promo code {code} as often as one may.",
    "customer_required": "The promo code {code} is limited per customer; name the customer.",
    "already_used": "The promo code {code} is on this order already.",
}
