"""Running a scenario in a tenant: the table of them, their transactions, and the account each leaves.

Most run in one transaction, so a failure leaves nothing behind. Call outside any unit of work.
"""

from collections.abc import Callable

from kit.clock import now_us
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from sandbox.endpoints import ensure_endpoint
from sandbox.scenarios import guests
from sandbox.scenarios import kitchen
from sandbox.scenarios import nights
from sandbox.scenarios.scene import Scene
from sandbox.scenarios.scene import stage

OUTAGE_URL = "https://hooks.sandbox.invalid/fail-502-then-ok?n=3"
_PLAYS: dict[str, Callable[[Scene], None]] = {
    "friday_rush": kitchen.friday_rush,
    "no_show_evening": guests.no_show_evening,
    "eighty_six_storm": kitchen.eighty_six_storm,
    "refund_day": kitchen.refund_day,
    "merge_duplicates": guests.merge_duplicates,
    "dst_night": nights.dst_night,
}
OUTAGE, RACE = "webhook_outage", "double_booking_race"
SCENARIOS = (*_PLAYS, OUTAGE, RACE)


def run_scenario(scope: Scope, *, name: str, location_id: str | None = None) -> Document:
    """Play a scenario and return {name, location_id, started_at (us, real time), counts, ids, steps}.

    location_id: where; default: the first location that sells something. Raises NotFound for an unknown scenario or
    location and in a sandbox where nothing can be ordered, Invalid (422) where it cannot be played.
    """
    if name not in SCENARIOS:
        raise NotFound(f"There is no scenario {name}; there are {', '.join(SCENARIOS)}.")
    started_at = now_us()
    with unit_of_work(scope, writes=False):
        location = stage(scope, location_id)
    if name == RACE:
        scene = nights.double_booking_race(scope, location)
    else:
        endpoint_ids = _failing_endpoints(scope) if name == OUTAGE else ()
        scene = Scene(scope, name, location)
        with unit_of_work(scope):
            if name == OUTAGE:
                kitchen.webhook_outage(scene, endpoint_ids)
            else:
                _PLAYS[name](scene)
    return {**scene.account(), "started_at": started_at}


def _failing_endpoints(scope: Scope) -> tuple[str, ...]:
    """The endpoint that is down at first; none where the credential belongs to no application."""
    if scope.application_id is None:
        return ()
    return (ensure_endpoint(scope, url=OUTAGE_URL, description="Scenario: down for two attempts of each delivery"),)
