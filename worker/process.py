"""What a worker process stands on: what every process does, and the networks it may post to."""

from flask import Flask

from api.process import open_planes
from kit.settings import Settings
from worker.addresses import networks
from worker.mail_routes import mail_files


def open_process(settings: Settings) -> None:
    """Connect this process to everything. Raises UnsafeDatabase when a database role would not hold the tenants apart."""
    open_planes(Flask("tableport-worker"), settings)
    networks.configure(settings.egress_allow)
    mail_files.configure(settings.home)
