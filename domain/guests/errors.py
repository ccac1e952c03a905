"""Refusals of guests."""

from kit.errors import Invalid


class PhoneInvalid(Invalid):
    """The number cannot be brought into E.164 form."""

    code, title = "phone_invalid", "The phone number is not valid"


class EmailInvalid(Invalid):
    """The address is not one we could write to."""

    code, title = "email_invalid", "The e-mail address is not valid"
