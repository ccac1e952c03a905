"""Carries endpoints from the control plane to the planes of the tenants their application works with.

Three steps, each in a transaction of its own: read on control, write on each plane, mark on control. Any of them may be
repeated or lost: an endpoint stays marked until a whole pass for its current version went through, and an older version
never overwrites a newer one. Runs after the commit of a change, and for what is left over in the sweep.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.models import Connection
from accounts.applications.models import Tenant
from accounts.plans.catalog import Tier
from accounts.plans.catalog import keeping_tier
from accounts.plans.catalog import tier_of
from accounts.webhooks.catalog import EVENT_TYPES
from accounts.webhooks.catalog import covers
from accounts.webhooks.dialects import CORE
from accounts.webhooks.dialects import NAMES
from accounts.webhooks.dialects import SCHEDULES
from accounts.webhooks.dialects import TIMEOUT_S
from accounts.webhooks.events import EndpointDisabled
from accounts.webhooks.events import EndpointFailing
from accounts.webhooks.models import LISTENER
from accounts.webhooks.models import Delivery
from accounts.webhooks.models import EndpointHealth
from accounts.webhooks.models import Subscription
from accounts.webhooks.models import WebhookEndpoint
from kit.clock import now
from kit.clock import to_us
from kit.crypto import vault
from kit.outbox import record
from kit.planes import Environment
from kit.scope import Scope
from kit.unit import control
from kit.unit import control_unit
from kit.unit import session
from kit.unit import unit_of_work

log = logging.getLogger(__name__)
BATCH = 100
BY_OWNER = "disabled_by_owner"
DELETED = "deleted"  # of a copy whose endpoint is gone
BEYOND_PLAN = "beyond_plan"  # a smaller plan has no room for it; a larger one switches it on again
GONE = "gone_410"  # it answered that it wants nothing more
LISTENER_AWAY = "listener_away"  # the client of a listener has not asked for a while
UNTOLD = "stopped:"  # marks a subscription its plane has switched off until control has learnt of it
SHOWN = (
    "id", "url", "description", "event_types", "api_version", "exclude_own", "location_ids", "filters", "header_names",
    "signature", "public_key", "max_in_flight", "max_per_second", "state", "disabled_reason", "version",
)  # fmt: skip
QUIETLY = (None, BY_OWNER, LISTENER_AWAY)  # reasons nobody has to be told of


@dataclass(frozen=True, slots=True)
class _Target:
    """One tenant an endpoint is copied to."""

    tenant_id: str
    tier: Tier
    kept_days: int
    since: datetime  # events committed before are not for this endpoint
    is_ready: bool


def sync_endpoint(endpoint_id: str) -> None:
    """Bring every tenant's subscription up to an endpoint's current version. An unknown endpoint is left alone."""
    with control_unit(writes=False):
        endpoint = control().session.get(WebhookEndpoint, endpoint_id)
        targets = _targets(endpoint) if endpoint is not None else []
    if endpoint is None:
        return
    for target in targets:
        scope = Scope(Environment(endpoint.environment), target.tenant_id, application_id=endpoint.application_id)
        with unit_of_work(scope):
            _copy(scope, endpoint, target)
    with control_unit():
        control().session.execute(
            update(WebhookEndpoint)
            .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.version == endpoint.version)
            .where(WebhookEndpoint.warnings == endpoint.warnings)
            .values(needs_sync=False)
        )


def sync_pending() -> int:
    """Sync what no earlier pass finished: changed endpoints, and endpoints of new connections. Returns how many it did."""
    with control_unit(writes=False):
        query = select(WebhookEndpoint.id).where(WebhookEndpoint.needs_sync.is_(True))
        # In any order: endpoints that fail each time must not stand in front of the others for ever.
        changed = list(control().session.scalars(query.order_by(func.random()).limit(BATCH)))
        connections = list(
            control().session.scalars(select(Connection).where(Connection.synced_at.is_(None)).limit(BATCH))
        )
    return sum(_tried(endpoint_id) for endpoint_id in changed) + sum(map(_sync_connection, connections))


def _sync_connection(connection: Connection) -> int:
    """Subscribe the endpoints an application already has to a newly connected tenant. Returns how many it synced."""
    with control_unit(writes=False):
        query = select(WebhookEndpoint.id).where(
            WebhookEndpoint.application_id == connection.application_id,
            WebhookEndpoint.environment == Environment.PRODUCTION,
            WebhookEndpoint.deleted_at.is_(None),
        )
        endpoint_ids = list(control().session.scalars(query))
    done = [_tried(endpoint_id) for endpoint_id in endpoint_ids]
    if all(done):
        with control_unit():
            control().session.execute(update(Connection).where(Connection.id == connection.id).values(synced_at=now()))
    return sum(done)


def _tried(endpoint_id: str) -> bool:
    try:
        sync_endpoint(endpoint_id)
    except Exception:  # one endpoint that cannot be synced must not keep the others waiting
        log.exception("endpoint was not synced", extra={"endpoint_id": endpoint_id})
        return False
    return True


def _targets(endpoint: WebhookEndpoint) -> list[_Target]:
    find = control().session.execute
    if endpoint.environment == Environment.SANDBOX:
        own = select(Tenant).where(
            Tenant.application_id == endpoint.application_id, Tenant.environment == Environment.SANDBOX
        )
        return [_target(endpoint, tenant, endpoint.created_at) for (tenant,) in find(own)]
    connected = (
        select(Tenant, Connection.created_at)
        .join(Connection, Connection.tenant_id == Tenant.id)
        .where(Connection.application_id == endpoint.application_id)
    )
    return [_target(endpoint, tenant, since) for tenant, since in find(connected)]


def _target(endpoint: WebhookEndpoint, tenant: Tenant, since: datetime) -> _Target:
    keeping = keeping_tier(tenant.plan_tier, is_sandbox=tenant.environment == Environment.SANDBOX)
    since = max(endpoint.created_at, since)
    return _Target(tenant.id, tier_of(tenant.plan_tier), keeping.event_days, since, tenant.state == "ready")


def _copy(scope: Scope, endpoint: WebhookEndpoint, target: _Target) -> None:
    """Write one subscription unless the plane has this version or a newer one."""
    query = Subscription.owned_by(scope).where(Subscription.id == endpoint.id).with_for_update()
    row: Subscription | None = session(scope).scalar(query)
    if row is None:
        listened_at = now() if endpoint.made_by == LISTENER else None  # its client opens it at this moment
        row = Subscription(
            id=endpoint.id, created_at=target.since, version=0, warnings=endpoint.warnings, listened_at=listened_at
        )
        session(scope).add(row)
    _tell_of_failing(scope, endpoint, row, target)
    if row.version >= endpoint.version:
        return
    was_announced, was_off = row.disabled_reason == endpoint.disabled_reason, row.version > 0 and not row.is_enabled
    for name, value in _values(scope, endpoint, target).items():
        setattr(row, name, value)
    is_fault = endpoint.state == "disabled" and endpoint.disabled_reason not in QUIETLY
    if is_fault and target.is_ready and not was_announced:
        record(scope, EndpointDisabled(object=document_of(endpoint)))
    if endpoint.deleted_at is not None:
        _move_deliveries(
            scope,
            endpoint,
            ("pending", "held"),
            state="dead",
            due_at=None,
            last_reason="endpoint_deleted",
            finished_at=now(),
        )
    elif row.is_enabled:
        _forgive(scope, endpoint, is_new_start=was_off)
        _move_deliveries(scope, endpoint, ("held",), state="pending", due_at=now(), finished_at=None)


def _forgive(scope: Scope, endpoint: WebhookEndpoint, *, is_new_start: bool) -> None:
    """End the pause of an endpoint that was changed: the change may be the cure. Switched on again, it begins anew."""
    row: EndpointHealth | None = session(scope).scalar(
        EndpointHealth.owned_by(scope).where(EndpointHealth.id == endpoint.id).with_for_update()
    )
    if row is None and not is_new_start:
        return
    if row is None:
        row = EndpointHealth(id=endpoint.id)
        session(scope).add(row)
    row.pauses, row.paused_until, row.pause_reason = 0, None, None
    if is_new_start:
        row.failing_since, row.warned_percent, row.told_percent = None, 0, 0
        row.judged_from = row.recovered_at = now()


def _tell_of_failing(scope: Scope, endpoint: WebhookEndpoint, row: Subscription, target: _Target) -> None:
    """Announce the endpoint's last warning unless the plane has; one it has recovered from meanwhile is no news."""
    if row.warnings >= endpoint.warnings:
        return
    row.warnings = endpoint.warnings
    if endpoint.warned_percent and endpoint.deleted_at is None and target.is_ready:
        record(scope, EndpointFailing(object=failing_document_of(endpoint)))


