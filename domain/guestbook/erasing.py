"""Erasing a guest on request: everything personal is overwritten wherever it stands; orders and bookings stay, nameless."""

import orjson

from domain.guestbook import moving_queries
from domain.guests.changing import read_guest
from domain.guests.erasing import erase_guest
from domain.notifications.service import erase_messages
from kit.scope import Scope
from kit.unit import tenant_now_us


def erase(scope: Scope, *, guest_id: str) -> None:
    """Erase a guest and those merged into it. Raises NotFound.

    Overwritten: the guest and its lists, delivery addresses and notes of orders, names on lines and payments, contacts
    and wishes of reservations, the author's name of reviews, messages sent, and what past events told about the guest.
    Kept: ids, amounts, times, ratings and the words of reviews.
    """
    erased = erase_guest(scope, guest_id=guest_id)
    ids, now_us = orjson.dumps(erased).decode(), tenant_now_us(scope)
    for noun in moving_queries.ERASED_TEXTS:
        moving_queries.overwrite.rows(scope, noun, customer_ids=ids, changed_at=now_us)
    moving_queries.overwrite_lines.rows(scope, customer_ids=ids)
    moving_queries.overwrite_payers.rows(scope, customer_ids=ids, changed_at=now_us)
    erase_messages(scope, customer_ids=erased)
    for erased_id in erased:
        left = {"object": read_guest(scope, guest_id=erased_id, is_gone_too=True), "previous": None}
        moving_queries.erase_events.rows(scope, customer_id=erased_id, body=orjson.dumps(left).decode())
