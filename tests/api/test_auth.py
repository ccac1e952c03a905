"""Who a credential makes the caller: what ends it, fences it in and what it is good for."""

import time
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from accounts.applications.service import seeding_side
from accounts.approvals.grants import change_grant
from accounts.approvals.grants import reinstate
from accounts.approvals.grants import suspend
from accounts.keys.models import ApiKey
from accounts.oauth.service import create_client
from accounts.oauth.service import issue_token
from accounts.oauth.service import revoke_client
from accounts.people.service import create_person
from api.auth import cache
from kit.clock import now
from kit.crypto import mint
from kit.ids import new_id
from kit.unit import control
from kit.unit import control_unit
from tests.api.callers import Caller
from tests.api.conftest import NewCaller
from tests.api.partners import Key
from tests.api.partners import Partner
from tests.api.partners import production_partner


def refused(caller: Caller, **options: Any) -> tuple[int, str]:
    answer = caller.get("/v1/me", **options)
    return answer.status_code, answer.json.get("code", "")


def alter(key: Key, **values: Any) -> None:
    """Change a key's row and let every cache forget it."""
    with control_unit():
        control().session.execute(update(ApiKey).where(ApiKey.id == key.id).values(**values))
    cache.clear()


def test_me_describes_the_credential(partner: Partner, caller_of: NewCaller) -> None:
    key = partner.issue(["orders:read", "menus:read"])
    assert caller_of(key.text).get("/v1/me").json == {
        "credential_id": key.id, "application_id": partner.application_id, "environment": "sandbox",
        "tenant_id": partner.tenant_id, "plan": "enterprise", "product": "core", "scopes": ["menus:read", "orders:read"],
        "api_version": "2026-11-01",
        "limits": {"per_minute": {"read": 1200, "write": 600, "status": 1200}, "per_day": 2_000_000},
    }  # fmt: skip


def test_key_when_its_time_ends_stops_although_it_was_just_used(partner: Partner, caller_of: NewCaller) -> None:
    caller = caller_of(partner.issue(expires_at=now() + timedelta(seconds=0.4)).text)
    assert refused(caller) == (200, "")
    time.sleep(0.5)
    assert refused(caller) == (401, "token_expired")
    cache.clear()
    assert refused(caller) == (401, "token_expired")


def test_key_when_revoked_stops(partner: Partner, caller_of: NewCaller) -> None:
    key = partner.issue()
    assert refused(caller_of(key.text)) == (200, "")
    partner.revoke(key)
    assert refused(caller_of(key.text)) == (401, "token_revoked")


def test_key_when_rolled_with_grace_works_beside_its_successor_until_the_grace_ends(
    partner: Partner, caller_of: NewCaller
) -> None:
    old = partner.issue(["orders:read"])
    new = partner.roll(old, 3600)
    assert [refused(caller_of(key.text)) for key in (old, new)] == [(200, ""), (200, "")]
    assert caller_of(new.text).get("/v1/me").json["scopes"] == ["orders:read"]
    alter(old, expires_at=now() - timedelta(seconds=1))
    assert [refused(caller_of(key.text)) for key in (old, new)] == [(401, "token_expired"), (200, "")]


def test_key_when_rolled_without_grace_stops_at_once(partner: Partner, caller_of: NewCaller) -> None:
    old = partner.issue()
    assert refused(caller_of(old.text)) == (200, "")
    new = partner.roll(old, 0)
    assert [refused(caller_of(key.text)) for key in (old, new)] == [(401, "token_revoked"), (200, "")]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", (200, "")),
        ("::ffff:203.0.113.7", (200, "")),
        ("2001:db8::1", (200, "")),
        ("203.0.114.7", (403, "ip_not_allowed")),
        ("2001:db9::1", (403, "ip_not_allowed")),
        ("", (403, "ip_not_allowed")),
        ("unix:", (403, "ip_not_allowed")),
    ],
)
def test_key_when_fenced_in_works_from_its_networks_only(
    partner: Partner, caller_of: NewCaller, address: str, expected: tuple[int, str]
) -> None:
    caller = caller_of(partner.issue(allowed_ips=["203.0.113.0/24", "2001:db8::/32"]).text)
    assert refused(caller, environ_base={"REMOTE_ADDR": address}) == expected
    spoofed = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    assert refused(caller, environ_base={"REMOTE_ADDR": address}, headers=spoofed) == expected


def test_production_key_before_approval_is_refused_and_works_on_approval(app: Flask, caller_of: NewCaller) -> None:
    partner = production_partner(is_approved=False)
    caller = caller_of(partner.key)
    assert refused(caller) == (403, "production_not_approved")
    told = caller.get("/v1/me").json
    page = f"/live/application?application={partner.application_id}"
    assert (told["application_state"], told["status_url"]) == ("draft", page)
    partner.put_state("approved")
    answer = caller.get("/v1/me")
    assert (answer.status_code, answer.headers["X-Environment"], answer.json["plan"]) == (200, "production", "pro")


