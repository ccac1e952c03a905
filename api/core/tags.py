"""Entity tags of what changes by itself: a menu item returns at an hour, and no version counts that.

Such a tag is made of the object's version and of what the answer says, so that 304 is never a stale answer.
"""

import re
from hashlib import blake2b
from typing import Any

import orjson
from flask import request

from api.gate import expected_version
from api.operations import Call
from api.operations import Reply

_TAG = re.compile(r'(?:W/)?"?(\d{1,11})-[0-9a-f]+"?')


def tagged(call: Call, payload: dict[str, Any]) -> Reply:
    """Answer one printed object with its tag, or 304 when the caller has it."""
    return _tagged(call, payload, f"{payload['version']}-", Reply(payload=payload))


def tagged_page(call: Call, reply: Reply) -> Reply:
    """Answer a page with its tag, or 304 when the caller has it. The cursor is new each time and does not count."""
    shown = {name: value for name, value in reply.payload.items() if name != "next_cursor"}
    return _tagged(call, shown, "", reply)


def expected(call: Call) -> int | None:
    """The version a write expects, also from a tag made here. Raises BadRequest (400) for a malformed If-Match."""
    match = _TAG.fullmatch(request.headers.get("If-Match", "").strip())
    return int(match[1]) if match else expected_version(call)


def _tagged(call: Call, shown: dict[str, Any], prefix: str, reply: Reply) -> Reply:
    digest = blake2b(orjson.dumps(shown), digest_size=12, key=call.version.encode()).hexdigest()
    etag = f'"{prefix}{digest}"'
    reply.headers["ETag"] = etag
    known = request.headers.get("If-None-Match", "")
    if {etag, "*"} & {tag.strip().removeprefix("W/") for tag in known.split(",")}:
        reply.status, reply.payload = 304, None
    return reply
