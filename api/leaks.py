"""Keys in the wrong place: in the address of a call, and in what scanners of public code report.

Reports need no signature: only the whole text of a key revokes it, and whoever has that could do worse. Limited by address
(bootstrap); neither addresses nor reports with keys in them are logged.
"""

import hashlib
from base64 import b64encode
from typing import Any
from urllib.parse import unquote

import orjson
from flask import Blueprint
from flask import Response
from flask import request

from accounts.keys.leaks import IN_ADDRESS
from accounts.keys.leaks import IN_PUBLIC
from accounts.keys.leaks import is_key
from accounts.keys.leaks import stop_leaked
from api.reading import parse_json
from api.reading import read_body
from kit.crypto import CREDENTIAL
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import TokenRevoked
from kit.unit import control_unit

MAX_BODY = 256 * 1024
MOST = 100  # reports in one call
MOST_IN_ADDRESS = 3
LONGEST = {"token": 200, "type": 100, "url": 2000}
blueprint = Blueprint("leaks", __name__, url_prefix="/security/v1")


def refuse_leaked(query: str) -> None:
    """Revoke the keys in a query string. Raises TokenRevoked (401) when there was one; any other text is none of ours."""
    texts = dict.fromkeys(CREDENTIAL.findall(unquote(query)))
    for text in list(texts)[:MOST_IN_ADDRESS]:
        if _stop(text, IN_ADDRESS):
            raise TokenRevoked(
                "This key was sent in the address, where logs and histories keep it, so it was revoked. Make another one and send"
                " it as `Authorization: Bearer <your API key>`."
            )


@blueprint.post("/leaked-keys")
def report() -> Response:
    """Take reports of a secret scanner, revoke what is a key of ours, and say of each report whether it was one."""
    reports = _reports(parse_json(request, read_body(request, MAX_BODY)))
    answers = []
    for found in reports:
        is_ours = _stop(found["token"], IN_PUBLIC, found["url"])
        answers.append({
            "token_hash": b64encode(hashlib.sha256(found["token"].encode()).digest()).decode(), "token_type": found["type"],
            "label": "true_positive" if is_ours else "false_positive",
        })  # fmt: skip
    return Response(
        orjson.dumps(answers), content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip


def _stop(text: str, where: str, url: str = "") -> bool:
    """Revoke a key. Others wait for a write on the control plane only when there is one."""
    with control_unit(writes=False):
        is_ours = is_key(text)
    if is_ours:
        with control_unit():
            stop_leaked(text, where=where, url=url)
    return is_ours


def _reports(sent: Any) -> list[dict[str, str]]:
    """The reports as texts. Raises Invalid (422) with the field that is not as it should be."""
    if not isinstance(sent, list) or len(sent) > MOST:
        raise _refused("", f"a list of up to {MOST} reports")
    return [_report(index, found) for index, found in enumerate(sent)]


def _report(index: int, found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        raise _refused(f"[{index}]", "an object with token, type and url")
    values = {name: found.get(name) if name == "token" else found.get(name) or "" for name in LONGEST}
    for name, value in values.items():
        if not isinstance(value, str) or len(value) > LONGEST[name]:
            raise _refused(f"[{index}].{name}", f"a text of up to {LONGEST[name]} characters")
    return values  # type: ignore[return-value]  # checked to be texts just now


def _refused(field: str, message: str) -> Invalid:
    return Invalid(f"Expected {message}.", errors=[FieldError(field, "invalid_value", message)])
