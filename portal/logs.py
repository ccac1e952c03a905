"""Every API call of one environment: the list with filters in the address, and one call in full."""

import shlex
from typing import Any

from flask import render_template
from flask import request

from accounts.logs import service as logs
from kit.crypto import redact
from portal.pages import ENV
from portal.pages import Plane
from portal.pages import Visit
from portal.pages import current_url
from portal.pages import page
from portal.paging import PAGE_ROWS
from portal.paging import position
from portal.paging import sheet

FILTERS = ("status", "method", "path", "credential")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
STATUSES = (("", "Any status"), ("2xx", "2xx worked"), ("4xx", "4xx refused"), ("5xx", "5xx failed"))
REPEATED = ("accept", "content-type", "if-match", "if-none-match", "idempotency-key", "tableport-version", "tm-version")


@page(f"{ENV}/logs", permission="logs.read", plane=Plane.READ)
def show_logs(visit: Visit) -> str:
    """Newest first. The same address answers the two-second refresh with the rows alone."""
    wanted = {name: request.args.get(name, "").strip() for name in FILTERS}
    name = "logs:" + "&".join(wanted.values())
    found = logs.list_logs(
        visit.scope, limit=PAGE_ROWS, after=position(visit.scope, name), status=wanted["status"] or None,
        method=wanted["method"] or None, path=wanted["path"] or None, credential_id=wanted["credential"] or None,
    )  # fmt: skip
    template = "portal/logs/_rows.html" if "HX-Request" in request.headers else "portal/logs/list.html"
    return render_template(
        template, sheet=sheet(visit.scope, name, found, sort="at"), wanted=wanted, statuses=STATUSES, methods=METHODS,
        wanted_set={key: value for key, value in wanted.items() if value},
        application_argument=request.args.get("application", ""),
    )  # fmt: skip


@page(f"{ENV}/logs/<request_id>", permission="logs.read", plane=Plane.READ)
def show_log(visit: Visit, request_id: str) -> str:
    """One call: what was sent, what came back, and a curl line that repeats it."""
    entry = logs.get_log(visit.scope, request_id=request_id)
    return render_template("portal/logs/show.html", entry=entry, curl=as_curl(entry))


def as_curl(entry: dict[str, Any]) -> str:
    """A shell line that repeats a logged call. Logs hold no credentials, so the key is a variable to fill."""
    url = current_url(entry["path"] + (f"?{entry['query']}" if entry["query"] else ""))
    parts = ["curl", "-X", entry["method"], shlex.quote(url), "\\\n  -H", '"Authorization: Bearer $TABLEPORT_KEY"']
    for header, value in entry["request_headers"].items():
        if header.lower() in REPEATED or header.lower().startswith("x-sandbox-"):
            parts += ["\\\n  -H", shlex.quote(f"{header}: {value}")]
    if entry["request_body"]:
        parts += ["\\\n  -d", shlex.quote(redact(entry["request_body"]))]
    return " ".join(parts)
