"""Registered statements of timers."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.timers.models import Timer
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write

timers = Timer.__table__
_ID = bindparam("timer_id", type_=Text)


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _put() -> Any:
    values = {
        "kind": bindparam("kind", type_=Text), "object_id": bindparam("object_id", type_=Text),
        "due_at": _big("due_at"), "wakes_at": _big("wakes_at"), "attempts": 0,
    }  # fmt: skip
    statement = insert(timers).values(tenant_id=TENANT, id=_ID, **values)
    again = {name: statement.excluded[name] for name in ("due_at", "wakes_at", "attempts")}
    return statement.on_conflict_do_update(index_elements=[timers.c.tenant_id, timers.c.id], set_=again)


def _next(on_tenants_clock: bool) -> Any:
    """The due timer that comes first: by its instant, then in the order of ids."""
    is_due = timers.c.due_at <= _big("until") if on_tenants_clock else timers.c.wakes_at <= _big("until")
    first = timers.c.due_at if on_tenants_clock else timers.c.wakes_at
    return (
        select(timers.c.id, timers.c.kind, timers.c.object_id, timers.c.due_at, timers.c.attempts)
        .where(timers.c.tenant_id == TENANT, is_due)
        .order_by(first, timers.c.due_at, timers.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _rewake() -> Any:
    """Say anew when the timers wake, after the tenant's clock was changed. Tasks run on real time and stay."""
    is_past = timers.c.due_at <= _big("tenant_now")
    wakes_at = case((is_past, _big("real_now")), else_=timers.c.due_at - _big("offset_us"))
    return update(timers).where(timers.c.tenant_id == TENANT, timers.c.due_at.is_not(None)).values(wakes_at=wakes_at)


def _postpone() -> Any:
    return (
        update(timers)
        .where(timers.c.tenant_id == TENANT, timers.c.id == _ID)
        .values(wakes_at=_big("wakes_at"), attempts=timers.c.attempts + 1)
    )


put = registered_write("timers.put", _put)
drop = registered_write("timers.drop", lambda: delete(timers).where(timers.c.tenant_id == TENANT, timers.c.id == _ID))
next_due = registered_read("timers.next", _next, example=(True,))
rewake = registered_write("timers.rewake", _rewake)
postpone = registered_write("timers.postpone", _postpone)
due_instant = registered_read(
    "timers.due_instant",
    lambda: select(timers.c.due_at).where(timers.c.tenant_id == TENANT, timers.c.id == _ID),
)
