"""The audit log in the portal: what it shows to whom, and what leaves it as a file."""

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy import update

from accounts.audit.models import AuditEntry
from accounts.audit.service import record
from accounts.organisations.models import Membership
from accounts.people.models import Person
from kit.planes import owner_engine
from kit.settings import Settings
from kit.unit import control_unit
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner

FIRST = [*3 * ["endpoint.created"], "key.created", "application.created", "member.added"]  # what a sign-up writes, newest first


def organisation_of(partner: Partner) -> str:
    with control_unit(writes=False) as unit:
        query = select(Membership.organisation_id).join(Person, Person.id == Membership.person_id)
        return str(unit.session.scalars(query.where(Person.email == partner.email)).one())


def note(partner: Partner, action: str, count: int = 1, **details: object) -> None:
    """Write entries the platform itself made."""
    organisation_id = organisation_of(partner)
    with control_unit():
        for _ in range(count):
            record(organisation_id=organisation_id, person_id=None, action=action, target="t", details=details)


def exported(visitor: Visitor, path: str) -> list[dict[str, object]]:
    answer = visitor.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/jsonl")
    return [json.loads(line) for line in answer.text.splitlines()]


def test_log_is_filtered_by_family_and_by_person(partner: Partner) -> None:
    note(partner, "key.revoked", name="<b>Till</b>")
    html = partner.visitor.get("/audit").text
    assert html.count("<code>key.") == 2
    assert "&lt;b&gt;Till&lt;/b&gt;" in html

    assert "key.created" not in partner.visitor.get("/audit?action=member").text
    html = partner.visitor.get("/audit?action=key&person=platform").text
    assert ("key.revoked" in html, "key.created" in html) == (True, False)
    assert "No entry fits these filters." in partner.visitor.get("/audit?action=key.rolled").text


def test_details_of_every_shape_are_printed(partner: Partner) -> None:
    note(partner, "production.granted", limits={"read": 30, "daily": 9}, none={}, before={"scopes": ["a", "b"], "x": {}},
         many=list("abcdefgh"), number=7, flag=True, nothing=None)  # fmt: skip

    text = " ".join(re.sub(r"<[^>]+>", " ", partner.visitor.get("/audit?action=production").text).split())

    for shown in ("limits: daily 9; read 30", "none: none", "before: scopes a, b; x {}", "many: a, b, c, d, e, f and 2 more",
                  "number: 7", "flag: True", "nothing: None"):  # fmt: skip
        assert shown in text


def test_log_goes_on_where_the_page_ends(partner: Partner) -> None:
    note(partner, "tenant.connected", 27)

    first = partner.visitor.get("/audit?action=tenant").text
    older = partner.visitor.links(r"/audit\?after=")
    second = partner.visitor.get(older[0]).text

    assert (first.count("<code>tenant.connected"), second.count("<code>tenant.connected")) == (25, 2)


def test_files_hold_every_entry_and_disarm_formulas(partner: Partner) -> None:
    note(partner, "=SUM(A1)", name="x")

    rows = exported(partner.visitor, "/audit/export.jsonl")
    lines = list(csv.DictReader(io.StringIO(partner.visitor.get("/audit/export.csv").text)))

    assert [row["action"] for row in rows] == ["=SUM(A1)", *FIRST]
    assert [row["sequence"] for row in rows] == [7, 6, 5, 4, 3, 2, 1]
    assert (rows[0]["person"], rows[-1]["person"], rows[0]["details"]) == ("the platform", partner.email, {"name": "x"})
    assert [line["row_hash"] for line in lines] == [row["row_hash"] for row in rows]
    assert (lines[0]["action"], lines[0]["details"]) == ("'=SUM(A1)", '{"name":"x"}')


def test_log_of_another_organisation_is_out_of_reach(partner: Partner, new_partner: Callable[[], Partner]) -> None:
    other = new_partner()
    note(other, "key.revoked", name="Foreign")

    for path in ("/audit", f"/audit?organisation={organisation_of(other)}", "/audit/export.jsonl"):
        assert "Foreign" not in partner.visitor.get(path).text


def test_chain_is_checked_and_its_first_broken_entry_is_named(partner: Partner, settings: Settings) -> None:
    partner.visitor.get("/audit")
    assert "All 6 entries fit." in partner.visitor.submit("/audit/verify").text

    engine = owner_engine(settings, "control")
    with engine.begin() as connection:
        mine = AuditEntry.organisation_id == organisation_of(partner)
        connection.execute(update(AuditEntry).where(mine, AuditEntry.sequence == 3).values(target="other"))
    engine.dispose()

    answer = partner.visitor.post("/audit/verify")
    assert answer.status_code == 422
    assert "does not fit from entry 3 on" in answer.text


def test_operator_sees_every_organisation_and_is_not_named_to_partners(
    partner: Partner, new_partner: Callable[[], Partner], operator: Visitor
) -> None:
    other = new_partner()
    for who in (partner, other):
        note(who, "key.revoked", name=who.email)
    html = operator.get("/admin/audit?action=key.revoked").text
    assert partner.email in html
    assert other.email in html

    rows = exported(operator, f"/admin/audit/export.jsonl?organisation={organisation_of(other)}")
    assert {row["organisation_id"] for row in rows} == {organisation_of(other)}
    assert len(rows) == 7


@pytest.mark.parametrize("path", ["/audit?after=forged", "/admin/audit?after=forged"])
def test_forged_position_is_400(partner: Partner, operator: Visitor, path: str) -> None:
    assert (operator if path.startswith("/admin") else partner.visitor).get(path).status_code == 400
