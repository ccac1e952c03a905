"""`python -m worker.sessions <e-mail>`: ends every session of one person; `everybody` in place of the address, of all.

It stands in the audit logs. Whoever is signed out logs in again; passwords and factors stay as they are.
"""

import sys

from accounts.people.sessions import end_sessions_of
from accounts.people.sessions import end_sessions_of_everybody
from kit.settings import load
from kit.unit import control_unit
from worker.process import open_process

EVERYBODY = "everybody"
DONE, UNKNOWN = 0, 2


def main(arguments: list[str]) -> int:
    """Read the command line."""
    if len(arguments) != 1:
        _say(f"usage: python -m worker.sessions <e-mail> | {EVERYBODY}")
        return UNKNOWN
    open_process(load())
    return end(arguments[0])


def end(whose: str) -> int:
    """End the sessions of an address, or of everybody, and say how many there were."""
    with control_unit():
        ended = end_sessions_of_everybody() if whose == EVERYBODY else end_sessions_of(email=whose)
    if ended is None:
        _say("Nobody has an account with this address.")
        return UNKNOWN
    _say(f"Sessions ended: {ended}.")
    return DONE


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
