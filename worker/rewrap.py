"""`python -m worker.rewrap`: moves sealed secrets to the current master key, so that a former one can be given up.

Only the wrapping of each secret's data key changes. Every batch is a transaction of its own and finds its rows by the key they
are under, so the command may be killed at any moment and started again: it goes on where it was. Nothing is sealed under a
former key meanwhile, because every process seals under the current one.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from accounts.applications.models import Tenant
from accounts.factors.models import Authenticator
from accounts.factors.models import Ticket
from accounts.mail.models import Mail
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from api.idempotency import SEALED
from api.idempotency import IdempotencyRecord
from domain.integrations.models import Integration
from domain.loyalty.models import MembershipProgram
from kit.crypto import vault
from kit.planes import Environment
from kit.scope import Scope
from kit.settings import load
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work
from worker.process import open_process

CONTROL = "control"
PLANES = (CONTROL, *(environment.value for environment in Environment))
BATCH = 100
DONE, LEFT, UNKNOWN = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed secrets.

    name: the last part of the place they are sealed for; prefix: what stands before a record; owner: the column whose value
    stands in the place of a row of the control plane, if any.
    """

    column: InstrumentedAttribute[Any]
    name: str
    prefix: str = ""
    owner: str = ""

    @property
    def label(self) -> str:
        return f"{self.column.class_.__tablename__}.{self.column.key}"

    def under(self, key_id: str) -> Any:
        """The condition that a row is sealed under a master key."""
        return self.column.like(f'{self.prefix}{{"v":1,"kid":"{key_id.replace("_", "?_")}",%', escape="?")

    def is_other(self, key_id: str) -> Any:
        """The condition that a row is sealed under another one."""
        return self.column.like(f'{self.prefix}{{"v":1,%') & ~self.under(key_id)


