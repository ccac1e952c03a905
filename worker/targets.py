"""Where deliveries go: an endpoint as it stood when a transaction took some for it, loaded once for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy import outerjoin
from sqlalchemy import select

from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from kit.clock import as_us
from worker import health
from worker.keys import is_among
from worker.keys import keys
from worker.operations import Operations
from worker.pace import Endpoint

_S: Any = Subscription.__table__
with_health = outerjoin(_S, EndpointHealth.__table__, health.of(_S))
# The last fields of a Target, in its order.
_SAME = (
    _S.c.url, _S.c.api_version, _S.c.version, _S.c.retry_schedule, _S.c.timeout_s, _S.c.kept_days, _S.c.sealed_headers,
    _S.c.dialect, _S.c.dialect_options,
)  # fmt: skip
_OWN = (
    _S.c.tenant_id, _S.c.id, _S.c.scopes, _S.c.sealed_secret, _S.c.sealed_previous_secret,
    as_us(_S.c.previous_secret_expires_at), *_SAME,
)  # fmt: skip
COLUMNS = (*_OWN, *health.COLUMNS)
_load = select(*COLUMNS).select_from(with_health).where(is_among(_S))


@dataclass(frozen=True, slots=True)
class Target:
    """What the requests to one endpoint need."""

    endpoint: Endpoint
    scopes: frozenset[str]
    sealed_secrets: tuple[str, ...]  # the current one first
    is_probed: bool  # a request asks whether it is back from a pause
    is_ailing: bool  # a success is news
    url: str
    api_version: str
    version: int  # of the subscription
    retry_schedule: list[int]
    timeout_s: int
    kept_days: int  # how long attempts are
    sealed_headers: str | None
    dialect: str
    dialect_options: dict[str, Any]


def target_of(row: Row[Any], at: int) -> Target:
    """The endpoint of a row that begins with COLUMNS, with the secrets that are valid at an instant."""
    tenant_id, endpoint_id, scopes, secret, previous, expires, *same = row[: len(_OWN)]
    secrets = (secret, previous) if previous and expires is not None and expires > at else (secret,)
    is_probed = bool(row.pauses)
    is_ailing = is_probed or row.failing_since is not None
    return Target((tenant_id, endpoint_id), frozenset(scopes), secrets, is_probed, is_ailing, *same)


def load_targets(unit: Operations, endpoints: Iterable[Endpoint], at: int) -> dict[Endpoint, Target]:
    """The endpoints there still are."""
    rows = unit.execute(_load, {"keys": keys(endpoints)}).all()
    return {target.endpoint: target for target in (target_of(row, at) for row in rows)}
