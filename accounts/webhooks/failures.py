"""Deliveries that were given up: how many of each kind, and making many of them due again.

Only the newest delivery of an event to an endpoint counts: what a replay has taken over is not sent by both.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal_column
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import type_coerce
from sqlalchemy import update

from accounts.webhooks.errors import EndpointIsDisabled
from accounts.webhooks.models import Delivery
from accounts.webhooks.queries import get_subscription
from accounts.webhooks.queries import lock_subscription
from kit.clock import now_us
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.errors import FieldError
from kit.errors import Invalid
from kit.scope import Scope

CLASSES = ("5xx", "4xx", "3xx", "no_answer")
ALL = "all"
MOST = 5_000  # deliveries one call makes due
_deliveries = Delivery.__table__
_later = _deliveries.alias("later")


def _class() -> Any:
    status = _deliveries.c.last_status
    return case(*((status >= int(name[0]) * 100, name) for name in CLASSES if name[0].isdigit()), else_=CLASSES[-1])


def _dead() -> tuple[Any, ...]:
    """An endpoint's deliveries that were given up and whose events nothing newer carries."""
    # Found by its event. What is added to the other columns is nothing, but keeps SQLite from an index it would take for them.
    made = type_coerce(_later.c.created_at, BigInteger) + 0
    is_newer = tuple_(made, _later.c.id) > tuple_(_deliveries.c.created_at, _deliveries.c.id)
    newer = exists().where(
        _later.c.tenant_id == TENANT, _later.c.event_id == _deliveries.c.event_id,
        _later.c.endpoint_id.concat("") == _deliveries.c.endpoint_id, _later.c.replay_id.is_not(None), is_newer,
    ).correlate(_deliveries)  # fmt: skip
    return (
        _deliveries.c.tenant_id == TENANT, _deliveries.c.endpoint_id == bindparam("endpoint_id", type_=Text),
        _deliveries.c.state == literal_column("'dead'"),  # as the index says it
        ~newer,
    )  # fmt: skip


def _counts() -> Any:
    kind = _class().label("kind")
    return select(kind, func.count()).where(*_dead()).group_by(kind)


def _retry(bounds: tuple[str, ...]) -> Any:
    chosen = select(_deliveries.c.id).where(*_dead())
    if "status_class" in bounds:
        chosen = chosen.where(_class() == bindparam("status_class", type_=Text))
    if "since_us" in bounds:
        chosen = chosen.where(_deliveries.c.created_at >= bindparam("since_us", type_=BigInteger))
    if "until_us" in bounds:
        chosen = chosen.where(_deliveries.c.created_at <= bindparam("until_us", type_=BigInteger))
    oldest = chosen.order_by(_deliveries.c.created_at, _deliveries.c.id).limit(bindparam("most", type_=Integer))
    found = oldest.subquery("chosen")
    mine = (_deliveries.c.tenant_id == TENANT, _deliveries.c.id.in_(select(found.c.id)))
    return (
        update(_deliveries)
        .where(*mine, _deliveries.c.state == literal_column("'dead'"))
        .values(state="pending", due_at=bindparam("now_us", type_=BigInteger), finished_at=None, lease_id=None, lease_until=None)
        .returning(_deliveries.c.id)
    )


_count = registered_read("webhooks.failures", _counts)
_make_due = registered_write("webhooks.retry_failures", _retry, example=(("status_class", "since_us", "until_us"),))


def failure_counts(scope: Scope, *, endpoint_id: str) -> dict[str, int]:
    """Number of deliveries to one endpoint that were given up, by class of the last answer. Raises NotFound."""
    get_subscription(scope, endpoint_id=endpoint_id)
    return dict.fromkeys(CLASSES, 0) | dict(_count.rows(scope, endpoint_id=endpoint_id))


def retry_failed(
    scope: Scope, *, endpoint_id: str, status_class: str, since_us: int | None = None, until_us: int | None = None
) -> int:
    """Make deliveries that were given up due now, oldest first, up to 5,000; returns how many.

    status_class: one of CLASSES or `all`. since_us, until_us: bounds of the deliveries' created_at, real time, included.
    Each is tried at least once more. Raises NotFound, EndpointIsDisabled (409), Invalid (422) for bounds turned round.
    """
    if since_us is not None and until_us is not None and since_us > until_us:
        message = "Expected an instant that is not after `until`."
        raise Invalid(message, errors=[FieldError("since", "invalid_value", message)])
    lock_subscription(scope, endpoint_id=endpoint_id)
    if not get_subscription(scope, endpoint_id=endpoint_id)["is_enabled"]:
        raise EndpointIsDisabled
    wanted = {"status_class": None if status_class == ALL else status_class, "since_us": since_us, "until_us": until_us}
    bounds = {name: value for name, value in wanted.items() if value is not None}
    return len(_make_due.rows(scope, tuple(bounds), endpoint_id=endpoint_id, most=MOST, now_us=now_us(), **bounds))