ON_CONTROL = (
    Sealed(WebhookEndpoint.sealed_secret, "secret", owner="application_id"),
    Sealed(WebhookEndpoint.sealed_previous_secret, "secret", owner="application_id"),
    Sealed(WebhookEndpoint.sealed_headers, "headers", owner="application_id"),
    Sealed(Authenticator.sealed_seed, "seed", owner="person_id"), Sealed(Ticket.sealed, "sealed"),
    Sealed(Mail.text, "text"), Sealed(Mail.html, "html"),
)  # fmt: skip
ON_PLANES = (
    Sealed(Subscription.sealed_secret, "secret"), Sealed(Subscription.sealed_previous_secret, "secret"),
    Sealed(Subscription.sealed_headers, "headers"), Sealed(Integration.sealed_secrets, "secrets"),
    Sealed(MembershipProgram.sealed_callback_secret, "callback"), Sealed(IdempotencyRecord.body, "body", SEALED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Home:
    """Where rows of a column stand: how to open a transaction there, how a statement starts and what they are sealed for."""

    open: Callable[..., AbstractContextManager[Any]]
    rows: Callable[[Any], Any]
    run: Callable[[], Any]
    place: Callable[[Any], tuple[str, ...]]


def steps(plane: str, scopes: Iterable[Scope] | None = None) -> Iterator[int]:
    """Move one plane to the current key, a batch and transaction at a time; yields how many rows each one moved.

    scopes: the tenants of a data plane to look at; None for all.
    """
    for home, sealed in _homes(plane, scopes):
        after = ""
        while True:
            with home.open():
                found = _batch(home, sealed, after)
                moved = sum(_move(home, sealed, row) for row in found)
            if not found:
                break
            after = found[-1].id
            yield moved


def keys_in_use(plane: str, scopes: Iterable[Scope] | None = None) -> Counter[tuple[str, str]]:
    """How many secrets of a plane are under which master key: (column, key id) → rows."""
    counts: Counter[tuple[str, str]] = Counter()
    for home, sealed in _homes(plane, scopes):
        with home.open(writes=False):
            query = home.rows(sealed).where(sealed.column.like(f'{sealed.prefix}{{"v":1,%'))
            for row in home.run().scalars(query.execution_options(yield_per=500)):
                counts[sealed.label, json.loads(_record(sealed, row))["kid"]] += 1
    return counts


def main(arguments: list[str]) -> int:
    """Move what is left, or say what is. Returns 1 while a secret is under another key, or one that was to be given up."""
    parser = argparse.ArgumentParser(prog="python -m worker.rewrap", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--plane", action="append", choices=PLANES, help="move this plane only; may be repeated")
    parser.add_argument("--count", action="store_true", help="move nothing, say what is under which key")
    parser.add_argument("--to", metavar="KEY", help="refuse to start unless this is the current master key")
    parser.add_argument("--drop", metavar="KEY", help="move nothing, say whether this former key may go")
    asked = parser.parse_args(arguments)
    open_process(load())
    current = vault.box.key_id
    if asked.to not in (None, current) or asked.drop == current:
        _say(f"{current} is the current master key; set TABLEPORT_MASTER_KEY and TABLEPORT_MASTER_KEY_ID to move to another")
        return UNKNOWN
    planes = tuple(asked.plane or PLANES)
    if asked.drop:
        return may_drop(asked.drop)
    for plane in () if asked.count else planes:
        _say(f"{plane}: {sum(steps(plane))} moved to {current}")
    return report(planes)


def report(planes: Iterable[str], scopes: Iterable[Scope] | None = None) -> int:
    """Say what is under which key. Returns 1 when something is under another than the current one."""
    code, current = DONE, vault.box.key_id
    for plane in planes:
        for (label, key_id), rows in sorted(keys_in_use(plane, scopes).items()):
            _say(f"{plane}: {label}: {rows} under {key_id}" + ("" if key_id == current else ", LEFT"))
            code = code if key_id == current else LEFT
    return code


def may_drop(key_id: str, scopes: Iterable[Scope] | None = None) -> int:
    """Say whether a former key may be removed from the settings. Returns 1 while a secret of any plane is under it."""
    used = {plane: sum(n for (_, name), n in keys_in_use(plane, scopes).items() if name == key_id) for plane in PLANES}
    for plane, rows in used.items():
        if rows:
            _say(f"{plane}: {rows} secrets are under {key_id}: keep it, and move them first")
    if any(used.values()):
        return LEFT
    _say(f"no secret is under {key_id}: it may be removed from TABLEPORT_OLD_MASTER_KEYS")
    return DONE


def _homes(plane: str, scopes: Iterable[Scope] | None) -> Iterator[tuple[_Home, Sealed]]:
    """Every place sealed rows of a plane can stand: its tables, on a data plane those of each tenant."""
    if plane == CONTROL:
        for sealed in ON_CONTROL:
            yield _Home(control_unit, _rows_of_control, lambda: control().session, partial(_place_on_control, sealed)), sealed
        return
    for scope in _scopes(Environment(plane)) if scopes is None else scopes:
        for sealed in ON_PLANES:
            home = _Home(partial(unit_of_work, scope), partial(_rows_of, scope), partial(session, scope),
                         partial(_place_on_plane, scope, sealed))  # fmt: skip
            yield home, sealed


def _scopes(environment: Environment) -> Iterator[Scope]:
    after = ""
    while True:
        query = select(Tenant.id).where(Tenant.environment == environment, Tenant.id > after)
        with control_unit(writes=False):
            found = list(control().session.scalars(query.order_by(Tenant.id).limit(BATCH)))
        if not found:
            return
        after = found[-1]
        yield from (Scope(environment, tenant_id) for tenant_id in found)


def _rows_of_control(sealed: Sealed) -> Any:
    return select(sealed.column.class_)


def _rows_of(scope: Scope, sealed: Sealed) -> Any:
    return sealed.column.class_.owned_by(scope)


def _place_on_control(sealed: Sealed, row: Any) -> tuple[str, ...]:
    owner = (getattr(row, sealed.owner),) if sealed.owner else ()
    return (CONTROL, *owner, row.__tablename__, row.id, sealed.name)


def _place_on_plane(scope: Scope, sealed: Sealed, row: Any) -> tuple[str, ...]:
    return (scope.environment, scope.tenant_id, row.__tablename__, row.id, sealed.name)


def _batch(home: _Home, sealed: Sealed, after: str) -> list[Any]:
    """The next rows under another key, locked: whoever changes a secret meanwhile waits, and seals under the current key."""
    key = sealed.column.class_.id
    query = home.rows(sealed).where(sealed.is_other(vault.box.key_id), key > after).order_by(key).limit(BATCH)
    return list(home.run().scalars(query.with_for_update()))


def _move(home: _Home, sealed: Sealed, row: Any) -> int:
    """Rewrap one row; 0 for one whose key is not known any more, which the report then names."""
    try:
        moved = vault.box.rewrap(_record(sealed, row), *home.place(row))
    except ValueError:
        return 0
    setattr(row, sealed.column.key, sealed.prefix + moved)
    return 1


def _record(sealed: Sealed, row: Any) -> str:
    return str(getattr(row, sealed.column.key)).removeprefix(sealed.prefix)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
