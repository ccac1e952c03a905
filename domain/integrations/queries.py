"""Registered statements of integrations, their mappings and runs."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.guests.models import Guest
from domain.integrations.machine import MISSING
from domain.integrations.machine import UNMAPPED
from domain.integrations.models import Integration
from domain.integrations.models import Mapping
from domain.integrations.models import SyncRun
from domain.locations.models import DiningTable
from domain.menus.models import MenuItem
from domain.menus.models import Modifier
from domain.menus.models import Tax
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.newest import newest_first

integrations = Integration.__table__
mappings = Mapping.__table__
runs = SyncRun.__table__
# What each kind of reference stands for. A folio is a guest's account in the hotel's books.
TARGETS: dict[str, Any] = {
    "menu_item": MenuItem.__table__, "modifier": Modifier.__table__, "tax": Tax.__table__,
    "table": DiningTable.__table__, "folio": Guest.__table__,
}  # fmt: skip
_ID = bindparam("integration_id", type_=Text)
HIDDEN = ("tenant_id", "sealed_secrets")


def _big(name: str) -> Any:
    return bindparam(name, type_=BigInteger)


def _unresolved_count() -> Any:
    """References of an integration that nobody has given a meaning."""
    return (
        select(func.count())
        .where(mappings.c.tenant_id == TENANT, mappings.c.integration_id == integrations.c.id, mappings.c.object_id.is_(None))
        .correlate(integrations)
        .scalar_subquery()
    )


def _documents() -> Any:
    columns = (column for column in integrations.c if column.name not in HIDDEN)
    document = fields_of(*columns, unmapped=_unresolved_count())
    return select(as_document(document)).where(integrations.c.tenant_id == TENANT)


def _listed(filters: tuple[str, ...], is_continued: bool) -> Any:
    """Newest first."""
    statement = _documents().where(*(integrations.c[name] == bindparam(name, type_=Text) for name in filters))
    return newest_first(statement, integrations.c.created_at, integrations.c.id, is_continued=is_continued)


def _change(names: tuple[str, ...]) -> Any:
    values = {name: bindparam(f"new_{name}", type_=integrations.c[name].type) for name in names}
    return (
        update(integrations)
        .where(integrations.c.tenant_id == TENANT, integrations.c.id == _ID)
        .values(**values, version=integrations.c.version + 1, updated_at=_big("changed_at"))
    )


def _stands(kind: str) -> Any:
    """A mapping's object exists and can be used."""
    table = TARGETS[kind]
    conditions = [table.c.tenant_id == TENANT, table.c.id == mappings.c.object_id]
    conditions += [table.c[name].is_(True) for name in ("is_active",) if name in table.c]
    conditions += [table.c[name].is_(None) for name in ("deleted_at", "merged_into_id") if name in table.c]
    return and_(mappings.c.kind == kind, exists(select(table.c.id).where(*conditions).correlate(mappings)))


def _status() -> Any:
    is_standing = or_(*(_stands(kind) for kind in TARGETS))
    return case((mappings.c.object_id.is_(None), UNMAPPED), (is_standing, "mapped"), else_=MISSING)


def _mapping_documents() -> Any:
    columns = [column for column in mappings.c if column.name not in ("tenant_id", "integration_id")]
    return select(as_document(fields_of(*columns, status=_status()))).where(
        mappings.c.tenant_id == TENANT, mappings.c.integration_id == _ID
    )


def _mappings_of(count: int) -> Any:
    refs = [bindparam(f"ref_{index}", type_=Text) for index in range(count)]
    return _mapping_documents().where(mappings.c.external_ref.in_(refs))


def _mapping_rows(only_unresolved: bool, is_continued: bool) -> Any:
    """Mappings of one integration by kind and reference, each with `status`: mapped, unmapped or missing."""
    statement = _mapping_documents()
    if only_unresolved:
        statement = statement.where(_status() != "mapped")
    if is_continued:
        last = tuple_(bindparam("after_kind", type_=Text), bindparam("after_ref", type_=Text))
        statement = statement.where(tuple_(mappings.c.kind, mappings.c.external_ref) > last)
    return statement.order_by(mappings.c.kind, mappings.c.external_ref).limit(bindparam("row_limit", type_=Integer))


def _mapping_counts() -> Any:
    status = _status().label("by_status")
    return (
        select(status, func.count())
        .where(mappings.c.tenant_id == TENANT, mappings.c.integration_id == _ID)
        .group_by("by_status")
    )


def _put_mapping() -> Any:
    values = {
        "kind": bindparam("kind", type_=Text), "external_ref": bindparam("external_ref", type_=Text),
        "external_name": bindparam("external_name", type_=Text), "object_id": bindparam("object_id", type_=Text),
        "last_seen_at": _big("seen_at"), "created_at": _big("now"), "updated_at": _big("now"),
    }  # fmt: skip
    statement = insert(mappings).values(tenant_id=TENANT, id=bindparam("row_id", type_=Text), integration_id=_ID, **values)
    name = func.coalesce(statement.excluded.external_name, mappings.c.external_name)
    return statement.on_conflict_do_update(
        index_elements=[mappings.c.tenant_id, mappings.c.integration_id, mappings.c.kind, mappings.c.external_ref],
        set_={"object_id": statement.excluded.object_id, "external_name": name, "updated_at": statement.excluded.updated_at},
    )


