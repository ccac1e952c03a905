"""Refusals about invitations."""

from kit.errors import Conflict
from kit.errors import Forbidden


class AlreadyMember(Conflict):
    code, title = "already_a_member", "This person belongs to the organisation already"


class AlreadyInvited(Conflict):
    code, title = "already_invited", "This address was invited already"


class InvitedSomebodyElse(Forbidden):
    code, title = "invited_somebody_else", "The invitation was sent to another address"
