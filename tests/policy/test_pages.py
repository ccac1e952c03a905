"""Who may open which page: the table as it is meant, the door's decision for everybody, and the real door over HTTP."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from accounts.organisations.members import Member
from accounts.organisations.models import ROLES
from accounts.organisations.permissions import PERMISSIONS
from kit.errors import Forbidden
from kit.errors import NotFound
from portal import SECTIONS
from portal.pages import Access
from portal.pages import admit
from portal.pages import entries
from portal.pages import may_open
from portal.pages import page
from tests.policy.conftest import NOBODY
from tests.policy.conftest import OPERATOR
from tests.policy.conftest import Signed

# Who is meant to hold what, by their initials; + is who runs the platform. Written by hand: a change of the table shows here.
MEANT = {
    "dashboard.read": "ODAFV", "applications.read": "ODAFV", "applications.write": "OD", "production.request": "OD",
    "console.use": "OD", "data.read": "ODAV", "data.reset": "OD", "logs.read": "ODAV",
    "keys.read": "ODV", "keys.write": "OD", "clients.read": "ODV", "clients.write": "OD", "pairing.decide": "OD",
    "webhooks.read": "ODAV", "webhooks.write": "OD", "deliveries.send": "OD",
    "grants.read": "ODAFV", "grants.give": "OD", "grants.end_own": "ODAFV", "grants.end": "OD",
    "plans.read": "ODAFV", "plans.request": "ODF", "usage.read": "ODAFV",
    "notices.read": "ODAFV", "notices.write": "OD", "audit.read": "ODFV", "audit.export": "ODF",
    "members.read": "ODAFV", "members.invite": "O", "members.write": "O", "ownership.transfer": "O", "members.leave": "ODAFV",
    "security.require": "O",
    "platform.requests": "+", "platform.decide": "+", "platform.answer": "+", "platform.grant": "+", "platform.suspend": "+",
    "platform.plans": "+", "platform.plan_decide": "+",
    "platform.organisations": "+", "platform.assign": "+", "platform.mails": "+", "platform.resend": "+",
    "platform.audit": "+", "platform.audit_export": "+",
}  # fmt: skip
# Posts that roles which change nothing may send: about themselves, or a question.
HARMLESS = {"revoke_app", "verify_audit", "leave_organisation"}
EVERYBODY = (*ROLES, OPERATOR, NOBODY)
NAMES = sorted(entries) if SECTIONS else []
GUARDED = [name for name in NAMES if entries[name].access is not Access.PUBLIC]
WORDS = {"environment": "sandbox", "kind": "csv"}
ELSEWHERE = "?application=app_none"  # what the door lets in looks for this one first, and finds nothing: no view runs
LET_IN = "No such application."


@pytest.fixture(scope="module")
def rules(app: Flask) -> dict[str, list[Rule]]:
    """Name of a page → its rules."""
    found: dict[str, list[Rule]] = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("portal."):
            found.setdefault(rule.endpoint.removeprefix("portal."), []).append(rule)
    return found


def is_meant_for(name: str, who: str) -> bool:
    entry = entries[name]
    if entry.permission is None:
        return entry.access is Access.PUBLIC or who != NOBODY
    return {OPERATOR: "+", NOBODY: "-"}.get(who, who[0].upper()) in MEANT[entry.permission]


@pytest.mark.compliance("ASVS 5.0 8.1.1")
def test_table_says_what_is_meant() -> None:
    assert {name: "".join(role[0].upper() for role in one.roles) or "+" for name, one in PERMISSIONS.items()} == MEANT


def test_every_permission_guards_something() -> None:
    sources = [path for folder in ("accounts", "portal", "templates") for path in Path(folder).rglob("*.[ph][yt]*")]
    texts = "".join(path.read_text() for path in sources if path.name != "permissions.py" and path.suffix in (".py", ".html"))

    assert {name for name in PERMISSIONS if f'"{name}"' not in texts} == set()


def test_every_route_of_the_portal_is_a_page_and_every_page_a_route(rules: dict[str, list[Rule]]) -> None:
    assert set(rules) == set(entries)
    assert all(len(found) == 1 for found in rules.values())


@pytest.mark.parametrize("options", [{}, {"access": Access.MEMBER}, {"permission": "keys.read", "access": Access.PUBLIC}],
                         ids=["no permission", "a member's page without one", "both"])  # fmt: skip
def test_page_that_does_not_say_who_may_open_it_cannot_be_registered(options: dict[str, str]) -> None:
    with pytest.raises(TypeError):
        page("/forgotten", **options)  # type: ignore[arg-type]


def test_page_with_a_permission_nobody_knows_cannot_be_registered() -> None:
    with pytest.raises(KeyError):
        page("/forgotten", permission="keys.paint")


def test_who_changes_nothing_may_send_no_form(rules: dict[str, list[Rule]]) -> None:
    posts = [name for name in GUARDED if "POST" in (rules[name][0].methods or ()) and entries[name].permission]

    assert {name for name in posts if is_meant_for(name, "viewer")} == HARMLESS


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("name", NAMES)
def test_door_decides_for_everybody_as_meant(name: str, who: str, people: dict[str, Member]) -> None:
    member = people.get(who)
    assert may_open(member, name) == is_meant_for(name, who)
    if member is None or is_meant_for(name, who):
        if member is not None:
            admit(entries[name], member)
        return
    refusal = NotFound if entries[name].access is Access.OPERATOR or who == OPERATOR else Forbidden
    with pytest.raises(refusal):
        admit(entries[name], member)


def cases() -> list[tuple[str, str]]:
    """For every guarded page: somebody it is for, somebody it is not for, and nobody."""
    found = []
    for name in GUARDED:
        lets_in = [who for who in EVERYBODY if is_meant_for(name, who)]
        refuses = [who for who in (*ROLES[::-1], OPERATOR) if who not in lets_in]
        found += [(name, who) for who in (lets_in[-1], *refuses[:1], NOBODY)]
    return found


@pytest.mark.compliance("ASVS 5.0 8.2.1", "ASVS 5.0 8.3.1")
@pytest.mark.parametrize(("name", "who"), cases())
def test_door_over_http(name: str, who: str, rules: dict[str, list[Rule]], signed: Callable[[str], Signed]) -> None:
    browser, (rule,) = signed(who), rules[name]
    path = re.sub(r"<(?:[^:>]+:)?(\w+)>", lambda found: WORDS.get(found[1], "none"), rule.rule)
    methods = rule.methods or set()
    answer = browser.client.open(
        path + ELSEWHERE, method="POST" if "POST" in methods else "GET", headers={"X-CSRFToken": browser.csrf}
    )

    if is_meant_for(name, who):
        assert (answer.status_code, LET_IN in answer.text) == (404, True)
    elif who == NOBODY:
        assert answer.status_code == 302
        assert answer.location.startswith("/login")
    else:
        assert LET_IN not in answer.text
        assert answer.status_code == (404 if who == OPERATOR or entries[name].access is Access.OPERATOR else 403)
