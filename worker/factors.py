"""`python -m worker.factors <e-mail>`: takes away the second factors of somebody who has lost them all, recovery codes too.

Their sessions end, they are told by mail, and it stands in the audit log. Whoever runs this has made sure who asks.
"""

import sys

from accounts.factors.service import forget_factors
from kit.settings import load
from kit.unit import control_unit
from worker.process import open_process

DONE, UNKNOWN = 0, 2


def main(arguments: list[str]) -> int:
    """Take one person's factors away."""
    if len(arguments) != 1:
        _say("usage: python -m worker.factors <e-mail>")
        return UNKNOWN
    open_process(load())
    with control_unit():
        is_known = forget_factors(email=arguments[0])
    if not is_known:
        _say("Nobody has an account with this address.")
        return UNKNOWN
    _say("Their password alone signs them in now; they are told by mail.")
    return DONE


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
