"""The audit log: who changed what and when, for the organisation itself and, of all organisations, for operators.

It is read, exported and checked here; it is written by the services that make the changes.
"""

import csv
import io
from collections.abc import Callable
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.audit.models import AuditEntry
from accounts.audit.queries import PLATFORM
from accounts.audit.queries import Sought
from accounts.audit.queries import list_all_entries
from accounts.audit.queries import list_entries
from accounts.audit.service import verify
from accounts.exports.cells import disarmed
from accounts.organisations.service import names_of
from accounts.people.memberships import list_members
from accounts.people.memberships import people_of
from kit.clock import iso
from kit.clock import to_us
from kit.unit import control_unit
from portal import forms
from portal.pages import Visit
from portal.pages import looked_up
from portal.pages import page
from portal.paging import PAGE_ROWS
from portal.paging import position
from portal.paging import sheet

FAMILIES = (
    ("", "Every change"), ("key", "API keys"), ("client", "OAuth clients"), ("endpoint", "Webhook endpoints"),
    ("production", "Production access"), ("application", "Applications"), ("plan", "Plans"), ("tenant", "Restaurants"),
    ("member", "Members"), ("organisation", "Organisation"), ("person", "People's own accounts"), ("session", "Sessions"),
    ("factor", "Second factors"),
    ("pairing", "Command-line client"),
)  # fmt: skip
COLUMNS = ("sequence", "at", "action", "target", "person_id", "person", "details", "organisation_id", "previous_hash", "row_hash")
BATCH = 500
OPERATOR, NOBODY = "an operator", "the platform"
Fetch = Callable[[AuditEntry | None], list[AuditEntry]]


@page("/audit", permission="audit.read")
def show_audit(visit: Visit) -> str:
    """The organisation's own log."""
    sought, name = _asked("")
    place = position(visit.member, name)
    found = list_entries(
        visit.member, limit=PAGE_ROWS + 1, before_sequence=int(place[0]) if place else None, sought=sought
    )
    colleagues = {colleague.person_id: colleague.email for colleague in list_members(visit.member)}
    who = _names(found, sees_operators=False, besides={sought.person_id})
    persons = [("", "Anybody"), (PLATFORM, "The platform or an API credential"), *colleagues.items()]
    if sought.person_id not in dict(persons):
        persons.append((sought.person_id, who.get(sought.person_id, sought.person_id)))
    return render_template(
        "portal/audit/list.html", sheet=sheet(visit.member, name, found, sort="sequence"), who=who, persons=persons,
        families=_families(sought), sought=sought, asked=_given(sought),
    )  # fmt: skip


@page("/audit/export.<any(csv, jsonl):kind>", permission="audit.export", opens_units=False)
def export_audit(visit: Visit, kind: str) -> Response:
    """The whole log, or what the filters leave of it, as a file."""
    sought, _ = _asked("")

    def fetch(last: AuditEntry | None) -> list[AuditEntry]:
        return list_entries(visit.member, limit=BATCH, before_sequence=last.sequence if last else None, sought=sought)

    return _file(fetch, kind, sees_operators=False)


@page("/audit/verify", methods=("POST",), permission="audit.read", opens_units=False, form="show_audit")
def verify_audit(visit: Visit) -> Response:
    """Recompute the chain of hashes from its first entry."""
    report = looked_up(verify, organisation_id=visit.member.organisation_id)
    if report.broken_at is not None:
        message = f"The log does not fit from entry {report.broken_at} on. Write to the people who run the platform."
        raise forms.refuse("chain", message)
    noted = f"The hash of the last one ends in {report.head[-12:]}: note it, and you will see if the log is cut."
    return forms.done(f"All {report.length} entries fit. {noted}", url_for("portal.show_audit"))


@page("/admin/audit", permission="platform.audit")
def show_all_audit(visit: Visit) -> str:
    """Changes of every organisation."""
    sought, name = _asked(request.args.get("organisation", "").strip())
    found = list_all_entries(visit.member, limit=PAGE_ROWS + 1, after=position(visit.member, name), sought=sought)
    return render_template(
        "portal/admin/audit.html", sheet=sheet(visit.member, name, found, sort="at"),
        who=_names(found, sees_operators=True, besides=set()), families=_families(sought), sought=sought, asked=_given(sought),
        organisations=names_of({entry.organisation_id for entry in found}),
    )  # fmt: skip


@page("/admin/audit/export.<any(csv, jsonl):kind>", permission="platform.audit_export", opens_units=False)
def export_all_audit(visit: Visit, kind: str) -> Response:
    """The log of every organisation, or what the filters leave of it, as a file."""
    sought, _ = _asked(request.args.get("organisation", "").strip())

    def fetch(last: AuditEntry | None) -> list[AuditEntry]:
        after = [to_us(last.at), last.id] if last else None
        return list_all_entries(visit.member, limit=BATCH, after=after, sought=sought)

    return _file(fetch, kind, sees_operators=True)


def _asked(organisation_id: str) -> tuple[Sought, str]:
    """The filters in the address, and the name of the list they make, which its cursors are bound to."""
    action, person_id = request.args.get("action", "").strip(), request.args.get("person", "").strip()
    sought = Sought(action=action, person_id=person_id, organisation_id=organisation_id)
    return sought, f"audit:{action}&{person_id}&{organisation_id}"


def _given(sought: Sought) -> dict[str, str]:
    """The filters as arguments of an address."""
    values = {"action": sought.action, "person": sought.person_id, "organisation": sought.organisation_id}
    return {name: value for name, value in values.items() if value}


def _families(sought: Sought) -> list[tuple[str, str]]:
    """What the form offers; a single action that the address names is offered as well."""
    known = dict(FAMILIES)
    return [*FAMILIES] if sought.action in known else [*FAMILIES, (sought.action, sought.action)]


def _names(entries: list[AuditEntry], *, sees_operators: bool, besides: set[str]) -> dict[str | None, str]:
    """How the people of these entries are called. Partners learn that an operator acted, and not which one."""
    found = people_of({entry.person_id for entry in entries if entry.person_id} | besides - {"", PLATFORM})
    names: dict[str | None, str] = {
        person_id: OPERATOR if person.is_operator and not sees_operators else person.email for person_id, person in found.items()
    }
    return {**names, None: NOBODY}


def _file(fetch: Fetch, kind: str, *, sees_operators: bool) -> Response:
    lines = _csv if kind == "csv" else _json_lines
    rows = _rows(fetch, partial(_names, sees_operators=sees_operators, besides=set()))
    response = Response(lines(rows), content_type="text/csv; charset=utf-8" if kind == "csv" else "application/jsonl")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-log.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _rows(fetch: Fetch, names: Callable[[list[AuditEntry]], dict[str | None, str]]) -> Iterator[dict[str, Any]]:
    """Entries as documents, newest first. No transaction stays open while a slow reader takes them."""
    last: AuditEntry | None = None
    while True:
        with control_unit(writes=False):
            entries = fetch(last)
            who = names(entries)
        for entry in entries:
            values = {"at": iso(to_us(entry.at)), "person": who.get(entry.person_id, "")}
            yield {name: values[name] if name in values else getattr(entry, name) for name in COLUMNS}
        if len(entries) < BATCH:
            return
        last = entries[-1]


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    for row in rows:
        yield _taken(line)
        cells = {**row, "details": orjson.dumps(row["details"]).decode()}
        writer.writerow(["" if cell is None else disarmed(cell) if isinstance(cell, str) else cell for cell in cells.values()])
    yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _json_lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
