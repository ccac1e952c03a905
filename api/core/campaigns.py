"""Campaigns and SMS alerts in the Core API."""

from typing import Any

from api.core.blueprint import blueprint
from api.core.campaign_schemas import AlertIn
from api.core.campaign_schemas import AlertOut
from api.core.campaign_schemas import CampaignIn
from api.core.campaign_schemas import CampaignOut
from api.core.campaign_schemas import CampaignPatch
from api.core.campaign_schemas import CampaignQuery
from api.core.campaign_schemas import CampaignStatsOut
from api.core.campaign_schemas import ClickIn
from api.core.campaign_schemas import ClickOut
from api.core.campaign_schemas import RecipientOut
from api.core.campaign_schemas import RecipientQuery
from api.gate import endpoint
from api.gate import expected_version
from api.operations import Call
from api.operations import Reply
from domain.campaigns import service as campaigns
from domain.campaigns.alerts import get_alert
from domain.campaigns.alerts import send_alert
from domain.references.service import parse_reference
from kit.documents import Document
from kit.errors import InvalidTransition


@endpoint(
    blueprint, "GET", "/campaigns", scope="campaigns:read", area="campaigns", query=CampaignQuery, returns=CampaignOut,
    is_list=True,
)  # fmt: skip
def list_campaigns(call: Call) -> Reply:
    """List campaigns, newest first, with what came of them so far."""
    query = call.query
    ref = parse_reference(query["ref"], noun="campaign") if "ref" in query else None
    rows = campaigns.list_campaigns(
        call.scope, limit=query["limit"], after=call.after(), status=query.get("status"), channel=query.get("channel"),
        segment_id=query.get("segment_id"), ref=ref,
    )  # fmt: skip
    return call.page(rows, lambda row: [row["created_at"], row["id"]])


@endpoint(
    blueprint, "POST", "/campaigns", scope="campaigns:write", area="campaigns", body=CampaignIn, returns=CampaignOut, status=201
)
def create_campaign(call: Call) -> Reply:
    """Write a campaign.

    It is a `draft` until it is sent; with `scheduled_at` it is `scheduled` and starts by itself. It reaches customers of the
    segment whose consent for the channel is granted at the moment of sending, and nobody else.
    """
    document = campaigns.create_campaign(call.scope, **_columns(call.body))
    return Reply(document=document, headers={"Location": f"/v1/campaigns/{document['id']}"})


@endpoint(blueprint, "GET", "/campaigns/<campaign_id>", scope="campaigns:read", area="campaigns", returns=CampaignOut)
def read_campaign(call: Call, campaign_id: str) -> Document:
    """Read one campaign with what came of it so far."""
    return campaigns.get_campaign(call.scope, campaign_id=campaign_id)


@endpoint(
    blueprint, "PATCH", "/campaigns/<campaign_id>", scope="campaigns:write", area="campaigns", body=CampaignPatch,
    returns=CampaignOut, errors=(InvalidTransition,),
)  # fmt: skip
def change_campaign(call: Call, campaign_id: str) -> Document:
    """Change a campaign that was not sent yet, plan it, or call it off.

    `scheduled_at` plans it and null takes the plan back. `status: cancelled` also stops one that is being sent: who was
    written to stays written to.
    """
    changes = _columns(call.body)
    changes.pop("version", None)
    return campaigns.change_campaign(
        call.scope, campaign_id=campaign_id, expected_version=expected_version(call), status=changes.pop("status", None),
        changes=changes,
    )  # fmt: skip


@endpoint(
    blueprint, "POST", "/campaigns/<campaign_id>/send", scope="campaigns:write", area="campaigns", returns=CampaignOut,
    status=202, errors=(InvalidTransition,),
)  # fmt: skip
def send_campaign(call: Call, campaign_id: str) -> Document:
    """Start sending a campaign now.

    The answer comes before the messages: `campaign.sent` says when the last one is out. No message leaves a sandbox; see
    them at `/sandbox/v1/outbox`.
    """
    return campaigns.send_campaign(call.scope, campaign_id=campaign_id)


@endpoint(
    blueprint, "GET", "/campaigns/<campaign_id>/stats", scope="campaigns:read", area="campaigns", returns=CampaignStatsOut
)
def read_campaign_stats(call: Call, campaign_id: str) -> Document:
    """Read what came of a campaign: recipients, messages, clicks and redeemed offers."""
    return campaigns.get_campaign(call.scope, campaign_id=campaign_id)


@endpoint(
    blueprint, "GET", "/campaigns/<campaign_id>/recipients", scope="campaigns:read", area="campaigns", query=RecipientQuery,
    returns=RecipientOut, is_list=True,
)  # fmt: skip
def list_recipients(call: Call, campaign_id: str) -> Reply:
    """List whom a campaign reached, whom it did not and why."""
    rows = campaigns.list_recipients(
        call.scope, campaign_id=campaign_id, limit=call.query["limit"], after=call.after(), status=call.query.get("status")
    )
    return call.page(rows, lambda row: [row["customer_id"]])


@endpoint(
    blueprint, "POST", "/campaigns/<campaign_id>/clicks", scope="campaigns:write", area="campaigns", body=ClickIn,
    returns=ClickOut,
)  # fmt: skip
def record_click(call: Call, campaign_id: str) -> Document:
    """Report that a recipient followed the campaign's link.

    For landing pages. Only the first click of a recipient counts and emits `campaign.clicked`.
    """
    return campaigns.record_click(call.scope, campaign_id=campaign_id, customer_id=call.body["customer_id"])


@endpoint(
    blueprint, "POST", "/alerts/sms", scope="campaigns:write", area="campaigns", body=AlertIn, returns=AlertOut, status=202
)
def send_sms_alert(call: Call) -> Reply:
    """Send a text message to one customer or to a segment.

    It goes to those who granted marketing by SMS and have a number; `accepted` and `suppressed` say how many they are.
    """
    body = call.body
    alert = send_alert(
        call.scope, text=body["text"], customer_id=body.get("customer_id"), segment_id=body.get("segment_id")
    )
    return Reply(document=alert, headers={"Location": f"/v1/alerts/sms/{alert['id']}"})


@endpoint(blueprint, "GET", "/alerts/sms/<alert_id>", scope="campaigns:read", area="campaigns", returns=AlertOut)
def read_sms_alert(call: Call, alert_id: str) -> Document:
    """Read one SMS alert and how far it is sent."""
    return get_alert(call.scope, alert_id=alert_id)


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """The body in the domain's terms: the message's parts beside the rest."""
    columns = {**body, **body.get("message", {})}
    columns.pop("message", None)
    if "scheduled_at" in columns:
        columns["scheduled_at_us"] = columns.pop("scheduled_at")
    return columns
