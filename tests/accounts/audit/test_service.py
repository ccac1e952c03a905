"""The audit chain: complete, per organisation, and showing every tampering."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy import update

from accounts.audit.models import AuditEntry
from accounts.audit.queries import list_entries
from accounts.audit.service import record
from accounts.audit.service import verify
from kit.errors import NotFound
from kit.planes import owner_engine
from kit.settings import Settings
from kit.unit import control_unit
from tests.accounts.conftest import Account


def note(account: Account, action: str, **details: Any) -> AuditEntry:
    return record(
        organisation_id=account.organisation_id,
        person_id=account.member.person_id,
        action=action,
        target="t",
        details=details,
    )


def test_chain_is_intact_from_the_first_entry_on(account: Account):
    with control_unit():
        before = verify(account.organisation_id)
        last = [
            note(account, f"step.{number}", text="ż", nested={"b": [1, None, True], "a": 0.5}) for number in range(3)
        ][-1]
    with control_unit(writes=False):
        report = verify(account.organisation_id)
    assert (report.broken_at, report.length, report.head) == (None, before.length + 3, last.row_hash)


def test_entries_are_listed_newest_first_for_their_own_organisation(account: Account, stranger: Account):
    with control_unit():
        note(account, "one.done")
        note(account, "two.done")
        note(stranger, "other.done")
    with control_unit(writes=False):
        first = list_entries(account.member, limit=1)
        rest = list_entries(account.member, before_sequence=first[0].sequence, limit=1)
        everything = list_entries(account.member, limit=100)
    assert [entry.action for entry in first + rest] == ["two.done", "one.done"]
    assert {entry.organisation_id for entry in everything} == {account.organisation_id}
    assert [entry.sequence for entry in everything] == list(range(len(everything), 0, -1))


def test_entry_vanishes_with_the_change_when_it_is_rolled_back(account: Account):
    with control_unit():
        length = verify(account.organisation_id).length

    def fail_after_a_note() -> None:
        with control_unit():
            note(account, "one.done")
            record(organisation_id="org_none", person_id=None, action="x", target="t")

    with pytest.raises(NotFound):
        fail_after_a_note()
    with control_unit(writes=False):
        assert verify(account.organisation_id).length == length


@pytest.mark.parametrize(
    "tamper",
    [
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(action="nothing.happened"),
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(details={"name": "x"}),
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(person_id=None),
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(at=0),
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(row_hash="0" * 64),
        lambda mine: update(AuditEntry).where(mine, AuditEntry.sequence == 2).values(previous_hash="0" * 64),
        lambda mine: delete(AuditEntry).where(mine, AuditEntry.sequence == 2),
        lambda mine: delete(AuditEntry).where(mine, AuditEntry.sequence == 1),
    ],
    ids=["action", "details", "person", "time", "hash", "link", "removed", "first-removed"],
)
def test_chain_is_broken_when_an_entry_was_changed_or_removed(account: Account, settings: Settings, tamper: Any):
    engine = owner_engine(settings, "control")  # the serving role may not change the trail in PostgreSQL
    with engine.begin() as connection:
        connection.execute(tamper(AuditEntry.organisation_id == account.organisation_id))
    engine.dispose()
    with control_unit(writes=False):
        report = verify(account.organisation_id)
    assert report.broken_at in (2, 3)
    assert report.length < 3


def test_chain_has_no_gap_when_many_write_at_once(account: Account):
    with control_unit():
        before = verify(account.organisation_id).length

    def write(number: int) -> None:
        with control_unit():
            note(account, f"race.{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(12)))
    with control_unit(writes=False):
        report = verify(account.organisation_id)
    assert (report.length, report.broken_at) == (before + 12, None)
