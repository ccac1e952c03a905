"""What every process stands on: all models, secrets, guarded planes and the doorbell. Serves nothing by itself."""

from flask import Flask

from accounts.applications import models as applications
from accounts.approvals import models as approvals
from accounts.audit import models as audit
from accounts.keys import models as keys
from accounts.logs import models as logs
from accounts.oauth import models as oauth
from accounts.organisations import models as organisations
from accounts.people import models as people
from accounts.webhooks import models as webhooks
from api import idempotency
from domain.guests import models as guests
from domain.locations import models as locations
from domain.menus import models as menus
from domain.orders import models as orders
from domain.payments import models as payments
from kit import log
from kit import outbox
from kit.crypto import vault
from kit.jobs import doorbell
from kit.planes import check_roles
from kit.planes import planes
from kit.scope import install_tripwire
from kit.settings import Settings
from sandbox import models as sandbox

# Named so that every table is known before the first foreign key is resolved.
MODELS = (
    applications, approvals, audit, guests, idempotency, keys, locations, logs, menus, oauth, orders, organisations,
    outbox, payments, people, sandbox, webhooks,
)  # fmt: skip


def open_planes(app: Flask, settings: Settings) -> None:
    """Connect a process to its databases and its doorbell.

    Raises UnsafeDatabase when a database role would not hold the tenants apart.
    """
    log.configure(settings.log_level)
    vault.configure(pepper=settings.pepper, master_key=settings.master_key)
    planes.connect(app, settings)
    for _plane, _role, engine in planes.data_engines():
        install_tripwire(engine)
    check_roles(settings)
    doorbell.configure(settings.redis_database_url(0))
