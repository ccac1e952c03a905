"""Loyalty: the door other capabilities and the edges use. Owns nothing itself."""

from domain.loyalty.importing import MOST_ROWS
from domain.loyalty.importing import Imported
from domain.loyalty.importing import import_members
from domain.loyalty.ledger import get_member
from domain.loyalty.ledger import list_entries
from domain.loyalty.ledger import post_points
from domain.loyalty.members import change_member
from domain.loyalty.members import create_member
from domain.loyalty.members import delete_member
from domain.loyalty.members import expire_membership
from domain.loyalty.members import list_members
from domain.loyalty.members import move_customer
from domain.loyalty.programs import SavedProgram
from domain.loyalty.programs import TierDraft
from domain.loyalty.programs import callback_secret
from domain.loyalty.programs import change_program
from domain.loyalty.programs import change_reward
from domain.loyalty.programs import create_program
from domain.loyalty.programs import create_reward
from domain.loyalty.programs import get_program
from domain.loyalty.programs import get_reward
from domain.loyalty.programs import list_programs
from domain.loyalty.programs import list_rewards
from domain.loyalty.redeeming import get_redemption
from domain.loyalty.redeeming import redeem_reward
from domain.loyalty.redeeming import reverse_redemption
from domain.loyalty.settling import earn_for_order
from domain.loyalty.settling import end_calculation
from domain.loyalty.settling import get_calculation
from domain.loyalty.settling import reverse_for_refund

__all__ = [
    "MOST_ROWS", "Imported", "SavedProgram", "TierDraft", "callback_secret", "change_member", "change_program",
    "change_reward", "create_member", "create_program", "create_reward", "delete_member", "earn_for_order",
    "end_calculation", "expire_membership", "get_calculation", "get_member", "get_program", "get_redemption", "get_reward",
    "import_members", "list_entries", "list_members", "list_programs", "list_rewards", "move_customer", "post_points",
    "redeem_reward", "reverse_for_refund", "reverse_redemption",
]  # fmt: skip
