"""The 69 public event types: the scope that may see each, what its object is, and when it happens.

What a subscription lists are words: a type, a family of types (`order.*`, `menu.item.*`), or `*` for every type. covers()
is the only place that says what a word stands for.
"""

from collections.abc import Collection
from typing import NamedTuple


class EventType(NamedTuple):
    """One public event. `object` names the document in its body."""

    scope: str
    object: str
    description: str


_BY_SCOPE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "orders:read": (
        ("order.created", "order", "An order was placed (pending or scheduled)"),
        ("order.accepted", "order", "The restaurant accepted an order"),
        ("order.rejected", "order", "The restaurant rejected an order"),
        ("order.preparing", "order", "The kitchen started an order"),
        ("order.ready", "order", "An order is ready"),
        ("order.picked_up", "order", "A guest or courier took an order"),
        ("order.completed", "order", "An order is finished"),
        ("order.cancelled", "order", "An order was cancelled"),
        ("order.failed", "order", "An order failed, for example because nobody accepted it in time"),
        ("order.updated", "order", "An order changed other than by a status move"),
        ("order.delivery.updated", "order", "The delivery status or courier of an order changed"),
        ("order.cancellation_requested", "order", "Someone asked to cancel an accepted order"),
    ),
    "payments:read": (
        ("payment.created", "payment", "A payment was made or attempted"),
        ("payment.confirmed", "payment", "A payment is confirmed"),
        ("payment.failed", "payment", "A payment was declined or failed"),
        ("payment.refunded", "payment", "A payment was refunded in full"),
        ("payment.partially_refunded", "payment", "A part of a payment was refunded"),
        ("payment.cancelled", "payment", "A payment was cancelled before confirmation"),
    ),
    "menus:read": (
        ("menu.created", "menu", "A menu was created"),
        ("menu.updated", "menu", "A menu, category, structure or schedule changed"),
        ("menu.item.created", "item", "An item was created"),
        ("menu.item.updated", "item", "An item changed other than in availability"),
        ("menu.item.unavailable", "item", "An item cannot be ordered any more"),
        ("menu.item.available", "item", "An item can be ordered again"),
        ("menu.price.updated", "item", "A price of an item, variation or modifier changed"),
        ("menu.modifier.unavailable", "modifier", "A modifier cannot be ordered any more"),
        ("menu.modifier.available", "modifier", "A modifier can be ordered again"),
    ),
    "customers:read": (
        ("customer.created", "customer", "A customer was created"),
        ("customer.updated", "customer", "A customer's profile, contacts or preferences changed"),
        ("customer.segment.updated", "customer_segment", "A customer entered or left a segment"),
        ("customer.tag.added", "customer_tag", "A tag was added to a customer"),
        ("customer.consent.updated", "customer_consent", "A customer gave or withdrew a consent"),
        ("customer.deleted", "customer", "A customer was erased or merged away"),
        ("customer.merged", "customer_merge", "Customers were merged"),
    ),
    "loyalty:read": (
        ("loyalty.member.created", "loyalty_member", "A customer joined a loyalty program"),
        ("loyalty.points.earned", "loyalty_points", "A member earned points"),
        ("loyalty.reward.unlocked", "loyalty_reward", "A member's balance reached a reward"),
        ("loyalty.reward.redeemed", "loyalty_reward", "A member redeemed a reward"),
        ("loyalty.tier.updated", "loyalty_tier", "A member's tier changed"),
        ("membership.created", "membership", "A membership was created"),
        ("membership.updated", "membership", "A membership changed"),
        ("membership.deleted", "membership", "A membership was deleted"),
    ),
    "reservations:read": (
        ("reservation.created", "reservation", "A reservation was requested or confirmed"),
        ("reservation.updated", "reservation", "A reservation changed"),
        ("reservation.cancelled", "reservation", "A reservation was cancelled or rejected"),
        ("reservation.completed", "reservation", "A reservation is finished"),
        ("reservation.no_show", "reservation", "The party did not come"),
        ("reservation.hold_expired", "hold", "A held table was released"),
    ),
    "reviews:read": (
        ("review.submitted", "review", "A review was submitted"),
        ("review.sentiment.updated", "review", "The sentiment of a review was computed or changed"),
        ("review.response_needed", "review", "A review needs an answer"),
        ("review.resolved", "review", "A review is resolved"),
    ),
    "campaigns:read": (
        ("campaign.created", "campaign", "A campaign was created"),
        ("campaign.sent", "campaign", "A campaign was sent"),
        ("campaign.clicked", "campaign_click", "A recipient clicked a campaign's link for the first time"),
        ("campaign.offer_redeemed", "campaign_offer", "A campaign's offer was used on a completed order"),
        ("promo_code.used", "promo_code_use", "A promo code was applied to a placed order"),
    ),
    "integrations:read": (
        ("integration.connected", "integration", "An integration was connected"),
        ("integration.disconnected", "integration", "An integration was disconnected"),
        ("integration.sync_failed", "sync_run", "A synchronisation failed"),
        ("integration.mapping_required", "integration_mapping", "An external reference is unknown or does not match"),
        ("integration.sync_completed", "sync_run", "A synchronisation finished"),
    ),
    "locations:read": (("store.status.updated", "location", "A location went online, offline or paused"),),
    "tables:read": (("table.updated", "table", "A table was edited, locked, unlocked or combined"),),
    "notifications:read": (("staff.notification.created", "notification", "A notification was sent to staff"),),
    "exports:read": (
        ("export.completed", "export", "An export is ready to download"),
        ("export.failed", "export", "An export failed"),
    ),
    "webhooks:read": (
        ("webhook.endpoint.failing", "webhook_failing", "An endpoint has come 50, 70 or 90 % of the way to being disabled"),
        ("webhook.endpoint.disabled", "webhook_endpoint", "An endpoint was disabled because it stopped working"),
    ),
}
EVENT_TYPES: dict[str, EventType] = {
    name: EventType(scope, noun, description) for scope, rows in _BY_SCOPE.items() for name, noun, description in rows
}
EVERYTHING = "*"
# About an application's own settings: nothing another application of the same restaurant may learn.
OWN_ONLY = ("webhook.endpoint.disabled", "webhook.endpoint.failing")


def _families_of(name: str) -> tuple[str, ...]:
    """`menu.*` and `menu.item.*` for `menu.item.created`."""
    parts = name.split(".")[:-1]
    return tuple(".".join((*parts[: depth + 1], "*")) for depth in range(len(parts)))


_WORDS: dict[str, frozenset[str]] = {name: frozenset((name, EVERYTHING, *_families_of(name))) for name in EVENT_TYPES}
FAMILIES: dict[str, tuple[str, ...]] = {
    family: tuple(name for name, words in _WORDS.items() if family in words)
    for family in dict.fromkeys(family for name in EVENT_TYPES for family in _families_of(name))
}


def covers(listed: Collection[str], name: str) -> bool:
    """Tell whether one of the listed words stands for an event type. An unknown type is covered by nothing."""
    return not _WORDS.get(name, frozenset()).isdisjoint(listed)


def covered_types(listed: Collection[str], scopes: Collection[str]) -> list[str]:
    """The types that the listed words stand for and the scopes may see, in the order of the catalogue."""
    return [name for name, kind in EVENT_TYPES.items() if kind.scope in scopes and covers(listed, name)]
