"""Taking due deliveries: which, how many from each endpoint, and under which lease.

A claim moves `due_at` to the end of the lease and counts the attempt. A process that dies therefore gives its deliveries
back by doing nothing: they fall due again when the lease ends, as another attempt.
"""

from dataclasses import dataclass
from typing import Any
from typing import NamedTuple

from sqlalchemy import Integer
from sqlalchemy import Join
from sqlalchemy import Row
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.ext.compiler import compiles

from accounts.webhooks.models import Delivery
from accounts.webhooks.models import Subscription
from kit.clock import as_us
from kit.clock import now_us
from kit.ids import new_id
from kit.outbox import EventRow
from kit.planes import Environment
from worker import health
from worker.keys import is_among
from worker.keys import is_found_first
from worker.keys import keys
from worker.operations import Operations
from worker.operations import Reason
from worker.operations import operations
from worker.pace import MOST_REPLAYS
from worker.pace import Endpoint
from worker.pace import Pace
from worker.places import Places
from worker.targets import Target
from worker.targets import load_targets
from worker.targets import with_health

LEASE_US = 30_000_000
LEASE = ("tenant_id", "id", "lease_id")  # finds a delivery as long as the lease holds
SPARE = 64  # deliveries looked at beyond those wanted: some endpoints have no room for theirs
Key = tuple[str, str]  # tenant, delivery
Bodies = dict[tuple[str, frozenset[str]], bytes]
CLAIM_LOCK = 7_233_922  # PostgreSQL advisory lock: one claim at a time, so that room per endpoint is exact

_E: Any = EventRow.__table__
_S: Any = Subscription.__table__
_D: Any = Delivery.__table__
_other: Any = Delivery.__table__.alias("other")
_NOW: Any = bindparam("now")


def _is_kind(table: Any, *, is_replay: bool) -> Any:
    """Replays or live deliveries, which have an index each."""
    return table.c.replay_id.is_not(None) if is_replay else table.c.replay_id.is_(None)


def _due_of(endpoint: Any, *, is_replay: bool) -> Any:
    """Deliveries of an endpoint (a table or alias with tenant_id and id) that are due."""
    return (
        select(_D.c.id)
        .where(_D.c.tenant_id == endpoint.c.tenant_id, _D.c.endpoint_id == endpoint.c.id, _is_kind(_D, is_replay=is_replay))
        .where(_D.c.state == "pending", _D.c.due_at <= _NOW)
        .correlate(endpoint)
    )


def _leases_of(endpoint: Any, *, is_replay: bool) -> Any:
    """How many replays or live deliveries of an endpoint are under lease. A lease ends within LEASE_US: no later one is read."""
    return (
        select(func.count().label("count"))
        .where(_other.c.tenant_id == endpoint.c.tenant_id, _other.c.endpoint_id == endpoint.c.id)
        .where(_is_kind(_other, is_replay=is_replay), _other.c.due_at > _NOW, _other.c.due_at <= _NOW + LEASE_US)
        .where(_other.c.lease_until > _NOW)
        .correlate(endpoint)
    )


has_backlog = exists(_due_of(_S, is_replay=False))
LEASED = {"leased": False, "leased_replays": True}  # columns that count leases, and of which kind
lease_counts = [_leases_of(_S, is_replay=kind).scalar_subquery().label(name) for name, kind in LEASED.items()]
_something_due = select(exists(select(_S.c.id).select_from(with_health).where(_S.c.is_enabled, health.may_get_more, has_backlog)))
# In the order of the index of replays: it is nearly always empty, and only this says so without a look at the table.
_some_replay = (
    select(_D.c.id)
    .where(_is_kind(_D, is_replay=True), _D.c.due_at.is_not(None))
    .order_by(_D.c.tenant_id, _D.c.endpoint_id, _D.c.due_at, _D.c.id)
    .limit(1)
)
_replays_due = select(exists(
    select(_D.c.id)
    .join(with_health, and_(_S.c.tenant_id == _D.c.tenant_id, _S.c.id == _D.c.endpoint_id))
    .where(_is_kind(_D, is_replay=True), _D.c.state == "pending", _D.c.due_at <= _NOW, _S.c.is_enabled, health.may_get_more)
))  # fmt: skip
_something_unrelayed = select(exists(select(_E.c.id).where(_E.c.relayed_at.is_(None))))
# Such a transaction does not wait for the disk: with a lease PostgreSQL forgets in a crash, a request is made again, and what
# is relayed is relayed again. Whatever is committed after it and does wait makes it last too.
_lock = select(func.pg_try_advisory_xact_lock(CLAIM_LOCK), func.set_config("synchronous_commit", "off", literal(True)))


class _EachEndpoint(Join):
    """A join that SQLite must start at the endpoints: by itself it would walk every delivery there ever was."""

    inherit_cache = True


