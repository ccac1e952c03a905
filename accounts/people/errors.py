"""Refusals about people, their passwords and their sessions."""

from kit.errors import Conflict
from kit.errors import Unauthenticated


class WrongCredentials(Unauthenticated):
    code, title = "wrong_credentials", "The e-mail address or the password is wrong"


class FactorNeeded(Unauthenticated):
    code, title = "factor_needed", "The password alone does not open this account"


class EmailTaken(Conflict):
    code, title = "email_taken", "An account with this e-mail address exists already"


class LastOwner(Conflict):
    code, title = "last_owner", "An organisation keeps at least one owner"
