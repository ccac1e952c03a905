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
LONGEST_ID = 64


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


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Put ids of existing objects into most bodies too, where an id is expected and something like one stands."""
    return _known_to_exist(body)


def _known_to_exist(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _known_to_exist(part, str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [_known_to_exist(part, name.removesuffix("s")) for part in value]
    known = KNOWN.get("item_id" if name == "menu_item_id" else name, [])
    is_id = isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()
    return random.choice(known) if known and is_id and random.random() < KNOWN_SHARE else value