@compiles(_EachEndpoint)
def _(element: Any, compiler: Any, **kw: Any) -> str:
    left, right, condition = (compiler.process(part, **kw) for part in (element.left, element.right, element.onclause))
    return f"{left} CROSS JOIN {right} ON {condition}"  # its documented way to fix the order of a join


def _candidates(dialect: str, *, is_replay: bool) -> Any:
    """The oldest due deliveries of endpoints that may get more, each endpoint's first before any one's second.

    When more endpoints have something due than one claim can serve, it is chance who is served now: nobody can stand in
    front of the others for ever, and not every endpoint has to be looked at for a few deliveries.
    """
    shuffled: Any = (
        select(_S.c.tenant_id, _S.c.id, _S.c.max_in_flight, _S.c.max_per_second, *health.COLUMNS)
        .select_from(with_health)
        .where(_S.c.is_enabled, tuple_(_S.c.tenant_id, _S.c.id).not_in(bindparam("full", expanding=True)), health.may_get_more)
        .order_by(func.random())
        .offset(0)  # shuffled first, so that the deliveries of no more endpoints are looked for than can be served
        .subquery("shuffled")
    )
    ready: Any = (
        select(shuffled)
        .where(exists(_due_of(shuffled, is_replay=is_replay)))
        .limit(bindparam("most", type_=Integer))
        .subquery("ready")
    )
    oldest = _due_of(ready, is_replay=is_replay).order_by(_D.c.due_at, _D.c.id).limit(bindparam("each", type_=Integer))
    counts = {name: _leases_of(ready, is_replay=kind) for name, kind in LEASED.items()}
    if dialect == "postgresql":
        due: Any = oldest.with_only_columns(_D.c.tenant_id, _D.c.id, _D.c.event_id, _D.c.endpoint_id, _D.c.due_at).lateral("due")
        # Counted once an endpoint; in the list of columns it would be once a row.
        laterals = {name: count.lateral(f"of_{name}") for name, count in counts.items()}
        source: Any = ready
        for one in (*laterals.values(), due):
            source = source.join(one, literal(True))
        under_lease = [one.c.count.label(name) for name, one in laterals.items()]
    else:  # SQLite has no LATERAL; there a correlated IN runs once for each endpoint
        due = _D.alias("due")
        source = _EachEndpoint(ready, due, (due.c.tenant_id == ready.c.tenant_id) & due.c.id.in_(oldest))
        under_lease = [count.scalar_subquery().label(name) for name, count in counts.items()]
    rank = func.row_number().over(partition_by=(due.c.tenant_id, due.c.endpoint_id), order_by=(due.c.due_at, due.c.id))
    limits = (ready.c[name] for name in ("max_in_flight", "max_per_second", *(column.name for column in health.COLUMNS)))
    return (
        select(due.c.tenant_id, due.c.id, due.c.event_id, due.c.endpoint_id, *under_lease, *limits)
        .select_from(source)
        .order_by(rank, due.c.due_at, due.c.id)
        .limit(bindparam("most", type_=Integer) + SPARE)
    )


