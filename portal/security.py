"""Sign-in and security: a person's own second factors, and whether their organisation asks for one."""

import segno
from flask import redirect
from flask import render_template
from flask import url_for
from werkzeug import Response

from accounts.factors import recovery
from accounts.factors import service as factors
from accounts.factors import totp
from accounts.factors.passkeys import RelyingParty
from accounts.factors.passkeys import relying_party
from accounts.factors.recovery import PreparedCodes
from accounts.factors.recovery import prepare_codes
from accounts.organisations.permissions import may
from portal import forms
from portal import secrets_once
from portal.browsers import browser_of_request
from portal.browsers import member_of_request
from portal.pages import Access
from portal.pages import Visit
from portal.pages import current_url
from portal.pages import looked_up
from portal.pages import page
from portal.proving import answered

CODES = "recovery codes"  # purpose under which new codes travel to the page that shows them


@page("/security", access=Access.PERSON, needs_factor=False)
def show_security(visit: Visit) -> str:
    """What opens the reader's account besides the password."""
    found, browser = factors.overview(visit.member), browser_of_request()
    return render_template(
        "portal/security/show.html", factors=found, party=relying_party(current_url("")),
        picture=_picture(found.enrolment.uri) if found.enrolment else "", is_lacking=browser is not None and browser.is_lacking,
        is_lacking_live=browser is not None and browser.is_lacking_live,
        codes=secrets_once.take(CODES).get("codes", "").split(), most_codes=recovery.COUNT,
        requirement=factors.requirement_of(visit.member) if may(visit.member, "security.require") else None,
    )  # fmt: skip


@page("/security/app", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security", step_up=True)
def begin_app(visit: Visit) -> Response:
    """Make the key that an authenticator app needs, and show it."""
    factors.begin_app(visit.member)
    return redirect(_home("app"))


@page("/security/app/cancel", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security")
def cancel_app(visit: Visit) -> Response:
    """Leave off setting up an app."""
    factors.cancel_app(visit.member)
    return redirect(_home("app"))


def check_first_code() -> PreparedCodes | None:
    """See that the app gave a right code, before anything slow is done for it."""
    looked_up(totp.check_enrolment, person_id=_person_id(), code=_code())
    return _first_codes()


@page("/security/app/finish", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security",
      before=check_first_code)  # fmt: skip
def finish_app(visit: Visit, codes: PreparedCodes | None) -> Response:
    """Let the app count, now that it gave a right code."""
    factors.finish_app(visit.member, code=_code(), codes=codes)
    return _with_codes(codes, "Your authenticator app is set up.")


@page("/security/app/remove", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security", step_up=True)
def remove_app(visit: Visit) -> Response:
    """Stop taking codes of the app."""
    factors.remove_app(visit.member)
    return forms.done("The authenticator app was removed.", _home("app"))


def take_answer() -> tuple[RelyingParty, str, bytes, PreparedCodes | None]:
    """What the new passkey answered, and recovery codes for whoever has none yet."""
    party, answer, challenge = answered(_person_id())
    return party, answer, challenge, _first_codes()


@page("/security/passkeys", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security", step_up=True,
      before=take_answer)  # fmt: skip
def add_passkey(visit: Visit, answer: tuple[RelyingParty, str, bytes, PreparedCodes | None]) -> Response:
    """Keep a new passkey."""
    party, said, challenge, codes = answer
    name = forms.text("name", label="Name", longest=80)
    factors.add_passkey(visit.member, party=party, name=name, answer=said, challenge=challenge, codes=codes)
    return _with_codes(codes, f"{name} signs you in from now on.")


@page("/security/passkeys/<passkey_id>/remove", methods=("POST",), access=Access.PERSON, needs_factor=False,
      form="show_security", step_up=True)  # fmt: skip
def remove_passkey(visit: Visit, passkey_id: str) -> Response:
    """Stop taking a passkey."""
    removed = factors.remove_passkey(visit.member, passkey_id=passkey_id)
    return forms.done(f"{removed.name} was removed. It no longer signs you in.", _home("passkeys"))


@page("/security/codes", methods=("POST",), access=Access.PERSON, needs_factor=False, form="show_security", step_up=True,
      before=prepare_codes)  # fmt: skip
def renew_codes(visit: Visit, codes: PreparedCodes) -> Response:
    """Replace the recovery codes and show the new ones once."""
    factors.renew_codes(visit.member, codes=codes)
    return _with_codes(codes, "You have new recovery codes. The old ones are worth nothing now.")


@page("/security/requirement", methods=("POST",), permission="security.require", form="show_security", step_up=True)
def require_factor(visit: Visit) -> Response:
    """Ask everybody of the organisation for a second factor, or no longer."""
    is_required = forms.choice("is_required", ("yes", "no"), label="Second factor") == "yes"
    factors.require_factor(visit.member, is_required=is_required)
    said = "From now on everybody needs a second factor." if is_required else "A second factor is up to each member again."
    return forms.done(said, _home("everybody"))


def _person_id() -> str:
    member = member_of_request()
    return member.person_id if member else ""


def _code() -> str:
    return forms.text("code", label="Code", longest=20)


def _first_codes() -> PreparedCodes | None:
    """Recovery codes for whoever has none yet, hashed while no transaction is open."""
    return None if looked_up(recovery.count_codes, person_id=_person_id()) else prepare_codes()


def _with_codes(codes: PreparedCodes | None, said: str) -> Response:
    if codes is not None:
        secrets_once.put(CODES, codes=" ".join(codes.texts))
    return forms.done(said, url_for("portal.show_security"))


def _home(part: str) -> str:
    return url_for("portal.show_security", _anchor=part)


def _picture(uri: str) -> str:
    """The address as a QR code: an SVG in a data: address. Dark on light whatever the theme, as cameras want it."""
    code = segno.make(uri, error="m", micro=False)
    return str(code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))
