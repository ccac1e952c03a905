"""The commands that ask the platform something and print what it says."""

import time
from datetime import datetime
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

import httpx

from tableport.calls import Platform
from tableport.failures import Failure
from tableport.listening import own_listener
from tableport.output import Output
from tableport.output import table

PAGE = 100
MOST_EVENTS = 1000
FOLLOW_S = 2.0
OWN_PATHS = ("/v1/logs",)  # what following asks for is not news


def trigger(platform: Platform, output: Output, *, kind: str, object_id: str | None, overrides: dict[str, Any]) -> None:
    """Make one event happen."""
    body: dict[str, Any] = {"type": kind}
    if object_id is not None:
        body["object_id"] = object_id
    if overrides:
        body["overrides"] = overrides
    try:
        made = platform.post("/sandbox/v1/events/trigger", body)
    except Failure as failure:
        raise _explained(platform, kind, failure) from failure
    output.result(made, f"{made['type']}  {made['event_id']}")


def _explained(platform: Platform, kind: str, failure: Failure) -> Failure:
    """A refusal of a type that does not exist names the nearest that do, instead of all of them."""
    if failure.status != httpx.codes.UNPROCESSABLE_ENTITY:
        return failure
    known = [found["type"] for found in platform.get("/v1/event-types")["data"]]
    if kind in known:
        return failure
    near = get_close_matches(kind, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see /docs/events"
    return Failure(f"{kind!r} is no event type; {hint}", code=failure.code, status=failure.status)


def resend(platform: Platform, output: Output, *, event_id: str, webhook_id: str | None, machine: str) -> None:
    """Send an event once more, to this machine's listener unless another endpoint is named."""
    webhook_id = webhook_id or own_listener(platform, machine)
    if webhook_id is None:
        raise Failure("this machine has no listener yet: run `tableport listen`, or name an endpoint with --webhook")
    made = platform.post(f"/v1/events/{event_id}/resend", {"webhook_id": webhook_id})
    output.result(made, f"{made['event_type']}  {made['event_id']}  sent again as {made['id']} to {webhook_id}")


def whoami(platform: Platform, output: Output, *, application: str, machine: str) -> None:
    """Say which key this is."""
    me = platform.get("/v1/me")
    rows = [
        ["Application", application or me["application_id"]], ["Environment", me["environment"]], ["Plan", me["plan"]],
        ["Key", me["credential_id"]], ["Scopes", str(len(me["scopes"]))], ["Machine", machine],
        ["Platform", platform.base_url],
    ]  # fmt: skip
    output.result({**me, "machine": machine, "base_url": platform.base_url}, *table(rows))


def events(platform: Platform, output: Output, *, since_s: int | None, types: str | None, limit: int) -> None:
    """Print the newest events, oldest first; with a span those of that span of the sandbox's clock."""
    state = platform.get("/sandbox/v1/state")
    oldest = None if since_s is None else datetime.fromisoformat(state["clock"]["now"]) - timedelta(seconds=since_s)
    most = limit if since_s is None else MOST_EVENTS
    found = _newest_events(platform, int(state["event_sequence"]), oldest, types, most)
    if output.is_json:
        for event in found:
            output.result(event)
        return
    rows = [[event["created_at"], event["type"], event["id"], str(event["data"]["object"].get("id", ""))] for event in found]
    output.result(None, *(table(rows) if rows else ["No events."]))


def _newest_events(
    platform: Platform, newest: int, oldest: datetime | None, types: str | None, most: int
) -> list[dict[str, Any]]:
    """Read the feed backwards, a page at a time; it is told in the order of commits."""
    found: list[dict[str, Any]] = []
    end = newest
    while end > 0 and len(found) < most:
        start = max(0, end - PAGE)
        page = platform.get("/v1/events", after_sequence=start, limit=PAGE, types=types)["data"]
        page = [event for event in page if event["sequence"] <= end]
        kept = [event for event in page if oldest is None or datetime.fromisoformat(event["created_at"]) >= oldest]
        found = kept + found
        end = start
        if len(kept) < len(page):
            break
    return found[-most:]


def logs(platform: Platform, output: Output, *, status: str | None, limit: int, follows: bool) -> None:
    """Print the newest calls, oldest first; following goes on with those that come."""
    seen: set[str] = set()
    while True:
        rows = platform.get("/v1/logs", status=status, limit=limit)["data"]
        fresh = [row for row in reversed(rows) if row["request_id"] not in seen and row["path"] not in OWN_PATHS]
        for row in fresh:
            output.result(row, _log_line(row))
        if not follows:
            return
        seen = {row["request_id"] for row in rows} | {row["request_id"] for row in fresh}
        limit = PAGE
        time.sleep(FOLLOW_S)


def _log_line(row: dict[str, Any]) -> str:
    query = f"?{row['query']}" if row["query"] else ""
    code = f"  {row['error_code']}" if row["error_code"] else ""
    duration = f"{row['duration_us'] / 1000:.1f} ms"
    return f"{row['at']}  {row['status']}  {row['method']} {row['path']}{query}  {duration}  {row['request_id']}{code}"
