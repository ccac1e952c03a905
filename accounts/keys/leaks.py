"""Keys seen where keys must not be: they stop with the next request, and their owners are told.

Whoever shows the whole text of a key proves that it leaked, so nobody has to say who they are.
"""

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import lock_application
from accounts.audit import service as audit
from accounts.keys.models import ApiKey
from accounts.mail.letters import one_line
from accounts.notices.service import Told
from accounts.notices.service import notify
from kit.clock import now
from kit.crypto import parse
from kit.crypto import redact
from kit.crypto import same
from kit.crypto import vault
from kit.planes import Environment
from kit.unit import control

IN_ADDRESS = "in the address of a request"
IN_PUBLIC = "in a public place"
LONGEST_URL = 300
PLACES = {Environment.SANDBOX: "sandbox", Environment.PRODUCTION: "live"}


def stop_leaked(text: str, *, where: str, url: str = "") -> bool:
    """Revoke the key of this text, if it is one of ours, and tell its owners. Returns whether it is one.

    where: IN_ADDRESS or IN_PUBLIC. url: where it was found. A key that was revoked before is left as it is.
    """
    found = _find(text)
    if found is None:
        return False
    url = redact(one_line(url))[:LONGEST_URL]  # the key may stand in it
    application = lock_application(found.application_id)
    again = select(ApiKey).where(ApiKey.id == found.id).execution_options(populate_existing=True)
    key: ApiKey = control().session.scalars(again).one()
    if key.revoked_at is None:
        key.revoked_at = now()
        revocations.announce()
        audit.record(
            organisation_id=application.organisation_id, person_id=None, action="key.leaked", target=key.id,
            details={"environment": key.environment, "application_id": key.application_id, "where": where, "url": url},
        )  # fmt: skip
        _tell(application, key, where, url)
    return True


def is_key(text: str) -> bool:
    """Whether this is the whole text of a key of ours, revoked or not. Needs no write unit."""
    return _find(text) is not None


def _find(text: str) -> ApiKey | None:
    credential = parse(text)
    key: ApiKey | None = (
        control().session.scalar(select(ApiKey).where(ApiKey.kid == credential.kid)) if credential is not None else None
    )
    return key if key is not None and same(key.digest, vault.digest(text)) else None


def _tell(application: Application, key: ApiKey, where: str, url: str) -> None:
    place = PLACES[Environment(key.environment)]
    told = Told(
        kind="key.leaked", severity="error", title=f"The key {key.name} was revoked because it leaked",
        text=f"It was seen {where}{': ' + url if url else ''}. Calls with it are refused. Make another one, and look at the log.",
        link=f"/{place}/keys/{key.id}?application={application.id}", dedupe_key=f"key.leaked:{key.id}",
    )  # fmt: skip
    values = {
        "key": key.name, "shown": f"{key.head}…{key.last4}", "application": application.name, "place": place.capitalize(),
        "where": where, "url": url,
    }  # fmt: skip
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=values)
