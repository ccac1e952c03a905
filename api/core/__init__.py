"""The Core API: `/v1`. A resource is one module here and its schemas in schemas.py; importing it adds its routes."""

from api.core import events
from api.core import locations
from api.core import logs
from api.core import me
from api.core import menus
from api.core import orders
from api.core import payments
from api.core import webhooks
from api.core.blueprint import blueprint

RESOURCES = (me, orders, menus, locations, payments, webhooks, events, logs)

__all__ = ["RESOURCES", "blueprint"]
