"""The command that checks audit chains."""

import pytest
from flask import Flask
from sqlalchemy import update

from accounts.audit.models import AuditEntry
from accounts.audit.service import record
from accounts.organisations.service import create_organisation
from kit.planes import owner_engine
from kit.settings import Settings
from kit.unit import control_unit
from worker.audit import check


def organisation_with(entries: int) -> str:
    with control_unit():
        organisation_id = create_organisation(name="Pasta & Co").id
        for number in range(entries):
            record(organisation_id=organisation_id, person_id=None, action="step.done", target=str(number))
    return organisation_id


def test_check_ends_with_1_and_names_the_first_entry_that_does_not_fit(
    app: Flask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    intact, broken = organisation_with(2), organisation_with(3)
    assert check([intact, broken]) == 0
    engine = owner_engine(settings, "control")
    with engine.begin() as connection:
        mine = AuditEntry.organisation_id == broken
        connection.execute(update(AuditEntry).where(mine, AuditEntry.sequence == 2).values(target="9"))
    engine.dispose()
    capsys.readouterr()

    assert check([intact, broken]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{intact}: 2 entries fit, head ")
    assert second == f"{broken}: BROKEN at entry 2; 1 entries before it fit"
