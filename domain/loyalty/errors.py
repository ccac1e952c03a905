"""Refusals of loyalty."""

from kit.errors import Invalid


class InsufficientPoints(Invalid):
    """Data: balance, required (points)."""

    code, title = "insufficient_points", "The member does not have that many points"
