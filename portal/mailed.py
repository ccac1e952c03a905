"""Pages that links in mails lead to, and those that ask for such a mail.

A link is opened by a person and by programs that look through mails for danger, so opening one changes nothing: a button does.
Whoever asks for a mail learns nothing about the address.
"""

from functools import partial

from flask import render_template
from flask import request
from flask import url_for
from werkzeug import Response

from accounts.people import confirming
from accounts.people import profile
from accounts.people import recovering
from accounts.people.service import PreparedPassword
from accounts.people.service import normalize_email
from kit.unit import control
from portal import forms
from portal.browsers import member_of_request
from portal.guesses import address
from portal.guesses import guesses
from portal.pages import Access
from portal.pages import Visit
from portal.pages import looked_up
from portal.pages import page
from portal.passwords import prepared

ASKED = "Look into your mail: a letter is on its way to {}. It comes within minutes; look among the unwanted ones as well."


@page("/confirm/<token>", access=Access.PUBLIC)
def show_confirmation(visit: Visit, token: str) -> str:
    """The button that confirms an address."""
    return render_template("portal/mailed/confirm.html", address=confirming.find_address(token=token), token=token)


@page("/confirm/<token>", methods=("POST",), access=Access.PUBLIC, form="show_confirmation")
def confirm_address(visit: Visit, token: str) -> Response:
    """Note that the address is theirs. It signs nobody in."""
    person = confirming.confirm_address(token=token)
    return _on_with(visit, f"{person.email_as_typed} is confirmed.")


def count_own_letter() -> None:
    """Count a letter to the signed-in person's own address."""
    member = member_of_request()
    if member is not None:
        guesses().take_letter(member.email, ip=address())


@page("/account/confirmation", methods=("POST",), access=Access.PERSON, before=count_own_letter)
def send_confirmation(visit: Visit, _: None) -> Response:
    """Send the letter that asks to confirm the address once more."""
    confirming.send_confirmation(person_id=visit.member.person_id)
    back = forms.local_path(request.form.get("next"), url_for("portal.show_account"))
    return forms.done(ASKED.format(visit.member.email), back)


@page("/password/forgotten", access=Access.PUBLIC)
def show_forgotten(visit: Visit) -> str:
    """The address of the account whose password is forgotten."""
    return render_template("portal/mailed/forgotten.html")


def count_letter() -> str:
    """Count a letter to the address that was typed, and return it. Raises Invalid (422) for what is no address."""
    email = normalize_email(forms.text("email", label="E-mail", longest=254))
    guesses().take_letter(email, ip=address())
    return email


@page("/password/forgotten", methods=("POST",), access=Access.PUBLIC, form="show_forgotten", before=count_letter)
def ask_for_reset(visit: Visit, email: str) -> Response:
    """Send the letter. The answer is the same whether the address has an account or not."""
    recovering.ask_for_reset(email=email)
    return forms.done(ASKED.format(email), url_for("portal.show_forgotten"))


@page("/password/reset/<token>", access=Access.PUBLIC)
def show_reset(visit: Visit, token: str) -> str:
    """The field for the new password."""
    return render_template("portal/mailed/reset.html", address=recovering.find_address(token=token), token=token)


def prepare_reset() -> PreparedPassword:
    """Hash the new password for the account the link is for. Raises LinkOver (410), Invalid (422)."""
    return prepared(looked_up(recovering.find_address, token=(request.view_args or {})["token"]))


@page("/password/reset/<token>", methods=("POST",), access=Access.PUBLIC, form="show_reset", before=prepare_reset)
def reset_password(visit: Visit, password: PreparedPassword, token: str) -> Response:
    """Set the new password and end every session. Signing in follows, with whatever it takes besides the password."""
    person = recovering.reset_password(token=token, password=password)
    control().after_commit.append(partial(guesses().forget, person.email, ip=address()))
    message = "Your password was changed and all sessions have ended. Log in with the new one."
    return forms.done(message, url_for("portal.show_login"))


@page("/account/move/<token>", access=Access.PUBLIC)
def show_move(visit: Visit, token: str) -> str:
    """The button that gives an account another address."""
    return render_template("portal/mailed/move.html", address=profile.find_new_address(token=token), token=token)


@page("/account/move/<token>", methods=("POST",), access=Access.PUBLIC, form="show_move")
def move_address(visit: Visit, token: str) -> Response:
    """Give the account its new address; sessions stay."""
    person = profile.move_address(token=token)
    return _on_with(visit, f"From now on you log in with {person.email_as_typed}.")


def _on_with(visit: Visit, message: str) -> Response:
    """Say what happened where the reader can go on: on their account page, or on the login page of this browser."""
    return forms.done(message, url_for("portal.show_account" if visit.person else "portal.show_login"))
