"""What becomes of a card or wallet payment. The sandbox decides by fixed tokens and amounts; nothing is sent anywhere.

In production a payment without a token was taken on the restaurant's own terminal; a token needs a processor, and
none is connected.
"""

from dataclasses import dataclass

from domain.payments.errors import ProcessorUnavailable
from kit.errors import FieldError
from kit.errors import Invalid
from kit.planes import Environment

CONFIRMED, FAILED, PENDING, NO_ANSWER = "confirmed", "failed", "created", "no_answer"
PROCESSED = ("card", "wallet")


@dataclass(frozen=True, slots=True)
class Outcome:
    """status is the payment's: confirmed, failed or created, which is confirmed by itself later or waits for the payer."""

    status: str
    decline_code: str | None = None
    confirms_after_s: int | None = None  # of a created one; None: somebody has to settle it


TOKENS = {
    "tok_ok": Outcome(CONFIRMED),
    "tok_declined": Outcome(FAILED, "generic_decline"),
    "tok_insufficient_funds": Outcome(FAILED, "insufficient_funds"),
    "tok_expired_card": Outcome(FAILED, "expired_card"),
    "tok_cvv": Outcome(FAILED, "incorrect_cvc"),
    "tok_fraud": Outcome(FAILED, "fraudulent"),
    "tok_processing_error": Outcome(NO_ANSWER),
    "tok_timeout": Outcome(PENDING, confirms_after_s=30),
    "tok_3ds": Outcome(PENDING),
}
AMOUNTS = {
    4002: Outcome(FAILED, "generic_decline"),
    4005: Outcome(FAILED, "insufficient_funds"),
    4013: Outcome(NO_ANSWER),
    4037: Outcome(PENDING, confirms_after_s=30),
}
FAILING_REFUND_MINOR = 4009


def authorise(environment: Environment, *, method: str, source: str | None, charged_minor: int) -> Outcome:
    """Decide a payment. charged_minor: amount and tip together.

    Raises ProcessorUnavailable (503, retryable) and Invalid (422) for a source nobody can charge.
    """
    outcome = Outcome(CONFIRMED)
    if source is not None:
        known = TOKENS.get(source) if environment == Environment.SANDBOX and method in PROCESSED else None
        if known is None:
            raise Invalid(errors=[FieldError("source", "validation_failed", _why_not(environment, method))])
        outcome = known
    elif environment == Environment.SANDBOX and method in PROCESSED:
        outcome = AMOUNTS.get(charged_minor, outcome)
    if outcome.status == NO_ANSWER:
        raise ProcessorUnavailable("The payment processor did not answer. No money was moved; try again.")
    return outcome


def refund_status(environment: Environment, *, amount_minor: int) -> str:
    """succeeded or failed."""
    return "failed" if environment == Environment.SANDBOX and amount_minor == FAILING_REFUND_MINOR else "succeeded"


def _why_not(environment: Environment, method: str) -> str:
    if method not in PROCESSED:
        return f"A {method} payment has no source."
    if environment == Environment.SANDBOX:
        return f"In the sandbox, one of {', '.join(TOKENS)}."
    return "No payment processor is connected: leave the source out for a payment taken on your own terminal."
