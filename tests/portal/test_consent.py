"""People let applications in, with fewer permissions if they like, and end that again."""

from collections.abc import Callable
from urllib.parse import unquote
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.models import Application
from accounts.applications.models import Connection
from accounts.applications.service import create_tenant
from accounts.applications.service import seeding_side
from accounts.oauth.service import IssuedClient
from accounts.organisations.models import Membership
from accounts.people.models import Person
from accounts.signup.service import sign_up
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox.provision import provision
from tests.factories.locations import create_location
from tests.portal.browsing import PASSWORD
from tests.portal.browsing import Visitor
from tests.portal.conftest import Partner
from tests.portal.test_doors import application_of
from tests.portal.test_doors import make_viewer
from tests.support.oauth import CALLBACK
from tests.support.oauth import VERIFIER
from tests.support.oauth import Answer
from tests.support.oauth import answer_in
from tests.support.oauth import parameters_of
from tests.support.oauth import register
from tests.support.oauth import request_of


def client_of(partner: Partner, environment: Environment = Environment.SANDBOX, **options: object) -> IssuedClient:
    application_id = application_of(partner)
    with control_unit():
        return register(seeding_side(application_id=application_id, environment=environment), **options)


@pytest.fixture(scope="module")
def asker(app: Flask) -> IssuedClient:
    """A client for requests that end before anybody is asked anything."""
    with control_unit():
        made = sign_up(
            email=f"{new_id('p').lower()}@example.com", password=PASSWORD, organisation_name="Tills", ip="", user_agent="test"
        )
        return register(seeding_side(application_id=made.application_id))


@pytest.fixture(scope="module")
def guest(app: Flask) -> Visitor:
    """Somebody who is signed in."""
    visitor = Visitor(app)
    visitor.sign_up()
    return visitor


def decided(visitor: Visitor, path: str, **decision: str | list[str]) -> Answer:
    """Open the consent page of a request, decide, and say what the client is told."""
    visitor.get(path)
    page = visitor.post(path, **decision)
    assert page.status_code == 200, page.text
    return answer_in(page.headers["Refresh"].removeprefix("0; url="))


def exchanged(app: Flask, issued: IssuedClient, code: str) -> dict[str, str]:
    proof = {"client_secret": issued.secret} if issued.secret else {}
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = app.test_client().post(
        "/oauth/token", data={**form, "client_id": issued.client.id, **proof},
        environ_base={"REMOTE_ADDR": f"2001:db8:1::{issued.client.id[-4:].encode().hex()[:4]}"},
    )  # fmt: skip
    return answer.json


def status_of(app: Flask, token: str, path: str) -> tuple[int, str, str]:
    """Status, code and first challenge of a call."""
    answer = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json.get("code", ""), answer.headers.get("WWW-Authenticate", "")


def allow(visitor: Visitor, path: str, scopes: list[str]) -> Answer:
    tenant = visitor.get(path).text.split('name="tenant_id" value="')[1].split('"')[0]
    return decided(visitor, path, decision="allow", scopes=scopes, tenant_id=tenant)


@pytest.mark.compliance("ASVS 5.0 10.1.1", "ASVS 5.0 10.3.2", "ASVS 5.0 10.4.9", "ASVS 5.0 10.7.2", "ASVS 5.0 10.7.3")
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_person_grants_less_than_asked_for_and_ends_it(app: Flask, partner: Partner, kind: str) -> None:
    issued = client_of(partner, kind=kind)
    page = partner.visitor.get(request_of(issued.client.id))
    for words in ("Loyalty for bistros", "Bistro Systems", partner.email, "Read orders and preview prices", "Test data only",
                  "an hour", ">app.example<"):  # fmt: skip
        assert words.lower() in page.text.lower()
    assert "Create orders" not in page.text

    answer = allow(partner.visitor, request_of(issued.client.id), ["orders:read"])
    assert answer.address == "https://app.example/cb"
    assert sorted(answer.told) == ["code", "from", "iss", "state"]
    assert (answer.told["state"], answer.told["iss"]) == ("xyz", app.config["PUBLIC_URL"])
    token = exchanged(app, issued, answer.told["code"])
    assert (token["scope"], token["expires_in"], token["token_type"]) == ("orders:read", 3600, "Bearer")

    assert status_of(app, token["access_token"], "/v1/orders")[0] == 200
    refused = status_of(app, token["access_token"], "/v1/menu-items")
    assert refused == (403, "insufficient_scope", 'Bearer realm="tableport", error="insufficient_scope", scope="menus:read"')

    assert partner.email in partner.visitor.get("/sandbox/apps").text
    assert "was disconnected" in partner.visitor.submit("/revoke").text
    ended = status_of(app, token["access_token"], "/v1/orders")
    assert ended == (401, "token_revoked", 'Bearer realm="tableport", error="invalid_token"')
    assert "No connected apps" in partner.visitor.get("/sandbox/apps").text


