"""OAuth clients and the opaque access tokens they are issued (client credentials). HTTP is the business of api.oauth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from accounts.applications.errors import ProductionNotConnected
from accounts.applications.models import Application
from accounts.applications.revocations import revocations
from accounts.applications.service import Side
from accounts.applications.service import ensure_may_change
from accounts.applications.service import lock_application
from accounts.audit import service as audit
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthClient
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

TOKEN_LASTS_S = 3600
KEEP_EXPIRED = timedelta(days=1)  # an expired token still answers "expired" for a day


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """A new client and its secret, which is shown now and never again."""

    client: OAuthClient
    secret: str


def create_client(side: Side, *, name: str, scopes: Iterable[str]) -> IssuedClient:
    """Register a confidential client for one environment of an application.

    Raises Forbidden for a reading role, ProductionNotConnected (409), PlanRequired (403) or Invalid (422) beyond the plan's
    number of clients, Invalid (422) for bad input.
    """
    ensure_may_change(side)
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        message = "1 to 80 printable characters"
        raise Invalid(f"The name must have {message}.", errors=[FieldError("name", "invalid_value", message)])
    allowed = checked(scopes, environment=side.environment, within=side.scopes)
    if not side.tenant_id:
        raise ProductionNotConnected("A production client needs a restaurant that has connected this application.")
    lock_application(side.application_id)
    ensure_room(tier_of(side.plan_tier), "max_clients", used=_active_clients(side), noun="OAuth clients")
    secret = mint(f"tp_{_mode(side.environment)}_cs_")
    client = OAuthClient(
        id=new_id("cli"), secret_digest=vault.digest(secret.text), secret_last4=secret.last4, name=name,
        application_id=side.application_id, tenant_id=side.tenant_id, environment=side.environment, scopes=allowed,
        api_version=API_VERSION, created_at=now(),
    )  # fmt: skip
    control().session.add(client)
    _note(side, "client.created", client, {"name": name, "scopes": allowed})
    return IssuedClient(client, secret.text)


def list_clients(side: Side) -> list[OAuthClient]:
    """The clients of this environment, newest first, revoked ones included."""
    query = _clients_of(side).order_by(OAuthClient.created_at.desc(), OAuthClient.id.desc())
    return list(control().session.scalars(query))


def revoke_client(side: Side, *, client_id: str) -> OAuthClient:
    """Make a client and all its tokens stop working. Repeating it changes nothing. Raises NotFound, Forbidden."""
    ensure_may_change(side)
    lock_application(side.application_id)
    client: OAuthClient | None = control().session.scalar(_clients_of(side).where(OAuthClient.id == client_id))
    if client is None:
        raise NotFound
    if client.revoked_at is None:
        client.revoked_at = now()
        _note(side, "client.revoked", client, {"name": client.name})
        revocations.announce()
    return client


def verify_client(*, client_id: str, secret: str) -> OAuthClient | None:
    """The client with this id and secret, or None: unknown, revoked, suspended and a wrong secret look the same."""
    query = (
        select(OAuthClient)
        .join(Application, Application.id == OAuthClient.application_id)
        .where(OAuthClient.id == client_id, OAuthClient.revoked_at.is_(None), Application.state != "suspended")
    )
    # PostgreSQL refuses a NUL instead of finding nothing.
    client: OAuthClient | None = control().session.scalar(query) if client_id.isprintable() else None
    is_right = same(client.secret_digest if client else "", vault.digest(secret))
    return client if is_right else None


def issue_token(client: OAuthClient, *, scopes: Iterable[str]) -> tuple[str, int]:
    """Issue an access token with some of the client's scopes. Returns (text, seconds it lasts); the text is kept nowhere.

    Trusts its caller that the scopes are the client's (accounts.oauth.service.granted).
    """
    session, at = control().session, now()
    session.execute(
        delete(AccessToken).where(AccessToken.client_id == client.id, AccessToken.expires_at < at - KEEP_EXPIRED)
    )
    token = mint(f"tp_{_mode(client.environment)}_at_")
    session.add(AccessToken(
        kid=token.kid, digest=vault.digest(token.text), client_id=client.id, scopes=list(scopes), created_at=at,
        expires_at=at + timedelta(seconds=TOKEN_LASTS_S),
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
    """The client's own token with this text, or None: another client's token does not exist for it."""
    credential = parse(text)
    token: AccessToken | None = control().session.get(AccessToken, credential.kid) if credential else None
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


def _mode(environment: str) -> str:
    return "live" if environment == Environment.PRODUCTION else "test"


def _clients_of(side: Side) -> Any:
    return select(OAuthClient).where(
        OAuthClient.application_id == side.application_id, OAuthClient.environment == side.environment
    )


def _active_clients(side: Side) -> int:
    query = select(func.count()).where(
        OAuthClient.application_id == side.application_id, OAuthClient.environment == side.environment,
        OAuthClient.tenant_id == side.tenant_id, OAuthClient.revoked_at.is_(None),
    )  # fmt: skip
    return int(control().session.scalar(query))


def _note(side: Side, action: str, client: OAuthClient, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=side.organisation_id, person_id=side.person_id, action=action, target=client.id,
        details={"environment": side.environment, "application_id": side.application_id, **details},
    )  # fmt: skip
