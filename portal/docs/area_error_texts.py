"""What the errors of bookings, guests, loyalty, carts, webhooks and the sandbox mean. Entries of portal.docs.error_texts."""

from portal.docs.error_text import ErrorText

AREA_TEXTS: dict[str, ErrorText] = {
    "already_a_member": ErrorText(
        "The person who was invited, or who opened an invitation, belongs to the organisation.",
        "Nothing is left to do. An owner changes what they may do on the page of its members.",
        "anna@example.com belongs to Bistro Systems already.",
    ),
    "already_invited": ErrorText(
        "An invitation of this address is open, or has expired without being withdrawn.",
        "Send that invitation again, or withdraw it and invite anew, for example with another role.",
        "anna@example.com was invited already. Send that invitation again, or withdraw it first.",
    ),
    "invited_somebody_else": ErrorText(
        "An invitation can be accepted only by the address it was sent to; you are signed in with another one.",
        "Log out and open the link again, or ask for an invitation of the address you use.",
        "This invitation was sent to anna@example.com, and you are signed in as eva@example.com.",
    ),
    "restaurants_taken": ErrorText(
        "Restaurants belong to one organisation at a time. Only people who run the platform meet this refusal.",
        "Take the group from the organisation that has it first; what its people let in there ends with that.",
        "Bistro Group belongs to another organisation. Take it from there first.",
    ),
    "table_unavailable": ErrorText(
        "Somebody else has the table at that time: a reservation, a hold or a member of staff.",
        "Offer your guest one of `alternatives`, or ask GET /v1/availability again.",
        "Every fitting table is taken at that time.",
    ),
    "hold_expired": ErrorText(
        "The hold has run out, was released, or a reservation has used it.",
        "Hold the table again with POST /v1/holds and book before `expires_at`.",
        "The hold has expired.",
    ),
    "party_too_large": ErrorText(
        "The party is larger than the tables, or the tables that may be put together, can seat.",
        "Split the party, or choose tables whose seats add up to it.",
        "The tables seat 4 at most.",
    ),
    "outside_opening_hours": ErrorText(
        "The location is closed for some of that time.",
        "Read its hours, special dates included, and choose a time within them.",
        "The location is closed at that time.",
    ),
    "nonexistent_local_time": ErrorText(
        "The clocks are put forward over that local time, so it does not exist there on that day.",
        "Send the time with its offset from UTC, or choose another one.",
        "02:30 does not exist on that day.",
    ),
    "cart_expired": ErrorText(
        "Nobody has touched the cart for two hours.",
        "Create a new cart; nothing of the old one was ordered or paid.",
        "The cart has expired.",
    ),
    "totals_mismatch": ErrorText(
        "The total you expect is not what the cart costs now: a price, a promo code or an item has changed.",
        "Show the cart again, let the guest agree, and check out with the new total.",
        "The cart costs another amount now.",
    ),
    "merge_conflict": ErrorText(
        "One of the customers is already being merged.",
        "Wait for that merge to finish, read the customers again and decide anew.",
        "The customer is part of another merge.",
    ),
    "self_merge": ErrorText(
        "A customer was named as its own duplicate.",
        "Name the customer to keep in the path and only others in `victim_ids`.",
        "A customer cannot be merged into itself.",
    ),
    "nested_not_found": ErrorText(
        "An entry inside the object, such as a phone or an address, has an id the object does not hold.",
        "Read the object, use the ids it shows, and leave `id` out for new entries.",
        "There is no such entry.",
    ),
    "insufficient_points": ErrorText(
        "The member has fewer points than that would take.",
        "Read the member's balance and offer a reward it covers.",
        "The balance does not cover that.",
    ),
    "authorization_pending": ErrorText(
        "The person at the portal has not approved or denied the pairing yet.",
        "Ask again after the `interval` you were told.",
        "Nobody has decided about this pairing yet.",
    ),
    "slow_down": ErrorText(
        "The client asked for the outcome of a pairing again too soon.",
        "Wait five seconds longer between two questions from now on.",
        "Ask every 2 seconds at most.",
    ),
    "access_denied": ErrorText(
        "The person at the portal denied the pairing, or may no longer make keys.",
        "Run `tableport login` again if that was a mistake.",
        "The pairing was denied.",
    ),
    "expired_token": ErrorText(
        "A pairing lasts ten minutes and is good for one key.",
        "Run `tableport login` again.",
        "The pairing has expired, was used, or never existed.",
    ),
    "endpoint_disabled": ErrorText(
        "The webhook endpoint is disabled, by hand or after failing for too long, so nothing is sent to it.",
        "Enable it with POST /v1/webhooks/{endpoint_id}/enable, then ask again.",
        "The endpoint is disabled; enable it first.",
    ),
    "replay_in_progress": ErrorText(
        "An earlier replay to this endpoint has deliveries that are not sent yet.",
        "Wait until its deliveries are done; list them with `replay_id`.",
        "A replay to this endpoint is still being delivered.",
    ),
    "injected_fault": ErrorText(
        "Nothing is wrong: this sandbox was told to fail here, by a fault or a request header.",
        "See that your code copes, then remove the fault with DELETE /sandbox/v1/faults.",
        "Nothing is wrong: this sandbox was told to answer 503 here.",
    ),
}