@pytest.mark.compliance("ASVS 5.0 10.7.1", "ASVS 5.0 10.7.3")
def test_second_consent_takes_the_place_of_the_first(app: Flask, partner: Partner) -> None:
    issued = client_of(partner)
    path = request_of(issued.client.id)
    first = exchanged(app, issued, allow(partner.visitor, path, ["orders:read", "menus:read"]).told["code"])["access_token"]
    assert status_of(app, first, "/v1/menu-items")[0] == 200
    allow(partner.visitor, path, ["orders:read"])
    assert [status_of(app, first, part)[0] for part in ("/v1/orders", "/v1/menu-items")] == [200, 403]
    assert partner.visitor.get("/sandbox/apps").text.count("<h2 id=") == 1


def test_refusal_is_told_to_the_client(partner: Partner) -> None:
    answer = decided(partner.visitor, request_of(client_of(partner).client.id), decision="refuse")
    assert (answer.told["error"], answer.told["state"], "iss" in answer.told) == ("access_denied", "xyz", True)
    assert "No connected apps" in partner.visitor.get("/sandbox/apps").text


def test_person_shares_one_location_and_the_rest_is_unknown(app: Flask, partner: Partner) -> None:
    issued = client_of(partner)
    path = request_of(issued.client.id)
    tenant = partner.visitor.get(path).text.split('name="tenant_id" value="')[1].split('"')[0]
    scope = Scope(Environment.SANDBOX, tenant)
    with unit_of_work(scope):
        elsewhere = create_location(scope)

    foreign = partner.visitor.post(path, decision="allow", scopes=["orders:read"], tenant_id=tenant, location_ids=["loc_none"])
    assert (foreign.status_code, "Refresh" in foreign.headers) == (422, False)
    assert f'value="{elsewhere}"' in foreign.text

    told = decided(
        partner.visitor, path, decision="allow", scopes=["orders:read"], tenant_id=tenant, location_ids=[elsewhere]
    ).told
    token = exchanged(app, issued, told["code"])["access_token"]
    assert status_of(app, token, "/v1/orders")[0] == 200
    assert status_of(app, token, "/v1/orders/ord_89421")[:2] == (404, "resource_not_found")
    assert elsewhere in partner.visitor.get("/sandbox/apps").text

    allow(partner.visitor, path, ["orders:read"])
    assert status_of(app, token, "/v1/orders/ord_89421")[0] == 200


def test_nothing_is_granted_when_the_form_was_tampered_with(partner: Partner) -> None:
    path = request_of(client_of(partner).client.id)
    tenant = partner.visitor.get(path).text.split('name="tenant_id" value="')[1].split('"')[0]
    forged: tuple[list[str], ...] = ([], ["orders:write"], ["orders:fly"])  # none, not asked for, unknown
    for scopes in forged:
        answer = partner.visitor.post(path, decision="allow", scopes=scopes, tenant_id=tenant)
        assert (answer.status_code, "Refresh" in answer.headers) == (422, False)
        assert "Leave at least one permission ticked" in answer.text
    assert "No connected apps" in partner.visitor.get("/sandbox/apps").text


def test_whoever_is_not_signed_in_comes_back_after_signing_in(
    partner: Partner, new_visitor: Callable[[], Visitor]
) -> None:
    path, visitor = request_of(client_of(partner).client.id), new_visitor()
    assert unquote(unquote(visitor.peek(path).location)) == f"/login?next={unquote(path)}"
    visitor.get(path)
    page = visitor.submit("/login", email=partner.email, password=PASSWORD)
    assert (page.status_code, "asks for access" in page.text) == (200, True)


