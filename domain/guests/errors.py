"""Refusals of guests."""

from kit.errors import Conflict
from kit.errors import Invalid


class PhoneInvalid(Invalid):
    """The number cannot be brought into E.164 form."""

    code, title = "phone_invalid", "The phone number is not valid"


class EmailInvalid(Invalid):
    """The address is not one we could write to."""

    code, title = "email_invalid", "The e-mail address is not valid"


class NestedNotFound(Invalid):
    """errors[] names the entry whose id is not among the customer's own."""

    code, title = "nested_not_found", "An entry of a list does not belong to this customer"


class SelfMerge(Invalid):
    code, title = "self_merge", "A customer cannot be merged into itself"


class MergeConflict(Conflict):
    """Data: merge_id of the merge in the way, where there is one."""

    code, title = "merge_conflict", "Another merge of one of these customers stands in the way"
