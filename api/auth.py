"""Who is calling: turns a credential into a Principal, once per few seconds and process.

The cache is keyed by a digest of the Authorization header and holds a Principal for at most CACHE_S; a revocation also moves the
shared counter that api.limits reads with every call, so it takes effect on the next request everywhere.
"""

import time
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import IPv4Network
from ipaddress import IPv6Network
from ipaddress import ip_address
from ipaddress import ip_network
from secrets import token_bytes
from threading import Lock

from accounts.keys.queries import CredentialRow
from accounts.keys.queries import credential_by_kid
from accounts.plans.catalog import Tier
from accounts.plans.catalog import keeping_tier
from accounts.plans.catalog import lowest_tier_above
from accounts.plans.catalog import tier_of
from accounts.plans.catalog import tier_with
from kit.clock import now_us
from kit.crypto import parse
from kit.crypto import same
from kit.crypto import vault
from kit.errors import Forbidden
from kit.errors import IpNotAllowed
from kit.errors import PlanRequired
from kit.errors import ProductionNotApproved
from kit.errors import TokenExpired
from kit.errors import TokenRevoked
from kit.errors import Unauthenticated
from kit.planes import Environment
from kit.scope import Actor
from kit.scope import Scope
from kit.unit import control_unit

CACHE_S = 5.0
CACHE_SIZE = 10_000
_PROCESS_KEY = token_bytes(32)
BOUND = "This token is bound to a key: send it as `Authorization: DPoP <token>`, with a proof in the header DPoP."
UNBOUND = "This credential is not bound to a key: send it as `Authorization: Bearer <credential>`."
HOW_TO = "Send `Authorization: Bearer <your API key>`; keys are created in the portal under Keys."


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated credential and everything the gate asks about it."""

    credential_id: str
    kid: str
    application_id: str
    organisation_id: str
    scope: Scope
    scopes: frozenset[str]
    plan_tier: str | None
    tier: Tier
    product: str
    api_version: str
    allow_open_items: bool
    networks: tuple[IPv4Network | IPv6Network, ...]
    expires_at_us: int | None
    limiter_key: str  # of the application at this tenant: its credentials share one allowance
    faults_until_us: int | None = None  # injected faults of a sandbox strike until then
    jkt: str | None = None  # thumbprint of the key each request must prove

    @property
    def environment(self) -> Environment:
        return self.scope.environment

    @property
    def log_days(self) -> int:
        """How long its calls are kept."""
        return keeping_tier(self.plan_tier, is_sandbox=self.environment == Environment.SANDBOX).log_days


class PrincipalCache:
    """Digest of an Authorization header → Principal, for a few seconds. Bounded; emptied when the revocation counter moves."""

    def __init__(self) -> None:
        self._entries: dict[bytes, tuple[float, Principal]] = {}
        self._epoch = ""
        self._lock = Lock()

    def find(self, digest: bytes) -> Principal | None:
        entry = self._entries.get(digest)
        return entry[1] if entry is not None and entry[0] > time.monotonic() else None

    @property
    def epoch(self) -> str:
        """The shared revocation counter as last observed."""
        return self._epoch

    def keep(self, digest: bytes, principal: Principal, epoch: str) -> None:
        """Keep what was looked up while `epoch` was current; dropped when something was revoked meanwhile."""
        with self._lock:
            if epoch != self._epoch:
                return
            if len(self._entries) >= CACHE_SIZE:
                self._entries.clear()
            self._entries[digest] = (time.monotonic() + CACHE_S, principal)

    def observe(self, epoch: str) -> None:
        """Note the shared revocation counter; when it moved, the cache is emptied."""
        with self._lock:
            if epoch != self._epoch:
                self._epoch = epoch
                self._entries.clear()

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


cache = PrincipalCache()


def cache_key(authorization: str) -> bytes:
    """What an Authorization header is remembered by in this process; the header itself is not kept."""
    return blake2b(authorization.encode("utf-8", "surrogateescape"), digest_size=32, key=_PROCESS_KEY).digest()


def authenticate(authorization: str | None, ip: str) -> Principal:
    """Return the Principal of an Authorization header. Where it has a jkt, the caller still asks for a proof of that key.

    Raises Unauthenticated, TokenExpired, TokenRevoked (401), ProductionNotApproved or IpNotAllowed (403).
    """
    header = authorization or ""
    known_as = cache_key(header)
    epoch = cache.epoch
    principal = cache.find(known_as)
    if principal is None:
        principal = _look_up(header)
        cache.keep(known_as, principal, epoch)
    if principal.expires_at_us is not None and principal.expires_at_us <= now_us():
        raise TokenExpired("This credential has expired; create or roll a key in the portal.")
    if principal.networks and not _is_within(ip, principal.networks):
        raise IpNotAllowed(f"This credential may not be used from {ip or 'an unknown address'}.")
    return principal


def _is_within(ip: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether an address lies in one of the networks; one that cannot be read lies in none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    # A server listening on both families sees IPv4 callers as ::ffff:a.b.c.d.
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)


def _look_up(header: str) -> Principal:
    scheme, text = scheme_and_text(header)
    credential = parse(text) if scheme in ("bearer", "dpop") else None
    if credential is None:
        raise Unauthenticated(HOW_TO)
    digest = vault.digest(credential.text)
    with control_unit(writes=False):
        row = credential_by_kid(credential.kid)
    if row is None or not same(row.digest, digest):
        raise Unauthenticated(HOW_TO)
    if (row.jkt is not None) != (scheme == "dpop"):
        raise Unauthenticated(UNBOUND if row.jkt is None else BOUND)
    if row.revoked_at_us is not None and row.revoked_at_us <= now_us():
        raise TokenRevoked("This credential was revoked.")
    if row.application_state == "suspended":
        raise Forbidden(
            "This application is suspended; the portal says why.", required_scopes=[], status_url=_status_url(row.application_id)
        )
    if row.environment == Environment.PRODUCTION and row.application_state != "approved":
        raise ProductionNotApproved(
            "Ask for production access in the portal; this key starts to work on approval.",
            application_state=row.application_state, status_url=_status_url(row.application_id),
        )  # fmt: skip
    if row.is_held:
        tier = tier_of(row.tenant_plan)
        raise PlanRequired(
            f"This credential is beyond what the restaurant's {tier.label} plan includes; the portal says how it works again.",
            required_plan=lowest_tier_above(tier, "max_keys") or tier.name, docs="/docs/plans",
        )  # fmt: skip
    return principal_of(row)


def scheme_and_text(authorization: str) -> tuple[str, str]:
    """The scheme of an Authorization header in small letters, and the credential after it."""
    scheme, _, text = authorization.partition(" ")
    return scheme.lower(), text.strip()


def _status_url(application_id: str) -> str:
    """Where its people read what became of their application: a path of the portal."""
    return f"/live/application?application={application_id}"


def limiter_key(environment: str, tenant_id: str, application_id: str) -> str:
    """What the calls of an application at one tenant are counted under."""
    return f"{environment}:{tenant_id}:{application_id}"


def principal_of(row: CredentialRow) -> Principal:
    """Build the Principal of a stored credential. In production it may do what was granted to its application, and no more."""
    environment = Environment(row.environment)
    scopes, tier = frozenset(row.scopes), tier_of(row.tenant_plan)
    if environment == Environment.PRODUCTION:
        scopes = scopes & frozenset(row.granted_scopes) if row.granted_scopes else scopes
        tier = tier_with(row.tenant_plan, tuple(sorted(row.limits.items()))) if row.limits else tier
    return Principal(
        credential_id=row.id,
        kid=row.kid,
        application_id=row.application_id,
        organisation_id=row.organisation_id,
        scope=Scope(
            environment, row.tenant_id, Actor("api_key", row.id), row.application_id, location_ids=frozenset(row.location_ids)
        ),
        scopes=scopes,
        plan_tier=row.tenant_plan,
        tier=tier,
        product=row.product,
        api_version=row.api_version,
        allow_open_items=row.allow_open_items,
        networks=tuple(ip_network(cidr) for cidr in row.allowed_ips),
        expires_at_us=row.expires_at_us,
        limiter_key=limiter_key(environment, row.tenant_id, row.application_id),
        faults_until_us=row.faults_until_us,
        jkt=row.jkt,
    )
