"""A sandbox tenant on the Enterprise plan that many applications call, so that a measurement meets the limiter but never a 429.

Enterprise allows an application 1,200 reads and 600 writes a minute, however many keys it has. Rotating the keys of 20
applications gives 24,000 and 12,000: the gate's limits run with every request and stay as they are. No partner can have this:
a sandbox belongs to one application.
"""

from dataclasses import dataclass
from dataclasses import replace
from itertools import cycle

from accounts.applications.service import create_application
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
    """The tenant, the application it belongs to, and the keys, the first of them that application's."""

    tenant_id: str
    application_id: str
    keys: tuple[str, ...]

    def headers(self) -> "cycle[dict[str, str]]":
        """Request headers of one key after the other, without an end."""
        return cycle([{"Authorization": f"Bearer {key}"} for key in self.keys])


def enterprise_world(keys: int = KEYS, profile: str = MINIMAL) -> World:
    """Sign up, put the sandbox on the Enterprise plan, issue keys of as many applications and build a world.

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
        others = [create_application(made.member, name=f"Measured {number}").id for number in range(1, keys)]
        sides = [replace(side, application_id=one) for one in (made.application_id, *others)]
        issued = [create_key(one, name="Key", scopes=SCOPES, allow_open_items=True) for one in sides]
    provision(made.tenant_id)
    return World(made.tenant_id, made.application_id, tuple(one.text for one in issued))
