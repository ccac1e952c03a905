"""Your account: name, address, password, and the browsers you are signed in with. About the signed-in person and nobody else."""

from flask import render_template
from flask import url_for
from flask_login import current_user
from werkzeug import Response

from accounts.people import profile
from accounts.people import sessions
from accounts.people.service import PreparedPassword
from accounts.people.service import Proof
from accounts.people.service import get_person
from accounts.people.service import normalize_email
from portal import forms
from portal.guesses import address
from portal.guesses import guesses
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page
from portal.passwords import own_proof
from portal.passwords import prepared

Change = tuple[Proof, PreparedPassword]


@page("/account", access=Access.PERSON)
def show_account(visit: Visit) -> str:
    """Everything about the account on one page."""
    return render_template(
        "portal/account/show.html", account=get_person(person_id=visit.member.person_id),
        sessions=sessions.list_sessions(visit.member, token=current_user.token),
    )  # fmt: skip


@page("/account/name", methods=("POST",), access=Access.PERSON, form="show_account")
def change_name(visit: Visit) -> Response:
    """Set the name colleagues see."""
    profile.change_name(visit.member, name=forms.text("name", label="Name", optional=True))
    return forms.done("Your name is saved.", url_for("portal.show_account"))


def check_and_prepare() -> Change:
    """Check the old password and hash the new one."""
    proof = own_proof("old_password")
    return proof, prepared(current_user.member.email)


@page("/account/password", methods=("POST",), access=Access.PERSON, form="show_account", step_up=True,
      before=check_and_prepare)  # fmt: skip
def change_password(visit: Visit, change: Change) -> Response:
    """Set a new password; this session stays, the others end."""
    proof, password = change
    ended = profile.change_password(visit.member, proof=proof, password=password, token=current_user.token)
    others = f" {_sessions(ended)} ended." if ended else ""
    return forms.done(f"Your password was changed.{others}", url_for("portal.show_account"))


def check_move() -> Proof:
    """Check the password, and count the letter to the new address."""
    email = normalize_email(forms.text("email", label="New e-mail", longest=254))
    proof = own_proof("email_password")
    guesses().take_letter(email, ip=address())
    return proof


@page("/account/email", methods=("POST",), access=Access.PERSON, form="show_account", step_up=True, before=check_move)
def ask_to_move(visit: Visit, proof: Proof) -> Response:
    """Write to the new address; the account has the old one until that is confirmed."""
    email = forms.text("email", label="New e-mail", longest=254)
    profile.ask_to_move(visit.member, proof=proof, email=email)
    message = f"Look into the mail of {email}: the letter there has a link that finishes the change."
    return forms.done(message, url_for("portal.show_account"))


@page("/account/sessions/<session_id>/end", methods=("POST",), access=Access.PERSON, form="show_account", step_up=True)
def end_session(visit: Visit, session_id: str) -> Response:
    """End one session; ending this one is logging out."""
    sessions.end_session(visit.member, public_id=session_id)
    return forms.done("The session has ended.", url_for("portal.show_account"))


@page("/account/sessions/end-others", methods=("POST",), access=Access.PERSON, form="show_account", step_up=True)
def end_other_sessions(visit: Visit) -> Response:
    """End all sessions but this one."""
    ended = sessions.end_other_sessions(visit.member, token=current_user.token)
    return forms.done(f"{_sessions(ended)} ended." if ended else "There was no other session.", url_for("portal.show_account"))


def _sessions(count: int) -> str:
    return "One other session has" if count == 1 else f"{count} other sessions have"
