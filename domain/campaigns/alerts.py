"""Text messages of the moment ("your table is ready early"): to one guest at once, to a segment by a worker.

Consent is asked when the alert is taken, so that the caller learns how many it may reach, and again when each is sent.
"""

from domain.campaigns import queries
from domain.campaigns.audience import Candidate
from domain.campaigns.audience import next_candidates
from domain.campaigns.audience import one_candidate
from domain.campaigns.machine import SMS
from domain.campaigns.models import SmsAlert
from domain.campaigns.sending import STEP
from domain.guests.segments import find_segment
from domain.notifications.service import send_message
from domain.timers.service import set_task
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session
from kit.unit import tenant_now

SEND = "alert.send"
SENDING, SENT = "sending", "sent"


def send_alert(
    scope: Scope, *, text: str, customer_id: str | None = None, segment_id: str | None = None
) -> Document:  # fmt: skip
    """Take a text message to one guest or to a segment, to those who allow marketing by SMS and have a number.

    Returns the alert: accepted and suppressed say how many it may and may not reach. Records nothing. Raises Invalid
    (422) unless exactly one of customer_id and segment_id is given and exists.
    """
    if (customer_id is None) == (segment_id is None):
        raise _refused("customer_id", "Name a customer or a segment, not both.")
    now = tenant_now(scope)
    row = SmsAlert(customer_id=customer_id, segment_id=segment_id, text=text, created_at=now, updated_at=now, sent=0)
    if customer_id is not None:
        candidate = one_candidate(scope, channel=SMS, customer_id=customer_id)
        if candidate is None:
            raise _refused("customer_id", f"There is no customer {customer_id}.")
        row.accepted, row.suppressed = (1, 0) if candidate.to is not None else (0, 1)
        row.sent, row.status = _send(scope, row, [candidate]), SENT
    else:
        if find_segment(scope, segment_id=segment_id or "") is None:
            raise _refused("segment_id", f"There is no segment {segment_id}.")
        counts = queries.sms_reach.rows(scope, segment_id=segment_id)[0]
        row.accepted, row.suppressed, row.status = counts[1], counts[0] - counts[1], SENDING
        set_task(scope, kind=SEND, object_id=row.id)
    session(scope).add(row)
    return get_alert(scope, alert_id=row.id)


def get_alert(scope: Scope, *, alert_id: str) -> Document:
    """Read one alert. Raises NotFound."""
    document = queries.alert.document(scope, alert_id=alert_id)
    if document is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return document


def send_alert_step(scope: Scope, alert_id: str) -> None:
    """Send to the next guests of the segment. Task alert.send."""
    wanted = SmsAlert.owned_by(scope).where(SmsAlert.id == alert_id).with_for_update()
    row = session(scope).scalar(wanted.execution_options(populate_existing=True))
    if row is None or row.status != SENDING:
        return
    candidates = next_candidates(
        scope, channel=SMS, segment_id=row.segment_id, after_id=row.reached_to, limit=STEP
    )  # fmt: skip
    row.sent += _send(scope, row, candidates)
    row.version += 1
    row.updated_at = tenant_now(scope)
    if len(candidates) == STEP:
        row.reached_to = candidates[-1].customer_id
        set_task(scope, kind=SEND, object_id=row.id)
        return
    # Who withdrew the consent since the alert was taken was not written to.
    row.suppressed += max(0, row.accepted - row.sent)
    row.accepted, row.status = row.sent, SENT


def _send(scope: Scope, row: SmsAlert, candidates: list[Candidate]) -> int:
    reached = [candidate for candidate in candidates if candidate.to is not None]
    for candidate in reached:
        send_message(
            scope, channel=SMS, to=str(candidate.to), subject=None, body=row.text, customer_id=candidate.customer_id,
            kind="alert",
        )  # fmt: skip
    return len(reached)


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, "validation_failed", message)])
