"""Showing who one is: the second step of logging in, logging in with a passkey, and once more before something that matters.

Every try is counted before it is checked, as with passwords.
"""

from functools import partial

from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from flask_login import login_user
from werkzeug import Response

from accounts.factors import passkeys
from accounts.factors.passkeys import RelyingParty
from accounts.factors.passkeys import relying_party
from accounts.factors.proofs import PASSKEY
from accounts.factors.proofs import PASSWORD
from accounts.factors.proofs import RECOVERY
from accounts.factors.proofs import TOTP
from accounts.factors.proofs import Proven
from accounts.factors.proofs import accept
from accounts.factors.proofs import check
from accounts.factors.proofs import look_up
from accounts.factors.proofs import ways_of
from accounts.factors.signing_in import find_waiting
from accounts.factors.signing_in import finish_sign_in
from accounts.factors.signing_in import sign_in_with
from accounts.organisations.members import Member
from accounts.people.service import renew_session
from kit.errors import Forbidden
from kit.errors import NotFound
from kit.unit import control
from portal import forms
from portal import keeping
from portal.browsers import Browser
from portal.browsers import browser_of_request
from portal.entry import WAITING
from portal.entry import agent
from portal.entry import enter
from portal.entry import first_page
from portal.entry import guesses
from portal.pages import Access
from portal.pages import Visit
from portal.pages import current_url
from portal.pages import looked_up
from portal.pages import page
from portal.pages import settled
from portal.passwords import own_proof

ASKED = "asked"  # where the browser keeps the token of the challenge its passkey is to answer
LONGEST = 128
LONGEST_ANSWER = passkeys.LONGEST_ANSWER


@page("/login/factor", access=Access.PUBLIC)
def show_second_factor(visit: Visit) -> str | Response:
    """The second step of logging in."""
    if visit.person is not None:
        return redirect(first_page(visit.person))
    person = find_waiting(session.get(WAITING, ""))
    return render_template(
        "portal/security/second.html", ways=ways_of(person.id), next=forms.local_path(request.values.get("next"), ""),
        party=relying_party(current_url("")), email=person.email_as_typed,
    )  # fmt: skip


def prove_second() -> Proven:
    """Check the second factor of whoever has just known their password."""
    return _proof(looked_up(find_waiting, token=session.get(WAITING, "")).id)


@page("/login/factor", methods=("POST",), access=Access.PUBLIC, form="show_second_factor", before=prove_second)
def enter_with_factor(visit: Visit, proven: Proven) -> Response:
    """Open the session that the password alone did not."""
    ip = request.remote_addr or ""
    return _entered(finish_sign_in(session[WAITING], proven, ip=ip, user_agent=agent()), proven)


def prove_by_passkey() -> Proven:
    """Check the passkey of whoever is there."""
    return _passkey_proof("")


@page("/login/passkey", methods=("POST",), access=Access.PUBLIC, form="show_login", before=prove_by_passkey)
def enter_with_passkey(visit: Visit, proven: Proven) -> Response:
    """Log in with a passkey, which says who it is and stands for both factors."""
    return _entered(sign_in_with(proven, ip=request.remote_addr or "", user_agent=agent()), proven)


@page("/confirm", access=Access.PERSON, needs_factor=False)
def show_confirm(visit: Visit) -> str:
    """Ask who is there, before something that matters."""
    return render_template(
        "portal/security/confirm.html", ways=ways_of(visit.member.person_id), kept=request.values.get(keeping.KEPT, ""),
        party=relying_party(current_url("")),
    )  # fmt: skip


def prove_again() -> Proven:
    """Check all that logging in asks of the person whose session this is: a code counts with the password only."""
    if request.form.get("by") in (TOTP, RECOVERY):
        own_proof("password")
    return _proof(_browser().member.person_id)


@page("/confirm", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_confirm", before=prove_again)
def confirm(visit: Visit, proven: Proven) -> Response:
    """Count the session as fresh and go back to the form, which still has what was typed."""
    browser = _browser()
    accept(proven)
    token = renew_session(browser.token, proved_by=proven.by)
    keeping.follow_session(old=browser.token, new=token)
    login_user(Browser(browser.signed, token))
    control().after_commit.append(partial(guesses().forget, _counted_as(proven.person_id)))
    kept = keeping.find_post(token=request.form.get(keeping.KEPT, ""), session_token=token)
    return redirect(kept.address if kept else url_for("portal.show_security"), 303)


@page("/passkeys/ask/<any(login, second, confirm, add):purpose>", methods=("POST",), access=Access.PUBLIC)
def ask_passkey(visit: Visit, purpose: str) -> Response:
    """A challenge for the browser's passkey, as JSON. Whom it is made for follows from what the page is about."""
    party = _party()
    if purpose == "login":
        asked = passkeys.ask_to_prove(party)
    elif purpose == "second":
        asked = passkeys.ask_to_prove(party, person_id=find_waiting(session.get(WAITING, "")).id)
    elif purpose == "confirm":
        asked = passkeys.ask_to_prove(party, person_id=_browser().member.person_id)
    else:
        asked = passkeys.ask_to_enrol(party, person_id=_fresh().person_id, email=_fresh().email)
    session[ASKED] = asked.token
    response = Response(asked.options, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def answered(person_id: str = "") -> tuple[RelyingParty, str, bytes]:
    """What a passkey answered: whom it was asked for, its answer, and the challenge, which is used up by asking for it."""
    answer = forms.text("answer", label="The answer of your passkey", longest=LONGEST_ANSWER)
    return _party(), answer, settled(passkeys.take_challenge, token=session.pop(ASKED, ""), person_id=person_id)


def _proof(person_id: str) -> Proven:
    by = forms.choice("by", (TOTP, PASSKEY, RECOVERY, PASSWORD), label="How")
    if by == PASSKEY:
        return _passkey_proof(person_id)
    typed = forms.text(by, label="Password" if by == PASSWORD else "Code", longest=LONGEST)
    guesses().take(_counted_as(person_id))
    return check(looked_up(look_up, person_id=person_id, by=by, text=typed))


def _passkey_proof(person_id: str) -> Proven:
    party, answer, challenge = answered(person_id)
    shown = looked_up(passkeys.check_passkey, party=party, answer=answer, challenge=challenge, person_id=person_id)
    return Proven(shown.person_id, PASSKEY, passkey=shown)


def _entered(token: str, proven: Proven) -> Response:
    member = enter(token)
    control().after_commit.append(partial(guesses().forget, _counted_as(member.person_id)))
    if proven.by == RECOVERY:
        return forms.done("A recovery code let you in, and is used up. Look at what else does.", url_for("portal.show_security"))
    return redirect(forms.local_path(request.form.get("next"), "") or first_page(member))


def _counted_as(person_id: str) -> str:
    """What the tries to prove a person's second factor are counted under."""
    return f"factor of {person_id}"


def _browser() -> Browser:
    browser = browser_of_request()
    if browser is None:
        raise NotFound("Nobody is signed in here.")
    return browser


def _fresh() -> Member:
    """Who is there, if they have shown it lately. The script that asks sends its form then, and the door asks."""
    if not _browser().is_fresh:
        raise Forbidden("Confirm first that it is you.")
    return _browser().member


def _party() -> RelyingParty:
    party = relying_party(current_url(""))
    if party is None:
        raise NotFound("Passkeys need a domain name, and this installation has none.")
    return party
