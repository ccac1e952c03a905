"""Turns the decimals of a request into minor units, naming the field whose amount does not fit its currency."""

from collections.abc import Callable
from decimal import Decimal

from kit.errors import FieldError
from kit.errors import Invalid
from kit.money import AmountPrecision
from kit.money import to_minor


class AmountTooPrecise(Invalid):
    """More fraction digits than the currency has, or more than 64 bits of minor units."""

    code, title = "amount_precision", "The amount does not fit its currency"


class Amounts:
    """Converter for the currency that `find_currency` names; it is asked only when an amount has to be converted."""

    def __init__(self, find_currency: Callable[[], str]) -> None:
        self._find = find_currency
        self._currency: str | None = None

    @property
    def currency(self) -> str:
        if self._currency is None:
            self._currency = self._find()
        return self._currency

    def minor(self, amount: Decimal | None, field: str) -> int:
        """Minor units of an amount, 0 when it is absent. Raises AmountTooPrecise (422)."""
        return 0 if amount is None else self.minor_or_none(amount, field) or 0

    def minor_or_none(self, amount: Decimal | None, field: str) -> int | None:
        """Minor units of an amount, None when it is absent. Raises AmountTooPrecise (422)."""
        if amount is None:
            return None
        try:
            return to_minor(amount, self.currency)
        except AmountPrecision as error:
            message = f"{error}."
            raise AmountTooPrecise(f"{field}: {message}", errors=[FieldError(field, "amount_precision", message)]) from error
