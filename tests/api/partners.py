"""Partners of the API tests: applications with a tenant each and the keys their callers hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from functools import cache
from typing import Any

from accounts.applications.models import Application
from accounts.applications.service import connect
from accounts.applications.service import create_tenant
from accounts.applications.service import get_tenant
from accounts.applications.service import seeding_side
from accounts.keys.service import create_key
from accounts.keys.service import revoke_key
from accounts.keys.service import roll_key
from accounts.plans.scopes import scopes_of
from accounts.signup.service import sign_up
from kit.ids import new_id
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from sandbox.provision import provision

BURGER = {"location_id": "loc_waw_01", "items": [{"menu_item_id": "itm_bacon_cheeseburger"}]}
PIEROGI = {"location_id": "loc_krk_01", "items": [{"menu_item_id": "itm_pierogi"}]}


@dataclass(frozen=True)
class Key:
    """An issued key: its row's id and its text."""

    id: str
    text: str


@dataclass(frozen=True)
class Partner:
    """One application with one tenant in one environment. `key` holds every scope."""

    application_id: str
    tenant_id: str
    environment: Environment
    key: str

    @property
    def scope(self) -> Scope:
        return Scope(self.environment, self.tenant_id, application_id=self.application_id)

    def issue(self, scopes: Iterable[str] | None = None, **options: Any) -> Key:
        """A new key, with every scope unless some are named."""
        with control_unit():
            issued = create_key(
                self._side(), name="Test", scopes=scopes_of(self.environment) if scopes is None else scopes,
                allow_open_items=True, **options,
            )  # fmt: skip
            return Key(issued.key.id, issued.text)

    def shared(self, scopes: Iterable[str] | None = None) -> str:
        """The text of the one key that callers with these scopes share: a plan has room for a number of keys."""
        return _shared_key(self, None if scopes is None else frozenset(scopes))

    def revoke(self, key: Key) -> None:
        with control_unit():
            revoke_key(self._side(), key_id=key.id)

    def roll(self, key: Key, grace_s: int) -> Key:
        with control_unit():
            issued = roll_key(self._side(), key_id=key.id, grace_s=grace_s)
            return Key(issued.key.id, issued.text)

    def put_state(self, state: str) -> None:
        """Put the application into a state: draft, approved, suspended."""
        with control_unit():
            control().session.get(Application, self.application_id).state = state

    def _side(self) -> Any:
        # Issued whatever the plan allows: how many keys a plan has is not what these tests are about.
        side = seeding_side(application_id=self.application_id, environment=self.environment, tenant_id=self.tenant_id)
        return replace(side, plan_tier="enterprise")


@cache
def _shared_key(partner: Partner, scopes: frozenset[str] | None) -> str:
    return partner.issue(scopes).text


def sandbox_partner(*, plan_tier: str | None = None, profile: str = "minimal") -> Partner:
    """A signed-up partner whose sandbox is built and behaves as a plan (None: the sandbox's own)."""
    with control_unit():
        made = sign_up(
            email=f"{new_id('p').lower()}@example.com", password="a long enough pass phrase", organisation_name="Tills",
            ip="127.0.0.1", user_agent="test",
        )  # fmt: skip
        tenant = get_tenant(tenant_id=made.tenant_id)
        tenant.plan_tier, tenant.profile = plan_tier, profile
    provision(made.tenant_id)
    return Partner(made.application_id, made.tenant_id, Environment.SANDBOX, made.api_key)


def production_partner(*, plan_tier: str = "pro", is_approved: bool = True) -> Partner:
    """A partner with a connected, empty production tenant."""
    application_id = sandbox_partner(profile="empty").application_id
    with control_unit() as unit:
        tenant = create_tenant(
            environment=Environment.PRODUCTION, application_id=None, name="Live", plan_tier=plan_tier, profile="empty"
        )
        connect(application_id=application_id, tenant_id=tenant.id)
        unit.session.get(Application, application_id).state = "approved" if is_approved else "draft"
    provision(tenant.id)
    partner = Partner(application_id, tenant.id, Environment.PRODUCTION, "")
    return replace(partner, key=partner.issue().text)
