"""Refusals about changes of a plan."""

from kit.errors import Conflict


class TierAlreadyRequested(Conflict):
    code, title = "tier_already_requested", "A change of this restaurant's plan is waiting for a decision"


class TierRequestDecided(Conflict):
    code, title = "tier_request_decided", "This request for another plan is no longer open"