def test_stranger_and_reader_can_only_go_back(partner: Partner, new_partner: Callable[[], Partner]) -> None:
    path = request_of(client_of(partner).client.id)
    tenant = partner.visitor.get(path).text.split('name="tenant_id" value="')[1].split('"')[0]
    stranger = new_partner()
    make_viewer(partner)
    for person, reason in ((stranger, "only members of the organisation"), (partner, "Your role is viewer")):
        assert reason in person.visitor.get(path).text
        answer = person.visitor.post(path, decision="allow", scopes=["orders:read"], tenant_id=tenant)
        assert (answer.status_code, reason in answer.text or "only owners" in answer.text) == (403, True)
    assert decided(stranger.visitor, path, decision="refuse").told["error"] == "access_denied"


def test_grant_ends_when_the_person_leaves_the_organisation(app: Flask, partner: Partner) -> None:
    issued = client_of(partner)
    answer = allow(partner.visitor, request_of(issued.client.id), ["orders:read"])
    token = exchanged(app, issued, answer.told["code"])["access_token"]
    with control_unit():
        person = select(Person.id).where(Person.email == partner.email).scalar_subquery()
        membership = control().session.scalars(select(Membership).where(Membership.person_id == person)).one()
        control().session.delete(membership)
    assert status_of(app, token, "/v1/orders")[:2] == (401, "token_revoked")


def test_owner_of_restaurants_lets_in_an_application_of_somebody_else_without_connecting_it(
    app: Flask, partner: Partner, new_partner: Callable[[], Partner]
) -> None:
    owner, application_id = new_partner(), application_of(partner)
    issued = client_of(partner, Environment.PRODUCTION)
    path = request_of(issued.client.id)
    assert "is not approved for production yet" in owner.visitor.get(path).text
    with control_unit() as unit:
        unit.session.get(Application, application_id).state = "approved"
    assert "No restaurants belong to your organisation" in owner.visitor.get(path).text

    owners_application = application_of(owner)
    with control_unit() as unit:
        organisation_id = unit.session.get(Application, owners_application).organisation_id
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Trattoria Group", plan_tier="pro", profile="empty",
            organisation_id=organisation_id,
        )  # fmt: skip
    provision(tenant.id)
    assert "No restaurants belong to your organisation" in partner.visitor.get(path).text
    assert "Trattoria Group" in owner.visitor.get(path).text
    code = allow(owner.visitor, path, ["orders:read"]).told["code"]
    token = exchanged(app, issued, code)["access_token"]

    me = app.test_client().get("/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    assert (me["environment"], me["tenant_id"], me["plan"], me["scopes"]) == ("production", tenant.id, "pro", ["orders:read"])
    with control_unit(writes=False) as unit:
        query = select(Connection.tenant_id).where(Connection.application_id == application_id)
        assert list(unit.session.scalars(query)) == []
    assert "Loyalty for bistros" in owner.visitor.get("/live/apps").text
    assert "No connected apps" in partner.visitor.get("/live/apps").text


def test_grant_of_another_organisation_cannot_be_ended(partner: Partner, new_partner: Callable[[], Partner]) -> None:
    allow(partner.visitor, request_of(client_of(partner).client.id), ["orders:read"])
    partner.visitor.get("/sandbox/apps")
    stranger = new_partner().visitor
    action = partner.visitor.page.text.split('action="')[1:] if partner.visitor.page else []
    target = next(part.split('"')[0] for part in action if "/revoke" in part)
    token = stranger.get("/sandbox/keys").text.split('name="csrf_token" value="')[1].split('"')[0]
    assert stranger.client.post(target, data={"csrf_token": token}).status_code == 404
    assert "No connected apps" not in partner.visitor.get("/sandbox/apps").text


BAD = {
    "scope": ({"scope": "orders:fly"}, "invalid_scope"),
    "foreign-scope": ({"scope": "customers:pii"}, "invalid_scope"),
    "token": ({"response_type": "token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code token"}, "unsupported_response_type"),
    "no-type": ({"response_type": None}, "unsupported_response_type"),
    "odd-type": ({"response_type": 'c"\\é\x00'}, "invalid_request"),
    "no-pkce": ({"code_challenge": None}, "invalid_request"),
    "plain": ({"code_challenge_method": "plain"}, "invalid_request"),
    "no-method": ({"code_challenge_method": None}, "invalid_request"),
    "short": ({"code_challenge": "abc"}, "invalid_request"),
    "fragment": ({"response_mode": "fragment"}, "invalid_request"),
    "signed": ({"request": "a.b.c"}, "request_not_supported"),
    "odd-key": ({"dpop_jkt": "a"}, "invalid_request"),
}


@pytest.mark.compliance("RFC 9700 2.1.1-1", "RFC 9700 2.1.1-5", "RFC 9700 4.8.2", "ASVS 5.0 10.4.6", "ASVS 5.0 10.4.4")
@pytest.mark.parametrize(("change", "error"), BAD.values(), ids=BAD)
def test_bad_request_is_told_to_the_client(
    guest: Visitor, asker: IssuedClient, change: dict[str, str | None], error: str
) -> None:
    answer = guest.peek(request_of(asker.client.id, **change))
    told = answer_in(answer.location).told
    assert (answer.status_code, told["error"], told["state"], "iss" in told) == (303, error, "xyz", True)
    assert answer.location.startswith("https://app.example/cb?from=tableport&error=")


@pytest.mark.compliance("RFC 9700 2.1-2", "RFC 9700 4.11.2-1", "ASVS 5.0 10.4.1")
@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/cb"}, {"redirect_uri": None}, {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": 'https://app.example/"\\\x00é'}, {"client_id": "cli_none"}, {"client_id": None}, {"client_id": "é\x00"},
        {"redirect_uri": "https://evil.example/cb", "response_type": "token"}, {"state": "s" * 9000},
    ],
    ids=["foreign", "missing", "similar", "odd", "unknown-client", "no-client", "odd-client", "open-redirect", "too-long"],
)  # fmt: skip
def test_bad_client_or_address_is_said_on_a_page_and_nobody_is_sent_on(
    visitor: Visitor, asker: IssuedClient, change: dict[str, str | None]
) -> None:
    answer = visitor.peek(request_of(**{"client_id": asker.client.id} | change))
    assert (answer.status_code, answer.location, answer.mimetype) == (400, None, "text/html")
    assert "An application sent you here with a request we cannot answer" in answer.text


