"""The one door of HTML: who may see a page, and the transactions it runs in.

A section registers its views with `@page` and names the permission each needs; a page that names none is refused at import. The
door checks login, permission and CSRF, opens the control plane and, for sections that show a tenant's data, the plane of the
environment named in the path; returning commits, raising rolls back. Views therefore hold no try/except, no commit and no login
check.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from functools import partial
from functools import wraps
from typing import Any
from typing import TypeVar

from flask import Blueprint
from flask import Response
from flask import current_app
from flask import g
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask_wtf.csrf import CSRFProtect

from accounts.applications.service import Side
from accounts.applications.service import get_tenant
from accounts.applications.service import list_applications
from accounts.applications.service import side_for
from accounts.notices.service import count_unread
from accounts.organisations.members import Member
from accounts.organisations.permissions import PERMISSIONS
from accounts.organisations.permissions import ensure
from accounts.organisations.permissions import may
from kit.errors import Forbidden
from kit.errors import NotFound
from kit.errors import PlatformError
from kit.errors import Unauthenticated
from kit.jobs import doorbell
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import unit_of_work
from portal import keeping
from portal.browsers import Browser
from portal.browsers import browser_of_request
from portal.browsers import member_of_request

log = logging.getLogger(__name__)
blueprint = Blueprint("portal", __name__)
csrf = CSRFProtect()

ENV = "/<any(sandbox, live):environment>"  # first part of every path that belongs to one environment
MAX_FORM_BYTES = 64 * 1024
ENVIRONMENTS = {"sandbox": Environment.SANDBOX, "live": Environment.PRODUCTION}
Found = TypeVar("Found")


class Access(Enum):
    """Who may open a page. The last two follow from the permission it names."""

    PUBLIC = "public"  # anybody
    PERSON = "person"  # whoever is signed in, about themselves
    MEMBER = "member"  # whose role in their organisation holds the permission
    OPERATOR = "operator"  # who runs the platform


class Plane(Enum):
    """What a page does on the tenant's data plane. A post writes to one plane only: WRITE leaves control read-only."""

    NONE = "none"
    READ = "read"
    WRITE = "write"


@dataclass
class Visit:
    """One look at one page: who looks, at which environment of which application, and what a refused post said."""

    person: Member | None
    place: str  # "sandbox" or "live", as the path spells it
    applications: list[Any]
    application: Any | None = None
    chosen_side: Side | None = None
    tenant: Any | None = None
    unread: int = 0  # notices that wait for this person
    refusal: PlatformError | None = None

    @property
    def environment(self) -> Environment:
        return ENVIRONMENTS[self.place]

    @property
    def is_restored(self) -> bool:
        """Whether the form is shown with what was typed before its sender was asked who they are: nothing was refused."""
        return self.refusal is not None and request.method == "GET"

    @property
    def typed(self) -> dict[str, str]:
        """What a refused form contained, so that nobody types it twice."""
        return request.form.to_dict() if self.refusal else {}

    @property
    def member(self) -> Member:
        if self.person is None:
            raise Forbidden("Sign in first.")
        return self.person

    @property
    def side(self) -> Side:
        if self.chosen_side is None:
            raise NotFound("This organisation has no application.")
        return self.chosen_side

    @property
    def is_ready(self) -> bool:
        return self.tenant is not None and self.tenant.state == "ready"

    @property
    def scope(self) -> Scope:
        """Scope of the application's tenant in this environment. The tenant must be ready."""
        return Scope(self.environment, self.side.tenant_id, self.side.actor, self.side.application_id)


@dataclass(frozen=True)
class Entry:
    """How the door treats one view."""

    view: Callable[..., Any]
    access: Access
    permission: str | None
    plane: Plane
    opens_units: bool
    form: str
    before: Callable[[], Any] | None
    step_up: bool
    needs_factor: bool


entries: dict[str, Entry] = {}


