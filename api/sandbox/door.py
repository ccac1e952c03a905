"""The blueprint of sandbox control and the one way to register an endpoint on it."""

from collections.abc import Callable
from typing import Any
from typing import Unpack

from flask import Blueprint

from api.gate import endpoint
from api.operations import Promise

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox/v1")


def control(method: str, path: str, *, plane: str = "data", **promise: Unpack[Promise]) -> Callable[[Callable[..., Any]], Any]:
    """Register a view of sandbox control: its scope, its own generous rate limit, no plan and no production."""
    return endpoint(
        blueprint, method, path, scope="sandbox:control", plane=plane, bucket="control", sandbox_only=True, **promise
    )
