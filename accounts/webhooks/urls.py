"""Which addresses may receive webhooks. Where a name leads is checked again at each delivery (worker.egress)."""

from urllib.parse import urlsplit

from kit.errors import FieldError
from kit.errors import Invalid
from kit.planes import Environment

LONGEST = 1000
SIMULATED = ".sandbox.invalid"  # hooks.sandbox.invalid and inbox.sandbox.invalid are answered in-process


def checked_url(url: str, *, environment: Environment) -> str:
    """The URL, trimmed. Sandbox: http or https on any port; production: https on port 443.

    Raises Invalid (422) naming the field `url`.
    """
    url = url.strip()
    if problem := _problem(url, environment):
        raise Invalid(f"The webhook URL {problem}.", errors=[FieldError("url", "invalid_value", problem)])
    return url


def _problem(url: str, environment: Environment) -> str:
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return f"must be plain ASCII without spaces or backslashes, at most {LONGEST} characters"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in ("http", "https") or not host:
        return "must start with https:// and name a host"
    if parts.username is not None or parts.password is not None or "#" in url:
        return "must not contain a user name, a password or a fragment"
    if port == 0:
        return "must not use port 0"
    return _production_problem(parts.scheme, port, host) if environment == Environment.PRODUCTION else ""


def _production_problem(scheme: str, port: int | None, host: str) -> str:
    if scheme != "https" or port not in (None, 443):
        return "must use https on port 443 in production"
    if host.endswith(SIMULATED):
        return "names a host that exists in the sandbox only"
    return ""
