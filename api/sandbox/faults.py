"""Injected faults."""

from datetime import timedelta

from accounts.applications.simulation import expect_faults
from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.schemas import FaultIn
from api.sandbox.schemas import FaultOut
from api.sandbox.schemas import FaultPageOut
from kit.clock import now
from kit.clock import to_us
from kit.unit import control_unit
from kit.unit import unit_of_work
from sandbox import faults


@control("POST", "/faults", body=FaultIn, returns=FaultOut, status=201, plane="none")
def add_fault(call: Call) -> Reply:
    """Let matching calls go wrong from now on.

    match: product, method and path (`/v1/orders`, `/v1/orders/{id}`, `/v1/orders*`); what is left out matches anything.
    effect: a status to answer with (code injected_fault), latency, a dropped connection, a broken body, or a rate limit
    of that many seconds. when says whether this comes instead of the call or after it was carried out. probability spreads
    strikes evenly over the matching calls, so that runs repeat; times ends them. Sandbox control is never disturbed.
    """
    body = call.body
    ends_at = now() + timedelta(seconds=body["ttl_s"])
    with control_unit():
        expect_faults(tenant_id=call.scope.tenant_id, until=ends_at)
    with unit_of_work(call.scope):
        fault = faults.add_fault(
            call.scope, effect=body["effect"], **body["match"], permille=body["probability"], times=body["times"],
            expires_at_us=to_us(ends_at),
        )  # fmt: skip
    return Reply(document=fault)


@control("GET", "/faults", returns=FaultPageOut)
def list_faults(call: Call) -> Reply:
    """List the faults that have not expired, with how often they matched and struck."""
    return Reply(document={"data": faults.list_faults(call.scope), "has_more": False, "next_cursor": None})


@control("DELETE", "/faults/<fault_id>", status=204)
def remove_fault(call: Call, fault_id: str) -> Reply:
    """Remove one fault."""
    faults.remove_fault(call.scope, fault_id=fault_id)
    return Reply(status=204)


@control("DELETE", "/faults", status=204)
def remove_faults(call: Call) -> Reply:
    """Remove every fault."""
    faults.remove_faults(call.scope)
    return Reply(status=204)
