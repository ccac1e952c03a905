"""What each error code means to a caller and what to do about it. Status and title belong to the error classes.

A test holds that every code of kit.errors.registry has a text here, and that no text is left over.
"""

from kit.errors import FieldError
from portal.docs.area_error_texts import AREA_TEXTS
from portal.docs.error_text import ErrorText

_KEY = "Take the key from the portal exactly as it was shown, with its prefix, in the header Authorization: Bearer <key>."
_AGAIN = "Read the object again, decide whether your change still makes sense, and send it with the new version."

TEXTS: dict[str, ErrorText] = AREA_TEXTS | {
    "malformed_json": ErrorText(
        "The body is not JSON as RFC 8259 describes it: a syntax error, a name that appears twice, bytes that are not"
        " UTF-8, or more than 32 levels of nesting.",
        "Print what you send, and let a JSON library write it. The detail names line and column.",
        "Line 3, column 18: Expecting ',' delimiter.",
    ),
    "invalid_parameter": ErrorText(
        "A query parameter or a header has a form that cannot be read, or the parameter does not exist here.",
        "The detail or errors[] names the parameter. Compare it with the reference of the operation.",
        'If-Match must be an ETag this API gave out, such as "3".', {"parameter": "If-Match"},
    ),
    "parameter_missing": ErrorText(
        "A parameter this call cannot do without is missing. A field missing in a body is validation_failed instead.",
        "Add the parameter the answer names.",
        "Name the location: this restaurant has none or several.", {"parameter": "location_id"},
    ),
    "invalid_cursor": ErrorText(
        "The cursor was changed, is older than 24 hours, or belongs to another list, filter or credential.",
        "Pass next_cursor on unchanged, with the same filters. When it is too old, start the list again without a cursor.",
        "The cursor is older than 24 hours; start the list again.",
    ),
    "unsupported_version": ErrorText(
        "The version header names an API version that does not exist.",
        "Send one of the versions in the answer, or no header: then the version your credential is pinned to applies.",
        "'2020-01-01' is not a version; the newest is 2026-11-01.", {"versions": ["2026-11-01"]},
    ),
    "unauthenticated": ErrorText(
        "No credential was sent, or none that we issued. The answer is the same for both.",
        _KEY, "Send `Authorization: Bearer <your API key>`; keys are created in the portal under Keys.",
    ),
    "token_expired": ErrorText(
        "The key or access token was valid once; its time is over.",
        "Ask for a new access token, or create or roll a key in the portal. Renew tokens before expires_in has passed.",
        "This credential has expired; create or roll a key in the portal.",
    ),
    "token_revoked": ErrorText(
        "The key or access token was revoked by a member of its organisation, or because it leaked: it was seen in the address of"
        " a call or reported by a scanner of public code.",
        "Stop using it and remove it from where it is stored. A member can create a new one in the portal.",
        "This credential was revoked.",
    ),
    "invalid_dpop_proof": ErrorText(
        "The access token is bound to a key, and this request does not prove that its sender holds it: the proof in the header"
        " DPoP is missing, was used before, names another request, or was made with another key.",
        "Make a new proof for each request, with its method as htm, its address without the query as htu, and the hash of the"
        " token as ath. The detail says what is wrong.",
        "ath of the proof must be the SHA-256 of the access token it comes with.",
    ),
    "use_dpop_nonce": ErrorText(
        "The proof carries no nonce of this server, or one that is too old.",
        "Take the nonce from the header DPoP-Nonce of this answer, make a new proof with it, and send the request again. Most"
        " libraries do that by themselves; with the nonce of the last answer the detour is rare.",
        "Make a new proof with the nonce of the header DPoP-Nonce, and send the request again.",
    ),
    "wrong_credentials": ErrorText(
        "Signing in to the portal failed. Whether the address is known is not said.",
        "Check both. After five wrong passwords in 15 minutes an account takes no more tries for a while.",
    ),
    "wrong_code": ErrorText(
        "The code of an authenticator app or the recovery code is wrong, or was used before: each works once.",
        "Wait for the app's next code. Its codes depend on the time, so the phone's clock has to be right.",
    ),
    "passkey_refused": ErrorText(
        "The passkey is not known here, answered too late or for another site, or did not ask for your PIN or fingerprint.",
        "Try again, or show who you are in another way.",
    ),
    "sign_in_expired": ErrorText(
        "Between the password and the second factor there are five minutes, and the password must not change meanwhile.",
        "Log in again.",
    ),
    "factor_needed": ErrorText(
        "The account has a second factor, so the password alone does not open it.",
        "Log in on the page, which asks for the factor.",
    ),
    "payment_declined": ErrorText(
        "The card, wallet or account refused. The failed payment is stored and its id is in payment_id.",
        "Show the guest a reason that fits decline_code and offer another means of payment. Do not repeat the same one.",
        "The payment was declined: insufficient_funds.",
        {"decline_code": "insufficient_funds", "payment_id": "pay_01K0A1B2C3D4E5F6G7H8J9K0MN"},
    ),
    "insufficient_scope": ErrorText(
        "The credential is valid and lacks a scope this operation needs, belongs to another product, or its application"
        " is suspended. In the portal: your role does not include this.",
        "Create a key with the scopes in required_scopes. Reading and writing are separate: write does not include read.",
        "This needs the scope orders:write.", {"required_scopes": ["orders:write"]},
    ),
    "plan_required": ErrorText(
        "The plan of the restaurant does not include this area, or its number of keys, endpoints or clients is used up.",
        "Compare the plans. required_plan is the lowest one that includes it; a change applies to the next request.",
        "The Smart plan does not include orders.", {"required_plan": "pro", "docs": "/docs/plans"},
    ),
    "production_not_approved": ErrorText(
        "A live credential is used before its application was approved for production.",
        "Ask for production access on the application page, which status_url leads to. The same key starts to work on approval.",
        "Ask for production access in the portal; this key starts to work on approval.",
        {"application_state": "submitted", "status_url": "/live/application?application=app_01K0A1B2C3D4E5F6G7H8J9K0MN"},
    ),
    "location_restricted": ErrorText(
        "The key may work at some locations only, and this operation is about all of them or cannot be told apart by location.",
        "Use a key without locations for it; the page about scopes lists what such keys can call.",
    ),
    "ip_not_allowed": ErrorText(
        "The key lists the networks it may be used from, and this call came from another one.",
        "Call from a listed network, or create a key with the right list. The detail shows the address we saw.",
        "This credential may not be used from 203.0.113.9.",
    ),
    "resource_not_found": ErrorText(
        "There is no such path or object for this credential. An object of another restaurant or of the other environment"
        " looks exactly like one that does not exist.",
        "Check the id, and whether the key belongs to the environment the object lives in.",
    ),
    "method_not_allowed": ErrorText(
        "The path exists and does not answer this method.",
        "Use one of the methods in allowed; the header Allow says the same.",
        "Allowed here: GET, HEAD, OPTIONS.", {"allowed": ["GET", "HEAD", "OPTIONS"]},
    ),
    "not_acceptable": ErrorText(
        "The Accept header excludes every representation there is.",
        "Leave Accept out, or include application/json.",
    ),
    "version_conflict": ErrorText(
        "The object has changed since you read it: If-Match or the body's version names an older state.",
        _AGAIN, "The order is at version 4 now.", {"current_version": 4},
    ),
    "invalid_transition": ErrorText(
        "The object cannot go from its status to the one you want.",
        "Look at allowed. Often another system was faster: read the object and treat the step as done if it is.",
        "From completed there is no way to preparing: this status is final.",
        {"from": "completed", "to": "preparing", "allowed": []},
    ),
    "duplicate_reference": ErrorText(
        "Your external_id already belongs to another object with other content. Same content would have answered 200.",
        "If this is a new object, give it a reference of its own. If it is a retry, send what you sent first.",
        "external_id A-1001 already belongs to an order with other content.",
    ),
    "idempotency_in_progress": ErrorText(
        "The first request with this Idempotency-Key is still being worked on.",
        "Wait a moment and send the same request with the same key; you will get the first one's answer.",
        "The first request with this Idempotency-Key has not finished yet; retry shortly.",
    ),
    "delivery_not_retryable": ErrorText(
        "The delivery succeeded or is being sent right now.",
        "Retry only deliveries that are pending or dead. To see an event again, read it from the event feed.",
    ),
    "last_owner": ErrorText(
        "The change would leave the organisation without an owner.", "Make another member owner first."
    ),
    "email_taken": ErrorText(
        "Someone signed up with this e-mail address before.", "Log in with it, or sign up with another address."
    ),
    "address_unconfirmed": ErrorText(
        "In the portal: what you are about to do reaches others, and you have not shown yet that the address is yours.",
        "Use the link in the mail we sent when you signed up; the note above each page sends another.",
    ),
    "link_over": ErrorText(
        "In the portal: a link from a mail was used before, is too old, or lost a part on its way.",
        "Ask for another mail where you asked for this one.",
    ),
    "key_not_active": ErrorText(
        "Only a working key can be rolled; this one is revoked, expired or was rolled before.",
        "Create a new key instead.",
    ),
    "request_already_decided": ErrorText(
        "The request for production was approved, rejected or withdrawn in the meantime.",
        "Reload the page and look at its outcome.",
    ),
    "tier_already_requested": ErrorText(
        "This application has asked for another plan of the restaurant before, and nobody has decided yet.",
        "Wait for the decision, or withdraw the request and ask again.",
    ),
    "tier_request_decided": ErrorText(
        "The request for another plan was approved, refused or withdrawn in the meantime.",
        "Reload the page and look at its outcome.",
    ),
    "production_already_requested": ErrorText(
        "The application is approved, or a request for it is waiting for a decision.",
        "Wait for the decision, or withdraw the open request and ask again.",
    ),
    "production_not_connected": ErrorText(
        "A live key or client works for a restaurant, and none has connected this application.",
        "Live credentials can be made as soon as a restaurant group has connected the approved application.",
        "A production key needs a restaurant that has connected this application.",
    ),
    "application_name_taken": ErrorText(
        "Another application of the organisation has this name.", "Choose another name."
    ),
    "export_expired": ErrorText(
        "What the address named existed and is not kept any longer.", "Ask for it to be made again."
    ),
    "payload_too_large": ErrorText(
        "The body is larger than limit, in bytes.",
        "Send less at once: split lists over several calls.",
        "The body may have at most 1048576 bytes.", {"limit": 1_048_576},
    ),
    "unsupported_media_type": ErrorText(
        "The body is not declared as JSON.", "Send Content-Type: application/json.",
        "Send the body as Content-Type: application/json.",
    ),
    "validation_failed": ErrorText(
        "The body could be read and breaks a rule. errors[] names every field: the code there is required, unknown_field,"
        " invalid or invalid_value, or that of a more specific refusal on this page.",
        "Correct the fields named in errors[]; message says what was expected. The same body will be refused again.",
        fields=(
            FieldError("items", "required", "Missing data for required field."),
            FieldError("itmes", "unknown_field", "Unknown field."),
        ),
    ),
    "unknown_item": ErrorText(
        "A line names an item, variation or modifier that this location does not sell.",
        "Read the menu of that location again; your copy is older than the menu.",
        fields=(FieldError("items[0].menu_item_id", "unknown_item", "There is no item itm_nope at this location."),),
    ),
    "item_unavailable": ErrorText(
        "A line names an item or modifier that is sold out or taken off the menu for now.",
        "Leave the line out or offer another item. When available_again_at is known, it says until when.",
        fields=(
            FieldError(
                "items[0].menu_item_id", "item_unavailable", "Item itm_truffle_pasta is not available (manual_86).",
                {"menu_item_id": "itm_truffle_pasta", "reason": "manual_86", "available_again_at": None},
            ),
        ),
    ),
    "modifier_rules": ErrorText(
        "The modifiers of a line do not fit their groups: too few, too many, or not offered with this choice.",
        "Read the modifier group in group_id: its minimum and maximum are what the guest has to be asked.",
        fields=(FieldError("items[0]", "modifier_rules", "Choose at least 1 of Doneness.", {"group_id": "mgr_doneness"}),),
    ),
    "store_unavailable": ErrorText(
        "The location takes no orders for the wanted time. reason is paused, offline, closed or inactive.",
        "Offer a time within the opening hours, or wait for store.status.updated.",
        "The location is paused.", {"location_id": "loc_waw_01", "reason": "paused"},
    ),
    "phone_invalid": ErrorText(
        "The number cannot be brought into the form +<country code><number>.",
        "Send it with its country code, for example +48221234567.",
        "Expected an international number such as +48221234567, or a national one of the location.",
    ),
    "email_invalid": ErrorText(
        "This is not an e-mail address.", "Send one address, for example name@example.com.",
        "Expected one address such as guest@example.com.",
    ),
    "currency_mismatch": ErrorText(
        "The amount or item is in another currency than the order. Nothing is converted.",
        "Send the currency of the location; every object with amounts names its own.",
    ),
    "amount_precision": ErrorText(
        "The amount has more decimals than its currency, or is too large to be kept exactly.",
        "Round before you send: two decimals for PLN or EUR, none for JPY.",
        "tip: PLN has 2 fraction digits.", fields=(FieldError("tip", "amount_precision", "PLN has 2 fraction digits."),),
    ),
    "amount_exceeds_due": ErrorText(
        "The payment is larger than what is still due on the order.",
        "Charge due at most. A tip goes into tip, not into amount.",
        "More is offered than is due, or nothing at all.", {"due_minor": 4590, "currency": "PLN"},
    ),
    "refund_exceeds_paid": ErrorText(
        "The refund is larger than what is left of the payment after earlier refunds.",
        "Refund at most refundable.",
        "The refund is larger than what is left.", {"refundable_minor": 2000, "currency": "PLN"},
    ),
    "promo_invalid": ErrorText(
        "The promo code does not exist or does not apply to this order.",
        "Tell the guest and place the order without it.",
        fields=(FieldError("discounts[0].code", "promo_invalid", "There is no promo SUMMER."),),
    ),
    "idempotency_key_reused": ErrorText(
        "This Idempotency-Key was first used with another body.",
        "Make a new key for each thing you want to happen, and keep it for retries of exactly that request.",
        "This Idempotency-Key was first used with a different body; use a new key.",
    ),
    "rate_limited": ErrorText(
        "The credential made more calls of this bucket within a minute than its plan allows.",
        "Wait as many seconds as Retry-After says. Spread calls, and use webhooks instead of asking again and again.",
        "The limit is 120 read calls per minute for this credential; try again in 41 s.", {"retry_after_s": 41},
    ),
    "quota_exceeded": ErrorText(
        "The calls of this day (UTC) are used up.",
        "Wait for the next day, or for a larger plan. Calls answered with 429 are not counted.",
        "The limit is 5000 calls per day for this credential; try again in 3600 s.", {"retry_after_s": 3600},
    ),
    "internal_error": ErrorText(
        "A defect on our side. It has been logged with the request id.",
        "Repeat the request with the same Idempotency-Key after some seconds. If it stays, report the request_id.",
    ),
    "maintenance": ErrorText(
        "A part the call needs is not available at the moment. Nothing was changed.",
        "Wait as many seconds as Retry-After says and repeat the same request.",
        "This is unavailable for a moment; try again in some seconds.",
    ),
    "payment_processor_unavailable": ErrorText(
        "The payment processor did not answer. No money was moved and nothing was written.",
        "Repeat the request with the same Idempotency-Key.",
        "The payment processor did not answer. No money was moved; try again.",
    ),
}  # fmt: skip
