"""What a world is built from, and drawing from it: every part draws from a generator of its own."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any
from typing import NamedTuple
from typing import TypeVar

from kit.scope import Scope
from sandbox.worlds.seeds import Seeds

Row = dict[str, Any]
Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class Setting:
    """seed; the tenant's instant the world is dated from; real time, from which deliveries and logs are dated.

    application_id: whose endpoints, logs and exports the world shows.
    """

    seed: int
    now_us: int
    real_us: int
    application_id: str = ""

    def seeds(self, part: str) -> Seeds:
        """The generator of one part: the same in every build, and untouched by what other parts draw."""
        return Seeds(int.from_bytes(sha256(f"{self.seed}:{part}".encode()).digest()[:8]))


class Part(NamedTuple):
    """A piece of a world that is written in one transaction, after those before it."""

    name: str
    write: Callable[[Scope, Setting], None]


def dealt(draw: Random, amounts: Mapping[Choice, int]) -> list[Choice]:
    """Every choice as often as it says, in drawn order."""
    cards = [choice for choice, count in amounts.items() for _ in range(count)]
    draw.shuffle(cards)
    return cards


def weighted(draw: Random, weights: Mapping[Choice, int]) -> Choice:
    """One choice, by weight."""
    return draw.choices(list(weights), weights=list(weights.values()))[0]
