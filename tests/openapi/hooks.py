"""What generated calls need from us: keys in turn, so that no limit is met, and now and then the id of an object that exists."""

import os
import random
from itertools import cycle
from typing import Any

import orjson
import schemathesis

KEYS = cycle(os.environ["FUZZ_KEYS"].split(","))
KNOWN: dict[str, list[str]] = orjson.loads(os.environ["FUZZ_IDS"])
KNOWN_SHARE = 0.7


@schemathesis.auth(refresh_interval=None)
class Keys:
    """A key of the tenant, the next one for each call."""

    def get(self, case: Any, context: Any) -> str:
        return next(KEYS)

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Put ids of existing objects into most paths: a path of random letters only ever finds nothing."""
    for name in path_parameters or {}:
        if KNOWN.get(name) and random.random() < KNOWN_SHARE:
            path_parameters[name] = random.choice(KNOWN[name])
    return path_parameters
