"""The HTML edge for people. Views live one file per section and reach everything through `portal.pages.page`."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask
from flask import current_app
from flask import g
from flask import request
from flask import url_for
from flask_limiter import Limiter

from accounts.organisations import permissions
from kit.settings import Settings
from portal import account
from portal import admin
from portal import applications
from portal import audit
from portal import clients
from portal import consent
from portal import dashboard
from portal import data
from portal import devices
from portal import entry
from portal import home
from portal import inbox
from portal import joining
from portal import keys
from portal import logs
from portal import mailed
from portal import mails
from portal import members
from portal import notices
from portal import pairing
from portal import partners
from portal import plan
from portal import proving
from portal import redelivery
from portal import security
from portal import start
from portal import tiers
from portal import usage
from portal import webhooks
from portal.browsers import known_member
from portal.browsers import logins
from portal.docs import pages as docs
from portal.failures import error_page
from portal.filters import FILTERS
from portal.guesses import Guesses
from portal.guesses import guesser
from portal.headers import secure
from portal.home import THEME_COOKIE
from portal.home import THEMES
from portal.nav import DOCS
from portal.nav import sections
from portal.nav import twin
from portal.pages import blueprint
from portal.pages import csrf
from portal.pages import may_open

SECTIONS = (
    home, entry, mailed, proving, account, security, start, dashboard, applications, keys, clients, consent, webhooks, redelivery,
    inbox, logs, data, usage, plan, pairing, devices, notices, audit, members, joining, admin, partners, tiers, mails, docs,
)
SIGN_IN_LIMIT = "10 per minute"  # of one guesser, whatever accounts the tries are for
HOURLY = {"portal.log_in": "; 100 per hour", "portal.sign_up": "; 30 per hour"}
LIMITED = (
    "portal.log_in", "portal.sign_up", "portal.enter_with_factor", "portal.enter_with_passkey", "portal.ask_passkey",
    "portal.show_pairing", "portal.look_up_pairing", "portal.decide_pairing", "portal.show_device", "portal.look_up_device",
    "portal.decide_device", "portal.join_with_new_account",
)  # fmt: skip
ASSET_AGE_S = 31_536_000  # an asset's address changes with its content


def register(app: Flask, settings: Settings, limiter: Limiter) -> None:
    """Hang the portal into the application: pages, sessions, CSRF, limits of sign-in, security headers."""
    is_https = settings.public_url.startswith("https://")
    app.config.update(
        PUBLIC_URL=settings.public_url, SESSION_COOKIE_NAME="__Host-tableport" if is_https else "tableport",
        SESSION_COOKIE_SECURE=is_https, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        HAS_MAIL_SERVER=bool(settings.smtp_url), IS_PRODUCTION=settings.is_production,
        WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, SEND_FILE_MAX_AGE_DEFAULT=ASSET_AGE_S,
    )  # fmt: skip
    csrf.init_app(app)
    logins.session_protection = None  # sessions live in the control plane, where they can be ended
    # Not init_app: its hook for remember-me cookies, which we do not use, reads the browser session on every API call.
    app.login_manager = logins  # type: ignore[attr-defined]
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(blueprint)
    app.extensions[Guesses.NAME] = Guesses(limiter)
    for name in LIMITED:
        limit = SIGN_IN_LIMIT + HOURLY.get(name, "")
        app.view_functions[name] = limiter.limit(limit, key_func=guesser)(app.view_functions[name])
    app.context_processor(_surroundings)
    app.after_request(secure)


def _surroundings() -> dict[str, Any]:
    """What every template can use."""
    visit = g.get("visit")
    theme = request.cookies.get(THEME_COOKIE, "")
    view = g.get("view", "")
    place = visit.place if visit else "sandbox"
    person = visit.person if visit else known_member()

    def opens(view_name: str) -> bool:
        return may_open(person, view_name)

    def may(permission: str) -> bool:
        return person is not None and permissions.may(person, permission)

    return {
        "visit": visit, "person": person, "may": may, "opens": opens, "docs": DOCS,
        "sections": [section for section in sections(place) if opens(section.endpoint.removeprefix("portal."))],
        "twin": twin(view, place), "view": view, "theme": theme if theme in THEMES else "", "asset": _asset,
        "here": _here(view), "base_url": current_app.config["PUBLIC_URL"],
    }  # fmt: skip


def _here(view: str) -> str:
    """The address of the page being shown; after a refused post that of its form."""
    if request.method != "POST" or not view:
        return request.full_path.rstrip("?")
    return url_for(f"portal.{view}", **(request.view_args or {}))


_versions: dict[str, str] = {}


def _asset(name: str) -> str:
    """Address of a static file that changes with its content, so browsers may keep it for ever."""
    if name not in _versions:
        path = Path(__file__).parent.parent / "static" / name
        _versions[name] = sha256(path.read_bytes()).hexdigest()[:10]
    return url_for("static", filename=name, v=_versions[name])


__all__ = ["SECTIONS", "error_page", "register"]
