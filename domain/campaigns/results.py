"""What came of a campaign: clicks and redeemed offers, counted on the campaign."""

from domain.campaigns import queries
from domain.campaigns.events import CampaignClicked
from domain.campaigns.rows import read_campaign
from kit.documents import Document
from kit.errors import FieldError
from kit.errors import Invalid
from kit.outbox import record
from kit.scope import Scope
from kit.unit import tenant_now_us


def record_click(scope: Scope, *, campaign_id: str, customer_id: str) -> Document:
    """Note that a recipient followed the campaign's link; the first time records campaign.clicked.

    Returns {campaign_id, customer_id, clicked_at, is_first}. Raises NotFound, Invalid (422) for a customer whom the
    campaign was not sent to.
    """
    read_campaign(scope, campaign_id=campaign_id)
    now_us = tenant_now_us(scope)
    row = queries.click.row(scope, campaign_id=campaign_id, customer_id=customer_id, clicked_at=now_us)
    recipient = queries.recipient.document(scope, campaign_id=campaign_id, customer_id=customer_id)
    if recipient is None or recipient["clicked_at"] is None:
        message = f"The campaign was not sent to a customer {customer_id}."
        raise Invalid(message, errors=[FieldError("customer_id", "validation_failed", message)])
    click = {"campaign_id": campaign_id, "customer_id": customer_id, "clicked_at": recipient["clicked_at"]}
    if row is not None:
        queries.add_counts.rows(scope, ("clicked",), campaign_id=campaign_id, add_clicked=1, changed_at=now_us)
        campaign = read_campaign(scope, campaign_id=campaign_id)
        record(scope, CampaignClicked(object={"id": recipient["id"], **click, "campaign": campaign}))
    return {**click, "is_first": row is not None}


def count_redemption(scope: Scope, *, campaign_id: str) -> Document:
    """Count an order that used an offer of the campaign; returns the campaign document after that."""
    queries.add_counts.rows(
        scope, ("redeemed",), campaign_id=campaign_id, add_redeemed=1, changed_at=tenant_now_us(scope)
    )
    return read_campaign(scope, campaign_id=campaign_id)
