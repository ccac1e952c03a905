"""API keys: issued, listed, rolled, revoked. The key text exists once, in the answer that issues it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.errors import ProductionNotConnected
from accounts.applications.revocations import revocations
from accounts.applications.service import Side
from accounts.applications.service import checked_name
from accounts.applications.service import checked_places
from accounts.applications.service import ensure_on
from accounts.applications.service import lock_application
from accounts.applications.service import plan_now
from accounts.audit import service as audit
from accounts.keys.errors import KeyNotActive
from accounts.keys.models import ApiKey
from accounts.keys.room import is_counted
from accounts.keys.room import release_keys
from accounts.people.places import network_of
from accounts.plans.catalog import API_VERSION
from accounts.plans.catalog import tier_of
from accounts.plans.limits import ensure_room
from accounts.plans.scopes import checked
from accounts.plans.scopes import scopes_of
from kit.clock import from_us
from kit.clock import now
from kit.crypto import mint
from kit.crypto import vault
from kit.errors import FieldError
from kit.errors import Invalid
from kit.errors import NotFound
from kit.ids import new_id
from kit.planes import Environment
from kit.unit import control

GRACES_S = (0, 3600, 86_400, 604_800)  # how long a rolled key may go on working
MAX_NETWORKS = 20
TOUCH_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key and its text, which is shown now and never again."""

    key: ApiKey
    text: str


def create_key(
    side: Side, *, name: str, scopes: Iterable[str], expires_at: datetime | None = None,
    allowed_ips: Iterable[str] = (), kind: str | None = None, allow_open_items: bool = False, location_ids: Iterable[str] = (),
) -> Issued:  # fmt: skip
    """Issue a key for one environment of an application.

    kind: `sk` holds every scope of the environment, `rk` is restricted; None chooses by the scopes. allowed_ips: addresses
    or networks (CIDR), none means any. location_ids: the only locations it may work at, ones the caller knows to exist.
    A production key may be made before approval; the API refuses it until then.
    Raises Forbidden for a reading role, ProductionNotConnected (409), PlanRequired (403) or Invalid (422) when the plan's
    number of keys is used up, Invalid (422) for bad input.
    """
    ensure_on(side, "keys.write")
    key = _new_key(
        side, name=checked_name(name), scopes=checked(scopes, environment=side.environment, within=side.scopes),
        expires_at=_future(expires_at), allowed_ips=_networks(allowed_ips), allow_open_items=allow_open_items,
        location_ids=checked_places(location_ids),
    )  # fmt: skip
    key.head = _head(side.environment, kind, key.scopes)
    if not side.tenant_id:
        raise ProductionNotConnected("A production key needs a restaurant that has connected this application.")
    lock_application(side.application_id)
    ensure_room(tier_of(plan_now(side)), "max_keys", used=_active_keys(side), noun="API keys")
    return _issue(side, key, "key.created", {"name": key.name, "scopes": key.scopes, "location_ids": key.location_ids})


def roll_key(side: Side, *, key_id: str, grace_s: int) -> Issued:
    """Replace a key by a new one with the same powers; the old one works `grace_s` more seconds (0, 1 h, 24 h, 7 d).

    Raises NotFound, KeyNotActive (409) for a revoked, expired, held or already rolled key, Forbidden, Invalid for another grace.
    """
    ensure_on(side, "keys.write")
    if grace_s not in GRACES_S:
        raise Invalid("Choose a grace of 0, 3600, 86400 or 604800 seconds.",
                      errors=[FieldError("grace_s", "invalid_value", "0, 3600, 86400 or 604800")])  # fmt: skip
    lock_application(side.application_id)
    old, at = _get(side, key_id), now()
    if old.revoked_at or old.rolled_into_id or old.held_at or (old.expires_at and old.expires_at <= at):
        raise KeyNotActive
    key = _new_key(
        side, name=old.name, scopes=old.scopes, expires_at=old.expires_at, allowed_ips=old.allowed_ips,
        allow_open_items=old.allow_open_items, location_ids=old.location_ids,
    )  # fmt: skip
    key.head, key.api_version, key.tenant_id = old.head, old.api_version, old.tenant_id
    issued = _issue(side, key, "key.rolled", {"replaces": old.id, "grace_s": grace_s})
    old.rolled_into_id = key.id
    if grace_s:
        ends_at = at + timedelta(seconds=grace_s)
        old.expires_at = min(old.expires_at, ends_at) if old.expires_at else ends_at
    else:
        old.revoked_at = at
    revocations.announce()
    return issued


def change_version(side: Side, *, key_id: str, api_version: str) -> ApiKey:
    """Have a key speak another dated version from its next request on. api_version: one the caller knows to exist.

    Raises NotFound, Forbidden, KeyNotActive (409) for a revoked or expired key. The same version again changes nothing.
    """
    ensure_on(side, "keys.write")
    lock_application(side.application_id)
    key = _get(side, key_id)
    if key.revoked_at or (key.expires_at and key.expires_at <= now()):
        raise KeyNotActive
    if key.api_version != api_version:
        _note(side, "key.version_changed", key, {"from": key.api_version, "to": api_version})
        key.api_version = api_version
        revocations.announce()
    return key


