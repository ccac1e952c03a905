"""Adds a batch of calls to the numbers of their day. Who reads them: accounts.logs.usage."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from accounts.logs.models import CredentialCount
from accounts.logs.models import RequestCount
from api.requestlog import COUNTED
from api.requestlog import Sums
from kit.planes import Environment
from worker.operations import Reason
from worker.operations import operations


def _adding(table: Any) -> Any:
    new = insert(table)
    return new.on_conflict_do_update(
        index_elements=[table.c.tenant_id, table.c.id], set_={name: table.c[name] + new.excluded[name] for name in COUNTED}
    )


_add = _adding(RequestCount.__table__)
_add_to_credential = _adding(CredentialCount.__table__)


def add_counts(environment: Environment, sums: Sums) -> None:
    """Add the sums of one batch to those of one plane."""
    with operations(environment, reason=Reason.REQUEST_LOG) as unit:
        unit.execute(_add, sums.by_area)
        unit.execute(_add_to_credential, sums.by_credential)
