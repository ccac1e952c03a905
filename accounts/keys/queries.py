"""The credential behind a request, by the public part of its text: one statement, built once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import literal
from sqlalchemy import null
from sqlalchemy import select
from sqlalchemy import type_coerce
from sqlalchemy import union_all

from accounts.applications.models import Application
from accounts.applications.models import Tenant
from accounts.keys.models import ApiKey
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.organisations.models import Membership
from kit.documents import JsonColumn
from kit.unit import control


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """What a credential is and may do. id: the key's, or the client's for a token, so that a new token is no new caller.

    scopes: of a token under a person's grant, those both hold.
    """

    kid: str
    digest: str
    id: str
    application_id: str
    application_state: str
    organisation_id: str
    tenant_id: str
    tenant_plan: str | None
    environment: str
    product: str
    scopes: list[str]
    allowed_ips: list[str]
    allow_open_items: bool
    api_version: str
    expires_at_us: int | None
    revoked_at_us: int | None
    granted_scopes: list[str]  # what production credentials of the application may use; empty: every scope
    limits: dict[str, Any]  # of the application in production, instead of the plan's
    faults_until_us: int | None = None  # a sandbox's injected faults, if any, strike until then
    jkt: str | None = None  # thumbprint of the key whoever uses a bound token must prove
    is_held: bool = False  # beyond the tenant's plan
    location_ids: tuple[str, ...] = ()  # the only ones it may work with; empty: all


_PLAN = func.coalesce(Tenant.simulated_plan, Tenant.plan_tier)
_FAULTS_UNTIL = type_coerce(Tenant.faults_until, BigInteger)
_KEY = (
    select(
        ApiKey.kid, ApiKey.digest, ApiKey.id, ApiKey.application_id, Application.state, Application.organisation_id,
        ApiKey.tenant_id, _PLAN, ApiKey.environment, ApiKey.product, ApiKey.scopes, ApiKey.allowed_ips,
        ApiKey.allow_open_items, ApiKey.api_version, type_coerce(ApiKey.expires_at, BigInteger),
        type_coerce(ApiKey.revoked_at, BigInteger), Application.granted_scopes, Application.limits, _FAULTS_UNTIL,
        type_coerce(null(), JsonColumn), type_coerce(null(), String), ApiKey.held_at.is_not(None), ApiKey.location_ids,
    )
    .join(Application, Application.id == ApiKey.application_id)
    .join(Tenant, Tenant.id == ApiKey.tenant_id)
    .where(ApiKey.kid == bindparam("kid"))
)  # fmt: skip
# A grant ends with the membership that allowed it: who has left the organisation grants nothing there.
_LEFT = case(((OAuthGrant.id.is_not(None)) & (Membership.id.is_(None)), 0))
_ENDS = (AccessToken.revoked_at, OAuthClient.revoked_at, OAuthGrant.revoked_at)
_TOKEN = (
    select(
        AccessToken.kid, AccessToken.digest, OAuthClient.id, OAuthClient.application_id, Application.state,
        Application.organisation_id, Tenant.id, _PLAN, OAuthClient.environment, literal("core"),
        AccessToken.scopes, null(), false(), OAuthClient.api_version, type_coerce(AccessToken.expires_at, BigInteger),
        func.coalesce(*(type_coerce(end, BigInteger) for end in _ENDS), _LEFT), Application.granted_scopes,
        Application.limits, _FAULTS_UNTIL, OAuthGrant.scopes, AccessToken.jkt, OAuthClient.held_at.is_not(None),
        OAuthGrant.location_ids,
    )
    .join(OAuthClient, OAuthClient.id == AccessToken.client_id)
    .join(Application, Application.id == OAuthClient.application_id)
    .outerjoin(OAuthGrant, OAuthGrant.id == AccessToken.grant_id)
    .outerjoin(
        Membership,
        (Membership.person_id == OAuthGrant.person_id) & (Membership.organisation_id == OAuthGrant.organisation_id),
    )
    .join(Tenant, Tenant.id == func.coalesce(OAuthGrant.tenant_id, OAuthClient.tenant_id))
    .where(AccessToken.kid == bindparam("kid"))
)  # fmt: skip
_BY_KID: Any = union_all(_KEY, _TOKEN)


def credential_by_kid(kid: str) -> CredentialRow | None:
    """The key or access token with this key id, with its application and tenant, or None. Needs no write unit.

    The caller compares the digest and judges expiry, revocation and the application's state.
    """
    row = control().connection.execute(_BY_KID, {"kid": kid}).first()
    if row is None:
        return None
    (
        found_kid, digest, id_, application_id, state, organisation_id, tenant_id, plan, environment, product, scopes,
        allowed_ips, allow_open_items, api_version, expires_at_us, revoked_at_us, granted, limits, faults_until_us, consented,
        jkt, is_held, location_ids,
    ) = row  # fmt: skip
    if consented is not None:
        scopes = [scope for scope in scopes if scope in consented]
    return CredentialRow(
        found_kid, digest, id_, application_id, state, organisation_id, tenant_id, plan, environment, product, scopes,
        allowed_ips or [], bool(allow_open_items), api_version, expires_at_us, revoked_at_us,
        granted, limits, faults_until_us, jkt, bool(is_held), tuple(location_ids or ()),
    )  # fmt: skip
