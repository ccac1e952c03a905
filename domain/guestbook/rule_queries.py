"""Registered statements that decide who satisfies a segment's rule.

One statement serves every rule: a predicate that a rule does not have is switched off by its parameter `off_<predicate>`,
so the number of compiled statements does not grow with the rules people think of.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select

from domain.bookings.models import Reservation
from domain.guestbook.queries import HONOURED
from domain.guestbook.queries import own_orders
from domain.guestbook.queries import own_reservations
from domain.guestbook.queries import spent
from domain.guests.drafts import CHANNELS
from domain.guests.models import Guest
from domain.guests.models import GuestAddress
from domain.guests.models import GuestContact
from domain.guests.models import GuestDate
from domain.guests.models import GuestTag
from domain.guests.models import SegmentMembership
from domain.guests.sql import consent_status
from domain.orders.models import Order
from kit.documents import TENANT
from kit.documents import registered_read
from kit.json_sql import one_of

guests = Guest.__table__
orders = Order.__table__
reservations = Reservation.__table__
memberships = SegmentMembership.__table__
contacts, addresses, dates, tags = (
    model.__table__ for model in (GuestContact, GuestAddress, GuestDate, GuestTag)
)  # fmt: skip
LISTED = {
    "countries": "country", "locales": "locale", "sources": "source", "genders": "gender",
    "parent_location_ids": "parent_location_id",
}  # fmt: skip


def _text(name: str) -> Any:
    return bindparam(name, type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _flag(name: str) -> Any:
    return bindparam(name, type_=Boolean)


def _own(table: Any, *conditions: Any) -> Any:
    return (
        select(table.c.id).where(table.c.tenant_id == TENANT, table.c.guest_id == guests.c.id, *conditions).correlate(guests)
    )


def _tagged(name: str) -> Any:
    return _own(tags, one_of(tags.c.tag, _text(name)))


def _all_tags() -> Any:
    found = _tagged("tags_all").with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()
    return found == _big("tags_all_count")


def _reached(kind: str) -> Any:
    return exists(_own(contacts, contacts.c.kind == kind))


def _orders_counted() -> Any:
    return own_orders(func.count()).scalar_subquery()


def _reservations_counted(*statuses: str) -> Any:
    return own_reservations(func.count(), statuses=statuses).scalar_subquery()


def _spend() -> Any:
    total = own_orders(func.coalesce(func.sum(spent()), 0)).where(orders.c.currency == _text("spend_currency"))
    return total.scalar_subquery()


def _seen(*orders_when: Any, reservations_when: tuple[Any, ...] = ()) -> Any:
    ordered = own_orders(orders.c.id).where(*orders_when)
    came = own_reservations(reservations.c.id, statuses=HONOURED).where(*reservations_when)
    return or_(exists(ordered), exists(came))


def _seen_since(name: str) -> Any:
    return _seen(orders.c.created_at >= _big(name), reservations_when=(reservations.c.start_at >= _big(name),))


def _listed(name: str, column: str) -> Any:
    return one_of(guests.c[column], _text(name))


def _consented(channel: str) -> Any:
    return func.coalesce(consent_status(guests.c.consents, channel), "unknown") == _text(f"consent_{channel}")


PREDICATES: dict[str, Callable[[], Any]] = {
    "tags_any": lambda: exists(_tagged("tags_any")),
    "tags_all": _all_tags,
    "tags_none": lambda: not_(exists(_tagged("tags_none"))),
    "has_email": lambda: _reached("email") == _flag("has_email"),
    "has_phone": lambda: _reached("phone") == _flag("has_phone"),
    "cities": lambda: exists(_own(addresses, one_of(addresses.c.city, _text("cities")))),
    "birthday_months": lambda: exists(
        _own(dates, dates.c.tag == "birthday", one_of(cast(dates.c.month, Text), _text("birthday_months")))
    ),
    "min_orders": lambda: _orders_counted() >= _big("min_orders"),
    "max_orders": lambda: _orders_counted() <= _big("max_orders"),
    "min_visits": lambda: _reservations_counted(*HONOURED) >= _big("min_visits"),
    "max_visits": lambda: _reservations_counted(*HONOURED) <= _big("max_visits"),
    "min_no_shows": lambda: _reservations_counted("no_show") >= _big("min_no_shows"),
    "min_cancels": lambda: _reservations_counted("cancelled") >= _big("min_cancels"),
    "min_spend": lambda: _spend() >= _big("min_spend"),
    "max_spend": lambda: _spend() <= _big("max_spend"),
    "last_visit_before": lambda: and_(_seen(), not_(_seen_since("last_visit_before"))),
    "last_visit_since": lambda: _seen_since("last_visit_since"),
    "created_before": lambda: guests.c.created_at < _big("created_before"),
    "created_since": lambda: guests.c.created_at >= _big("created_since"),
    **{name: partial(_listed, name, column) for name, column in LISTED.items()},
    **{f"consent_{channel}": partial(_consented, channel) for channel in CHANNELS},
}


def _satisfied() -> Any:
    """1 for a guest that can be read, is no temporary one and satisfies every predicate that is on, else 0."""
    judged = (or_(_flag(f"off_{name}"), predicate()) for name, predicate in PREDICATES.items())
    readable = (guests.c.deleted_at.is_(None), guests.c.merged_into_id.is_(None), not_(guests.c.is_temporary))
    return case((and_(*readable, *judged), 1), else_=0)


def _membership() -> Any:
    return (
        select(memberships.c.id)
        .where(memberships.c.tenant_id == TENANT, memberships.c.guest_id == guests.c.id)
        .where(memberships.c.segment_id == _text("segment_id"))
        .correlate(guests)
    )


def _entering() -> Any:
    """Guests who satisfy the rule and are no members."""
    statement = select(guests.c.id).where(guests.c.tenant_id == TENANT, not_(exists(_membership())), _satisfied() == 1)
    return statement.order_by(guests.c.id).limit(_big("rows"))


def _leaving() -> Any:
    """Members who do not satisfy the rule."""
    statement = select(guests.c.id).where(guests.c.tenant_id == TENANT, exists(_membership()), _satisfied() == 0)
    return statement.order_by(guests.c.id).limit(_big("rows"))


def _is_satisfied() -> Any:
    return select(_satisfied()).where(guests.c.tenant_id == TENANT, guests.c.id == _text("guest_id"))


entering = registered_read("guestbook.entering", _entering)
leaving = registered_read("guestbook.leaving", _leaving)
is_satisfied = registered_read("guestbook.is_satisfied", _is_satisfied)
