"""`docs/access.md` says what the code does, and what ASVS asks of signing in that no other test shows."""

import ast
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from limits import RateLimitItem

import portal
from accounts.people import passwords
from accounts.people import service as people
from accounts.people import sessions
from domain.guests.masking import masked_text
from kit.settings import Settings
from portal import keeping
from portal.guesses import Guesses
from portal.pages import entries
from tests.architecture.source import ROOT
from tests.architecture.source import application
from worker.supervise import prepare

PAGE = (ROOT / "docs" / "access.md").read_text()
BEGINS = "login_user"  # what puts a session into a browser
CHANCE = {"random", "numpy.random"}


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(title: str) -> dict[str, str]:
    """The table of a section: first cell → second."""
    rows = [line.strip("|").split("|") for line in section(title).splitlines() if line.startswith("|")]
    return {row[0].strip(): row[1].strip() for row in rows[2:]}


def in_words(*limits: RateLimitItem) -> str:
    return ", ".join(f"{one.amount} in {one.multiples} {one.GRANULARITY.name}{'s' * (one.multiples > 1)}" for one in limits)


@pytest.mark.compliance("ASVS 5.0 6.1.1")
def test_page_names_what_is_counted_and_that_nothing_is_locked() -> None:
    amount, granularity = portal.SIGN_IN_LIMIT.split(" per ")
    assert table("Guessing") == {
        "tries of one network, whatever the account": f"{amount} in 1 {granularity}",
        "passwords of one account from one network": in_words(Guesses.PAIR),
        "passwords of one account": in_words(Guesses.ACCOUNT),
        "passwords of one account in a day": in_words(Guesses.ACCOUNT_DAILY),
        "letters to one address": in_words(*Guesses.LETTERS),
        "letters one network asks for": in_words(Guesses.LETTERS_ASKED),
        "sign-ups of one network with taken addresses": in_words(Guesses.TAKEN),
    }
    assert "Nothing is ever locked" in section("Guessing")


@pytest.mark.compliance("ASVS 5.0 6.1.2")
def test_page_lists_the_words_no_password_is_made_of() -> None:
    listed = next(line for line in section("Passwords").splitlines() if line.startswith("> "))

    assert tuple(listed.removeprefix("> ").split(", ")) == passwords.WORDS
    assert f"{passwords.SHORTEST} to {passwords.LONGEST} characters" in section("Passwords")


def callers_of(goal: str) -> set[str]:
    """Functions of the portal that reach a call, through functions of the portal."""
    called: dict[str, set[str]] = {}
    for source in application():
        if source.path.startswith("portal/"):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.FunctionDef):
                    calls = {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
                    called.setdefault(node.name, set()).update(call.rpartition(".")[2] for call in calls)
    found = {goal}
    while more := {name for name, calls in called.items() if calls & found} - found:
        found |= more
    return found


@pytest.mark.compliance("ASVS 5.0 6.1.3", "ASVS 5.0 6.3.4", "ASVS 5.0 7.6.2")
def test_page_lists_every_way_a_session_begins_and_each_takes_a_post(app: Flask) -> None:
    rules = {rule.endpoint.removeprefix("portal."): rule for rule in app.url_map.iter_rules()}
    ways = [rules[name] for name in callers_of(BEGINS) & set(entries)]

    assert sorted(f"`{way.rule}`" for way in ways) == sorted(table("Ways in"))
    assert all("GET" not in (way.methods or ()) for way in ways)
    users = {source.path for source in application() if re.search(rf"\b{BEGINS}\b|\bset_cookie\(|_user_id", source.text)}
    assert {path for path in users if path.startswith("portal/")} == {"portal/entry.py", "portal/proving.py", "portal/home.py"}


@pytest.mark.compliance("ASVS 5.0 7.1.1", "ASVS 5.0 7.1.2")
def test_page_says_how_long_sessions_last_and_how_many_there_are() -> None:
    def minutes(rest: object) -> str:
        return f"{rest.total_seconds() / 60:.0f} minutes"  # type: ignore[attr-defined]

    assert table("Sessions") == {
        "without a visit a session ends after": minutes(sessions.IDLE),
        "for those who run the platform after": minutes(sessions.IDLE_OPERATOR),
        "in any case after": f"{people.LASTS.total_seconds() / 3600:.0f} hours",
        "what matters asks again after": minutes(keeping.FRESH),
        "open sessions of one person": f"{sessions.MOST}, one more ends the oldest",
    }
    assert "NIST SP 800-63B" in section("Sessions")


@pytest.mark.compliance("ASVS 5.0 8.1.1", "ASVS 5.0 8.1.2")
@pytest.mark.parametrize(
    "rule",
    [r"\*\*Pages\*\* name a permission", r"\*\*Operations of the API\*\* name a scope", r"\*\*Data\*\* belongs to a tenant",
     r"`customers:pii`, masked for all others", "What a caller may write", "analysts and\\s+finance see no credentials"],
)  # fmt: skip
def test_page_says_who_may_use_and_see_what(rule: str) -> None:
    assert re.search(rule, section("Who may do what"))


@pytest.mark.compliance("ASVS 5.0 8.1.2")
def test_fields_the_page_calls_contacts_are_masked() -> None:
    written = '{"email": "ada@example.com", "phone": "+37060012345", "line1": "Main Street 1", "memo": "call +37060012345"}'

    assert not {"ada@example.com", "+37060012345", "Main Street 1"} & set(re.findall(r'"([^"]+)"', masked_text(written)))
    assert "(`email`, `phone`, `address`, and texts that hold them)" in section("Who may do what")


@pytest.mark.compliance("ASVS 5.0 6.5.3", "ASVS 5.0 7.2.3")
def test_nothing_that_lets_somebody_in_is_made_by_chance_that_can_be_foreseen() -> None:
    guilty = {
        source.path for source in application() if source.path.startswith(("accounts/", "api/", "portal/"))
        for node in ast.walk(source.tree) if isinstance(node, ast.Import | ast.ImportFrom)
        if CHANCE & {getattr(node, "module", ""), *(one.name for one in node.names)}
    }  # fmt: skip
    assert guilty == set()


@pytest.mark.compliance("ASVS 5.0 6.2.6", "ASVS 5.0 6.2.7")
def test_fields_for_passwords_hide_them_and_keep_no_manager_out() -> None:
    fields = [
        (path.name, line) for path in Path(ROOT / "templates").rglob("*.html") for line in path.read_text().splitlines()
        if re.search(r'(field\(visit, |<input[^>]* name=)"(\w+_)?password"', line)
    ]  # fmt: skip
    assert len(fields) >= 9
    kind = re.compile(r'type="password".* autocomplete="(current|new)-password"')
    assert [field for field in fields if not kind.search(field[1])] == []
    scripts = [*Path(ROOT / "templates").rglob("*.html"), *Path(ROOT / "static" / "js").glob("*.js")]
    assert [path.name for path in scripts if re.search(r"onpaste|['\"]paste['\"]", path.read_text())] == []


@pytest.mark.compliance("ASVS 5.0 6.3.2")
def test_new_installation_has_no_account(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an installation in production mode made accounts")

    written = "".join(path.read_text() for path in (ROOT / "migrations" / "control" / "versions").glob("*.py"))
    assert re.search(r"bulk_insert|INSERT INTO", written) is None
    monkeypatch.setattr(subprocess, "run", refuse)
    prepare(replace(settings, mode="production"))
    with pytest.raises(AssertionError):
        prepare(replace(settings, mode="development"))