def _values(scope: Scope, endpoint: WebhookEndpoint, target: _Target) -> dict[str, Any]:
    return {
        "application_id": endpoint.application_id,
        "url": endpoint.url,
        "event_types": _allowed_types(endpoint, target.tier),
        "api_version": endpoint.api_version,
        "exclude_own": endpoint.exclude_own,
        "location_ids": endpoint.location_ids,
        "filters": endpoint.filters,
        "header_names": endpoint.header_names,
        "sealed_headers": _resealed(endpoint.sealed_headers, scope, endpoint, "headers"),
        "dialect": endpoint.dialect,
        "dialect_options": endpoint.dialect_options,
        "signature": endpoint.signature,
        "public_key": endpoint.public_key,
        "max_in_flight": endpoint.max_in_flight,
        "max_per_second": endpoint.max_per_second,
        "scopes": endpoint.scopes,
        "retry_schedule": list(SCHEDULES.get(endpoint.dialect, target.tier.retry_schedule_s)),
        "timeout_s": TIMEOUT_S if endpoint.dialect in SCHEDULES else target.tier.delivery_timeout_s,
        "kept_days": target.kept_days,
        "is_enabled": endpoint.state == "enabled" and endpoint.deleted_at is None,
        "disabled_reason": DELETED if endpoint.deleted_at is not None else endpoint.disabled_reason,
        "version": endpoint.version,
        "sealed_secret": _resealed(endpoint.sealed_secret, scope, endpoint, "secret"),
        "sealed_previous_secret": _resealed(endpoint.sealed_previous_secret, scope, endpoint, "secret"),
        "previous_secret_expires_at": endpoint.previous_secret_expires_at,
    }


