"""Reading and locking campaigns, for the modules of this capability."""

from domain.campaigns import queries
from domain.campaigns.models import Campaign
from kit.documents import Document
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import session


def read_campaign(scope: Scope, *, campaign_id: str) -> Document:
    """Read one campaign document. Raises NotFound."""
    document = queries.one.document(scope, campaign_id=campaign_id)
    if document is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return document


def lock_campaign(scope: Scope, *, campaign_id: str) -> Campaign:
    """Hold a campaign's row until the transaction ends. Raises NotFound."""
    wanted = Campaign.owned_by(scope).where(Campaign.id == campaign_id).with_for_update()
    wanted = wanted.execution_options(populate_existing=True)
    row: Campaign | None = session(scope).scalar(wanted)
    if row is None:
        raise NotFound(f"There is no campaign {campaign_id}.")
    return row


def lock_if_free(scope: Scope, *, campaign_id: str) -> Campaign | None:
    """Hold a campaign's row unless another transaction does; None then, and when there is no such campaign.

    For timers: their own row is held already, so waiting for a campaign whose holder drops that timer would be for ever.
    """
    wanted = Campaign.owned_by(scope).where(Campaign.id == campaign_id).with_for_update(skip_locked=True)
    row: Campaign | None = session(scope).scalar(wanted.execution_options(populate_existing=True))
    return row


def find_campaign(scope: Scope, *, campaign_id: str) -> Document | None:
    """Read one campaign document, or None."""
    return queries.one.document(scope, campaign_id=campaign_id)
