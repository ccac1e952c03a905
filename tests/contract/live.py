"""One running platform per test process, shared by every folder of live tests and ended with the run."""

import pytest

from benchmarks.stack import Stack
from tests.support.postgres import Cluster

STACK = pytest.StashKey[Stack]()


def shared_stack(config: pytest.Config) -> Stack:
    """The platform of this test process, on the database of this run; started by whoever asks first."""
    if STACK not in config.stash:
        environ: dict[str, str] = {}
        if config.getoption("--database") == "postgresql":
            cluster = Cluster()
            config.add_cleanup(cluster.stop)
            cluster.start()
            environ = cluster.environ()
        stack = Stack(environ)
        config.add_cleanup(stack.stop)  # clean-ups run last in, first out: before the cluster's
        config.stash[STACK] = stack.start()
    return config.stash[STACK]
