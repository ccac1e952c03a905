"""Where this installation is reached, as its answers spell it."""

from flask import current_app
from flask import request


def base_url() -> str:
    """The address everything here begins with, without a slash at its end; also the name of the authorization server."""
    return current_app.config.get("PUBLIC_URL") or request.host_url.rstrip("/")
