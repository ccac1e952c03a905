"""The deposit a location asks for. Pure functions over its `deposit_policy`.

{required, min_party, amount_minor, per_person, refundable_hours}: what is absent is as lenient as can be.
"""

from domain.bookings.hours import MINUTE_US
from kit.documents import Document


def required_deposit(location: Document, party_size: int) -> int:
    """Minor units that a party of this size has to leave."""
    policy = location["deposit_policy"]
    if not policy.get("required") or party_size < policy.get("min_party", 1):
        return 0
    amount: int = policy.get("amount_minor", 0)
    return amount * party_size if policy.get("per_person") else amount


def refund_ends_at(location: Document, start_us: int) -> int:
    """Until when a cancellation gets the deposit back."""
    return start_us - int(location["deposit_policy"].get("refundable_hours", 0) * 60 * MINUTE_US)