def test_grant_narrows_a_production_key_with_the_next_request(app: Flask, caller_of: NewCaller) -> None:
    partner = production_partner()
    caller = caller_of(partner.issue(["orders:read", "menus:read"]).text)
    assert [caller.get(path).status_code for path in ("/v1/orders", "/v1/menus")] == [200, 200]
    with control_unit():
        operator = create_person(email=f"{new_id('op')}@example.com", password="a long enough pass phrase", is_operator=True)
        change_grant(operator, application_id=partner.application_id, scopes=["orders:read"], limits={"read": 7, "daily": 90})
    assert [caller.get(path).status_code for path in ("/v1/orders", "/v1/menus")] == [200, 403]
    me = caller.get("/v1/me").json
    assert me["scopes"] == ["orders:read"]
    assert me["limits"] == {"per_minute": {"read": 7, "write": 120, "status": 240}, "per_day": 90}


def test_sandbox_key_needs_no_approval(new_partner: Callable[..., Partner], caller_of: NewCaller) -> None:
    partner = new_partner(profile="empty")
    partner.put_state("draft")
    assert refused(caller_of(partner.key)) == (200, "")


def test_application_when_suspended_is_refused_until_it_is_reinstated(
    new_partner: Callable[..., Partner], caller_of: NewCaller
) -> None:
    partner = new_partner(profile="empty")
    caller = caller_of(partner.key)
    assert refused(caller) == (200, "")
    with control_unit():
        operator = create_person(email=f"{new_id('op')}@example.com", password="a long enough pass phrase", is_operator=True)
        suspend(operator, application_id=partner.application_id, reason="Calls every second")
    assert refused(caller) == (403, "insufficient_scope")
    with control_unit():
        reinstate(operator, application_id=partner.application_id)
    assert refused(caller) == (200, "")


def test_credential_of_another_product_is_refused_but_may_steer_the_sandbox(
    partner: Partner, caller_of: NewCaller
) -> None:
    key = partner.issue()
    alter(key, product="pos")
    caller = caller_of(key.text)
    assert refused(caller) == (403, "insufficient_scope")
    answer = caller.get("/v1/orders")
    assert (answer.status_code, answer.json["required_scopes"]) == (403, ["orders:read"])
    assert caller.get("/sandbox/v1/state").status_code == 200


@pytest.mark.compliance("RFC 9700 4.3.2")
@pytest.mark.parametrize("query", ["api_key={}", "q=see+{}+there", "access%5Ftoken={}"])
def test_key_in_the_query_is_revoked_whoever_calls(caller_of: NewCaller, partner: Partner, query: str) -> None:
    key = partner.issue(["orders:read"])
    caller = caller_of(key.text)
    assert refused(caller) == (200, "")
    answer = caller_of(None).get(f"/v1/me?{query.format(key.text)}")
    assert (answer.status_code, answer.json["code"]) == (401, "token_revoked")
    assert key.text not in answer.text
    assert refused(caller) == (401, "token_revoked")


def test_text_like_a_key_in_the_query_is_an_ordinary_value(caller: Caller) -> None:
    assert caller.get(f"/v1/me?tp_x={mint('tp_live_sk_').text}").status_code == caller.get("/v1/me?x=y").status_code


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_key_as_bearer_is_accepted_in_any_case(caller_of: NewCaller, partner: Partner, form: str) -> None:
    assert refused(caller_of(None), headers={"Authorization": form.format(partner.key)}) == (200, "")


@pytest.mark.compliance("RFC 9700 2.3", "ASVS 5.0 10.3.1")
@pytest.mark.parametrize("form", ["{}", "Token {}", "Bearer", "Bearer {0} {0}", "Bearer,{}", "Basic {basic}"])
def test_key_in_another_form_is_no_credential(caller_of: NewCaller, partner: Partner, form: str) -> None:
    basic = b64encode(f"{partner.key}:".encode()).decode()
    headers = {"Authorization": form.format(partner.key, basic=basic)}
    assert refused(caller_of(None), headers=headers) == (401, "unauthenticated")


def test_access_token_acts_for_its_client_until_the_client_is_revoked(
    new_partner: Callable[..., Partner], caller_of: NewCaller
) -> None:
    partner = new_partner(profile="empty")
    with control_unit():
        side = seeding_side(application_id=partner.application_id)
        client = create_client(side, name="Sync", scopes=["orders:read"]).client
        text, _ = issue_token(client, scopes=["orders:read"])
    caller = caller_of(text)
    me = caller.get("/v1/me").json
    assert (me["credential_id"], me["scopes"], me["tenant_id"]) == (client.id, ["orders:read"], partner.tenant_id)
    with control_unit():
        revoke_client(seeding_side(application_id=partner.application_id), client_id=client.id)
    assert refused(caller) == (401, "token_revoked")


def test_session_cookie_is_no_credential(app: Flask, caller_of: NewCaller) -> None:
    assert refused(caller_of(None), headers={"Cookie": "session=abc; tp_session=abc"}) == (401, "unauthenticated")
