"""The request logs a partner reads: newest first, filtered, one in full, and counts. Who writes them is the API's business."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from accounts.logs.models import RequestLog
from kit.documents import TENANT
from kit.documents import Document
from kit.documents import registered_read
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.json_sql import as_document
from kit.json_sql import fields_of
from kit.scope import Scope

_logs = RequestLog.__table__
BULKY = ("request_headers", "request_body", "response_headers", "response_body")
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
ESCAPE = "\\"


def _ours() -> tuple[Any, ...]:
    """The reading application's calls on the scope's tenant: several applications may work with one production tenant."""
    return _logs.c.tenant_id == TENANT, _logs.c.application_id == bindparam("application_id", type_=Text)


def _columns(leave_out: tuple[str, ...] = ()) -> Any:
    return as_document(fields_of(*(c for c in _logs.columns if c.name not in ("tenant_id", *leave_out))))


def _filters() -> dict[str, Any]:
    at, id_ = bindparam("after_at", type_=BigInteger), bindparam("after_id", type_=Text)
    return {
        "status": _logs.c.status.between(
            bindparam("status_from", type_=Integer), bindparam("status_to", type_=Integer)
        ),
        "method": _logs.c.method == bindparam("method", type_=Text),
        "path": _logs.c.path.like(bindparam("path", type_=Text), escape=ESCAPE),
        "credential_id": _logs.c.credential_id == bindparam("credential_id", type_=Text),
        "after": or_(_logs.c.at < at, (_logs.c.at == at) & (_logs.c.id < id_)),
    }


def _list_statement(*names: str) -> Any:
    filters = _filters()
    query = select(_columns(leave_out=BULKY)).where(*_ours(), *(filters[name] for name in names))
    return query.order_by(_logs.c.at.desc(), _logs.c.id.desc()).limit(bindparam("limit", type_=Integer))


def _one_statement() -> Any:
    return select(_columns()).where(*_ours(), _logs.c.id == bindparam("id", type_=Text))


def _count_statement() -> Any:
    within = (*_ours(), _logs.c.at >= bindparam("since_us", type_=BigInteger))
    return select(func.count(), *(_number(_logs.c.status.between(low, low + 99)) for low in (200, 400, 500)),
                  _number(_logs.c.status == 429)).where(*within)  # fmt: skip


def _by_credential_statement() -> Any:
    within = (*_ours(), _logs.c.at >= bindparam("since_us", type_=BigInteger))
    return select(_logs.c.credential_id, func.count()).where(*within).group_by(_logs.c.credential_id)


def _number(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_list = registered_read("logs.list", _list_statement, example=("status", "method", "path", "credential_id", "after"))
_one = registered_read("logs.one", _one_statement)
_counts = registered_read("logs.counts", _count_statement)
_by_credential = registered_read("logs.by_credential", _by_credential_statement)


def list_logs(
    scope: Scope, *, limit: int, after: list[Any] | None = None, status: str | None = None, method: str | None = None,
    path: str | None = None, credential_id: str | None = None,
) -> list[Document]:  # fmt: skip
    """Calls without headers and bodies, newest first, up to limit + 1. after: [at in µs, id] of the last one seen.

    status: a class such as "4xx" or a number; path: the beginning of the path. Raises Invalid (422) for another status.
    """
    params: dict[str, Any] = {"application_id": _application(scope)}
    if status:
        params["status_from"], params["status_to"] = _status_range(status)
    if method:
        params["method"] = method.upper()
    if path:
        params["path"] = _beginning(path)
    if credential_id:
        params["credential_id"] = credential_id
    if after:
        params["after_at"], params["after_id"] = after
    given = {"status": status, "method": method, "path": path, "credential_id": credential_id, "after": after}
    return _list.documents(scope, *(name for name, value in given.items() if value), limit=limit + 1, **params)


def get_log(scope: Scope, *, request_id: str) -> Document:
    """One call with headers and bodies. Raises NotFound, also for another tenant's or application's."""
    document = _one.document(scope, id=request_id, application_id=_application(scope))
    if document is None:
        raise NotFound
    return document


def counts(scope: Scope, *, since_us: int) -> dict[str, int]:
    """How many calls since an instant: calls, 2xx, 4xx, 5xx, 429, and errors (4xx and 5xx)."""
    row = _counts.row(scope, since_us=since_us, application_id=_application(scope))
    calls, good, refused, failed, limited = map(int, row) if row else (0, 0, 0, 0, 0)
    return {"calls": calls, "2xx": good, "4xx": refused, "5xx": failed, "429": limited, "errors": refused + failed}


def counts_by_credential(scope: Scope, *, since_us: int) -> dict[str, int]:
    """How many calls each credential of the reading application made since an instant; those without any are absent."""
    rows = _by_credential.rows(scope, since_us=since_us, application_id=_application(scope))
    return {credential_id: int(calls) for credential_id, calls in rows}


def _application(scope: Scope) -> str:
    """Whose calls the reader sees. A scope without an application sees none."""
    return scope.application_id or ""


def _status_range(status: str) -> tuple[int, int]:
    if status in CLASSES:
        return int(status[0]) * 100, int(status[0]) * 100 + 99
    if status.isascii() and status.isdigit() and len(status) == 3:
        return int(status), int(status)
    message = "a class such as 4xx or a status such as 404"
    raise Invalid(f"The status filter is {message}.", errors=[FieldError("status", "invalid_value", message)])


def _beginning(path: str) -> str:
    """A LIKE pattern for everything that starts with the path, its own wildcards taken literally."""
    for special in (ESCAPE, "%", "_"):
        path = path.replace(special, ESCAPE + special)
    return path + "%"
