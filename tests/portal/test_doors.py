"""What the one door of HTML promises for every page."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy import select
from sqlalchemy import update

import portal
from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.organisations.models import Membership
from accounts.people.models import Person
from kit.settings import Settings
from kit.unit import control_unit
from portal.headers import CONTENT_SECURITY_POLICY
from portal.pages import entries
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner

PUBLIC = ("/", "/signup", "/login", "/password/forgotten")
SANDBOX = ("/sandbox/dashboard", "/sandbox/application", "/sandbox/application/evidence", "/sandbox/keys",
           "/sandbox/clients", "/sandbox/apps", "/sandbox/webhooks", "/sandbox/inbox", "/sandbox/logs",
           "/sandbox/data", "/sandbox/usage", "/sandbox/plan")  # fmt: skip
LIVE = ("/live/dashboard", "/live/application", "/live/keys", "/live/clients", "/live/apps", "/live/webhooks", "/live/logs",
        "/live/usage", "/live/plan")  # fmt: skip
MEMBER = ("/start", "/account", "/notices", "/audit", "/security", "/confirm", *SANDBOX, *LIVE)
POSTS = ("/login", "/signup", "/logout", "/theme", "/start/call", "/sandbox/keys", "/sandbox/clients", "/sandbox/webhooks",
         "/sandbox/application", "/sandbox/application/request", "/sandbox/application/withdraw", "/sandbox/application/message",
         "/applications", "/sandbox/inbox/clear", "/sandbox/data/reset", "/notices/read", "/audit/verify", "/oauth/authorize",
         "/sandbox/apps/gra_none/revoke", "/account/name", "/account/password", "/account/email", "/account/confirmation",
         "/account/sessions/end-others", "/account/sessions/ses_none/end", "/password/forgotten", "/password/reset/none",
         "/confirm/none", "/account/move/none", "/login/factor", "/login/passkey", "/confirm", "/passkeys/ask/login",
         "/security/app", "/security/app/cancel", "/security/app/finish", "/security/app/remove", "/security/passkeys",
         "/security/codes", "/security/passkeys/pky_none/remove", "/security/requirement", "/live/plan", "/live/plan/withdraw",
         "/live/plan/message")  # fmt: skip


def application_of(partner: Partner) -> str:
    """The application a partner's sign-up made."""
    with control_unit(writes=False) as unit:
        query = (
            select(Application.id)
            .join(Membership, Membership.organisation_id == Application.organisation_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.email == partner.email)
        )
        return str(unit.session.scalars(query).one())


def make_viewer(partner: Partner) -> None:
    """Take the partner's right to change anything."""
    with control_unit() as unit:
        person_id = unit.session.scalars(select(Person.id).where(Person.email == partner.email)).one()
        unit.session.execute(update(Membership).where(Membership.person_id == person_id).values(role="viewer"))


@pytest.mark.compliance("ASVS 5.0 7.4.4")
@pytest.mark.parametrize("path", [*PUBLIC, *MEMBER])
def test_page_answers_200_for_its_member(partner: Partner, path: str) -> None:
    answer = partner.visitor.get(path)

    assert answer.status_code == 200
    assert '<form method="post" action="/logout">' in answer.text


@pytest.mark.parametrize("path", [*MEMBER, "/admin", "/admin/plans", "/admin/mails", "/admin/audit"])
def test_anonymous_is_sent_to_login_and_back(visitor: Visitor, path: str) -> None:
    answer = visitor.peek(path)

    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")


@pytest.mark.compliance("ASVS 5.0 8.2.2")
@pytest.mark.parametrize("path", [*SANDBOX, *LIVE])
def test_application_of_another_organisation_is_404(
    partner: Partner, new_partner: Callable[[], Partner], path: str
) -> None:
    foreign = application_of(new_partner())

    assert partner.visitor.get(f"{path}?application={foreign}").status_code == 404
    assert partner.visitor.get(f"{path}?application={application_of(partner)}").status_code == 200


@pytest.mark.compliance("ASVS 5.0 8.2.2")
@pytest.mark.parametrize("kind", ["keys", "webhooks", "logs"])
def test_detail_of_another_organisation_is_404(partner: Partner, new_partner: Callable[[], Partner], kind: str) -> None:
    other = new_partner().visitor
    other.get("/sandbox/logs" if kind == "logs" else f"/sandbox/{kind}")
    prefixes = {"keys": "key_", "webhooks": "we_", "logs": "req_"}
    found = other.links(f"/sandbox/{kind}/{prefixes[kind]}") or ["/sandbox/logs/req_01AAAAAAAAAAAAAAAAAAAAAAAA"]

    assert partner.visitor.get(found[0]).status_code == 404


