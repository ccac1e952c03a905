"""Erasing a guest on request: everything personal is overwritten wherever it stands; orders and bookings stay, nameless.

What the platform keeps about calls and deliveries (request logs, stored answers, attempts) is the worker's to forget, by
the task set here. Decision record: docs/adr/0012.
"""

import orjson

from domain.guestbook import erasing_queries
from domain.guestbook.retelling import retell
from domain.guests.changing import read_guest
from domain.guests.erasing import erase_guest
from domain.guests.erasing import self_and_merged
from domain.loyalty.service import delete_member
from domain.notifications.service import erase_messages
from domain.timers.service import set_task
from kit.scope import Scope
from kit.unit import tenant_now_us

FORGET = "customer.forget"
FORGET_AFTER_S = 30.0  # by then what was on its way has been logged


def erase(scope: Scope, *, guest_id: str) -> None:
    """Erase a guest and those merged into it. Raises NotFound.

    Overwritten at once: the guest and its lists; addresses, notes, names and metadata of orders, carts and payments;
    contacts and wishes of reservations and of the waitlist; author, words and answer of reviews; messages and alerts sent;
    what hotels call the guest; and what past events told about any of these. A loyalty card nobody else holds is closed
    and loses its code.
    Kept: ids, amounts, times, ratings, consents' dates. The task customer.forget cleans the platform's records of calls.
    """
    erased, contacts = erase_guest(scope, guest_id=guest_id)
    ids, now_us = orjson.dumps(erased).decode(), tenant_now_us(scope)
    touched, offered = (
        [str(row[0]) for row in found.rows(scope, customer_ids=ids)]
        for found in (erasing_queries.touched, erasing_queries.offered)
    )
    for member_id in [str(row[0]) for row in erasing_queries.lone_cards.rows(scope, customer_ids=ids)]:
        delete_member(scope, member_id=member_id, is_erased=True)
    for noun in erasing_queries.OVERWRITTEN:
        erasing_queries.overwrite.rows(scope, noun, customer_ids=ids, changed_at=now_us, empty_object="{}")
    erasing_queries.forget_folios.rows(scope, customer_ids=ids)
    erase_messages(scope, customer_ids=erased, recipients=contacts)
    left = {one: read_guest(scope, guest_id=one, is_gone_too=True) for one in erased}
    retell(scope, erased=left, touched=touched, beside=offered)
    set_task(scope, kind=FORGET, object_id=guest_id, delay_s=FORGET_AFTER_S)


def traces_of(scope: Scope, *, guest_id: str) -> list[str]:
    """Ids of a guest, of those merged into it, and of what was theirs."""
    ids = self_and_merged(scope, guest_id=guest_id)
    found = erasing_queries.touched.rows(scope, customer_ids=orjson.dumps(ids).decode())
    return [*ids, *(str(row[0]) for row in found)]
