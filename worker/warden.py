"""Ends what the supervisor leaves behind when it is killed and can no longer do so itself.

A process of its own, outside the supervisor's session. It reads `+pid` and `-pid` lines on stdin; at end of file, which
is what the supervisor's death looks like on every Unix, it ends the process groups still on its list. Knows nothing else.
"""

import os
import signal
import sys
import time

GRACE_S = 6.0


def main() -> int:
    """Follow the list until end of file, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it must outlive the supervisor whatever ends that one
    pids: set[int] = set()
    for line in sys.stdin:
        (pids.add if line.startswith("+") else pids.discard)(int(line[1:]))
    end_groups(pids)
    return 0


def end_groups(pids: set[int], grace_s: float = GRACE_S) -> None:
    """Send SIGTERM to each process group, and SIGKILL to those that are still there after the grace time."""
    deadline = time.monotonic() + grace_s
    alive = {pid for pid in pids if send(pid, signal.SIGTERM)}
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = {pid for pid in alive if send(pid, 0)}
    for pid in alive:
        send(pid, signal.SIGKILL)


def send(pid: int, number: int) -> bool:
    """Signal a process group (0 only asks). Returns False when no process of it is left."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
