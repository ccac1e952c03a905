"""Notices of the organisation: what the platform has to tell it, newest first."""

from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.notices import service as notices
from portal import forms
from portal.pages import Visit
from portal.pages import page
from portal.paging import PAGE_ROWS
from portal.paging import position
from portal.paging import sheet


@page("/notices", permission="notices.read")
def show_notices(visit: Visit) -> str:
    """Everything the organisation was told in the last year."""
    found = notices.list_notices(visit.member, limit=PAGE_ROWS, after=position(visit.member, "notices"))
    names = {application.id: application.name for application in visit.applications}
    return render_template(
        "portal/notices/list.html", sheet=sheet(visit.member, "notices", found, sort="created_at"), names=names
    )


@page("/notices/read", methods=("POST",), permission="notices.write", form="show_notices")
def mark_notices_read(visit: Visit) -> Response:
    """Mark all of them as read."""
    count = notices.mark_all_read(visit.member)
    return forms.done("Everything is read." if count else "There was nothing unread.", url_for("portal.show_notices"))


@page("/notices/<notice_id>/read", methods=("POST",), permission="notices.write")
def mark_notice_read(visit: Visit, notice_id: str) -> Response:
    """Mark one as read."""
    notices.mark_read(visit.member, notice_id=notice_id)
    return forms.done("Marked as read.", url_for("portal.show_notices"))