def page(
    rule: str,
    *,
    methods: tuple[str, ...] = ("GET",),
    permission: str | None = None,
    access: Access | None = None,
    plane: Plane = Plane.NONE,
    opens_units: bool = True,
    form: str = "",
    before: Callable[[], Any] | None = None,
    step_up: bool = False,
    needs_factor: bool | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a view `(visit, **path parameters) -> response` under a path.

    permission: of accounts.organisations.permissions, what the visitor must hold. access: PUBLIC or PERSON, instead of one.
    form: name of the view that shows this post's form; a refused post renders it again with the refusal's status.
    opens_units False: the view works through another edge of ours and must not hold a transaction.
    before: slow work no transaction may wait for; what it returns is the view's second argument.
    step_up: the post is for somebody who has shown within ten minutes who they are; others are asked first (needs form).
    needs_factor: closed to a person who must have a second factor and has none. None: unless anybody may open it.
    """
    if step_up and not form:
        raise ValueError(f"{rule}: a post that asks who is there names the form it goes back to")
    who = _access_of(permission, access)
    is_closed = who is not Access.PUBLIC if needs_factor is None else needs_factor

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        name = view.__name__
        if name in entries:
            raise ValueError(f"a page named {name} exists already")
        entries[name] = Entry(view, who, permission, plane, opens_units, form, before, step_up, is_closed)

        @wraps(view)
        def answer(**arguments: Any) -> Response:
            return _answer(entries[name], arguments)

        blueprint.add_url_rule(rule, endpoint=name, view_func=answer, methods=list(methods))
        return view

    return register


def _access_of(permission: str | None, access: Access | None) -> Access:
    if permission is not None and access is None:
        return Access.OPERATOR if PERMISSIONS[permission].is_platform else Access.MEMBER
    if permission is None and access in (Access.PUBLIC, Access.PERSON):
        return access
    raise TypeError("a page names the permission it needs, or access=PUBLIC or PERSON")


def admit(entry: Entry, member: Member) -> None:
    """Raise unless somebody who is signed in may open a page: the one decision of the door.

    NotFound for an operator's page, and for a member's page to whoever belongs to no organisation; else Forbidden (403).
    """
    if entry.permission is None:
        return
    if entry.access is Access.MEMBER and not member.organisation_id:
        raise NotFound("You belong to no organisation, so there is nothing of it to show.")
    ensure(member, entry.permission)


def may_open(member: Member | None, name: str) -> bool:
    """Whether a page is worth a link: what the door would say to this person."""
    entry = entries[name]
    if member is None or entry.permission is None:
        return entry.access is Access.PUBLIC or member is not None
    return (entry.access is Access.OPERATOR or bool(member.organisation_id)) and may(member, entry.permission)


def current_url(path: str) -> str:
    """A path of this installation as partners reach it."""
    return str(current_app.config["PUBLIC_URL"]) + path


def looked_up(ask: Callable[..., Found], **question: Any) -> Found:
    """What a service of the control plane answers, in a transaction that is over before the answer is used."""
    with control_unit(writes=False):
        return ask(**question)


def settled(do: Callable[..., Found], **arguments: Any) -> Found:
    """What a service of the control plane did, committed before the page's own transaction begins."""
    with control_unit():
        return do(**arguments)


def looked_up_at(scope: Scope, ask: Callable[..., Found], **question: Any) -> Found:
    """What a service of the restaurant answers for a tenant the page has found itself, read beside the control plane."""
    with unit_of_work(scope, writes=False):
        return ask(scope, **question)


def _answer(entry: Entry, arguments: dict[str, Any]) -> Response:
    writes = request.method == "POST"
    request.max_content_length = MAX_FORM_BYTES
    member = member_of_request()  # before any unit opens: reading the session takes one of its own
    if writes:
        csrf.protect()
    if entry.access is not Access.PUBLIC:
        if member is None:
            return make_response(redirect(url_for("portal.show_login", next=None if writes else request.full_path.rstrip("?"))))
        admit(entry, member)
    browser = browser_of_request()
    if browser is not None and entry.needs_factor and browser.is_kept_from(arguments.get("environment", "")):
        return make_response(redirect(url_for("portal.show_security")))
    if browser is not None and writes and entry.step_up and not browser.is_fresh:
        kept = _arguments_of(entry.form, arguments)
        token = settled(keeping.keep_post, form=entry.form, arguments=kept, session_token=browser.token)
        return make_response(redirect(url_for("portal.show_confirm", kept=token), 303))
    try:
        return _run(entry, arguments, writes=writes, refusal=None if writes else _restored(entry, browser))
    except PlatformError as refusal:
        if not (writes and entry.form):
            raise
        response = _run(entries[entry.form], _arguments_of(entry.form, arguments), writes=False, refusal=refusal)
        response.status_code = refusal.status
        return response


def _restored(entry: Entry, browser: Browser | None) -> PlatformError | None:
    """Fill the form of this page with what was kept while its sender was asked who they are.

    The views show it as they show a refused one.
    """
    token = request.args.get(keeping.KEPT, "")
    if not token or browser is None or not browser.is_fresh:
        return None
    kept = looked_up(keeping.find_post, token=token, session_token=browser.token)
    if kept is None or kept.form != entry.view.__name__:
        return None
    request.form = kept.fields
    return Unauthenticated(keeping.RESTORED)


def _arguments_of(form: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What of a post's path belongs to the page of its form too: a list shows the forms of each of its rows."""
    expects = current_app.url_map.is_endpoint_expecting
    return {name: value for name, value in arguments.items() if name == "environment" or expects(f"portal.{form}", name)}


def _run(entry: Entry, arguments: dict[str, Any], *, writes: bool, refusal: PlatformError | None = None) -> Response:
    rest = {name: value for name, value in arguments.items() if name != "environment"}
    g.view = entry.view.__name__
    prepared = (entry.before(),) if entry.before else ()
    with ExitStack() as units:
        if entry.opens_units:
            units.enter_context(control_unit(writes=writes and entry.plane is not Plane.WRITE))
            g.visit = _visit(arguments.get("environment", "sandbox"), refusal)
        else:
            with control_unit(writes=False):
                g.visit = _visit(arguments.get("environment", "sandbox"), refusal)
        if entry.access is Access.MEMBER and g.visit.application is None:
            raise NotFound("You belong to no organisation, so there is no application to show.")
        if entry.plane is not Plane.NONE:
            if not g.visit.is_ready:
                return _not_ready(g.visit)
            is_changing = writes and entry.plane is Plane.WRITE
            units.enter_context(unit_of_work(g.visit.scope, writes=is_changing))
            if is_changing:
                # On the outer unit, so that it runs when both are committed; a lost ring is found by the sweep.
                control().after_commit.append(partial(_ring, g.visit.environment))
        return make_response(entry.view(g.visit, *prepared, **rest))


def _ring(environment: Environment) -> None:
    doorbell.ring("pump", environment)


def _visit(place: str, refusal: PlatformError | None) -> Visit:
    person = member_of_request()
    if person is None:
        return Visit(None, place, [], refusal=refusal)
    applications = list(list_applications(person))
    visit = Visit(person, place, applications, refusal=refusal)
    if person.organisation_id and (request.method != "POST" or refusal):  # a post that works shows no page
        visit.unread = count_unread(person)
    wanted = request.args.get("application")
    if wanted:
        visit.application = next((found for found in applications if found.id == wanted), None)
        if visit.application is None:
            raise NotFound("No such application.")
    elif applications:
        visit.application = applications[0]
    if visit.application is not None:
        visit.chosen_side = side_for(person, application_id=visit.application.id, environment=visit.environment)
        visit.tenant = get_tenant(tenant_id=visit.side.tenant_id) if visit.side.tenant_id else None
    return visit


def _not_ready(visit: Visit) -> Response:
    """Explain what is missing before this page has anything to show; a sandbox under construction reloads itself."""
    is_building = visit.tenant is not None
    response = make_response(render_template("portal/waiting.html", is_building=is_building))
    if is_building:
        response.headers["Refresh"] = "2"
    return response


@blueprint.url_defaults
def keep_place(endpoint: str, values: dict[str, Any]) -> None:
    """Links stay in the environment and the application the reader is in, unless they name another one."""
    visit: Visit | None = g.get("visit")
    if current_app.url_map.is_endpoint_expecting(endpoint, "environment"):
        values.setdefault("environment", visit.place if visit else "sandbox")
    if visit is not None and visit.application is not None and visit.application is not visit.applications[0]:
        values.setdefault("application", visit.application.id)
