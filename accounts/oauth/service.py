"""OAuth clients and the opaque access tokens they are issued. HTTP is the business of api.oauth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from typing import TypeVar

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from accounts.applications.errors import ProductionNotConnected
from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import Side
from accounts.applications.service import checked_name
from accounts.applications.service import ensure_on
from accounts.applications.service import lock_application
from accounts.applications.service import plan_now
from accounts.audit import service as audit
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import RefreshToken
from accounts.oauth.redirects import checked_uris
from accounts.oauth.room import release_clients
from accounts.plans.catalog import API_VERSION
from accounts.plans.catalog import tier_of
from accounts.plans.limits import ensure_room
from accounts.plans.scopes import checked
from kit.clock import now
from kit.crypto import mint
from kit.crypto import parse
from kit.crypto import same
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

Token = TypeVar("Token", AccessToken, RefreshToken)
TOKEN_LASTS_S = 3600
KINDS = ("confidential", "public")
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES = {
    "client_credentials": "It acts for itself, on the tenant of this environment",
    "authorization_code": "People sign in here and let it act for them",
    DEVICE_CODE: "People let it act for them on another screen, with a code it shows: for terminals, tills and displays",
    "refresh_token": "It goes on acting for them without asking again, for 90 days",
}
KEEP_EXPIRED = timedelta(days=1)  # an expired token still answers "expired" for a day


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """A new client and its secret, which is shown now and never again."""

    client: OAuthClient
    secret: str


def create_client(
    side: Side, *, name: str, scopes: Iterable[str], kind: str = "confidential",
    grant_types: Iterable[str] = ("client_credentials",), redirect_uris: Iterable[str] = (),
    is_pushed_only: bool = False, is_bound_only: bool = False,
) -> IssuedClient:  # fmt: skip
    """Register a client for one environment of an application.

    kind: confidential or public; a public client has no secret. Whoever uses client_credentials acts for the one tenant the
    side names; with the other grant types it acts for whomever lets it. is_pushed_only: authorization requests must be pushed
    (RFC 9126). is_bound_only: tokens must be bound to a key (RFC 9449).
    Raises Forbidden for a reading role, ProductionNotConnected (409), PlanRequired (403) or Invalid (422) beyond the plan's
    number of clients, Invalid (422) for bad input.
    """
    ensure_on(side, "clients.write")
    if kind not in KINDS:
        raise _refused("kind", f"Choose one of {', '.join(KINDS)}.")
    uris = checked_uris(redirect_uris)
    uses = _grant_types(grant_types, kind=kind, has_uris=bool(uris))
    name, allowed = checked_name(name), checked(scopes, environment=side.environment, within=side.scopes)
    _ensure_tenant(side.tenant_id, uses)
    lock_application(side.application_id)
    ensure_room(tier_of(plan_now(side)), "max_clients", used=_active_clients(side), noun="OAuth clients")
    secret = mint(f"tp_{mode_of(side.environment)}_cs_") if kind == "confidential" else None
    client = OAuthClient(
        id=new_id("cli"), kind=kind, secret_digest=vault.digest(secret.text) if secret else "",
        secret_last4=secret.last4 if secret else "", name=name, application_id=side.application_id,
        tenant_id=side.tenant_id or None, environment=side.environment, scopes=allowed, grant_types=uses,
        redirect_uris=uris, is_pushed_only=is_pushed_only, is_bound_only=is_bound_only, api_version=API_VERSION,
        created_at=now(),
    )  # fmt: skip
    control().session.add(client)
    _note(side, "client.created", client, {"kind": kind, "scopes": allowed} | _settings_of(client))
    return IssuedClient(client, secret.text if secret else "")


def change_client(
    side: Side, *, client_id: str, name: str, grant_types: Iterable[str], redirect_uris: Iterable[str],
    is_pushed_only: bool = False, is_bound_only: bool = False,
) -> OAuthClient:  # fmt: skip
    """Change a client's name, redirect URIs and how it may ask for tokens. Kind and scopes stay for its life.

    Raises NotFound, Forbidden, ProductionNotConnected (409), Invalid (422) for bad input.
    """
    ensure_on(side, "clients.write")
    lock_application(side.application_id)
    client = get_client(side, client_id=client_id)
    uris = checked_uris(redirect_uris)
    uses = _grant_types(grant_types, kind=client.kind, has_uris=bool(uris))
    _ensure_tenant(client.tenant_id, uses)
    client.name, client.grant_types, client.redirect_uris = checked_name(name), uses, uris
    client.is_pushed_only, client.is_bound_only = is_pushed_only, is_bound_only
    _note(side, "client.changed", client, _settings_of(client))
    return client


def list_clients(side: Side) -> list[OAuthClient]:
    """The clients of this environment, newest first, revoked ones included."""
    query = _clients_of(side).order_by(OAuthClient.created_at.desc(), OAuthClient.id.desc())
    return list(control().session.scalars(query))


def get_client(side: Side, *, client_id: str) -> OAuthClient:
    """One client of this environment. Raises NotFound, also for another application's."""
    client: OAuthClient | None = control().session.scalar(_clients_of(side).where(OAuthClient.id == client_id))
    if client is None:
        raise NotFound
    return client


