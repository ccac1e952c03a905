"""Registered statements of injected faults."""

from sqlalchemy import BigInteger
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from sandbox.models import Fault

faults = Fault.__table__
_ID = bindparam("fault_id", type_=Text)
_NOW = bindparam("now", type_=BigInteger)
_has_strikes_left = or_(faults.c.times.is_(None), faults.c.struck < faults.c.times)
# The n-th match strikes when n x share passes a whole number: evenly spread, and the same in every run.
_passed = ((faults.c.matched + 1) * faults.c.permille) // 1000 - (faults.c.matched * faults.c.permille) // 1000

listed = registered_read(
    "faults.listed",
    lambda: (
        select(as_document(fields_of(*[column for column in faults.c if column.name != "tenant_id"])))
        .where(faults.c.tenant_id == TENANT, faults.c.expires_at > _NOW)
        .order_by(faults.c.created_at, faults.c.id)
    ),
)
count_match = registered_write(
    "faults.count_match",
    lambda: (
        update(faults)
        .where(faults.c.tenant_id == TENANT, faults.c.id == _ID, faults.c.expires_at > _NOW, _has_strikes_left)
        .values(matched=faults.c.matched + 1, struck=faults.c.struck + case((_passed > 0, 1), else_=0))
        .returning(faults.c.matched, faults.c.permille)
    ),
)
remove = registered_write(
    "faults.remove",
    lambda: delete(faults).where(faults.c.tenant_id == TENANT, faults.c.id == _ID).returning(faults.c.id),
)
remove_all = registered_write("faults.remove_all", lambda: delete(faults).where(faults.c.tenant_id == TENANT))
