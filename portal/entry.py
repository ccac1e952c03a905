"""Sign-up, log-in and log-out. The browser holds a random token; who it stands for is kept in the control plane.

Whoever has a second factor is asked for it by portal.proving before there is a session.
"""

from functools import partial

from flask import Response
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from flask_login import current_user
from flask_login import login_user
from flask_login import logout_user

from accounts.factors.passkeys import relying_party
from accounts.factors.signing_in import begin_sign_in
from accounts.people import service as people
from accounts.people.errors import EmailTaken
from accounts.people.service import Member
from accounts.people.service import PreparedPassword
from accounts.people.service import Proof
from accounts.signup import service as signup
from kit.errors import Unauthenticated
from kit.unit import control
from portal import forms
from portal import secrets_once
from portal.browsers import Browser
from portal.guesses import address
from portal.guesses import guesses
from portal.pages import Access
from portal.pages import Visit
from portal.pages import current_url
from portal.pages import looked_up
from portal.pages import page
from portal.passwords import prepared
from portal.passwords import proof_of
from sandbox.provision import provision

AGENT_CHARS = 200
WAITING = "waiting"  # where the browser keeps the token of a sign-in that waits for its second factor


@page("/signup", access=Access.PUBLIC)
def show_signup(visit: Visit) -> str | Response:
    """The three fields that lead to a sandbox."""
    return _unless_signed_in(visit, "portal/entry/signup.html")


def prepare_password() -> PreparedPassword:
    """Hash the new password while no transaction is open.

    Who has an account already is told so, because a new one works at once: only a few times, then nobody there may sign up.
    """
    email = forms.text("email", label="E-mail", longest=254)
    guesses().ensure_few_taken(ip=address())
    if looked_up(people.is_taken, email=email):
        guesses().take_taken(ip=address())
        raise EmailTaken
    return prepared(email)


@page("/signup", methods=("POST",), access=Access.PUBLIC, form="show_signup", before=prepare_password)
def sign_up(visit: Visit, password: PreparedPassword) -> Response:
    """Create the account and its first application; the sandbox is built as soon as that is committed."""
    made = signup.sign_up(
        email=forms.text("email", label="E-mail", longest=254),
        password=password,
        organisation_name=forms.text("company", label="Company"),
        ip=address(),
        user_agent=agent(),
    )
    control().after_commit.append(lambda: provision(made.tenant_id))
    enter(made.session_token)
    secrets_once.put("start", key=made.api_key)
    secrets_once.lend_to_console(made.api_key, made.member.person_id)
    return _redirect(url_for("portal.show_start"))


@page("/login", access=Access.PUBLIC)
def show_login(visit: Visit) -> str | Response:
    """E-mail and password."""
    return _unless_signed_in(visit, "portal/entry/login.html")


def check_password() -> Proof:
    """Count the try, then check the password while no transaction is open."""
    return proof_of(forms.text("email", label="E-mail", longest=254), request.form.get("password", ""))


@page("/login", methods=("POST",), access=Access.PUBLIC, form="show_login", before=check_password)
def log_in(visit: Visit, proof: Proof) -> Response:
    """Open a session and go where the reader wanted to go; by way of the second factor, if there is one."""
    person = people.recognise(proof)
    wanted = forms.local_path(request.values.get("next"), "")
    control().after_commit.append(partial(guesses().forget, person.email, ip=address()))
    if person.has_factor:
        end_session_here()
        session.clear()
        session[WAITING] = begin_sign_in(person)
        return _redirect(url_for("portal.show_second_factor", next=wanted or None))
    member = enter(people.open_session(proof, ip=address(), user_agent=agent()))
    return _redirect(wanted or first_page(member))


@page("/logout", methods=("POST",), access=Access.PUBLIC)
def log_out(visit: Visit) -> Response:
    """End the session on the server, so that a copied cookie is worth nothing, and empty the browser's."""
    end_session_here()
    logout_user()
    session.clear()
    return _redirect(url_for("portal.show_home"))


def _unless_signed_in(visit: Visit, template: str) -> str | Response:
    if visit.person is not None:
        return _redirect(first_page(visit.person))
    party = relying_party(current_url(""))
    return render_template(template, next=forms.local_path(request.values.get("next"), ""), party=party)


def enter(token: str) -> Member:
    """Start this browser's session from nothing: what an attacker may have planted before is gone."""
    signed = people.find_session(token)
    if signed is None:
        raise Unauthenticated("The session ended at once. Try again.")
    end_session_here()
    session.clear()
    login_user(Browser(signed, token))
    return signed.member


def end_session_here() -> None:
    """End the session this browser has, on the server: what is about to take its place does not leave it open."""
    if current_user.is_authenticated:
        people.log_out(current_user.token)


def first_page(member: Member) -> str:
    """Where somebody begins who wanted to go nowhere in particular."""
    if not member.organisation_id:
        return url_for("portal.show_queue")
    return url_for("portal.show_dashboard", environment="sandbox")


def agent() -> str:
    """What the browser calls itself, cut to what a session keeps."""
    return (request.user_agent.string or "")[:AGENT_CHARS]


def _redirect(location: str) -> Response:
    return redirect(location)  # type: ignore[return-value]