def revoke_client(side: Side, *, client_id: str) -> OAuthClient:
    """Make a client and all its tokens stop working. Repeating it changes nothing. Raises NotFound, Forbidden."""
    ensure_on(side, "clients.write")
    lock_application(side.application_id)
    client = get_client(side, client_id=client_id)
    if client.revoked_at is None:
        client.revoked_at = now()
        control().session.flush()  # it makes room
        tenant_id = client.tenant_id
        released = release_clients(application_id=side.application_id, tenant_id=tenant_id) if tenant_id else []
        _note(side, "client.revoked", client, {"name": client.name, "released": [other.id for other in released]})
        revocations.announce()
    return client


def find_client(*, client_id: str) -> OAuthClient | None:
    """The client with this id, or None: unknown, revoked and suspended look the same. Proves nothing about who asks."""
    query = (
        select(OAuthClient)
        .join(Application, Application.id == OAuthClient.application_id)
        .where(OAuthClient.id == client_id, OAuthClient.revoked_at.is_(None), Application.state != "suspended")
    )
    # PostgreSQL refuses a NUL instead of finding nothing.
    client: OAuthClient | None = control().session.scalar(query) if client_id.isprintable() else None
    return client


def verify_client(*, client_id: str, secret: str) -> OAuthClient | None:
    """The confidential client with this id and secret, or None: unknown, revoked, suspended and a wrong secret are one."""
    client = find_client(client_id=client_id)
    is_right = same(client.secret_digest if client else "", vault.digest(secret))
    return client if is_right else None


