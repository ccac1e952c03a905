"""Words of the OpenAPI document that no operation says itself: its sections, and parameters that mean the same everywhere."""

TAGS = {
    "core": "The caller, events, webhooks, exports and logs", "orders": "Orders, previews and amendments",
    "menus": "Menus, items, modifiers, taxes and allergens", "payments": "Payments and refunds",
    "customers": "Customers, consents, tags and segments", "loyalty": "Programs, members, points and rewards",
    "reservations": "Reservations, availability, holds and the waitlist", "reviews": "Reviews and their answers",
    "campaigns": "Campaigns, promo codes and alerts", "analytics": "Figures over business dates",
    "locations": "Locations, hours, status, tables and the floor", "integrations": "Connections to other systems",
    "carts": "Carts and checkout", "sandbox": "What only a sandbox can do",
}  # fmt: skip
_PARAMETERS = {
    "Idempotency-Key": "Repeat a request with the same key and it is done once; the answer is kept for 24 hours",
    "If-Match": "The ETag you read; the write is refused with 409 when the object has changed since",
    "If-None-Match": "The ETag you have; an unchanged object answers 304 without a body",
    "q": "Words to search for",
    "ref": "The id another product uses, as `<product>[:<type>]:<id>`, e.g. `tablespot:res_789`",
    "sort": "Order of the rows; a leading minus means descending",
    "expand": "Objects to include in full, comma separated",
    "from": "Start of the period, included",
    "to": "End of the period, excluded for instants, included for dates",
    "updated_since": "Only what changed at or after this instant",
    "created_from": "Only what was created at or after this instant",
    "created_to": "Only what was created before this instant",
    "token": "The token in the address",
    "status": "Only rows in this status",
    "external_id": "The reference you gave the object",
    "scenario": "Name of the scenario, e.g. `friday_rush`",
    "delivery_status": "Status the courier reaches, e.g. `picked_up`",
}


def said_of(name: str) -> str:
    """What a parameter means when its schema does not say."""
    if name in _PARAMETERS:
        return _PARAMETERS[name]
    words = name.removesuffix("_id").replace("_", " ")
    return f"Id of the {words}" if name.endswith("_id") else f"Only rows with this {words}"