@pytest.mark.compliance("RFC 9700 4.11.2-2")
def test_nobody_is_sent_to_an_application_before_they_have_signed_in(visitor: Visitor, asker: IssuedClient) -> None:
    for change in ({}, {"scope": "orders:fly"}, {"response_type": "token"}):
        answer = visitor.peek(request_of(asker.client.id, **change))
        assert (answer.status_code, answer.location.startswith("/login?next=")) == (302, True)


def test_pushed_request_is_shown_decided_and_gone(app: Flask, partner: Partner, new_visitor: Callable[[], Visitor]) -> None:
    issued = client_of(partner)
    parameters = {**parameters_of(issued.client.id), "client_secret": issued.secret}
    uri = app.test_client().post("/oauth/par", data=parameters).json["request_uri"]
    path, stranger = "/oauth/authorize?" + urlencode({"client_id": issued.client.id, "request_uri": uri}), new_visitor()
    assert stranger.peek(path).location.startswith("/login?next=")
    answer = allow(partner.visitor, path, ["orders:read"])
    assert (answer.address, answer.told["state"]) == ("https://app.example/cb", "xyz")
    assert exchanged(app, issued, answer.told["code"])["scope"] == "orders:read"
    gone = partner.visitor.peek(path)
    assert (gone.status_code, "expired or was answered before" in gone.text) == (400, True)


def test_repeated_parameter_is_told_to_the_client_unless_it_is_the_address(guest: Visitor, asker: IssuedClient) -> None:
    path = request_of(asker.client.id)
    assert answer_in(guest.peek(f"{path}&scope=orders:read").location).told["error"] == "invalid_request"
    assert guest.peek(f"{path}&redirect_uri=https://app.example/cb").status_code == 400


def test_client_of_a_suspended_application_is_unknown(partner: Partner) -> None:
    path = request_of(client_of(partner).client.id)
    application_id = application_of(partner)
    with control_unit():
        control().session.execute(update(Application).where(Application.id == application_id).values(state="suspended"))
    assert partner.visitor.peek(path).status_code == 400


@pytest.mark.compliance("ASVS 5.0 6.3.3")
def test_client_of_live_restaurants_is_let_in_with_a_second_factor_only_in_production(
    app: Flask, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, sandbox = (request_of(client_of(partner, place).client.id) for place in (Environment.PRODUCTION, Environment.SANDBOX))
    page = partner.visitor.get(sandbox)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    monkeypatch.setitem(app.config, "IS_PRODUCTION", True)

    assert partner.visitor.peek(sandbox).status_code == 200
    assert partner.visitor.peek(live).location == "/security"
    posted = partner.visitor.client.post(live, data={"csrf_token": token, "decision": "allow", "scopes": ["orders:read"]})
    assert posted.location == "/security"
