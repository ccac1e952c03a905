"""Refusals about people, their passwords and their sessions."""

from kit.errors import Conflict
from kit.errors import Forbidden
from kit.errors import Gone
from kit.errors import Unauthenticated


class WrongCredentials(Unauthenticated):
    code, title = "wrong_credentials", "The e-mail address or the password is wrong"


class FactorNeeded(Unauthenticated):
    code, title = "factor_needed", "The password alone does not open this account"


class EmailTaken(Conflict):
    code, title = "email_taken", "An account with this e-mail address exists already"


class LastOwner(Conflict):
    code, title = "last_owner", "An organisation keeps at least one owner"


class LinkOver(Gone):
    code, title = "link_over", "This link was used before, is too old, or is not complete"


class AddressUnconfirmed(Forbidden):
    code, title = "address_unconfirmed", "This needs a confirmed e-mail address"
