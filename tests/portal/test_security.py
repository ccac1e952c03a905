"""Second factors on the pages: setting up, the second step of logging in, and being asked again before what matters."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from accounts.factors.models import Ticket
from accounts.people.models import Person
from accounts.people.models import WebSession
from kit.clock import now
from kit.unit import control_unit
from portal.pages import entries
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import application_of
from tests.support.authenticator import SoftKey
from tests.support.authenticator import codes_at

STEPPED_UP = {
    "add_passkey", "ask_to_move", "assign_restaurants", "begin_app", "change_client", "change_grant",
    "change_member_role", "change_password", "change_signature", "change_tenant_plan", "create_client", "create_key",
    "decide_pairing", "decide_plan_request", "decide_request", "end_other_sessions", "end_session", "invite_person",
    "leave_organisation", "reinstate_application", "release_restaurants", "remove_app", "remove_member",
    "remove_passkey", "renew_codes", "request_plan", "request_production", "require_factor", "roll_key",
    "rotate_secret", "send_invitation_again", "suspend_application", "transfer_ownership",
}  # fmt: skip


def let_time_pass(email: str) -> None:
    """Make somebody's sessions ones that have not shown for eleven minutes who they are."""
    with control_unit() as unit:
        person = select(Person.id).where(Person.email == email).scalar_subquery()
        late = update(WebSession).where(WebSession.person_id == person).values(proved_at=now() - timedelta(minutes=11))
        unit.session.execute(late.execution_options(synchronize_session=False))


