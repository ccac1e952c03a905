"""Who may be reached on a channel. The one place that decides it, at the moment of sending and with the guest held.

A guest is reached only when the consent for the channel is granted at that moment; unknown is not granted.
"""

from dataclasses import dataclass

from domain.campaigns import queries
from domain.campaigns.machine import CONSENTS
from domain.campaigns.machine import EMAIL
from domain.campaigns.machine import SMS
from kit.documents import Document
from kit.scope import Scope

NO_CONSENT, NO_ADDRESS = "no_consent", "no_address"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A guest of an audience. obstacle: why nothing may be sent, else None and `to` is where it goes."""

    customer_id: str
    to: str | None
    obstacle: str | None


def next_candidates(
    scope: Scope, *, channel: str, segment_id: str | None, after_id: str | None, limit: int
) -> list[Candidate]:  # fmt: skip
    """The next guests of a segment (None: of all guests) in the order of their ids; none are left when it is empty.

    Their rows are held until the transaction ends: a consent withdrawn meanwhile waits, or was seen here.
    """
    kind = "all" if segment_id is None else "segment"
    rows = queries.audience.documents(
        scope, kind, after_id is not None, segment_id=segment_id, after_id=after_id, rows=limit
    )
    return [judge(row, channel) for row in rows]


def one_candidate(scope: Scope, *, channel: str, customer_id: str) -> Candidate | None:
    """One guest as an audience, held likewise. None for a guest that cannot be read."""
    row = queries.audience.document(scope, "guest", False, customer_id=customer_id, rows=1)
    return None if row is None else judge(row, channel)


def judge(guest: Document, channel: str) -> Candidate:
    """Decide about one guest: {id, consents, phone, email}."""
    consent = guest["consents"].get(CONSENTS[channel]) or {}
    # An app is addressed by the guest it belongs to.
    to = guest["email"] if channel == EMAIL else guest["phone"] if channel == SMS else guest["id"]
    obstacle = NO_CONSENT if consent.get("status") != "granted" else NO_ADDRESS if to is None else None
    return Candidate(guest["id"], to if obstacle is None else None, obstacle)
