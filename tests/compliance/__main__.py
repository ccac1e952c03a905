"""Prints what standards ask for and what answers it: `python -m tests.compliance [state] [beginning of a row's name]`.

`python -m tests.compliance open`, `python -m tests.compliance "ASVS 5.0 10"`. Ends with 1 when a row is open.
"""

import sys
from collections import Counter

from tests.compliance.matrix import rows

STATES = ("met", "not applicable", "open")


def main(words: list[str]) -> int:
    """Print the rows asked for and the counts of each standard; 1 when a row is open."""
    state = words[0] if words and words[0] in STATES else ""
    beginning = " ".join(words[1:] if state else words)
    every = rows()
    for row in every:
        if row.name.startswith(beginning) and state in ("", row.state):
            print(f"{row.state:14} {row.name} ({row.level}): {row.text}")
            for answer in filter(None, (row.reason, *row.tests)):
                print(f"{'':17}{answer}")
    for spec in dict.fromkeys(row.spec for row in every):
        counts = Counter(row.state for row in every if row.spec == spec)
        print(f"{spec}: " + ", ".join(f"{counts[name]} {name}" for name in STATES))
    return int(any(row.state == "open" for row in every))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