@pytest.mark.parametrize("path", POSTS)
def test_post_without_csrf_token_is_400_when_signed_in(partner: Partner, path: str) -> None:
    answer = partner.visitor.client.post(path, data={"name": "x"})

    assert answer.status_code == 400
    assert "This form has expired" in answer.text


def test_every_route_goes_through_the_door(app: Flask) -> None:
    routes = {rule.endpoint.removeprefix("portal.") for rule in app.url_map.iter_rules() if rule.endpoint.startswith("portal.")}

    assert routes == set(entries)


@pytest.mark.parametrize("path", [*PUBLIC, "/nothing-here", "/sandbox/keys", "/live/keys", "/sandbox/logs/req_none"])
def test_security_headers_stand_on_every_html_answer(partner: Partner, path: str) -> None:
    headers = partner.visitor.get(path).headers

    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "camera=()" in headers["Permissions-Policy"]


def test_policy_allows_nothing_inline() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


@pytest.mark.parametrize("path", [*PUBLIC, *MEMBER])
def test_pages_carry_no_inline_script_or_style(partner: Partner, path: str) -> None:
    html = partner.visitor.get(path).text

    assert " style=" not in html
    assert "<style" not in html
    assert html.count("<script") == html.count('<script defer src="/static/') >= 2


def test_session_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.peek("/signup").headers["Set-Cookie"]

    assert cookie.startswith("tableport=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("start", ["/sandbox/dashboard", "/live/application", "/start"])
def test_every_link_of_a_page_answers_200(partner: Partner, start: str) -> None:
    partner.visitor.get(start)

    for link in partner.visitor.links("/"):
        with partner.visitor.client.get(link, follow_redirects=True) as answer:
            assert answer.status_code == 200, link


@pytest.mark.parametrize("path", [
    "/admin", "/admin/plans", "/admin/plans/tn_x", "/admin/plans/requests/trq_x", "/admin/mails", "/admin/mails/mail_x",
    "/admin/audit", "/admin/audit/export.csv",
])  # fmt: skip
def test_operator_pages_do_not_exist_for_partners(partner: Partner, path: str) -> None:
    assert partner.visitor.get(path).status_code == 404


@pytest.mark.compliance("ASVS 5.0 8.3.1")
def test_viewer_reads_and_cannot_create_a_key(partner: Partner) -> None:
    make_viewer(partner)
    token = partner.visitor.csrf_token("/sandbox/keys")
    assert "new-key-form" not in partner.visitor.get("/sandbox/keys").text

    answer = partner.visitor.client.post("/sandbox/keys", data={"name": "Mine", "scopes": "orders:read", "csrf_token": token})

    assert answer.status_code == 403
    assert "Your role is viewer. Only owners and developers may create, roll and revoke API keys." in answer.text
    assert "Mine" not in partner.visitor.get("/sandbox/keys").text


def test_form_larger_than_64_kib_is_413(partner: Partner) -> None:
    partner.visitor.get("/sandbox/keys")

    assert partner.visitor.post("/sandbox/keys", name="x" * 70_000).status_code == 413


def test_page_says_that_the_sandbox_is_being_built_and_looks_again(partner: Partner) -> None:
    application_id = application_of(partner)
    with control_unit() as unit:
        unit.session.execute(update(Tenant).where(Tenant.application_id == application_id).values(state="pending"))

    answer = partner.visitor.get("/sandbox/data")

    assert answer.status_code == 200
    assert "Building your sandbox" in answer.text
    assert answer.headers["Refresh"] == "2"


def test_cookie_is_bound_to_https_when_the_site_is(settings: Settings) -> None:
    alone = Flask("bootstrap")
    portal.register(alone, replace(settings, base_url="https://tableport.example"), Limiter(get_remote_address))

    assert alone.config["SESSION_COOKIE_NAME"] == "__Host-tableport"
    assert alone.config["SESSION_COOKIE_SECURE"] is True


def test_unknown_address_says_so_in_the_layout(visitor: Visitor) -> None:
    answer = visitor.get("/nothing-here")

    assert answer.status_code == 404
    assert "Nothing here" in answer.text
    assert 'href="/login"' in answer.text


def test_unknown_address_knows_who_is_signed_in(partner: Partner) -> None:
    assert partner.email in partner.visitor.get("/nothing-here").text


def test_wrong_method_is_405(visitor: Visitor) -> None:
    answer = visitor.client.get("/logout")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_api_answers_carry_no_session(app: Flask, partner: Partner) -> None:
    answer = app.test_client().get("/v1/orders", headers={"Authorization": f"Bearer {partner.key}"})

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
