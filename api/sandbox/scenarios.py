"""Scenarios: whole evenings played in a sandbox by one call."""

from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.schemas import ScenarioIn
from api.sandbox.schemas import ScenarioOut
from kit.jobs import doorbell
from sandbox.scenarios.service import run_scenario


@control("POST", "/scenarios/<scenario>/run", body=ScenarioIn, returns=ScenarioOut, plane="none")
def play_scenario(call: Call, scenario: str) -> Reply:
    """Play a scenario now, at the present moment of the sandbox clock, and read what it did.

    Guests, kitchen and payers act through the same services as your calls do, so every object is real, every event is sent
    and every rule holds. A scenario may be run again and again. It never moves the clock.

    - `friday_rush`: 24 orders at once; some are rejected, some paid and finished, the rest stays open
    - `no_show_evening`: eight parties book the evening; three never arrive
    - `eighty_six_storm`: items go off sale, guests who want them are refused, every second one comes back
    - `webhook_outage`: finished orders, and an endpoint that fails twice for each of their events before it answers 200
    - `refund_day`: six paid orders with full, partial, failed and refused refunds
    - `merge_duplicates`: three people who were entered twice, with orders and reviews, become one each
    - `dst_night`: reservations and orders across the next two changes of the clocks, and a local time that does not exist
    - `double_booking_race`: six guests ask for one table at the same moment; one gets it

    counts holds what happened by kind, refusals as `refused_` and their code; ids the objects that were made or changed.
    """
    done = run_scenario(call.scope, name=scenario, location_id=call.body["location_id"])
    for job in ("pump", "timers"):
        doorbell.ring(job, call.scope.environment)
    return Reply(document=done)
