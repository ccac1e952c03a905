"""What one test process runs on: a home of its own with three migrated planes and a private Redis."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kit.settings import Settings
from kit.settings import load
from migrations.upgrade import upgrade_all
from tests.support.postgres import Cluster
from tests.support.valkey import Valkey

LOOPBACK = "127.0.0.0/8,::1/128"  # webhooks of the tests go to receivers on this machine


@contextmanager
def running_services(database: str, *, is_durable: bool = False) -> Iterator[Settings]:
    """Start Redis, and PostgreSQL when asked, migrate all planes, and yield the settings that lead to them.

    is_durable: PostgreSQL as it comes; tests need nothing of it to outlive a crash.
    """
    home = Path(tempfile.mkdtemp(prefix="tp-", dir="/tmp"))
    valkey = Valkey(home / "redis.sock")
    cluster = Cluster(is_durable=is_durable) if database == "postgresql" else None
    try:
        valkey.start()
        environ = {"TABLEPORT_HOME": str(home), "TABLEPORT_REDIS_URL": valkey.url, "TABLEPORT_EGRESS_ALLOW": LOOPBACK}
        if cluster is not None:
            cluster.start()
            environ |= cluster.environ()
        settings = load(environ)
        upgrade_all(settings)
        yield settings
    finally:
        valkey.stop()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
