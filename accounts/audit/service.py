"""The audit trail: one hash chain per organisation, appended in the transaction of the change it records.

Each entry's hash covers the hash before it, under the installation's pepper, so a changed, removed or inserted entry shows.
Tamper-evident, not tamper-proof: whoever holds database and pepper can rewrite the whole chain, and a cut tail shows only
against a head noted elsewhere. Entries are never updated or deleted.
"""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from accounts.audit.models import AuditEntry
from accounts.organisations.models import Organisation
from kit.clock import now
from kit.clock import to_us
from kit.crypto import same
from kit.crypto import vault
from kit.errors import NotFound
from kit.ids import new_id
from kit.unit import control

FIRST = "0" * 64  # what the first entry of a chain follows


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Result of a verification. broken_at is the sequence of the first entry that does not fit; None: intact."""

    length: int
    head: str
    broken_at: int | None


def record(
    *, organisation_id: str, person_id: str | None, action: str, target: str, details: dict[str, Any] | None = None
) -> AuditEntry:
    """Append an entry to the organisation's chain. person_id None: the platform or an API credential did it.

    details: JSON values, never a secret. The organisation's row is locked until commit, so entries get their numbers in
    commit order. Raises NotFound for an unknown organisation.
    """
    session = control().session
    chain = select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    if session.scalar(chain) is None:
        raise NotFound
    last = session.scalar(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    entry = AuditEntry(
        id=new_id("aud"), organisation_id=organisation_id, sequence=last.sequence + 1 if last else 1, person_id=person_id,
        action=action, target=target, details=json.loads(json.dumps(details or {})), at=now(),
        previous_hash=last.row_hash if last else FIRST,
    )  # fmt: skip
    entry.row_hash = _hash(entry)
    session.add(entry)
    session.flush()  # the next entry of this transaction reads its hash
    return entry


def verify(organisation_id: str) -> ChainReport:
    """Recompute an organisation's chain from its first entry. An unknown organisation has an empty one."""
    query = select(AuditEntry).where(AuditEntry.organisation_id == organisation_id).order_by(AuditEntry.sequence)
    head, length = FIRST, 0
    with closing(control().session.scalars(query.execution_options(yield_per=500))) as entries:
        for entry in entries:
            fits = entry.sequence == length + 1 and entry.previous_hash == head and same(entry.row_hash, _hash(entry))
            if not fits:
                return ChainReport(length, head, entry.sequence)
            head, length = entry.row_hash, length + 1
    return ChainReport(length, head, None)


def _hash(entry: AuditEntry) -> str:
    fields = [
        entry.previous_hash, entry.organisation_id, entry.sequence, entry.person_id, entry.action, entry.target,
        entry.details, to_us(entry.at),
    ]  # fmt: skip
    # A JSON array separates the fields unambiguously; the leading word keeps these digests apart from credentials'.
    return vault.digest("audit:" + json.dumps(fields, sort_keys=True, separators=(",", ":"))).partition("$")[2]
