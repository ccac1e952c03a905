"""Refusals of orders."""

from kit.errors import Invalid


class UnknownItem(Invalid):
    """errors[] names every item, variation or modifier that this location does not sell."""

    code, title = "unknown_item", "An item is not on the menu of this location"


class ModifierRules(Invalid):
    """errors[] names every line whose choices break a group's minimum, maximum or requirement."""

    code, title = "modifier_rules", "The chosen modifiers break a rule of the menu"


class CurrencyMismatch(Invalid):
    code, title = "currency_mismatch", "The amount is in another currency than the order"
