"""The sandbox as a whole: reset, state, fixtures, clock, simulated plan, triggered events."""

from accounts.applications.simulation import simulate_plan
from accounts.plans.catalog import tier_of
from accounts.webhooks.catalog import EVENT_TYPES
from api.limits import limiter
from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.door import own_id
from api.sandbox.schemas import ClockIn
from api.sandbox.schemas import ClockOut
from api.sandbox.schemas import FixturesOut
from api.sandbox.schemas import PlanIn
from api.sandbox.schemas import PlanOut
from api.sandbox.schemas import ResetIn
from api.sandbox.schemas import ResetOut
from api.sandbox.schemas import StateOut
from api.sandbox.schemas import TriggeredOut
from api.sandbox.schemas import TriggerIn
from kit.clock import from_us
from kit.jobs import doorbell
from kit.unit import unit_of_work
from sandbox import endpoints
from sandbox import service as sandbox
from sandbox.building import READY


@control("POST", "/reset", body=ResetIn, printed=ResetOut, plane="none", repeat_status=202)
def reset(call: Call) -> Reply:
    """Rebuild the sandbox from its seeded world.

    The clock stands at 2026-01-12T12:00:00Z afterwards, rate-limit windows are empty, no fault is left, the plan is the
    sandbox's own again, and fixtures are as documented.

    minimal (the fixtures) is complete at once. standard and large answer 202 with world.state building: the fixtures are
    there, the rest is being written; ask for the state until it is ready, which takes seconds for standard and minutes
    for large.
    """
    with unit_of_work(call.scope):
        fixtures = sandbox.reset(call.scope, profile=call.body["profile"], seed=call.body["seed"])
        state = sandbox.state(call.scope)
    own_plan = tier_of(endpoints.after_reset(call.scope.tenant_id)).name
    with unit_of_work(call.scope, writes=False):
        fixtures["webhook_endpoints"] = endpoints.fixture_endpoints(call.scope)
    limiter.forget(f"{call.scope.environment}:{call.scope.tenant_id}:")
    is_whole = state["world"]["state"] == READY
    if not is_whole:
        doorbell.ring("timers", call.scope.environment)
    return Reply(payload={**state, "plan": own_plan, "fixtures": fixtures}, status=None if is_whole else 202)


@control("GET", "/state", printed=StateOut)
def read_state(call: Call) -> Reply:
    """Read what the sandbox holds: counts, clock, profile, faults."""
    return Reply(payload={**sandbox.state(call.scope), "plan": call.principal.tier.name})


@control("GET", "/fixtures", printed=FixturesOut)
def read_fixtures(call: Call) -> Reply:
    """Read the ids of the named fixtures by kind; promo codes are named by their code."""
    own = endpoints.fixture_endpoints(call.scope)
    return Reply(payload={"fixtures": {**sandbox.fixtures(call.scope), "webhook_endpoints": own}})


@control("POST", "/clock", body=ClockIn, printed=ClockOut)
def set_clock(call: Call) -> Reply:
    """Set, advance or release the sandbox clock.

    What becomes due on the way happens in order, each at its own instant: scheduled orders start, holds and carts expire,
    guests do not show up. Webhook deliveries that wait for a retry come nearer by the same time; apart from that webhooks
    and rate limits stay on real time.
    """
    body = call.body
    now = from_us(body["now"]) if "now" in body else None
    return Reply(
        payload=sandbox.set_clock(call.scope, now=now, advance_s=body.get("advance_seconds"), mode=body.get("mode"))
    )


@control("POST", "/plan", body=PlanIn, printed=PlanOut, plane="control")
def set_plan(call: Call) -> Reply:
    """Let the sandbox behave as a plan from the next call on.

    Endpoints the plan does not include answer 403 plan_required, and its rate limits and quotas hold; sandbox control
    always works. Send null, or reset the sandbox, to end it.
    """
    tenant = simulate_plan(tenant_id=call.scope.tenant_id, tier=call.body["tier"])
    limiter.forget(f"{call.scope.environment}:{call.scope.tenant_id}:")  # what was used belongs to the plan before
    tier = tier_of(tenant.plan)
    return Reply(
        payload={
            "tier": tier.name, "is_simulated": tenant.simulated_plan is not None, "areas": sorted(tier.core_areas),
            "limits": dict(tier.limits), "daily_quota": tier.daily_quota, "max_webhook_endpoints": tier.max_endpoints,
        }
    )  # fmt: skip


@control("POST", "/events/trigger", body=TriggerIn, printed=TriggeredOut, status=202)
def trigger(call: Call) -> Reply:
    """Make an event of any type, through the real outbox and delivery path.

    The event is about the object you name, else the newest of its kind, else one that is made for it; events that are about
    something done to an object (a tag, points, a click on a campaign) take the id of the customer, member, campaign, promo
    code or integration. overrides lays other values over the object in the event; the object itself stays as it is. The
    payload says `"synthetic": true`.
    """
    body = call.body
    named = body.get("object_id")
    object_id = None if named is None else own_id(call, EVENT_TYPES[body["type"]].object, named)
    event_id = sandbox.trigger_event(
        call.scope, type=body["type"], object_id=object_id, overrides=body.get("overrides")
    )
    return Reply(payload={"event_id": event_id, "type": body["type"]})
