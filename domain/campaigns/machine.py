"""The campaign's states and the moves between them, and the words campaigns use."""

from collections.abc import Mapping

DRAFT, SCHEDULED, SENDING, SENT, CANCELLED = "draft", "scheduled", "sending", "sent", "cancelled"
MOVES: Mapping[str, tuple[str, ...]] = {
    DRAFT: (SCHEDULED, SENDING, CANCELLED),
    SCHEDULED: (DRAFT, SENDING, CANCELLED),
    SENDING: (SENT, CANCELLED),
    SENT: (),
    CANCELLED: (),
}
STATUSES = tuple(MOVES)
EDITABLE = (DRAFT, SCHEDULED)
EMAIL, SMS, PUSH = "email", "sms", "push"
CHANNELS = (EMAIL, SMS, PUSH)
CONSENTS = {EMAIL: "email_marketing", SMS: "sms_marketing", PUSH: "push_marketing"}
RECIPIENT_STATUSES = ("sent", "suppressed", "failed")
