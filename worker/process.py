"""What a worker process stands on: what every process does, and the networks it may post to."""

import gc
import sys

from flask import Flask

from api.limits import limiter
from api.process import open_planes
from kit.settings import Settings
from worker.addresses import networks
from worker.mail_routes import mail_files


def open_process(settings: Settings) -> None:
    """Connect this process to everything. Raises UnsafeDatabase when a database role would not hold the tenants apart."""
    open_planes(Flask("tableport-worker"), settings)
    limiter.configure(settings.redis_database_url(1), processes=1)
    networks.configure(settings.egress_allow)
    mail_files.configure(settings.home)


def tune() -> None:
    """Set the interpreter up for one event loop beside threads that wait for databases. For processes that do nothing else.

    What is loaded by now stays, and is not looked at by every collection again; what a batch makes is gone before one of
    20,000 objects is worth it. A thread whose database has answered gets the interpreter within a millisecond: at the usual
    five a transaction of six statements waits 30 ms while requests are sent.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
    sys.setswitchinterval(0.001)
