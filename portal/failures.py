"""What people see when a page refuses or breaks. Texts of unknown errors never reach the page; the log has them."""

import logging
from uuid import uuid4

from flask import Response
from flask import make_response
from flask import render_template
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from kit.errors import PlatformError
from portal.browsers import member_of_request
from portal.filters import span

log = logging.getLogger(__name__)

WORDS = {
    400: ("That did not work", "The page sent something we could not read. Go back, reload and try again."),
    401: ("Sign in again", "We do not know any longer who you are. Log in and try again."),
    403: ("Not for this account", "Your role does not include this page."),
    404: ("Nothing here", "The address is wrong, or what it showed belongs to someone else or is gone."),
    405: ("Not that way", "This address does not answer that kind of request."),
    409: ("That no longer fits", "Something changed in the meantime. Reload the page and look again."),
    410: ("Too late", "What was here worked for a time, and that has passed."),
    413: ("Too large", "The page sent more than we accept."),
    422: ("That was refused", "The input breaks a rule. Go back and correct it."),
    429: ("Too many tries", "Wait a minute, then try again."),
    503: ("Back in a moment", "A part we need for this is not available right now. Nothing was changed."),
}
BROKEN = ("Something went wrong on our side", "Nothing was changed. The reference below helps us to find the cause.")
EXPIRED_FORM = "This form has expired. Go back, reload the page and send it again."
KEPT_HEADERS = ("Retry-After", "Allow")


def error_page(error: Exception) -> Response:
    """The page for anything a view or the framework raised, with the status it stands for."""
    if isinstance(error, PlatformError):
        response = _page(error.status, error.detail)
        if hasattr(error, "retry_after_s"):
            response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    if isinstance(error, CSRFError):
        return _page(400, EXPIRED_FORM)
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return _of_framework(error)
    if isinstance(error, RedisError):
        # Sign-in counts its tries in Redis and stays shut without it: an open door would be worse than a closed one.
        log.warning("a page needed Redis and did not get it", exc_info=error)
        response = _page(503)
        response.headers["Retry-After"] = "5"
        return response
    reference = uuid4().hex[:12]
    log.error("a page failed", exc_info=error, extra={"reference": reference})
    return _page(500, reference=reference)


def _of_framework(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    member_of_request()  # an unknown address has passed no door: find out who reads, so that the layout knows
    wait_s = getattr(error, "retry_after", None)
    response = _page(error.code, f"Try again in {span(max(wait_s, 60))}." if isinstance(wait_s, int) else "")
    for name, value in error.get_headers():
        if name in KEPT_HEADERS:
            response.headers[name] = value
    return response


def _page(status: int, detail: str = "", reference: str = "") -> Response:
    title, usual = WORDS.get(status, BROKEN)
    html = render_template("portal/failure.html", status=status, title=title, detail=detail or usual, reference=reference)
    return make_response(html, status)
