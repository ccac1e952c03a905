"""Request logs in the Core API: what this application sent and what it was answered."""

from accounts.logs import service as logs
from api.core.blueprint import blueprint
from api.core.platform_schemas import LogDetailOut
from api.core.platform_schemas import LogOut
from api.core.platform_schemas import LogQuery
from api.gate import endpoint
from api.operations import Call
from api.operations import Reply
from domain.guests.masking import masked_query
from domain.guests.masking import masked_text
from kit.documents import Document


@endpoint(blueprint, "GET", "/logs", scope="logs:read", query=LogQuery, returns=LogOut, is_list=True)
def list_logs(call: Call) -> Reply:
    """List calls, newest first. A call appears within a second."""
    query = call.query
    rows = logs.list_logs(
        call.scope, limit=query["limit"], after=call.after(), status=query.get("status"), method=query.get("method"),
        path=query.get("path"),
    )  # fmt: skip
    return call.page([_readable(call, row) for row in rows], lambda row: [row["at"], row["id"]])


@endpoint(blueprint, "GET", "/logs/<request_id>", scope="logs:read", returns=LogDetailOut)
def read_log(call: Call, request_id: str) -> Document:
    """Read one call with its headers and bodies; credentials and secrets are hidden.

    Without the scope customers:pii contact data in bodies and searches is hidden too.
    """
    return _readable(call, logs.get_log(call.scope, request_id=request_id))


def _readable(call: Call, log: Document) -> Document:
    """A logged call as the reader may see it: whoever sent it may have had more scopes."""
    if "customers:pii" in call.principal.scopes:
        return log
    texts: Document = {name: masked_text(log[name]) for name in ("request_body", "response_body") if name in log}
    return {**log, **texts, "query": masked_query(log["query"])}
