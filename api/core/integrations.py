"""Integrations in the Core API: connected systems, what their references mean here, and the runs that check it."""

from typing import Any

from accounts.plans.catalog import lowest_tier_where
from api.core.blueprint import blueprint
from api.core.integration_schemas import IntegrationHealthOut
from api.core.integration_schemas import IntegrationIn
from api.core.integration_schemas import IntegrationOut
from api.core.integration_schemas import IntegrationPatch
from api.core.integration_schemas import IntegrationQuery
from api.core.integration_schemas import MappingOut
from api.core.integration_schemas import MappingQuery
from api.core.integration_schemas import MappingsIn
from api.core.integration_schemas import SyncRunOut
from api.core.schemas import PageQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.integrations import mappings
from domain.integrations import service as integrations
from domain.integrations import syncing
from domain.integrations.mappings import ReferenceSeen
from kit.documents import Document
from kit.errors import InvalidTransition
from kit.errors import PlanRequired

READ, WRITE, AREA = "integrations:read", "integrations:write", "integrations"


@endpoint(
    blueprint, "GET", "/integrations", scope=READ, area=AREA, query=IntegrationQuery, returns=IntegrationOut, is_list=True
)
def list_integrations(call: Call) -> Reply:
    """List integrations, newest first."""
    query = call.query
    rows = integrations.list_integrations(
        call.scope, limit=query["limit"], after=call.after(), kind=query.get("kind"), state=query.get("state"),
        location_id=query.get("location_id"),
    )  # fmt: skip
    return call.page(rows, _position)


@endpoint(
    blueprint, "POST", "/integrations", scope=WRITE, area=AREA, body=IntegrationIn, returns=IntegrationOut, status=201,
    errors=(PlanRequired,),
)  # fmt: skip
def create_integration(call: Call) -> Reply:
    """Connect a system.

    Put what anyone may read under `config` and what nobody may under `secrets`: they are sealed, and only their names are
    shown again. Hotel and BI systems need the Enterprise plan. A hotel is charged by mapping its folios to customers and
    taking payments with method `room_charge`.
    """
    _require_kind(call, call.body["kind"])
    document = integrations.create_integration(call.scope, **call.body)
    return Reply(document=document, headers={"Location": f"/v1/integrations/{document['id']}"})


@endpoint(blueprint, "GET", "/integrations/health", scope=READ, area=AREA, returns=IntegrationHealthOut)
def read_integration_health(call: Call) -> Document:
    """Read how the connections are: `attention` when one is degraded, needs a mapping or failed its last run."""
    return integrations.health(call.scope)


@endpoint(blueprint, "GET", "/integrations/<integration_id>", scope=READ, area=AREA, returns=IntegrationOut)
def read_integration(call: Call, integration_id: str) -> Document:
    """Read one integration."""
    return integrations.get_integration(call.scope, integration_id=integration_id)


@endpoint(
    blueprint, "PATCH", "/integrations/<integration_id>", scope=WRITE, area=AREA, body=IntegrationPatch,
    returns=IntegrationOut, errors=(InvalidTransition,),
)  # fmt: skip
def change_integration(call: Call, integration_id: str) -> Document:
    """Change an integration, disconnect it or connect it again.

    `config` is replaced whole, `secrets` by name. `degraded` and `mapping_required` follow from runs and references; an
    integration whose references need a mapping cannot be connected by hand (409).
    """
    body = {name: value for name, value in call.body.items() if name != "version"}
    return integrations.change_integration(
        call.scope, integration_id=integration_id, expected_version=expected_version(call), **body
    )


@endpoint(blueprint, "DELETE", "/integrations/<integration_id>", scope=WRITE, area=AREA, status=204)
def delete_integration(call: Call, integration_id: str) -> Reply:
    """End an integration with its mappings, secrets and runs."""
    integrations.delete_integration(call.scope, integration_id=integration_id)
    return Reply(status=204)


@endpoint(
    blueprint, "GET", "/integrations/<integration_id>/mappings", scope=READ, area=AREA, query=MappingQuery, returns=MappingOut,
    is_list=True,
)  # fmt: skip
def list_mappings(call: Call, integration_id: str) -> Reply:
    """List what the system's references mean here, by kind and reference.

    `unmapped`: seen, and nobody has said what it is. `missing`: what it was is gone or switched off.
    """
    rows = mappings.list_mappings(
        call.scope, integration_id=integration_id, limit=call.query["limit"], after=call.after(),
        only_unresolved=call.query.get("unresolved") == "true",
    )  # fmt: skip
    return call.page(rows, lambda row: [row["kind"], row["external_ref"]])


@endpoint(
    blueprint, "PUT", "/integrations/<integration_id>/mappings", scope=WRITE, area=AREA, body=MappingsIn,
    returns=IntegrationOut,
)  # fmt: skip
def put_mappings(call: Call, integration_id: str) -> Document:
    """Say what references mean.

    Up to 500 at once; those not named stay as they are, unless `replace` is true. `menu_item`, `modifier`, `tax` and
    `table` stand for ours of that id, `folio` for a customer. Answers with the integration, which is connected again when
    nothing is left without a meaning.
    """
    named = [
        ReferenceSeen(one["kind"], one["external_ref"], one.get("external_name"), one["object_id"])
        for one in call.body["mappings"]
    ]
    return mappings.put_mappings(
        call.scope, integration_id=integration_id, mappings=named, replaces_all=call.body["replace"]
    )


@endpoint(
    blueprint, "POST", "/integrations/<integration_id>/sync", scope=WRITE, area=AREA, returns=SyncRunOut, status=202,
    errors=(InvalidTransition,),
)  # fmt: skip
def start_sync(call: Call, integration_id: str) -> Document:
    """Start a run that compares the mappings with the restaurant.

    Answers with the run, or the one already under way. `integration.sync_completed` or `integration.sync_failed` tells
    when it is done.
    """
    return _shown(syncing.start_sync(call.scope, integration_id=integration_id))


@endpoint(
    blueprint, "GET", "/integrations/<integration_id>/runs", scope=READ, area=AREA, query=PageQuery, returns=SyncRunOut,
    is_list=True,
)  # fmt: skip
def list_runs(call: Call, integration_id: str) -> Reply:
    """List an integration's runs, newest first, with what each found."""
    rows = syncing.list_runs(
        call.scope, integration_id=integration_id, limit=call.query["limit"], after=call.after()
    )
    return call.page([_shown(row) for row in rows], _position)


def _require_kind(call: Call, kind: str) -> None:
    tier = call.principal.tier
    if kind not in tier.integration_kinds:
        required = lowest_tier_where(lambda other: kind in other.integration_kinds)
        raise PlanRequired(f"The {tier.label} plan does not connect {kind} systems.", required_plan=required, docs="/docs/plans")


def _shown(run: Document) -> Document:
    """A run that found nothing yet has no counts."""
    return run | {"counts": run["counts"] or None}


def _position(row: Document) -> list[Any]:
    return [row["created_at"], row["id"]]
