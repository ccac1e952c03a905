"""What one test process runs on: a home of its own with three migrated planes and a private Redis."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import fields
from pathlib import Path

from kit.settings import Settings
from kit.settings import load
from migrations.upgrade import upgrade_all
from tests.support.postgres import Cluster
from tests.support.valkey import Valkey

LOOPBACK = "127.0.0.0/8,::1/128"  # webhooks of the tests go to receivers on this machine


@dataclass
class Services:
    """What a platform stands on, for those who stop and start it themselves."""

    settings: Settings
    valkey: Valkey
    cluster: Cluster | None


@contextmanager
def running_services(database: str, *, is_durable: bool = False) -> Iterator[Settings]:
    """Start Redis, and PostgreSQL when asked, migrate all planes, and yield the settings that lead to them.

    is_durable: PostgreSQL as it comes; tests need nothing of it to outlive a crash.
    """
    with controlled_services(database, is_durable=is_durable) as services:
        yield services.settings


@contextmanager
def controlled_services(database: str, *, is_durable: bool = False) -> Iterator[Services]:
    """Like running_services, but yields the servers too."""
    home = Path(tempfile.mkdtemp(prefix="tp-", dir="/tmp"))
    valkey = Valkey(home / "redis.sock")
    cluster = Cluster(is_durable=is_durable) if database == "postgresql" else None
    try:
        valkey.start()
        own = {"TABLEPORT_HOME": str(home), "TABLEPORT_REDIS_URL": valkey.url, "TABLEPORT_EGRESS_ALLOW": LOOPBACK}
        if cluster is not None:
            cluster.start()
            own |= cluster.environ()
        settings = load(own)
        upgrade_all(settings)
        yield Services(settings, valkey, cluster)
    finally:
        valkey.stop()
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def environ(settings: Settings) -> dict[str, str]:
    """The environment in which another process gets the same settings."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    texts = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()}
    return os.environ | {f"TABLEPORT_{name.upper()}": text for name, text in texts.items() if text}
