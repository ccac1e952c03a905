"""Customer segments in the Core API."""

from api.core.blueprint import blueprint
from api.core.customer_out_schemas import CustomerDetailOut
from api.core.customers import shown_customers
from api.core.naming import named
from api.core.schemas import PageQuery
from api.core.segment_schemas import SegmentIn
from api.core.segment_schemas import SegmentOut
from api.core.segment_schemas import SegmentPatch
from api.core.segment_schemas import SegmentQuery
from api.core.segment_schemas import rule_values
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.guests import segments
from domain.guests.service import list_guests
from kit.documents import Document

SEGMENT = "/segments/<segment_id>"


def _position(row: Document) -> list[object]:
    return [row["created_at"], row["id"]]


@endpoint(
    blueprint, "GET", "/segments", scope="customers:read", area="customers", query=SegmentQuery, returns=SegmentOut, is_list=True
)
def list_segments(call: Call) -> Reply:
    """List customer segments, newest first."""
    rows = segments.list_segments(
        call.scope, limit=call.query["limit"], after=call.after(), ref=named(call, "segment")
    )
    return call.page(rows, _position)


@endpoint(
    blueprint, "POST", "/segments", scope="customers:write", area="customers", body=SegmentIn, returns=SegmentOut, status=201
)
def create_segment(call: Call) -> Reply:
    """Save a segment: a rule that customers satisfy or not.

    A customer must satisfy every predicate of the rule. Members are found within seconds (`evaluated_at`), and again
    whenever a customer, its orders or its reservations change; rules about days are looked at daily too. Each who enters
    or leaves sends customer.segment.updated. Temporary customers stand in no segment.
    """
    body = call.body
    segment = segments.create_segment(
        call.scope, name=body["name"], description=body.get("description"), rule=rule_values(body["rule"])
    )
    return Reply(document=segment, headers={"Location": f"/v1/segments/{segment['id']}"})


@endpoint(blueprint, "GET", SEGMENT, scope="customers:read", area="customers", returns=SegmentOut)
def read_segment(call: Call, segment_id: str) -> Document:
    """Read one segment."""
    return segments.get_segment(call.scope, segment_id=segment_id)


@endpoint(blueprint, "PATCH", SEGMENT, scope="customers:write", area="customers", body=SegmentPatch, returns=SegmentOut)
def change_segment(call: Call, segment_id: str) -> Document:
    """Change a segment. A new rule replaces the old one whole, and members are found anew."""
    changes = {name: value for name, value in call.body.items() if name != "version"}
    if "rule" in changes:
        changes["rule"] = rule_values(changes["rule"])
    return segments.change_segment(
        call.scope, segment_id=segment_id, expected_version=expected_version(call), **changes
    )


@endpoint(blueprint, "DELETE", SEGMENT, scope="customers:write", area="customers", status=204)
def delete_segment(call: Call, segment_id: str) -> Reply:
    """Delete a segment. Its members leave it, with an event each."""
    segments.delete_segment(call.scope, segment_id=segment_id)
    return Reply()


@endpoint(
    blueprint, "GET", f"{SEGMENT}/customers", scope="customers:read", area="customers", query=PageQuery,
    returns=CustomerDetailOut, is_list=True,
)  # fmt: skip
def list_segment_customers(call: Call, segment_id: str) -> Reply:
    """List the customers of a segment, newest first."""
    segments.get_segment(call.scope, segment_id=segment_id)
    rows = list_guests(call.scope, limit=call.query["limit"], after=call.after(), segment_id=segment_id)
    return call.page(shown_customers(call, rows), _position)
