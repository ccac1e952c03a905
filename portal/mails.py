"""The operator's view of the outbox: every mail of the last 30 days, what became of it, and its text.

Mails hold what one partner was told, so nobody else sees this page: not another partner, and nobody who is not signed in.
A mail whose link lets somebody in is shown to no operator; on a developer's own installation this page is where it arrives.
"""

from flask import current_app
from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.mail import service as outbox
from portal import forms
from portal.pages import Visit
from portal.pages import page
from portal.paging import PAGE_ROWS
from portal.paging import position
from portal.paging import sheet

STATES = (("", "All"), ("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed"))


@page("/admin/mails", permission="platform.mails")
def show_mails(visit: Visit) -> str:
    """Mails of all partners, newest first."""
    state = request.args.get("state", "")
    name = f"mails:{state}"
    found = outbox.list_mails(limit=PAGE_ROWS, after=position(visit.member, name), state=state or None)
    return render_template(
        "portal/admin/mails.html", sheet=sheet(visit.member, name, found, sort="created_at"), states=STATES,
        state_filter=state, has_server=current_app.config["HAS_MAIL_SERVER"],
    )  # fmt: skip


@page("/admin/mails/<mail_id>", permission="platform.mails")
def show_mail(visit: Visit, mail_id: str) -> str:
    """One mail as text, and what became of it."""
    mail = outbox.get_mail(mail_id=mail_id)
    text: str | None = mail.text
    if mail.is_secret:
        text = outbox.read_secret(mail) if not current_app.config["IS_PRODUCTION"] else None
    return render_template("portal/admin/mail.html", mail=mail, text=text)


@page("/admin/mails/<mail_id>/send", methods=("POST",), permission="platform.resend", form="show_mail")
def send_mail_again(visit: Visit, mail_id: str) -> Response:
    """Try a mail that was given up once more."""
    outbox.send_again(mail_id=mail_id)
    return forms.done("It is tried again within seconds.", url_for("portal.show_mail", mail_id=mail_id))
