"""Request logs in the Core API: what this application sent and what it was answered."""

from accounts.logs import service as logs
from api.core.blueprint import blueprint
from api.core.platform_schemas import LogDetailOut
from api.core.platform_schemas import LogOut
from api.core.platform_schemas import LogQuery
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from kit.documents import Document


@endpoint(blueprint, "GET", "/logs", scope="logs:read", query=LogQuery, returns=LogOut, is_list=True)
def list_logs(call: Call) -> Reply:
    """List calls, newest first. A call appears within a second."""
    query = call.query
    rows = logs.list_logs(
        call.scope, limit=query["limit"], after=call.after(), status=query.get("status"), method=query.get("method"),
        path=query.get("path"),
    )  # fmt: skip
    return call.page(rows, lambda row: [row["at"], row["id"]])


@endpoint(blueprint, "GET", "/logs/<request_id>", scope="logs:read", returns=LogDetailOut)
def read_log(call: Call, request_id: str) -> Document:
    """Read one call with its headers and bodies; credentials and secrets are hidden."""
    return logs.get_log(call.scope, request_id=request_id)
