"""`tableport login` and `logout`: a key for this machine, approved by a person in the portal, and its end."""

import time
from contextlib import suppress
from typing import Any

from tableport import credentials
from tableport.calls import Platform
from tableport.credentials import Credential
from tableport.failures import Failure
from tableport.failures import Misused
from tableport.failures import NotLoggedIn
from tableport.listening import own_listener
from tableport.output import Output

SLOWER_S = 5  # RFC 8628, section 3.5


def log_in(base_url: str, machine: str, output: Output) -> None:
    """Ask for a pairing, wait until somebody has decided, and keep the key."""
    platform = Platform(base_url)
    asked = platform.post("/cli/v1/pairings", {"machine": machine})
    output.say(f"> Open {asked['verification_uri_complete']}")
    output.say(f"> and check that it shows the code  {asked['user_code']}")
    granted = _wait(platform, asked)
    before = _known(base_url)
    path = credentials.keep(base_url, Credential(granted["api_key"], granted["application"], machine))
    if before is not None:
        _end(platform, before.api_key)  # one key a machine
    document = {"application": granted["application"], "environment": granted["environment"], "machine": machine}
    output.result(
        document, f"Logged in to the sandbox of {granted['application']} as {machine!r}.", f"The key is kept in {path}."
    )


def log_out(base_url: str, machine: str, output: Output) -> None:
    """Remove this machine's listener, end its key, forget it."""
    credential = credentials.find(base_url)
    if not credential.is_kept:
        raise Misused(f"the key comes from {credentials.KEY_VARIABLE}; there is nothing to log out of", code="usage")
    platform = Platform(base_url, credential.api_key)
    with suppress(NotLoggedIn):  # somebody revoked the key in the portal
        if listener_id := own_listener(platform, credential.machine or machine):
            platform.delete(f"/sandbox/v1/listeners/{listener_id}")
        _end(platform, credential.api_key)
    credentials.forget(base_url)
    output.result({"logged_out": True}, "Logged out: the key no longer works and this machine's listener is gone.")


def _wait(platform: Platform, asked: dict[str, Any]) -> Any:
    interval_s, ends_at = float(asked["interval"]), time.monotonic() + asked["expires_in"]
    while time.monotonic() < ends_at:
        time.sleep(interval_s)
        try:
            return platform.post("/cli/v1/pairings/collect", {"device_code": asked["device_code"]})
        except Failure as failure:
            if failure.code == "slow_down":
                interval_s += SLOWER_S
            elif failure.code != "authorization_pending" and not failure.may_pass:
                raise
    raise Failure("nobody approved the pairing in time; run `tableport login` again", code="pairing_expired")


def _known(base_url: str) -> Credential | None:
    try:
        credential = credentials.find(base_url)
    except Failure:
        return None
    return credential if credential.is_kept else None


def _end(platform: Platform, api_key: str) -> None:
    platform.post("/cli/v1/pairings/end", {"api_key": api_key})
