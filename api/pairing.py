"""Pairing for the command-line client: three calls nobody is known at. Source: RFC 8628, with an API key as the outcome.

Limited by address like the login, and shut without Redis (bootstrap); nothing here is logged with its body.
"""

from typing import Any

import orjson
from flask import Blueprint
from flask import Response
from flask import request
from marshmallow import Schema

from accounts.pairing import service as pairing
from accounts.pairing.service import LONGEST_NAME
from api.addresses import base_url
from api.errors import problem_response
from api.fields import Body
from api.fields import Text
from api.loading import Loader
from api.reading import load_body
from api.reading import parse_json
from api.reading import read_body
from kit.errors import PlatformError
from kit.ids import new_id
from kit.unit import control_unit

MAX_BODY = 4096
LONGEST_CODE = 200
blueprint = Blueprint("pairing", __name__, url_prefix="/cli/v1")


class PairingIn(Body):
    machine = Text(required=True, max_length=LONGEST_NAME, min_length=1)


class CollectIn(Body):
    device_code = Text(required=True, max_length=LONGEST_CODE, min_length=1)


class EndIn(Body):
    api_key = Text(required=True, max_length=LONGEST_CODE, min_length=1)


_loaders: dict[type[Schema], Loader] = {schema: Loader(schema()) for schema in (PairingIn, CollectIn, EndIn)}


@blueprint.post("/pairings")
def begin() -> Response:
    """Begin a pairing: a code to show to a person, and one to ask with."""
    body = _sent(PairingIn)
    with control_unit():
        begun = pairing.begin_pairing(machine=body["machine"], ip=request.remote_addr or "")
    page = base_url() + "/cli"
    return _answer(201, {
        "device_code": begun.device_code, "user_code": begun.user_code, "verification_uri": page,
        "verification_uri_complete": f"{page}?code={begun.user_code}", "expires_in": begun.lasts_s,
        "interval": begun.interval_s,
    })  # fmt: skip


@blueprint.post("/pairings/collect")
def collect() -> Response:
    """Ask what became of a pairing; the key is told once."""
    body = _sent(CollectIn)
    with control_unit():
        outcome = pairing.collect(device_code=body["device_code"])
    if isinstance(outcome, PlatformError):
        return problem_response(outcome, new_id("req"))
    return _answer(200, {
        "api_key": outcome.api_key, "application_id": outcome.application_id, "application": outcome.application,
        "environment": outcome.environment.value, "scopes": outcome.scopes,
    })  # fmt: skip


@blueprint.post("/pairings/end")
def end() -> Response:
    """Revoke the key of a pairing. A text that is no such key answers the same."""
    body = _sent(EndIn)
    with control_unit():
        pairing.end_pairing(api_key=body["api_key"])
    return _answer(200, {})


def _sent(schema: type[Schema]) -> Any:
    return load_body(_loaders[schema], parse_json(request, read_body(request, MAX_BODY)))


def _answer(status: int, document: dict[str, Any]) -> Response:
    return Response(
        orjson.dumps(document), status=status, content_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )  # fmt: skip