def set_up_app(visitor: Visitor) -> tuple[str, list[str]]:
    """Set up an authenticator app; return its seed and the recovery codes. The present code is used up."""
    visitor.get("/security")
    page = visitor.submit("/security/app")
    assert 'src="data:image/svg+xml' in page.text
    seed = re.findall(r'<pre id="seed"[^>]*>([A-Z2-7 ]+)</pre>', page.text)[0].replace(" ", "")
    page = visitor.submit("/security/app/finish", code=codes_at(seed, 0)[0])
    return seed, re.findall(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", page.text)


@pytest.mark.compliance("ASVS 5.0 6.5.4")
def test_app_is_set_up_and_its_secrets_are_shown_once(partner: Partner) -> None:
    seed, codes = set_up_app(partner.visitor)

    assert len(set(codes)) == 10
    html = partner.visitor.get("/security").text
    assert "Second factor is on" in html
    assert "10 of 10 are left" in html
    assert not [secret for secret in (*codes, seed, seed[:4] + " " + seed[4:8]) if secret in html]


@pytest.mark.compliance("ASVS 5.0 6.3.3")
def test_password_alone_leads_to_the_second_step_and_opens_nothing(partner: Partner, visitor: Visitor) -> None:
    seed, codes = set_up_app(partner.visitor)

    visitor.get("/sandbox/keys")
    page = visitor.submit("/login", email=partner.email, password=PASSWORD)
    assert "<h1>Second step</h1>" in page.text
    assert visitor.peek("/sandbox/dashboard").status_code == 302
    assert visitor.post("/login/factor", by="totp", totp="000000").status_code == 401
    assert visitor.post("/login/factor", by="password", password=PASSWORD).status_code == 401
    assert visitor.post("/login/factor", by="nonsense").status_code == 422

    page = visitor.submit("/login/factor", by="totp", totp=codes_at(seed, 1)[0])
    assert "<h1>API keys</h1>" in page.text

    other = Visitor(visitor.client.application)
    other.log_in(partner.email)
    page = other.submit("/login/factor", by="recovery", recovery=codes[0].lower())
    assert "9 of 10 are left" in page.text


@pytest.mark.compliance("ASVS 5.0 6.3.1")
def test_sixth_try_of_a_second_factor_is_429_from_any_address(app: Flask, partner: Partner) -> None:
    seed, _ = set_up_app(partner.visitor)
    statuses = []
    for number in range(6):
        visitor = Visitor(app)
        visitor.log_in(partner.email)
        code = codes_at(seed, 1)[0] if number == 5 else "000000"
        statuses.append(visitor.post("/login/factor", by="totp", totp=code).status_code)

    assert statuses == [401, 401, 401, 401, 401, 429]


def test_second_step_ends_after_five_minutes(partner: Partner, visitor: Visitor) -> None:
    seed, _ = set_up_app(partner.visitor)
    visitor.log_in(partner.email)
    with control_unit() as unit:
        unit.session.execute(update(Ticket).where(Ticket.kind == "sign_in").values(expires_at=now()))

    answer = visitor.post("/login/factor", by="totp", totp=codes_at(seed, 1)[0])

    assert answer.status_code == 401
    assert "Signing in took too long" in answer.text
    assert visitor.get("/login/factor").status_code == 401


def test_passkey_is_added_and_signs_in_without_a_password(partner: Partner, visitor: Visitor) -> None:
    key = SoftKey("http://localhost:8000")
    owner = partner.visitor
    owner.get("/security")
    asked = owner.client.post("/passkeys/ask/add", data={"csrf_token": csrf_of(owner)})
    page = owner.submit("/security/passkeys", name="Laptop", answer=key.create(asked.text))
    assert "Laptop signs you in from now on." in page.text
    assert len(re.findall(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b", page.text)) == 10

    visitor.get("/login?next=/sandbox/keys")
    asked = visitor.client.post("/passkeys/ask/login", data={"csrf_token": csrf_of(visitor)})
    answer = key.get(asked.text)
    page = visitor.submit("/login/passkey", answer=answer)
    assert "<h1>API keys</h1>" in page.text

    thief = Visitor(visitor.client.application)
    thief.get("/login")
    again = thief.post("/login/passkey", answer=answer)
    assert again.status_code == 401
    assert "The passkey answered too late" in again.text


def csrf_of(visitor: Visitor) -> str:
    """The token of the forms on the page shown."""
    assert visitor.page is not None
    return visitor.page.text.split('name="csrf_token" value="')[1].split('"')[0]


def test_key_is_made_after_a_late_sender_confirmed_and_nothing_typed_is_lost(partner: Partner) -> None:
    visitor = partner.visitor
    visitor.get("/sandbox/keys")
    let_time_pass(partner.email)

    page = visitor.submit("/sandbox/keys", name="Till 7", scopes=["menus:read", "menus:write"], allowed_ips="203.0.113.7")
    assert "<h1>Confirm it is you</h1>" in page.text
    assert visitor.post("/confirm", by="password", password="wrong-but-long-enough").status_code == 401
    page = visitor.submit("/confirm", by="password", password=PASSWORD)

    assert "Nothing you typed was lost" in page.text
    assert 'value="Till 7"' in page.text
    assert 'value="203.0.113.7"' in page.text
    ticked = re.findall(r'name="scopes" value="([a-z:]+)"[^>]* checked', page.text)
    assert sorted(ticked) == ["menus:read", "menus:write"]
    assert "Till 7" not in visitor.peek("/sandbox/keys").text
    page = visitor.submit("/sandbox/keys", scopes=ticked)
    assert "Till 7 is ready" in page.text


def test_kept_post_belongs_to_its_session_and_its_form(partner: Partner, new_partner: Callable[[], Partner]) -> None:
    visitor, other = partner.visitor, new_partner()
    visitor.get("/sandbox/keys")
    let_time_pass(partner.email)
    visitor.submit("/sandbox/keys", name="Typed in secret", scopes=["menus:read"])
    assert visitor.page is not None
    kept = visitor.page.text.split('name="kept" value="')[1].split('"')[0]

    assert "Typed in secret" not in visitor.peek(f"/sandbox/keys?kept={kept}").text  # not before who is there is known
    assert "Typed in secret" not in other.visitor.get(f"/sandbox/keys?kept={kept}").text
    visitor.submit("/confirm", by="password", password=PASSWORD)
    assert "Typed in secret" in visitor.peek(f"/sandbox/keys?kept={kept}").text
    assert "Typed in secret" not in visitor.peek(f"/sandbox/clients?kept={kept}").text


@pytest.mark.compliance("ASVS 5.0 7.5.1")
def test_person_with_a_factor_confirms_with_it_and_the_password_and_with_neither_alone(partner: Partner) -> None:
    visitor = partner.visitor
    seed, _ = set_up_app(visitor)
    let_time_pass(partner.email)

    page = visitor.submit("/security/app/remove")
    assert "Code of your authenticator app" in page.text
    assert visitor.post("/confirm", by="password", password=PASSWORD).status_code == 401
    assert visitor.post("/confirm", by="totp", password="wrong-but-long-enough", totp=codes_at(seed, 1)[0]).status_code == 422
    assert visitor.post("/confirm", by="totp", password=PASSWORD, totp="000000").status_code == 401
    visitor.submit("/confirm", by="totp", password=PASSWORD, totp=codes_at(seed, 1)[0])
    page = visitor.submit("/security/app/remove")

    assert "The authenticator app was removed." in page.text
    assert "Password only" in page.text


@pytest.mark.compliance("ASVS 5.0 7.5.1", "ASVS 5.0 7.5.2")
def test_every_page_that_matters_asks_who_is_there() -> None:
    assert {name for name, entry in entries.items() if entry.step_up} == STEPPED_UP


@pytest.mark.compliance("ASVS 5.0 7.2.4")
def test_confirmation_gives_the_session_another_token(app: Flask, partner: Partner) -> None:
    visitor = partner.visitor
    cookie = visitor.client.get_cookie("tableport")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("tableport", cookie.value)
    assert thief.get("/account").status_code == 200

    visitor.get("/confirm")
    visitor.submit("/confirm", by="password", password=PASSWORD)

    assert thief.get("/account").status_code == 302
    assert visitor.get("/account").text.count("This browser") == 1


@pytest.mark.compliance("ASVS 5.0 7.4.3")
def test_who_changed_a_factor_may_end_the_other_sessions_there(partner: Partner, visitor: Visitor) -> None:
    visitor.log_in(partner.email)
    set_up_app(partner.visitor)

    page = partner.visitor.submit("/account/sessions/end-others")

    assert "One other session has ended." in page.text
    assert visitor.peek("/account").status_code == 302


@pytest.mark.compliance("ASVS 5.0 6.3.3")
def test_live_restaurants_wait_for_a_second_factor_in_production(
    app: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, sandbox = ("/live/dashboard", "/live/keys", "/live/webhooks"), "/sandbox/keys"
    assert [partner.visitor.peek(path).status_code for path in live] == [200] * 3
    monkeypatch.setitem(app.config, "IS_PRODUCTION", True)

    assert [partner.visitor.peek(path).location for path in live] == ["/security"] * 3
    assert partner.visitor.peek(sandbox).status_code == 200
    assert "Live restaurants stay closed until you have a second factor." in partner.visitor.get("/security").text

    set_up_app(partner.visitor)
    assert [partner.visitor.peek(path).status_code for path in live] == [200] * 3


@pytest.mark.compliance("ASVS 5.0 6.3.3")
def test_member_without_the_factor_their_organisation_asks_for_sees_where_to_set_it_up(partner: Partner) -> None:
    visitor = partner.visitor
    assert "Set up your own first" in visitor.get("/security").text
    set_up_app(visitor)
    visitor.submit("/security/requirement", is_required="yes")
    let_go_of_factor(partner.email)

    for path in ("/sandbox/dashboard", "/start", f"/sandbox/keys?application={application_of(partner)}", "/oauth/authorize"):
        assert visitor.peek(path).location == "/security"
    assert "Set up a second factor to go on." in visitor.get("/security").text
    assert visitor.get("/docs").status_code == 200


def let_go_of_factor(email: str) -> None:
    """Make a person one who has no second factor, as a new member is."""
    with control_unit() as unit:
        unit.session.execute(update(Person).where(Person.email == email).values(has_factor=False))


@pytest.mark.compliance("ASVS 5.0 6.3.3")
@pytest.mark.parametrize("is_production", [True, False], ids=["production", "development"])
def test_operator_without_a_factor_sees_nothing_else_in_production(
    app: Flask, operator: Visitor, monkeypatch: pytest.MonkeyPatch, is_production: bool
) -> None:
    monkeypatch.setitem(app.config, "IS_PRODUCTION", is_production)

    answer = operator.peek("/admin")

    assert (answer.status_code, answer.location) == ((302, "/security") if is_production else (200, None))
    assert operator.get("/security").status_code == 200
