"""How a text sounds: a score from -1 to 1 by counting weighted words. Offline and deterministic; the same text always
gives the same score.

A word is strengthened, weakened or turned round by the words before it in its clause (in Japanese: turned round by what
follows). The sum is squeezed into -1 … 1, so that many words are stronger than one and none is overwhelming.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from math import sqrt

from domain.reviews.lexicon import WORDS

THOUSAND = 1000
NEGATIVE_BELOW = -250  # thousandths; the limit itself is neutral
POSITIVE_ABOVE = 250
SOFTNESS = 15  # the larger, the more words it takes to sound decided
REACH = 3  # how many words before a word may turn it round
STRONGER, WEAKER, TURNED = 1.5, 0.5, -0.75
SHORTEST_STEM = 2
UNSPACED = "ja"
_CLAUSES = re.compile(r"[.!?;:,()\n\u2026\u3001\u3002\uff01\uff1f]+")
_WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_KANA = re.compile(r"[\u3040-\u30ff]")
_TURNED_SOON = 5  # characters after a Japanese word in which its negation stands


@dataclass(frozen=True, slots=True)
class Sentiment:
    """thousandths: -1000 … 1000. language: the one given, or the one recognised; None when none was."""

    thousandths: int
    language: str | None

    @property
    def label(self) -> str:
        """negative, neutral or positive."""
        if self.thousandths < NEGATIVE_BELOW:
            return "negative"
        return "positive" if self.thousandths > POSITIVE_ABOVE else "neutral"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language, ready to look words up."""

    words: dict[str, int]
    stems: dict[str, int]
    negators: frozenset[str]
    stronger: frozenset[str]
    weaker: frozenset[str]
    joiners: frozenset[str]
    marks: frozenset[str]

    def weight(self, word: str) -> int:
        """The weight of a word, by itself or by its longest stem; 0 when it is not known."""
        if word in self.words:
            return self.words[word]
        for end in range(len(word), SHORTEST_STEM - 1, -1):
            if word[:end] in self.stems:
                return self.stems[word[:end]]
        return 0


def sentiment_of(text: str, *, language: str | None = None) -> Sentiment:
    """Judge a text. language: BCP-47; without it, or for a language without a lexicon, the likeliest one is taken."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    named = (language or "").split("-")[0].casefold()
    code = named if named in WORDS else _recognised(folded)
    if code is None:
        return Sentiment(0, language)
    total = _sum_unspaced(folded) if code == UNSPACED else _sum(folded, _lexicon(code))
    return Sentiment(_squeezed(total), language or code)


def _squeezed(total: float) -> int:
    return round(THOUSAND * total / sqrt(total * total + SOFTNESS))


@cache
def _lexicon(code: str) -> Lexicon:
    words: dict[str, int] = {}
    stems: dict[str, int] = {}
    for weight, text in WORDS[code].weights.items():
        for entry in text.casefold().split():
            (stems if entry.endswith("*") else words)[entry.rstrip("*")] = weight
    source = WORDS[code]
    lists = (source.negators, source.stronger, source.weaker, source.joiners, source.marks)
    return Lexicon(words, stems, *(frozenset(text.casefold().split()) for text in lists))


def _recognised(folded: str) -> str | None:
    """The language most words of a text belong to; the first of those in doubt."""
    if _KANA.search(folded):
        return UNSPACED
    found = _WORDS.findall(folded)
    votes = {code: sum(_speaks(_lexicon(code), word) for word in found) for code in WORDS if code != UNSPACED}
    best = max(votes, key=lambda code: votes[code])
    return best if votes[best] else None


def _speaks(lexicon: Lexicon, word: str) -> bool:
    lists = (lexicon.marks, lexicon.joiners, lexicon.negators, lexicon.stronger)
    return any(word in one for one in lists) or lexicon.weight(word) != 0


def _sum(folded: str, lexicon: Lexicon) -> float:
    total = 0.0
    for clause in _CLAUSES.split(folded):
        words = _WORDS.findall(clause)
        for index, word in enumerate(words):
            weight = lexicon.weight(word)
            if weight and not (index + 1 < len(words) and _is_only_degree(lexicon, word)):
                total += weight * _turn(lexicon, words[max(0, index - REACH) : index])
    return total


def _is_only_degree(lexicon: Lexicon, word: str) -> bool:
    """A word such as `super` strengthens what follows it instead of speaking for itself."""
    return word in lexicon.stronger or word in lexicon.weaker


def _turn(lexicon: Lexicon, before: list[str]) -> float:
    """What the words before a word make of it."""
    factor = 1.0
    for word in before[-2:]:
        factor *= STRONGER if word in lexicon.stronger else WEAKER if word in lexicon.weaker else 1.0
    joined = [index for index, word in enumerate(before) if word in lexicon.joiners]
    before = before[joined[-1] :] if joined else before
    is_turned = any(word in lexicon.negators or word.endswith("n't") for word in before)
    return factor * TURNED if is_turned else factor


def _sum_unspaced(folded: str) -> float:
    """Japanese: the longest known piece at each position, turned round by a negation right behind it."""
    lexicon = _lexicon(UNSPACED)
    longest = max(map(len, lexicon.words))
    total = 0.0
    for clause in _CLAUSES.split(folded):
        position = 0
        while position < len(clause):
            sizes = (size for size in range(longest, 0, -1) if clause[position : position + size] in lexicon.words)
            size = next(sizes, 0)
            if size:
                total += _piece(lexicon, clause, position, size)
            position += size or 1
    return total


def _piece(lexicon: Lexicon, clause: str, position: int, size: int) -> float:
    after = clause[position + size : position + size + _TURNED_SOON]
    before = clause[max(0, position - _TURNED_SOON) : position]
    factor = TURNED if any(negator in after for negator in lexicon.negators) else 1.0
    factor *= STRONGER if any(before.endswith(word) for word in lexicon.stronger) else 1.0
    factor *= WEAKER if any(before.endswith(word) for word in lexicon.weaker) else 1.0
    return lexicon.words[clause[position : position + size]] * factor
