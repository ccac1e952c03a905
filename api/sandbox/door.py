"""The blueprint of sandbox control and the one way to register an endpoint on it."""

from collections.abc import Callable
from typing import Any
from typing import Unpack

from flask import Blueprint

from api.gate import endpoint
from api.operations import Call
from api.operations import Promise
from domain.references.service import find_object

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox/v1")
# Which product's names a credential speaks in; a Core credential has none but the ids themselves.
NAMES_OF = {"pos": "tablespot", "ordering": "onetablet", "mobile": "tabletrack", "crm": "tablecheck"}


def control(
    method: str, path: str, *, plane: str = "data", bucket: str = "control", **promise: Unpack[Promise]
) -> Callable[[Callable[..., Any]], Any]:
    """Register a view of sandbox control: its scope, its own generous rate limit, no plan and no production."""
    return endpoint(
        blueprint, method, path, scope="sandbox:control", plane=plane, bucket=bucket, sandbox_only=True, **promise
    )


def own_id(call: Call, noun: str, object_id: str) -> str:
    """The canonical id of what a caller names: first by the names of its own product, else the id as it stands."""
    product = NAMES_OF.get(call.principal.product)
    named = None if product is None else find_object(call.scope, product=product, noun=noun, value=object_id)
    return named or object_id
