"""What every process stands on: all models, secrets, guarded planes and the doorbell. Serves nothing by itself."""

from flask import Flask

from accounts.applications import models as applications
from accounts.approvals import models as approvals
from accounts.audit import models as audit
from accounts.exports import models as exports
from accounts.exports import service as export_service
from accounts.exports.files import store
from accounts.exports.running import expire_export
from accounts.exports.running import run_schedule
from accounts.factors import models as factors
from accounts.invitations import models as invitations
from accounts.keys import models as keys
from accounts.logs import models as logs
from accounts.mail import models as mail
from accounts.mail.letters import letters
from accounts.notices import models as notices
from accounts.oauth import models as oauth
from accounts.organisations import models as organisations
from accounts.pairing import models as pairing
from accounts.people import models as people
from accounts.tiers import models as tiers
from accounts.webhooks import models as webhooks
from api import idempotency
from domain.analytics import models as analytics
from domain.bookings import models as bookings
from domain.campaigns import models as campaigns
from domain.carts import models as carts
from domain.guests import models as guests
from domain.integrations import models as integrations
from domain.locations import models as locations
from domain.loyalty import models as loyalty
from domain.menus import models as menus
from domain.notifications import models as notifications
from domain.orders import models as orders
from domain.payments import models as payments
from domain.references import models as references
from domain.reviews import models as reviews
from domain.timekeeping.service import HANDLERS
from domain.timers import models as timers
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
    analytics, applications, approvals, audit, bookings, campaigns, carts, exports, factors, guests, idempotency, integrations,
    invitations, keys, locations, logs, loyalty, mail, menus, notices, notifications, oauth, orders, organisations, outbox,
    pairing, payments, people, references, reviews, sandbox, tiers, timers, webhooks,
)  # fmt: skip
# Timers of what a partner owns; the restaurant's own stand in domain.timekeeping, which knows nothing above it.
PARTNER_TIMERS = {export_service.EXPIRE: expire_export, export_service.SCHEDULE: run_schedule}


def open_planes(app: Flask, settings: Settings) -> None:
    """Connect a process to its databases and its doorbell.

    Raises UnsafeDatabase when a database role would not hold the tenants apart.
    """
    log.configure(settings.log_level)
    vault.configure(
        pepper=settings.pepper, master_key=settings.master_key, key_id=settings.master_key_id, old_keys=settings.former_keys
    )
    planes.connect(app, settings)
    for _plane, _role, engine in planes.data_engines():
        install_tripwire(engine)
    check_roles(settings)
    doorbell.configure(settings.redis_database_url(0))
    store.configure(settings.home)
    letters.configure(settings.public_url)
    HANDLERS.update(PARTNER_TIMERS)
