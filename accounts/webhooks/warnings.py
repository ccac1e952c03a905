"""What an endpoint's owners are told about it: that it comes near to being disabled, that it was, that it works again.

The delivery engine decides when; this writes a notice, mails and an audit entry in one transaction of the control plane.
The event of a warning follows on the planes with accounts.webhooks.sync, which carries the warning's number: it is told once
there, wherever a process dies. Warnings do not move an endpoint's version, which belongs to its owner's changes.
Nobody is told of endpoints nobody made: those of a sandbox world, and listeners.
"""

from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from accounts.applications.models import Application
from accounts.applications.service import lock_application
from accounts.audit import service as audit
from accounts.notices.service import Told
from accounts.notices.service import notify
from accounts.webhooks.models import DISABLED_AFTER
from accounts.webhooks.models import UNCOUNTED
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.reasons import in_words
from accounts.webhooks.sync import GONE
from accounts.webhooks.sync import sync_endpoint
from kit.clock import iso
from kit.clock import now
from kit.clock import to_us
from kit.planes import Environment
from kit.unit import control

PLACES = {Environment.SANDBOX: "sandbox", Environment.PRODUCTION: "live"}  # as the portal's addresses spell them


def warn_endpoint(
    *, endpoint_id: str, version: int, percent: int, failing_since: datetime, last_reason: str | None
) -> bool:
    """Tell the owners that an endpoint has gone some of the way to being disabled. Returns whether they were told now.

    percent: 50, 70 or 90. version: of the endpoint whose deliveries failed; one that was changed since gets a new chance.
    last_reason: of the last attempt, e.g. http_502. Nothing happens for the same or a lower percent of the same fault, nor
    for an unknown, deleted, disabled or uncounted endpoint.
    """
    found = _locked(endpoint_id)
    if found is None:
        return False
    endpoint, application = found
    if endpoint.state == "disabled" or endpoint.version != version or _was_warned(endpoint, percent, failing_since):
        return False
    told = Told(
        kind="endpoint.failing", severity="warning", link=page_of(endpoint),
        title=f"{name_of(endpoint)} is {percent} % of the way to being switched off",
        text=f"It has taken no webhook since {_day(failing_since)}. Last answer: {in_words(last_reason)}.",
        dedupe_key=f"endpoint.failing:{endpoint.id}:{to_us(failing_since)}:{percent}",
    )  # fmt: skip
    values = _facts(endpoint, application, failing_since, last_reason)
    until = failing_since + DISABLED_AFTER
    values |= {"percent": percent, "disabled_at": until if until > now() else None}
    if notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=values) is None:
        return False  # told of before another fault was
    endpoint.warned_percent, endpoint.failing_since = percent, failing_since
    endpoint.failing_reason = last_reason[:80] if last_reason else None
    endpoint.warnings += 1
    endpoint.needs_sync = True
    audit.record(
        organisation_id=application.organisation_id, person_id=None, action="endpoint.warned", target=endpoint.id,
        details={"percent": percent, "failing_since": iso(to_us(failing_since)), "reason": last_reason},
    )  # fmt: skip
    control().after_commit.append(partial(sync_endpoint, endpoint.id))
    return True


def endpoint_recovered(*, endpoint_id: str) -> bool:
    """Tell the owners that an endpoint they were warned of takes webhooks again. Returns whether they were told now."""
    found = _locked(endpoint_id)
    if found is None or not found[0].warned_percent:
        return False
    endpoint, application = found
    told = Told(
        kind="endpoint.recovered", severity="info", link=page_of(endpoint), title=f"{name_of(endpoint)} takes webhooks again",
        text="What waited for it is on its way; deliveries that were given up can be sent again from its page.",
    )  # fmt: skip
    notify(told, organisation_id=application.organisation_id, application_id=application.id)
    forget_warning(endpoint)
    return True


def tell_of_disabling(endpoint: WebhookEndpoint, application: Application) -> None:
    """Tell the owners that an endpoint was disabled for a fault, in the transaction that disables it."""
    if endpoint.made_by in UNCOUNTED:
        return
    is_gone = endpoint.disabled_reason == GONE
    since = f"since {_day(endpoint.failing_since)}" if endpoint.failing_since else "for five days"
    told = Told(
        kind="endpoint.disabled", severity="error", link=page_of(endpoint), title=f"{name_of(endpoint)} was switched off",
        text="It answered 410 Gone, which means that it wants no more webhooks." if is_gone
        else f"It had taken no webhook {since}. Last answer: {in_words(endpoint.failing_reason)}.",
        dedupe_key=f"endpoint.disabled:{endpoint.id}:{endpoint.version}",
    )  # fmt: skip
    values = _facts(endpoint, application, endpoint.failing_since, endpoint.failing_reason) | {"is_gone": is_gone}
    notify(told, organisation_id=application.organisation_id, application_id=application.id, mail=values)


def forget_warning(endpoint: WebhookEndpoint) -> None:
    """Take the warning off an endpoint that starts afresh."""
    endpoint.warned_percent, endpoint.failing_since, endpoint.failing_reason = 0, None, None


def name_of(endpoint: WebhookEndpoint) -> str:
    """What people call an endpoint: its description, else its host."""
    return endpoint.description or urlsplit(endpoint.url).netloc


def page_of(endpoint: WebhookEndpoint) -> str:
    """Path of the endpoint's page in the portal."""
    place = PLACES[Environment(endpoint.environment)]
    return f"/{place}/webhooks/{endpoint.id}?application={endpoint.application_id}"


def _was_warned(endpoint: WebhookEndpoint, percent: int, failing_since: datetime) -> bool:
    """Whether this rung of this fault, or a higher one, was told before."""
    known = endpoint.failing_since
    return known is not None and endpoint.warned_percent >= percent and failing_since <= known


def _facts(
    endpoint: WebhookEndpoint, application: Application, failing_since: datetime | None, last_reason: str | None
) -> dict[str, Any]:
    """What the mails about an endpoint say of it. A query string may hold what only the two sides should know."""
    return {
        "endpoint": name_of(endpoint), "address": endpoint.url.partition("?")[0], "application": application.name,
        "place": PLACES[Environment(endpoint.environment)].capitalize(), "failing_since": failing_since,
        "last_answer": "410 Gone" if endpoint.disabled_reason == GONE else in_words(last_reason),
    }  # fmt: skip


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _locked(endpoint_id: str) -> tuple[WebhookEndpoint, Application] | None:
    """An endpoint somebody is told of, and its application, both locked in the order of every other change."""
    session = control().session
    application_id = session.scalar(select(WebhookEndpoint.application_id).where(WebhookEndpoint.id == endpoint_id))
    if application_id is None:
        return None
    application = lock_application(application_id)
    query = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    endpoint: WebhookEndpoint = session.scalar(query.execution_options(populate_existing=True))
    is_told_of = endpoint.deleted_at is None and endpoint.made_by not in UNCOUNTED
    return (endpoint, application) if is_told_of else None
