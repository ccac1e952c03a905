"""Makes the demo in a process of its own, so that the supervisor stays small and silent. Used by worker.supervise only."""

import sys

from kit.settings import load
from sandbox.demo import ensure
from worker.process import open_process


def main() -> int:
    """Create what is missing of the demo."""
    settings = load()
    open_process(settings)
    ensure(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