def revoke_key(side: Side, *, key_id: str) -> ApiKey:
    """Make a key stop working with the next request. Repeating it changes nothing. Raises NotFound, Forbidden.

    The oldest key that the plan had no room for works from then on.
    """
    ensure_on(side, "keys.write")
    lock_application(side.application_id)
    key = _get(side, key_id)
    if key.revoked_at is None:
        key.revoked_at = now()
        control().session.flush()  # it makes room
        released = release_keys(application_id=side.application_id, tenant_id=key.tenant_id)
        _note(side, "key.revoked", key, {"name": key.name, "released": [other.id for other in released]})
        revocations.announce()
    return key


def list_keys(side: Side) -> list[ApiKey]:
    """Every key of this environment, newest first, revoked ones included."""
    query = _keys_of(side).order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    return list(control().session.scalars(query))


def get_key(side: Side, *, key_id: str) -> ApiKey:
    """One key of this environment. Raises NotFound, also for another application's."""
    return _get(side, key_id)


def touch_keys(used: dict[str, tuple[int, str, str]]) -> None:
    """Note when, from which network and for what keys were used, each at most once a minute.

    used: key id (kid) → (µs, address, method and route). The address itself belongs to the request log, which forgets.
    Kids of access tokens match no key and are left alone.
    """
    connection = control().connection
    for kid, (at_us, ip, what) in sorted(used.items()):
        at = from_us(at_us)
        is_old = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at - TOUCH_EVERY)
        connection.execute(
            update(ApiKey)
            .where(ApiKey.kid == kid, is_old)
            .values(last_used_at=at, last_used_ip=network_of(ip), last_used_for=what[:220])
        )


def _new_key(side: Side, **values: Any) -> ApiKey:
    return ApiKey(
        id=new_id("key"), application_id=side.application_id, tenant_id=side.tenant_id, environment=side.environment,
        product="core", api_version=API_VERSION, created_by=side.person_id, created_at=now(), **values,
    )  # fmt: skip


def _issue(side: Side, key: ApiKey, action: str, details: dict[str, Any]) -> Issued:
    credential = mint(key.head)
    key.kid, key.digest, key.last4 = credential.kid, vault.digest(credential.text), credential.last4
    control().session.add(key)
    _note(side, action, key, details)
    return Issued(key, credential.text)


def _note(side: Side, action: str, key: ApiKey, details: dict[str, Any]) -> None:
    audit.record(
        organisation_id=side.organisation_id, person_id=side.person_id, action=action, target=key.id,
        details={"environment": side.environment, "application_id": side.application_id, **details},
    )  # fmt: skip


def _head(environment: Environment, kind: str | None, scopes: list[str]) -> str:
    is_full = set(scopes) == scopes_of(environment)
    kind = kind or ("sk" if is_full else "rk")
    if kind not in ("sk", "rk") or (kind == "sk" and not is_full):
        message = "`rk` for a restricted key, `sk` for one with every scope"
        raise Invalid(f"The kind of a key is {message}.", errors=[FieldError("kind", "invalid_value", message)])
    return f"tp_{'live' if environment == Environment.PRODUCTION else 'test'}_{kind}_"


def _keys_of(side: Side) -> Any:
    return select(ApiKey).where(ApiKey.application_id == side.application_id, ApiKey.environment == side.environment)


def _get(side: Side, key_id: str) -> ApiKey:
    key: ApiKey | None = control().session.scalar(_keys_of(side).where(ApiKey.id == key_id))
    if key is None:
        raise NotFound
    return key


def _active_keys(side: Side) -> int:
    query = select(func.count()).select_from(ApiKey).where(*is_counted(side.application_id, side.tenant_id))
    return int(control().session.scalar(query))


def _future(expires_at: datetime | None) -> datetime | None:
    if expires_at is not None and expires_at <= now():
        message = "must be in the future"
        raise Invalid(f"The expiry {message}.", errors=[FieldError("expires_at", "invalid_value", message)])
    return expires_at


def _networks(allowed_ips: Iterable[str]) -> list[str]:
    networks = []
    for index, text in enumerate(allowed_ips):
        try:
            networks.append(str(ip_network(text.strip(), strict=False)))
        except ValueError as error:
            message = "an IP address or a network such as 203.0.113.0/24"
            field = FieldError(f"allowed_ips[{index}]", "invalid_value", message)
            raise Invalid(f"{text!r} is not {message}.", errors=[field]) from error
    if len(networks) > MAX_NETWORKS:
        message = f"at most {MAX_NETWORKS} networks"
        raise Invalid(f"A key takes {message}.", errors=[FieldError("allowed_ips", "invalid_value", message)])
    return networks