def _allowed_types(endpoint: WebhookEndpoint, tier: Tier) -> list[str]:
    """What the dialect has names for and, where it goes by the plan, the tenant's plan lets through.

    A smaller plan than at creation narrows the copy, not the endpoint.
    """
    wanted, goes_by_plan = endpoint.event_types, endpoint.dialect not in SCHEDULES
    if endpoint.dialect == CORE and tier.event_types is None:
        return wanted
    known = [name for name in EVENT_TYPES if name in NAMES[endpoint.dialect] and covers(wanted, name)]
    return [name for name in known if not goes_by_plan or tier.allows_event(name)]


def _resealed(sealed: str | None, scope: Scope, endpoint: WebhookEndpoint, name: str) -> str | None:
    """What is sealed for the endpoint, sealed for its copy on a plane."""
    if sealed is None:
        return None
    opened = vault.box.open(sealed, "control", endpoint.application_id, "webhook_endpoints", endpoint.id, name)
    return vault.box.seal(opened, scope.environment, scope.tenant_id, "subscriptions", endpoint.id, name)


def _move_deliveries(scope: Scope, endpoint: WebhookEndpoint, states: tuple[str, ...], **values: Any) -> None:
    session(scope).execute(
        update(Delivery)
        .where(Delivery.tenant_id == scope.tenant_id, Delivery.endpoint_id == endpoint.id, Delivery.state.in_(states))
        .values(lease_id=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )


def document_of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """The canonical document of an endpoint, for answers and event bodies. Never holds a secret."""
    document: dict[str, Any] = {name: getattr(endpoint, name) for name in SHOWN}
    return document | {"created_at": to_us(endpoint.created_at), "updated_at": to_us(endpoint.updated_at)}


def failing_document_of(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """What event webhook.endpoint.failing is about: a warned endpoint, and how near it is to being disabled."""
    since, until = endpoint.failing_since, endpoint.disabled_at_earliest
    return document_of(endpoint) | {
        "percent": endpoint.warned_percent, "failing_since": to_us(since) if since else None,
        "disabled_at_earliest": to_us(until) if until else None,
    }  # fmt: skip
