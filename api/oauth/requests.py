"""What OAuth requests may look like: parameters from the one place they belong to, checked before Authlib sees them.

Authlib reads URL and body together, accepts repeated parameters, and answers some malformed ones with a 500.
"""

import re
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import unquote_plus

import orjson
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Request

MAX_BODY = 8192
MAX_FIELDS = 20
LONGEST = 2000  # of one parameter
AUTHORIZATION = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "response_mode",
    "dpop_jkt", "request_uri", "request",
)  # fmt: skip
THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
QUOTED = ("response_type", "client_id", "redirect_uri")  # Authlib puts these into error texts, where \ and " may not stand


class CheckedRequest(FlaskOAuth2Request):
    """A request whose parameters were read and checked by this module."""

    def __init__(self, http: Request, parameters: dict[str, str]) -> None:
        # TLS ends in front of this process, or there is none on a developer's loopback: the scheme seen here says nothing.
        OAuth2Request.__init__(self, http.method, http.url.replace("http://", "https://", 1), headers=http.headers)
        self.payload = BasicOAuth2Payload(parameters)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


def body_parameters(http: Request) -> dict[str, str]:
    """The body's parameters. Raises InvalidRequestError for anything but one flat set of short printable strings."""
    if http.args:
        raise InvalidRequestError("Send parameters in the body, not in the URL.")
    parameters = _json(http) if http.mimetype == "application/json" else _form(http)
    if not all(map(_is_plain, parameters.values())):
        raise InvalidRequestError("Every parameter must be one short string of printable ASCII characters.")
    if not set(parameters.get("grant_type", "")) <= set("abcdefghijklmnopqrstuvwxyz_:-."):
        raise InvalidRequestError("The grant_type is malformed.")
    if "Authorization" in http.headers:
        _ensure_basic(http, parameters)
    return parameters


def url_parameters(http: Request) -> tuple[dict[str, str], OAuth2Error | None]:
    """authorization_parameters of an address. Raises InvalidRequestError when nothing can be read."""
    try:
        raw = http.query_string.decode("ascii")
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_FIELDS) if len(raw) <= MAX_BODY else None
    except ValueError:
        pairs = None
    if pairs is None:
        raise InvalidRequestError("The address of this page is malformed or too long.")
    return authorization_parameters(pairs)


def authorization_parameters(pairs: list[tuple[str, str]]) -> tuple[dict[str, str], OAuth2Error | None]:
    """The parameters of an authorization request that are as they should be, and what is wrong with the others.

    What is not known here is left aside, as RFC 6749 (section 3.1) asks.
    """
    parameters: dict[str, str] = {}
    problem = ""
    for name in AUTHORIZATION:
        values = [value for found, value in pairs if found == name]
        if len(values) > 1:
            problem = problem or f"The parameter {name} is repeated."
        elif values and not (_is_plain(values[0]) and (name not in QUOTED or not set(values[0]) & set('"\\'))):
            problem = problem or f"The parameter {name} must be one short string of printable ASCII characters."
        elif values:
            parameters[name] = values[0]
    if parameters.get("response_mode", "query") != "query":
        problem = problem or "The only response_mode is query."
    if "dpop_jkt" in parameters and not THUMBPRINT.fullmatch(parameters["dpop_jkt"]):
        problem = problem or "The dpop_jkt must be the SHA-256 thumbprint of a key."
    if "request" in parameters:
        return parameters, OAuth2Error("Push the request to /oauth/par instead.", error="request_not_supported")
    return parameters, InvalidRequestError(problem) if problem else None


def basic_credentials(http: Request) -> tuple[str, str] | None:
    """Client id and secret of an HTTP Basic header, or None. Both are encoded like a form's (RFC 6749, section 2.3.1)."""
    sent = http.authorization
    if sent is None or sent.type != "basic" or sent.username is None:
        return None
    return unquote_plus(sent.username), unquote_plus(sent.password or "")


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and value.isascii() and value.isprintable()


def _json(http: Request) -> dict[str, Any]:
    try:
        parameters = orjson.loads(_body(http))
    except orjson.JSONDecodeError as error:
        raise InvalidRequestError("The body is not valid JSON.") from error
    if not isinstance(parameters, dict):
        raise InvalidRequestError("The body must be a JSON object.")
    return parameters


def _form(http: Request) -> dict[str, str]:
    if http.mimetype != "application/x-www-form-urlencoded":
        raise InvalidRequestError("Send application/x-www-form-urlencoded or application/json.", status_code=415)
    try:
        pairs = parse_qsl(_body(http).decode("ascii"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise InvalidRequestError("The body is not a valid form.") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise InvalidRequestError("A parameter is repeated.")
    return dict(pairs)


def _body(http: Request) -> bytes:
    body = http.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise InvalidRequestError("The body is too large.", status_code=413)
    return body


def _ensure_basic(http: Request, parameters: dict[str, str]) -> None:
    sent = basic_credentials(http)
    if sent is None:
        raise InvalidClientError(
            "The Authorization header is not HTTP Basic with client id and secret.", status_code=401
        )
    if "client_secret" in parameters:
        raise InvalidRequestError("Authenticate in one way: HTTP Basic, or client_id and client_secret in the body.")
    if parameters.get("client_id", sent[0]) != sent[0]:
        raise InvalidRequestError("The body names another client than the Authorization header.")
