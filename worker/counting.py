"""Adds a batch of calls to the numbers of their day. Who reads them: accounts.logs.usage."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from accounts.logs.models import RequestCount
from api.requestlog import COUNTED
from kit.planes import Environment
from worker.operations import Reason
from worker.operations import operations

_C: Any = RequestCount.__table__
_new = insert(_C)
_add = _new.on_conflict_do_update(
    index_elements=[_C.c.tenant_id, _C.c.id], set_={name: _C.c[name] + _new.excluded[name] for name in COUNTED}
)


def add_counts(environment: Environment, sums: list[dict[str, Any]]) -> None:
    """Add the sums of one batch, each a complete row of request_counts, to those of one plane."""
    with operations(environment, reason=Reason.REQUEST_LOG) as unit:
        unit.execute(_add, sums)
