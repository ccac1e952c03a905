"""Secrets a page shows exactly once, carried over one redirect.

A secret travels sealed (AES-256-GCM, bound to its purpose) inside the signed session cookie and is taken out when shown.
Nothing of it is stored on the server in a readable form.
"""

import json
import time

from flask import session

from kit.crypto import vault

SLOT = "once"
CONSOLE = "console"
CONSOLE_S = 30 * 60  # how long the first-call console may use the key of the sign-up


def put(purpose: str, **values: str) -> None:
    """Keep values for the next page of this purpose."""
    session[SLOT] = [purpose, vault.box.seal(json.dumps(values), "portal", "once", purpose)]


def take(purpose: str) -> dict[str, str]:
    """The values kept for this purpose; empty when there are none or they were shown before."""
    kept = session.get(SLOT)
    if not kept or kept[0] != purpose:
        return {}
    del session[SLOT]
    values: dict[str, str] = json.loads(vault.box.open(kept[1], "portal", "once", purpose))
    return values


def lend_to_console(key: str, person_id: str) -> None:
    """Let this person's console call with the new key for half an hour without showing it again."""
    record = json.dumps([int(time.time()) + CONSOLE_S, key])
    session[CONSOLE] = vault.box.seal(record, "portal", "console", person_id)


def console_key(person_id: str) -> str:
    """The key lent to this person's console, or an empty string when there is none any more."""
    if CONSOLE not in session:
        return ""
    until, key = json.loads(vault.box.open(session[CONSOLE], "portal", "console", person_id))
    if until < time.time():
        del session[CONSOLE]
        return ""
    return str(key)
