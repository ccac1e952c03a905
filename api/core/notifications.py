"""Notices to staff in the Core API."""

from api.core.blueprint import blueprint
from api.core.naming import named
from api.core.notification_schemas import NotificationIn
from api.core.notification_schemas import NotificationOut
from api.core.notification_schemas import NotificationPatch
from api.core.notification_schemas import NotificationQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.notifications import service as notifications
from kit.documents import Document

NOTIFICATION = "/notifications/<notification_id>"


@endpoint(
    blueprint, "GET", "/notifications", scope="notifications:read", area="locations", query=NotificationQuery,
    returns=NotificationOut, is_list=True,
)  # fmt: skip
def list_notifications(call: Call) -> Reply:
    """List notices to staff, newest first, of one location or all."""
    query = call.query
    rows = notifications.list_notices(
        call.scope, limit=query["limit"], after=call.after(), location_id=query.get("location_id"), kind=query.get("kind"),
        is_read=query["read"] == "true" if "read" in query else None, ref=named(call, "notification"),
    )  # fmt: skip
    return call.page(rows, lambda notice: [notice["created_at"], notice["id"]])


@endpoint(
    blueprint, "POST", "/notifications", scope="notifications:write", area="locations", body=NotificationIn,
    returns=NotificationOut, status=201,
)  # fmt: skip
def create_notification(call: Call) -> Reply:
    """Send a notice to the staff of a location, or of all locations.

    Staff also get notices of new orders and reservations; those have events of their own.
    """
    notice = notifications.create_notice(call.scope, **call.body)
    return Reply(document=notice, headers={"Location": f"/v1/notifications/{notice['id']}"})


@endpoint(blueprint, "GET", NOTIFICATION, scope="notifications:read", area="locations", returns=NotificationOut)
def read_notification(call: Call, notification_id: str) -> Document:
    """Read one notice to staff."""
    return notifications.get_notice(call.scope, notice_id=notification_id)


@endpoint(
    blueprint, "PATCH", NOTIFICATION, scope="notifications:write", area="locations", body=NotificationPatch,
    returns=NotificationOut,
)  # fmt: skip
def mark_notification(call: Call, notification_id: str) -> Document:
    """Say that a notice was read, or that it was not."""
    return notifications.mark_notice(
        call.scope, notice_id=notification_id, is_read=call.body["is_read"], expected_version=expected_version(call)
    )
