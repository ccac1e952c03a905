"""Posts whose sender has not shown for a while who they are: kept until they have, so that nothing typed is lost.

What was sent is kept sealed for ten minutes, for the session it came from. The form is shown again with it; nothing is done
until it is sent once more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request
from flask import url_for
from werkzeug.datastructures import ImmutableMultiDict

from accounts.factors.tickets import POST
from accounts.factors.tickets import find_ticket
from accounts.factors.tickets import hand_over
from accounts.factors.tickets import open_ticket
from kit.crypto import vault

FRESH = timedelta(minutes=10)  # how long a session counts as one that has shown who it is
KEPT = "kept"  # names the token in addresses
RESTORED = "It is you. Nothing you typed was lost: look it over and send it once more."
LEFT_OUT = ("csrf_token", "password")  # parts of names of fields that are not kept


@dataclass(frozen=True, slots=True)
class KeptPost:
    """What somebody sent. form: the view that shows its form, and its address."""

    form: str
    address: str
    fields: ImmutableMultiDict[str, str]


def keep_post(*, form: str, arguments: dict[str, Any], session_token: str) -> str:
    """Keep the post being answered; return the token that finds it."""
    address = url_for(f"portal.{form}", **{**request.args.to_dict(), **arguments})
    fields = [[name, value] for name, value in request.form.items(multi=True) if not any(part in name for part in LEFT_OUT)]
    content = {"form": form, "address": address, "fields": fields}
    return open_ticket(POST, content, holder=vault.digest(session_token))


def find_post(*, token: str, session_token: str) -> KeptPost | None:
    """What was kept for this session, or None when that is over or was never there."""
    found = find_ticket(POST, token, holder=vault.digest(session_token))
    if found is None:
        return None
    link = "&" if "?" in found["address"] else "?"
    fields = ImmutableMultiDict([(name, value) for name, value in found["fields"]])
    return KeptPost(found["form"], f"{found['address']}{link}{KEPT}={token}", fields)


def follow_session(*, old: str, new: str) -> None:
    """Keep what was kept for a session although its token is another now."""
    hand_over(POST, holder=vault.digest(old), heir=vault.digest(new))
