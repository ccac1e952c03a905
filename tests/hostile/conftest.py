"""A tenant to attack, a second one to reach for, and every kind of credential that must not open either."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from flask import Flask

from accounts.applications.models import Application
from accounts.applications.service import Side
from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from accounts.applications.service import seeding_side
from accounts.keys.service import create_key
from accounts.keys.service import revoke_key
from accounts.plans.scopes import scopes_of
from benchmarks.stack import Stack
from benchmarks.world import World
from benchmarks.world import enterprise_world
from kit.crypto import mint
from kit.planes import Environment
from kit.planes import db
from kit.scope import Scope
from kit.unit import control_unit
from kit.unit import current
from kit.unit import unit_of_work
from tests.contract.live import shared_stack

NOT_BUSINESS = {"request_logs", "request_counts", "credential_counts", "idempotency_records"}
MANY_KEYS = 4
Footprint = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class Target:
    """The attacked tenant and the words that hostile requests are filled with."""

    world: World
    names: dict[str, str]


@pytest.fixture(scope="session")
def stack(pytestconfig: pytest.Config) -> Stack:
    return shared_stack(pytestconfig)


@pytest.fixture(scope="session")
def target(app: Flask) -> Target:
    world, other = enterprise_world(MANY_KEYS), enterprise_world(1)
    names = {"key": world.keys[0], **_credentials(world), **_made_up(world.keys[0]), "foreign_order": _foreign_order(app, other)}
    names["cursor"] = _cursor(app, world.keys[0])
    names["foreign_cursor"] = _cursor(app, other.keys[0])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kit.page.time", SimpleNamespace(time=lambda: time.time() - 25 * 3600))
        names["old_cursor"] = _cursor(app, world.keys[0])
    return Target(world, names)


@pytest.fixture
def footprint(target: Target) -> Callable[[], Footprint]:
    """Rows and summed versions of every business table of the attacked tenant."""
    scope = Scope(Environment.SANDBOX, target.world.tenant_id)
    tables = [table for name, table in db.metadatas["plane"].tables.items() if name not in NOT_BUSINESS]

    def measure() -> Footprint:
        with unit_of_work(scope, writes=False):
            mark = "?" if current(scope).dialect == "sqlite" else "%s"
            return {table.name: _measured(scope, table, mark) for table in tables}

    return measure


def _measured(scope: Scope, table: db.Table, mark: str) -> tuple[int, int]:
    changes = "coalesce(sum(version), 0)" if "version" in table.c else "0"
    cursor = current(scope).cursor()
    cursor.execute(f"SELECT count(*), {changes} FROM {table.name} WHERE tenant_id = {mark}", (scope.tenant_id,))
    rows, versions = cursor.fetchone()
    cursor.close()
    return int(rows), int(versions)


def _credentials(world: World) -> dict[str, str]:
    """Real keys that must not work here: revoked, fenced in, without the scope, of production."""
    with control_unit():
        side = seeding_side(application_id=world.application_id)
        revoked = create_key(side, name="Revoked", scopes=["orders:read"])
        revoke_key(side, key_id=revoked.key.id)
        fenced = create_key(side, name="Fenced", scopes=["orders:read"], allowed_ips=["203.0.113.0/24"])
        menus = create_key(side, name="Menus", scopes=["menus:read"])
        spare = create_key(side, name="Spare", scopes=["orders:read"])
    return {
        "spare_key": spare.text, "revoked_key": revoked.text, "fenced_key": fenced.text, "menus_key": menus.text,
        "unapproved_key": _production_key(world), "production_key": _production_key(enterprise_world(0), is_approved=True),
    }  # fmt: skip


def _production_key(world: World, *, is_approved: bool = False) -> str:
    with control_unit() as unit:
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Live", plan_tier="pro", profile="empty"
        )
        connect(application_id=world.application_id, tenant_id=tenant.id)
        side: Side = seeding_side(application_id=world.application_id, environment=Environment.PRODUCTION)
        issued = create_key(side, name="Live", scopes=scopes_of(Environment.PRODUCTION))
        if is_approved:
            unit.session.get(Application, world.application_id).state = "approved"
    return issued.text


def _made_up(key: str) -> dict[str, str]:
    """Credentials that never were: a typing error, a sandbox key dressed as live, a well-formed stranger."""
    flipped = key[:-1] + ("A" if key[-1] != "A" else "B")
    return {"flipped_key": flipped, "live_twin": key.replace("_test_", "_live_"), "unknown_key": mint("tp_test_sk_").text}


def _cursor(app: Flask, key: str) -> str:
    answer = app.test_client().get("/v1/orders?limit=2", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text
    return str(answer.json["next_cursor"])


def _foreign_order(app: Flask, other: World) -> str:
    """An order only the other tenant has."""
    order = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger"}]}
    answer = app.test_client().post("/v1/orders", json=order, headers={"Authorization": f"Bearer {other.keys[0]}"})
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])
