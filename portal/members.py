"""The people of an organisation: roles, invitations, handing it over, leaving, and what each role may do."""

from flask import render_template
from flask import url_for
from flask_login import current_user
from werkzeug import Response

from accounts.invitations import service as invitations
from accounts.organisations.models import ROLES
from accounts.organisations.permissions import ROLE_MEANINGS
from accounts.organisations.permissions import groups
from accounts.organisations.service import get_organisation
from accounts.people import memberships
from kit.clock import now
from portal import forms
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page

OFFERED = tuple(reversed(ROLES))  # who presses too soon gives the least


@page("/members", permission="members.read")
def show_members(visit: Visit) -> str:
    """Who belongs to the organisation and who is invited, with the forms of those who may change that."""
    colleagues = memberships.list_members(visit.member)
    return render_template(
        "portal/members/list.html", organisation=get_organisation(visit.member), colleagues=colleagues,
        invited=invitations.list_invitations(visit.member), at=now(), days=invitations.LASTS.days,
        roles=[(role, f"{role.capitalize()}: {ROLE_MEANINGS[role]}") for role in OFFERED], names=ROLES,
        heirs=[(one.person_id, one.email) for one in colleagues if one.person_id != visit.member.person_id],
        owners=sum(one.role == "owner" for one in colleagues),
    )  # fmt: skip


@page("/members/invitations", methods=("POST",), permission="members.invite", form="show_members", step_up=True)
def invite_person(visit: Visit) -> Response:
    """Invite an address with a role."""
    invitation = invitations.invite(
        visit.member, email=forms.text("email", label="E-mail", longest=254), role=forms.choice("role", ROLES, label="Role")
    )
    return forms.done(f"{invitation.email} gets a mail with a link that works for {invitations.LASTS.days} days.", _home())


@page(
    "/members/invitations/<invitation_id>/send", methods=("POST",), permission="members.invite", form="show_members",
    step_up=True,
)  # fmt: skip
def send_invitation_again(visit: Visit, invitation_id: str) -> Response:
    """Send the mail again, with a new link."""
    invitation = invitations.send_again(visit.member, invitation_id=invitation_id)
    return forms.done(f"{invitation.email} gets a new link. The older one no longer works.", _home())


@page("/members/invitations/<invitation_id>/withdraw", methods=("POST",), permission="members.invite", form="show_members")
def withdraw_invitation(visit: Visit, invitation_id: str) -> Response:
    """End an invitation before it is accepted."""
    invitation = invitations.withdraw(visit.member, invitation_id=invitation_id)
    return forms.done(f"The invitation of {invitation.email} was withdrawn. Its link no longer works.", _home())


@page("/members/<person_id>/role", methods=("POST",), permission="members.write", form="show_members", step_up=True)
def change_member_role(visit: Visit, person_id: str) -> Response:
    """Give a member another role."""
    changed = memberships.change_role(visit.member, person_id=person_id, role=forms.choice("role", ROLES, label="Role"))
    return forms.done(f"Saved. The role is {changed.role} from their next page on.", _home())


@page("/members/<person_id>/remove", methods=("POST",), permission="members.write", form="show_members", step_up=True)
def remove_member(visit: Visit, person_id: str) -> Response:
    """Take a person out of the organisation and end their sessions."""
    memberships.remove_member(visit.member, person_id=person_id)
    return forms.done("Removed. Their sessions have ended; credentials of the applications go on.", _home())


@page("/members/transfer", methods=("POST",), permission="ownership.transfer", form="show_members", step_up=True)
def transfer_ownership(visit: Visit) -> Response:
    """Hand the organisation over to another member."""
    heir = memberships.transfer_ownership(
        visit.member, person_id=forms.text("person_id", label="New owner", longest=40),
        confirmation=forms.text("confirmation", label="The organisation's name"),
    )  # fmt: skip
    return forms.done(f"{heir.email} is an owner now, and you are a developer.", _home())


@page("/members/leave", methods=("POST",), permission="members.leave", form="show_members", step_up=True)
def leave_organisation(visit: Visit) -> Response:
    """Leave the organisation."""
    name = get_organisation(visit.member).name
    if forms.text("word", label="The word leave", longest=20).lower() != "leave":
        raise forms.refuse("word", "Type the word leave to confirm.")
    memberships.leave(visit.member)
    return forms.done(f"You have left {name}.", url_for("portal.show_organisations", application=None))


@page("/members/permissions", permission="members.read")
def show_permissions(visit: Visit) -> str:
    """What each role may do, with the reader's own marked."""
    return render_template(
        "portal/members/permissions.html", groups=groups(), roles=ROLES, meanings=ROLE_MEANINGS, own=visit.member.role
    )


@page("/organisations", access=Access.PERSON, needs_factor=False)
def show_organisations(visit: Visit) -> str:
    """The organisations a person belongs to, and which of them they act in."""
    found = memberships.list_organisations(person_id=visit.member.person_id)
    return render_template("portal/members/organisations.html", organisations=found, own=visit.member.organisation_id)


@page(
    "/organisations/<organisation_id>/choose", methods=("POST",), access=Access.PERSON, needs_factor=False,
    form="show_organisations",
)  # fmt: skip
def choose_organisation(visit: Visit, organisation_id: str) -> Response:
    """Act in another organisation from now on, in this browser."""
    chosen = memberships.choose_organisation(
        visit.member, session_token=current_user.token, organisation_id=organisation_id
    )
    return forms.done(f"You act in {chosen.name} now.", url_for("portal.show_dashboard", environment="sandbox", application=None))


def _home() -> str:
    return url_for("portal.show_members")
