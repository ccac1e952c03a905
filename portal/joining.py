"""What the link of an invitation opens: joining an organisation, with the account one has or with a new one."""

from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask_login import current_user
from werkzeug import Response

from accounts.invitations import service as invitations
from accounts.organisations.permissions import ROLE_MEANINGS
from accounts.people import memberships
from accounts.people import service as people
from accounts.people.service import PreparedPassword
from portal import forms
from portal.entry import agent
from portal.entry import enter
from portal.pages import Access
from portal.pages import Visit
from portal.pages import looked_up
from portal.pages import page


@page("/join/<token>", access=Access.PUBLIC)
def show_invitation(visit: Visit, token: str) -> str:
    """Who invites whom to what; then the one step that fits: join, log in, log out first, or make an account."""
    invited = invitations.get_invited(token=token)
    return render_template("portal/members/join.html", invited=invited, token=token, meaning=ROLE_MEANINGS[invited.role])


@page("/join/<token>", methods=("POST",), access=Access.PUBLIC, form="show_invitation")
def accept_invitation(visit: Visit, token: str) -> Response:
    """Join as the person who is signed in, and act in the organisation from now on."""
    if visit.person is None:
        return redirect(url_for("portal.show_login", next=url_for("portal.show_invitation", token=token)))
    joined = invitations.accept(visit.person, token=token)
    chosen = memberships.choose_organisation(
        joined, session_token=current_user.token, organisation_id=joined.organisation_id
    )
    return forms.done(f"You belong to {chosen.name} now, as {chosen.role}.", _dashboard())


def prepare_password() -> PreparedPassword:
    """Hash the new password while no transaction is open. Raises NotFound for a link that does not work."""
    invited = looked_up(invitations.get_invited, token=(request.view_args or {})["token"])
    return people.prepare_password(email=invited.email, password=request.form.get("password", ""))


@page("/join/<token>/account", methods=("POST",), access=Access.PUBLIC, form="show_invitation", before=prepare_password)
def join_with_new_account(visit: Visit, password: PreparedPassword, token: str) -> Response:
    """Make the account of the invited address and sign it in."""
    joined = invitations.accept_as_new(
        token=token, name=forms.text("name", label="Name", optional=True), password=password
    )
    enter(people.start_session(joined.person_id, request.remote_addr or "", agent()))
    return forms.done(f"Welcome. You have the role {joined.role}.", _dashboard())


def _dashboard() -> str:
    return url_for("portal.show_dashboard", environment="sandbox", application=None)
