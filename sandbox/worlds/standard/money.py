"""Prices that look as they would in the place's own currency."""

from kit.money import exponent
from sandbox.worlds.standard.places import Place


def local_minor(place: Place, cents: int) -> int:
    """Euro cents as minor units of the place's currency, rounded as its prices are; nothing stays nothing."""
    if not cents:
        return 0
    minor = cents / 100 * place.rate * 10 ** exponent(place.currency)
    return max(place.step, round(minor / place.step) * place.step)
