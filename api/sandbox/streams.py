"""Streams of orders: live traffic for dashboards, kitchen screens and webhook receivers."""

from api.operations import Call
from api.operations import Reply
from api.sandbox.door import control
from api.sandbox.schemas import TrafficIn
from api.sandbox.schemas import TrafficOut
from api.sandbox.schemas import TrafficPageOut
from sandbox import traffic


@control("POST", "/traffic", body=TrafficIn, returns=TrafficOut, status=202)
def start_traffic(call: Call) -> Reply:
    """Let guests order for a while: up to 60 orders a minute for up to 30 minutes, on real time.

    A kitchen accepts and finishes the orders, so their events follow. At most three streams run at once.
    """
    body = call.body
    run = traffic.start_traffic(
        call.scope, per_minute=body["orders_per_min"], duration_s=body["duration_s"], location_id=body["location_id"]
    )
    return Reply(document=run)


@control("GET", "/traffic", returns=TrafficPageOut)
def list_traffic(call: Call) -> Reply:
    """List the newest streams of orders with what they did so far."""
    return Reply(document={"data": traffic.list_traffic(call.scope), "has_more": False, "next_cursor": None})


@control("DELETE", "/traffic/<run_id>", status=204)
def stop_traffic(call: Call, run_id: str) -> Reply:
    """Stop a stream of orders. Orders it placed stay as they are."""
    traffic.stop_traffic(call.scope, run_id=run_id)
    return Reply(status=204)
