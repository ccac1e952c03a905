"""Whose browser this is: the server-side session behind a request."""

from dataclasses import dataclass

from flask import current_app
from flask import g
from flask_login import LoginManager
from flask_login import current_user

from accounts.organisations.members import Member
from accounts.people.service import Signed
from accounts.people.service import find_session
from kit.clock import now
from kit.unit import control_unit
from portal import keeping

logins = LoginManager()


@dataclass(frozen=True)
class Browser:
    """What Flask-Login keeps as the user: the server-side session and the token that proves it."""

    signed: Signed
    token: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    @property
    def member(self) -> Member:
        return self.signed.member

    @property
    def is_fresh(self) -> bool:
        """Whether the person has shown lately who they are."""
        return now() - self.signed.proved_at < keeping.FRESH

    @property
    def is_lacking(self) -> bool:
        """Whether the person has no second factor and needs one: to run the platform, or for their organisation."""
        return self.signed.is_lacking or (self.member.is_operator and self.is_lacking_live)

    @property
    def is_lacking_live(self) -> bool:
        """Whether restaurants that do business stay closed to the person for want of a second factor. The sandbox does not."""
        return bool(current_app.config["IS_PRODUCTION"]) and not self.signed.has_factor

    def is_kept_from(self, place: str) -> bool:
        """Whether a page of this environment ("live", "sandbox", or "" for neither) waits for the person's second factor."""
        return self.is_lacking or (place == "live" and self.is_lacking_live)

    def get_id(self) -> str:
        return self.token


def member_of_request() -> Member | None:
    """The person signed in with this request's cookie, or None."""
    return current_user.member if current_user and current_user.is_authenticated else None


def browser_of_request() -> Browser | None:
    """The browser whose session this request belongs to, or None."""
    return current_user._get_current_object() if current_user and current_user.is_authenticated else None  # noqa: SLF001 - the proxy's one way


def known_member() -> Member | None:
    """The signed-in person if this request has already found out; asks no database, so error pages may use it."""
    browser = g.get("_login_user")
    return browser.member if isinstance(browser, Browser) else None


@logins.user_loader
def load_browser(token: str) -> Browser | None:
    """The browser of a session token, or None when the session has ended."""
    with control_unit(writes=False):
        signed = find_session(token)
    return Browser(signed, token) if signed else None