_candidates_of = {
    (dialect, is_replay): _candidates(dialect, is_replay=is_replay)
    for dialect in ("sqlite", "postgresql")
    for is_replay in (False, True)
}
_take = (
    update(_D)
    .where(is_found_first(_D))
    .where(_D.c.state == "pending", _D.c.due_at <= _NOW)
    .values(
        lease_id=bindparam("lease"),
        lease_until=bindparam("until"),
        due_at=bindparam("until"),
        attempts=_D.c.attempts + 1,
    )
    .returning(_D.c.tenant_id, _D.c.id, _D.c.attempts)
)
EVENT_COLUMNS = tuple(map(as_us, _E.c))
_EVENT_KEYS = tuple(column.name for column in EVENT_COLUMNS)
_load_events = select(*EVENT_COLUMNS).where(is_among(_E))


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery under lease, with what its request needs."""

    tenant_id: str
    id: str
    lease_id: str
    leased_us: int
    attempt: int
    is_replay: bool
    target: Target
    event: dict[str, Any]  # the event document
    bodies: Bodies  # what it looks like by version and scopes, shared by its deliveries

    @property
    def key(self) -> Key:
        return self.tenant_id, self.id

    @property
    def endpoint(self) -> Endpoint:
        return self.target.endpoint

    @property
    def endpoint_id(self) -> str:
        return self.target.endpoint[1]


class _Chosen(NamedTuple):
    """A due delivery that gets a lease."""

    endpoint: Endpoint
    event_id: str
    is_replay: bool


@dataclass(frozen=True)
class Waiting:
    """What a plane has to do right now."""

    unrelayed: bool
    due: bool
    replays: bool

    @property
    def anything(self) -> bool:
        return self.unrelayed or self.due or self.replays


def waiting(environment: Environment) -> Waiting:
    """Look, without a write lock, whether a plane has events to relay or deliveries to send."""
    with operations(environment, reason=Reason.PROBE, writes=False) as unit:
        return Waiting(
            unrelayed=bool(unit.execute(_something_unrelayed).scalar()),
            due=bool(unit.execute(_something_due, {"now": now_us()}).scalar()),
            replays=unit.execute(_some_replay).first() is not None
            and bool(unit.execute(_replays_due, {"now": now_us()}).scalar()),
        )


def claim(environment: Environment, *, limit: int, pace: Pace, kinds: tuple[bool, ...] = (True, False)) -> list[Claimed]:
    """Take up to `limit` due deliveries for 30 seconds, in the order their events were committed.

    kinds: replays, live deliveries or both. Each is counted in `pace` as leased; the caller takes it back with finished or
    dropped.
    """
    lease_id = new_id("lse")
    chosen: dict[Key, _Chosen] = {}
    leased: list[Claimed] = []
    try:
        with operations(environment, reason=Reason.CLAIM) as unit:
            at, claimed = now_us(), list[Claimed]()
            _choose(unit, at, limit, pace, kinds, chosen)
            if chosen:
                taking = {"keys": keys(chosen), "now": at, "lease": lease_id, "until": at + LEASE_US}
                taken = [(*row, chosen[row[:2]]) for row in map(tuple, unit.execute(_take, taking).all())]
                targets = load_targets(unit, {one.endpoint for *_, one in taken}, at)
                events = _events(unit, environment, {(tenant_id, one.event_id) for tenant_id, _, _, one in taken})
                claimed += [
                    Claimed(
                        tenant_id, delivery_id, lease_id, at, attempts, one.is_replay, targets[one.endpoint],
                        *events[tenant_id, one.event_id],
                    )
                    for tenant_id, delivery_id, attempts, one in taken if one.endpoint in targets
                ]  # fmt: skip
        leased = claimed
    finally:
        for one in leased:
            del chosen[one.key]
        for left in chosen.values():  # somebody else was faster, or the transaction failed
            pace.dropped(left.endpoint, is_replay=left.is_replay)
    return sorted(leased, key=lambda one: (one.event["committed_at"], one.event["sequence"]))


def give_back(environment: Environment, claimed: list[Claimed]) -> None:
    """End leases whose requests were not made: the deliveries are due now, and the attempt does not count."""
    at = now_us()
    rows = [
        {"tenant_id": one.tenant_id, "id": one.id, "lease_id": one.lease_id, "due_at": at, "attempts": one.attempt - 1}
        for one in claimed
    ]
    with operations(environment, reason=Reason.CLAIM) as unit:
        unit.change(Delivery, rows, keys=LEASE, columns=("due_at", "attempts"), cleared=("lease_id", "lease_until"))


def may_lease(unit: Operations) -> bool:
    """Whether this process may take leases now: one at a time does, so that what each endpoint gets is counted exactly."""
    return unit.dialect != "postgresql" or bool(unit.execute(_lock).scalar())


def _choose(
    unit: Operations, at: int, limit: int, pace: Pace, kinds: tuple[bool, ...], chosen: dict[Key, _Chosen]
) -> None:
    if not may_lease(unit):
        return  # another process is claiming; this one looks again in a moment
    places = Places(pace, at, has_live=False in kinds)
    for is_replay in kinds:  # replays first: they get a small share, and live deliveries all the rest
        most = min(limit, MOST_REPLAYS - pace.held_replays()) if is_replay else limit - len(chosen)
        full = [] if is_replay else pace.full()
        # An empty list has no types on PostgreSQL; no tenant and no endpoint is called "".
        asked = {"now": at, "full": [("", ""), *full], "most": max(0, most), "each": pace.depth(most, is_replay=is_replay)}
        left = most
        found = unit.execute(_candidates_of[unit.dialect, is_replay], asked).all()
        pace.seen(len({(row.tenant_id, row.endpoint_id) for row in found}), is_replay=is_replay)
        for row in found:
            endpoint = (row.tenant_id, row.endpoint_id)
            if left > 0 and places.take(endpoint, row, is_replay=is_replay):
                chosen[row.tenant_id, row.id] = _Chosen(endpoint, row.event_id, is_replay)
                left -= 1
    places.settle(unit)


def _events(unit: Operations, environment: Environment, wanted: set[Key]) -> dict[Key, tuple[dict[str, Any], Bodies]]:
    """Event documents, each with room for its bodies."""
    found = [event_document(environment, row) for row in unit.execute(_load_events, {"keys": keys(wanted)}).all()]
    return {(event["tenant_id"], event["id"]): (event, {}) for event in found}


def event_document(environment: Environment, row: Row[Any]) -> dict[str, Any]:
    """The document of an event row of EVENT_COLUMNS, as api.events renders it."""
    return dict(zip(_EVENT_KEYS, row, strict=True), environment=environment.value)
