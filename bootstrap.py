"""The composition root: builds the application from its parts. The only module that sees everything."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from flask import Flask
from flask import Request
from flask import Response
from flask import g
from flask import request
from flask.json.provider import JSONProvider
from flask.sessions import SecureCookieSession
from flask.sessions import SecureCookieSessionInterface
from flask_limiter import Limiter as PortalLimiter
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

import portal
from accounts.applications.revocations import revocations
from accounts.keys.service import touch_keys
from accounts.logs.models import RequestLog
from accounts.oauth.grants import touch_grants
from api import core
from api import health
from api import leaks
from api import oauth
from api import openapi
from api import pairing
from api import sandbox as sandbox_api
from api.draining import draining
from api.errors import problem_response
from api.errors import refusal_of
from api.limits import limiter
from api.operations import cursors
from api.operations import gate_settings
from api.process import open_planes
from api.replays import replays
from api.requestlog import Used
from api.requestlog import request_log
from kit.ids import new_id
from kit.planes import Environment
from kit.settings import Settings
from kit.settings import load
from kit.unit import control_unit
from migrations.upgrade import check_heads
from portal.guesses import guesser
from worker.counting import add_counts
from worker.operations import Reason
from worker.operations import operations

API_PREFIXES = ("/v1", "/sandbox/v1", "/oauth", "/openapi.json", "/cli/v1", "/security/v1")
CONSENT_PAGE = "/oauth/authorize"  # among the addresses for machines the one for people


class Application(Flask):
    """Flask for views that are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view here is a coroutine function, so none is asked whether it is one, ten times a request."""
        return func

    def make_default_options_response(self) -> Response:
        """Allow what the matched resource serves; a path that also looks like an id of another one is not that one."""
        response = self.response_class()
        here = request.url_rule.rule if request.url_rule is not None else ""
        response.allow.update(method for rule in self.url_map.iter_rules() if rule.rule == here for method in rule.methods or ())
        return response


class OrjsonProvider(JSONProvider):
    """Flask's JSON through orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)


class BrowserSessions(SecureCookieSessionInterface):
    """Cookie sessions for pages. The API neither reads nor writes cookies."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        return None if _is_for_machines(request.path) else super().open_session(app, request)


def _is_for_machines(path: str) -> bool:
    return path.startswith(API_PREFIXES) and path != CONSENT_PAGE


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application. Raises SettingsError or UnsafeDatabase with one line saying what is wrong."""
    settings = settings or load()
    app = Application(__name__)
    app.json = OrjsonProvider(app)
    app.session_interface = BrowserSessions()
    app.config.update(SECRET_KEY=settings.secret_key, PUBLIC_URL=settings.public_url, MAX_CONTENT_LENGTH=None, MAX_FORM_PARTS=200)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _connect(app, settings)
    limits = _portal_limiter(app, settings)
    portal.register(app, settings, limits)
    for edge in (core, sandbox_api, oauth, pairing, leaks, health, openapi):
        app.register_blueprint(edge.blueprint)
    app.view_functions["pairing.begin"] = limits.limit("10 per minute")(app.view_functions["pairing.begin"])
    app.register_error_handler(Exception, _answer_error)
    app.wsgi_app = draining(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _connect(app: Flask, settings: Settings) -> None:
    check_heads(settings)
    open_planes(app, settings)
    limiter.configure(settings.redis_database_url(1), settings.web_workers * settings.machines)
    replays.configure(settings.redis_database_url(1), settings.secret_key)
    revocations.configure(limiter.announce_revocation)
    cursors.configure(settings.secret_key)
    gate_settings.max_body_bytes = settings.max_body_bytes
    health.configure(settings)
    openapi.configure(settings.public_url)
    request_log.start(write_request_logs, touch_credentials, add_counts)


def _portal_limiter(app: Flask, settings: Settings) -> PortalLimiter:
    """Flask-Limiter for pages, login and token endpoints; hung Redis is bounded, absent Redis fails closed there."""
    url = settings.redis_database_url(1).replace("unix://", "redis+unix://")
    limits = PortalLimiter(
        guesser, storage_uri=url, strategy="sliding-window-counter", default_limits=[],
        storage_options={"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    )  # fmt: skip
    with _hooks_only_for(app, portal.blueprint.name, oauth.blueprint.name, pairing.blueprint.name, leaks.blueprint.name):
        limits.init_app(app)
    limits.limit("60 per minute")(oauth.blueprint)  # a device that waits for a decision asks every five seconds
    limits.limit("60 per minute")(leaks.blueprint)
    limits.limit("60 per minute")(pairing.blueprint)  # a client that waits for a decision asks every two seconds
    return limits


@contextmanager
def _hooks_only_for(app: Flask, *blueprints: str) -> Iterator[None]:
    """Bind the request hooks an extension registers for the whole application to these blueprints alone.

    Flask-Limiter's three hooks cost an API call a tenth of its time, and have nothing to do there.
    """
    tables = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    before = [len(table.setdefault(None, [])) for table in tables]
    yield
    for table, count in zip(tables, before, strict=True):
        hooks = table[None][count:]
        del table[None][count:]
        for name in blueprints:
            table.setdefault(name, []).extend(hooks)


def _answer_error(error: Exception) -> Response | HTTPException:
    """Answer what no gate and no page answered: unknown paths and methods, and defects."""
    if _is_for_machines(request.path):
        request_id = getattr(g, "request_id", None) or new_id("req")
        response = problem_response(refusal_of(error), request_id)
        response.headers["X-Request-Id"] = request_id
        return response
    return portal.error_page(error)


def write_request_logs(environment: Environment, rows: list[dict[str, Any]]) -> None:
    """Insert one batch of request logs on its plane."""
    with operations(environment, reason=Reason.REQUEST_LOG) as unit:
        unit.append(RequestLog, rows)


def touch_credentials(used: Used) -> None:
    """Note when and from where credentials were last used."""
    with control_unit():
        touch_keys(used)
        touch_grants(used)

