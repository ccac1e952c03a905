"""The demo installation."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accounts.keys.queries import credential_by_kid
from accounts.oauth.service import verify_client
from accounts.people.errors import WrongCredentials
from accounts.people.service import check_password
from accounts.people.service import find_password
from accounts.people.service import open_session
from accounts.plans.scopes import SCOPES
from domain.orders.service import list_orders
from kit.crypto import parse
from kit.planes import Environment
from kit.scope import Scope
from kit.settings import Settings
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox.demo import ensure


@pytest.fixture
def demo(app: Flask, settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, home=tmp_path)


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def credential(content: dict[str, Any], name: str) -> Any:
    parsed = parse(content["credentials"][name]["headers"]["Authorization"].removeprefix("Bearer "))
    with control_unit(writes=False):
        return credential_by_kid(parsed.kid)


def log_in_as(login: dict[str, str]) -> str:
    with control_unit():
        proof = check_password(find_password(email=login["email"]), login["password"])
        return open_session(proof, ip="", user_agent="")


def test_demo_has_every_login_and_credential(demo: Settings) -> None:
    started = time.process_time()
    path = ensure(demo)
    seconds = time.process_time() - started
    content = read(path)

    assert seconds < 1.5
    assert path.stat().st_mode & 0o777 == 0o600
    assert content["base_url"] == demo.public_url
    assert set(content["credentials"]) == {
        "tm.full", "tm.readonly", "tm.smart", "tm.basic", "tm.other_tenant", "tm.production", "client",
    }  # fmt: skip
    assert log_in_as(content["portal"]["partner"])
    assert log_in_as(content["portal"]["operator"])
    with control_unit(writes=False):
        given = content["credentials"]["client"]
        assert verify_client(client_id=given["client_id"], secret=given["client_secret"]) is not None


def test_demo_credentials_are_what_their_names_say(demo: Settings) -> None:
    content = read(ensure(demo))
    rows = {name: credential(content, name) for name in content["credentials"] if name != "client"}
    full = rows["tm.full"]

    assert set(full.scopes) == set(SCOPES)
    assert full.allow_open_items is True
    assert {scope.partition(":")[2] for scope in rows["tm.readonly"].scopes} == {"read"}
    assert rows["tm.readonly"].tenant_id == full.tenant_id
    assert (rows["tm.smart"].tenant_plan, rows["tm.basic"].tenant_plan, full.tenant_plan) == ("smart", "basic", None)
    live = rows["tm.production"]
    assert (live.environment, live.application_state, live.tenant_plan) == (Environment.PRODUCTION, "approved", "pro")
    assert len({row.tenant_id for row in rows.values()}) == 5
    has_order = {}
    for name, row in rows.items():
        scope = Scope(row.environment, row.tenant_id)
        with unit_of_work(scope, writes=False):
            has_order[name] = any(order["id"] == "ord_89421" for order in list_orders(scope, limit=50))
    assert [name for name, found in has_order.items() if not found] == ["tm.other_tenant"]


def test_demo_is_left_alone_while_its_key_works(demo: Settings) -> None:
    before = ensure(demo).read_text()

    assert ensure(demo).read_text() == before


def test_lost_file_is_written_anew_and_the_old_credentials_end(demo: Settings) -> None:
    path = ensure(demo)
    before = read(path)
    path.unlink()
    after = read(ensure(demo))

    assert credential(before, "tm.full").revoked_at_us is not None
    assert credential(after, "tm.full").revoked_at_us is None
    assert credential(after, "tm.full").tenant_id == credential(before, "tm.full").tenant_id
    assert log_in_as(after["portal"]["partner"])
    with pytest.raises(WrongCredentials):
        log_in_as(before["portal"]["partner"])
    with control_unit(writes=False):
        given = before["credentials"]["client"]
        assert verify_client(client_id=given["client_id"], secret=given["client_secret"]) is None


@pytest.mark.parametrize("content", ["", "{}", '{"credentials": {"tm.full": {"headers": {"Authorization": "Bearer x"}}}}'])
def test_unusable_file_is_replaced(demo: Settings, content: str) -> None:
    (demo.home / "demo.json").write_text(content)

    assert credential(read(ensure(demo)), "tm.basic") is not None
