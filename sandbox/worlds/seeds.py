"""Where the variety of a world comes from: one generator per build, so the same seed gives the same rows."""

from random import Random

from kit.ids import CROCKFORD

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US


class Seeds:
    """Ids and choices drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.choices = Random(seed)  # noqa: S311 - sample data has to repeat; nothing secret comes from here

    def id(self, prefix: str) -> str:
        """An identifier in the platform's form, the same in every build with this seed."""
        return f"{prefix}_{''.join(self.choices.choices(CROCKFORD, k=26))}"
