"""A sandbox tenant on the Enterprise plan with many keys, so that a measurement meets the limiter but never a 429.

Enterprise allows each key 1,200 reads and 600 writes a minute. Rotating 20 keys gives 24,000 and 12,000: the gate's limits
run with every request and stay as they are.
"""

from dataclasses import dataclass
from itertools import cycle

from accounts.applications.service import get_tenant
from accounts.applications.service import side_for
from accounts.keys.service import create_key
from accounts.plans.scopes import SCOPES
from accounts.signup.service import sign_up
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control_unit
from sandbox.provision import provision
from sandbox.service import MINIMAL

KEYS = 20
PLAN = "enterprise"
CHEESEBURGER = {
    "location_id": "loc_waw_01",
    "fulfillment": {"type": "pickup"},
    "items": [
        {"menu_item_id": "itm_bacon_cheeseburger", "quantity": 1, "modifiers": [{"modifier_id": "mod_extra_bacon"}]}
    ],
}


@dataclass(frozen=True)
class World:
    """The tenant and its keys."""

    tenant_id: str
    application_id: str
    keys: tuple[str, ...]

    def headers(self) -> "cycle[dict[str, str]]":
        """Request headers of one key after the other, without an end."""
        return cycle([{"Authorization": f"Bearer {key}"} for key in self.keys])


def enterprise_world(keys: int = KEYS, profile: str = MINIMAL) -> World:
    """Sign up, put the sandbox on the Enterprise plan, issue keys and build a world.

    This process must be connected to the planes (worker.process.open_process or bootstrap.create_app).
    """
    with control_unit():
        made = sign_up(
            email=f"{new_id('bench')}@example.com", password="measured-with-many-keys",
            organisation_name="Measured", ip="127.0.0.1", user_agent="benchmark",
        )  # fmt: skip
        tenant = get_tenant(tenant_id=made.tenant_id)
        tenant.plan_tier, tenant.profile = PLAN, profile
        side = side_for(made.member, application_id=made.application_id, environment=Environment.SANDBOX)
        issued = [create_key(side, name=f"Key {number}", scopes=SCOPES, allow_open_items=True) for number in range(keys)]
    provision(made.tenant_id)
    return World(made.tenant_id, made.application_id, tuple(one.text for one in issued))
