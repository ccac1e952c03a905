"""The Core API: `/v1`. A resource is one module here with its schemas beside it; importing it adds its routes."""

from api.core import analytics
from api.core import campaigns
from api.core import carts
from api.core import customer_histories
from api.core import customers
from api.core import deliveries
from api.core import events
from api.core import exports
from api.core import holds
from api.core import integrations
from api.core import locations
from api.core import logs
from api.core import loyalty
from api.core import loyalty_programs
from api.core import me
from api.core import menu_items
from api.core import menus
from api.core import modifiers
from api.core import notifications
from api.core import orders
from api.core import payments
from api.core import promo_codes
from api.core import reservations
from api.core import reviews
from api.core import segments
from api.core import tables
from api.core import taxes
from api.core import usage
from api.core import waitlist
from api.core import webhooks
from api.core.blueprint import blueprint

RESOURCES = (
    analytics,
    campaigns,
    carts,
    customer_histories,
    customers,
    deliveries,
    events,
    exports,
    holds,
    integrations,
    locations,
    logs,
    loyalty,
    loyalty_programs,
    me,
    menu_items,
    menus,
    modifiers,
    notifications,
    orders,
    payments,
    promo_codes,
    reservations,
    reviews,
    segments,
    tables,
    taxes,
    usage,
    waitlist,
    webhooks,
)

__all__ = ["RESOURCES", "blueprint"]
