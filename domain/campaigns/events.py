"""Events of campaigns and promo codes.

campaign.created and campaign.sent carry the campaign document. The others are about two things and name both:
{id, campaign_id, customer_id, campaign, at}, {id, campaign_id, order_id, customer_id, promo_code, campaign, order, at} and
{id, promo_id, order_id, customer_id, currency, discount_minor, promo, order, used_at}, with whole documents.
"""

from dataclasses import dataclass
from typing import ClassVar

from kit.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CampaignCreated(Event):
    type: ClassVar[str] = "campaign.created"


@dataclass(frozen=True, kw_only=True)
class CampaignSent(Event):
    """Every recipient was looked at: sent to, suppressed or failed."""

    type: ClassVar[str] = "campaign.sent"


@dataclass(frozen=True, kw_only=True)
class CampaignClicked(Event):
    """A recipient followed the link for the first time."""

    type: ClassVar[str] = "campaign.clicked"


@dataclass(frozen=True, kw_only=True)
class OfferRedeemed(Event):
    """An order with a promo code of the campaign was completed."""

    type: ClassVar[str] = "campaign.offer_redeemed"


@dataclass(frozen=True, kw_only=True)
class PromoCodeUsed(Event):
    """A promo code was applied to an order that was placed."""

    type: ClassVar[str] = "promo_code.used"