def _see() -> Any:
    """Note that a reference was seen; a known one keeps its meaning. Returns what it stands for."""
    values = {
        "kind": bindparam("kind", type_=Text), "external_ref": bindparam("external_ref", type_=Text),
        "external_name": bindparam("external_name", type_=Text), "last_seen_at": _big("now"), "created_at": _big("now"),
        "updated_at": _big("now"),
    }  # fmt: skip
    statement = insert(mappings).values(tenant_id=TENANT, id=bindparam("row_id", type_=Text), integration_id=_ID, **values)
    return statement.on_conflict_do_update(
        index_elements=[mappings.c.tenant_id, mappings.c.integration_id, mappings.c.kind, mappings.c.external_ref],
        set_={"last_seen_at": statement.excluded.last_seen_at},
    )


def _drop_others(kept: int) -> Any:
    """Delete the integration's mappings but `kept` ones (parameters kind_0, ref_0 …)."""
    statement = delete(mappings).where(mappings.c.tenant_id == TENANT, mappings.c.integration_id == _ID)
    for index in range(kept):
        named = (
            mappings.c.kind == bindparam(f"kind_{index}", type_=Text),
            mappings.c.external_ref == bindparam(f"ref_{index}", type_=Text),
        )
        statement = statement.where(~and_(*named))
    return statement


def _existing(kind: str, count: int) -> Any:
    table = TARGETS[kind]
    wanted = table.c.id.in_([bindparam(f"id_{index}", type_=Text) for index in range(count)])
    gone = [table.c[name].is_(None) for name in ("deleted_at", "merged_into_id") if name in table.c]
    return select(table.c.id).where(table.c.tenant_id == TENANT, wanted, *gone)


def _run_document() -> Any:
    columns = (column for column in runs.c if column.name != "tenant_id")
    return select(as_document(fields_of(*columns))).where(runs.c.tenant_id == TENANT)


def _run_list(is_continued: bool) -> Any:
    statement = _run_document().where(runs.c.integration_id == _ID)
    return newest_first(statement, runs.c.created_at, runs.c.id, is_continued=is_continued)


def _finish_run() -> Any:
    return (
        update(runs)
        .where(runs.c.tenant_id == TENANT, runs.c.id == bindparam("run_id", type_=Text), runs.c.finished_at.is_(None))
        .values(
            status=bindparam("new_status", type_=Text), counts=bindparam("new_counts", type_=runs.c.counts.type),
            failures=bindparam("new_failures", type_=runs.c.failures.type), finished_at=_big("now"),
        )
    )  # fmt: skip


def _unmapped_items() -> Any:
    """Active items of the menu no reference of the integration stands for."""
    items = TARGETS["menu_item"]
    is_mapped = exists(
        select(mappings.c.id)
        .where(mappings.c.tenant_id == TENANT, mappings.c.integration_id == _ID, mappings.c.kind == "menu_item")
        .where(mappings.c.object_id == items.c.id)
        .correlate(items)
    )
    return select(func.count()).select_from(items).where(items.c.tenant_id == TENANT, items.c.is_active.is_(True), ~is_mapped)


one = registered_read("integrations.one", lambda: _documents().where(integrations.c.id == _ID))
lock = registered_read(
    "integrations.lock",
    lambda: select(integrations.c.id).where(integrations.c.tenant_id == TENANT, integrations.c.id == _ID).with_for_update(),
)
sealed = registered_read(
    "integrations.sealed",
    lambda: select(integrations.c.sealed_secrets).where(integrations.c.tenant_id == TENANT, integrations.c.id == _ID),
)
listed = registered_read("integrations.listed", _listed, example=(("kind", "state", "location_id"), True))
change = registered_write("integrations.change", _change, example=(("state", "config"),))
clear = registered_write(
    "integrations.clear",
    lambda name: delete(_CHILDREN[name]).where(_CHILDREN[name].c.tenant_id == TENANT, _CHILDREN[name].c.integration_id == _ID),
    example=("mappings",),
)
remove = registered_write(
    "integrations.remove",
    lambda: delete(integrations).where(integrations.c.tenant_id == TENANT, integrations.c.id == _ID),
)
mapping_list = registered_read("integrations.mappings", _mapping_rows, example=(True, True))
mappings_of = registered_read("integrations.mappings_of", _mappings_of, example=(2,))
mapping_counts = registered_read("integrations.mapping_counts", _mapping_counts)
put_mapping = registered_write("integrations.put_mapping", _put_mapping)
see = registered_write("integrations.see", _see)
drop_others = registered_write("integrations.drop_others", _drop_others, example=(2,))
existing = registered_read("integrations.existing", _existing, example=("folio", 2))
run = registered_read("integrations.run", lambda: _run_document().where(runs.c.id == bindparam("run_id", type_=Text)))
open_run = registered_read(
    "integrations.open_run", lambda: _run_document().where(runs.c.integration_id == _ID, runs.c.finished_at.is_(None))
)
run_list = registered_read("integrations.runs", _run_list, example=(True,))
finish_run = registered_write("integrations.finish_run", _finish_run)
unmapped_items = registered_read("integrations.unmapped_items", _unmapped_items)
_CHILDREN: dict[str, Any] = {"mappings": mappings, "runs": runs}