def issue_token(
    client: OAuthClient, *, scopes: Iterable[str], grant_id: str | None = None, family_id: str | None = None,
    jkt: str | None = None,
) -> tuple[str, int]:  # fmt: skip
    """Issue an access token with some of the client's scopes. Returns (text, seconds it lasts); the text is kept nowhere.

    grant_id: under which person's grant; None for the client itself. family_id: of the code it comes from.
    jkt: thumbprint of the key each use must prove; None makes a bearer token.
    Trusts its caller that the scopes are the client's (accounts.oauth.service.granted).
    """
    session, at = control().session, now()
    session.execute(
        delete(AccessToken).where(AccessToken.client_id == client.id, AccessToken.expires_at < at - KEEP_EXPIRED)
    )
    token = mint(f"tp_{mode_of(client.environment)}_at_")
    session.add(AccessToken(
        kid=token.kid, digest=vault.digest(token.text), client_id=client.id, grant_id=grant_id, family_id=family_id,
        jkt=jkt, scopes=list(scopes), created_at=at, expires_at=at + timedelta(seconds=TOKEN_LASTS_S),
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not after the answer is built
    return token.text, TOKEN_LASTS_S


def granted(client: OAuthClient, requested: str) -> list[str] | None:
    """The scopes a request gets: exactly those it names, or all of the client's when it names none.

    None when it names one the client does not hold: a scope is never silently dropped.
    """
    wanted = list(dict.fromkeys(requested.split(" "))) if requested else list(client.scopes)
    return wanted if set(wanted) <= set(client.scopes) else None


def find_token(client: OAuthClient, *, text: str) -> AccessToken | None:
    """The client's own access token with this text, or None: another client's does not exist for it."""
    return own_token(AccessToken, client, text=text)


def own_token(kind: type[Token], client: OAuthClient, *, text: str) -> Token | None:
    """The client's own token of a kind with this text, ended or not, or None."""
    credential = parse(text)
    token = control().session.get(kind, credential.kid) if credential else None
    if token is None or token.client_id != client.id or not same(token.digest, vault.digest(text)):
        return None
    return token


def revoke_token(client: OAuthClient, *, text: str) -> bool:
    """Make one of the client's own tokens stop working with the next request. False when it is not a token of its."""
    token = find_token(client, text=text)
    if token is None:
        return False
    if token.revoked_at is None:
        token.revoked_at = now()
        revocations.announce()
    return True


def mode_of(environment: str) -> str:
    """How an environment is spelled in credentials."""
    return "live" if environment == Environment.PRODUCTION else "test"


def _clients_of(side: Side) -> Any:
    return select(OAuthClient).where(
        OAuthClient.application_id == side.application_id, OAuthClient.environment == side.environment
    )


def _active_clients(side: Side) -> int:
    query = select(func.count()).where(
        OAuthClient.application_id == side.application_id, OAuthClient.environment == side.environment,
        OAuthClient.tenant_id == (side.tenant_id or None), OAuthClient.revoked_at.is_(None),
    )  # fmt: skip
    return int(control().session.scalar(query))


def _grant_types(grant_types: Iterable[str], *, kind: str, has_uris: bool) -> list[str]:
    """The ways a client asks for tokens, in the catalogue's order. Raises Invalid (422) for those that do not fit it."""
    wanted = set(grant_types)
    if not wanted or not wanted <= set(GRANT_TYPES):
        raise _refused("grant_types", f"Choose at least one of {', '.join(GRANT_TYPES)}.")
    if kind == "public" and "client_credentials" in wanted:
        raise _refused("grant_types", "A public client has no secret, so it cannot act for itself with client_credentials.")
    if "refresh_token" in wanted and not wanted & {"authorization_code", DEVICE_CODE}:
        raise _refused("grant_types", "refresh_token goes on with what a person began; choose it with one of the codes.")
    if ("authorization_code" in wanted) != has_uris:
        raise _refused("redirect_uris", "authorization_code needs a redirect address, and nothing else uses one.")
    return [name for name in GRANT_TYPES if name in wanted]


def _ensure_tenant(tenant_id: str | None, grant_types: list[str]) -> None:
    if not tenant_id and "client_credentials" in grant_types:
        raise ProductionNotConnected("client_credentials in production needs a restaurant that has connected this application.")


def _settings_of(client: OAuthClient) -> dict[str, Any]:
    """What of a client can change, for the audit log."""
    return {
        "name": client.name, "grant_types": client.grant_types, "redirect_uris": client.redirect_uris,
        "is_pushed_only": client.is_pushed_only, "is_bound_only": client.is_bound_only,
    }  # fmt: skip


def _refused(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[FieldError(field, "invalid_value", message)])


def _note(side: Side, action: str, client: OAuthClient, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=side.organisation_id, person_id=side.person_id, action=action, target=client.id,
        details={"environment": side.environment, "application_id": side.application_id, **details},
    )  # fmt: skip
