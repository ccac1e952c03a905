"""`python -m worker.audit [organisation]`: checks the audit chains, one line each; exit code 1 when one does not fit.

Note the heads it prints outside of this installation: a tail that was cut off shows only against a head noted elsewhere.
"""

import sys

from accounts.audit.service import verify
from accounts.organisations.service import list_ids
from kit.settings import load
from kit.unit import control_unit
from worker.process import open_process

INTACT, BROKEN, UNKNOWN = 0, 1, 2


def check(organisation_ids: list[str]) -> int:
    """Check chains one after the other, each in a transaction of its own. Returns the exit code."""
    code = INTACT
    for organisation_id in organisation_ids:
        with control_unit(writes=False):
            report = verify(organisation_id)
        if report.broken_at is None:
            _say(f"{organisation_id}: {report.length} entries fit, head {report.head}")
        else:
            code = BROKEN
            _say(f"{organisation_id}: BROKEN at entry {report.broken_at}; {report.length} entries before it fit")
    return code


def main(arguments: list[str]) -> int:
    """Check one organisation, or all."""
    open_process(load())
    with control_unit(writes=False):
        known = list_ids()
    unknown = [wanted for wanted in arguments if wanted not in known]
    if unknown:
        _say(f"{unknown[0]}: no such organisation")
        return UNKNOWN
    return check(arguments or known)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
