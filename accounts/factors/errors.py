"""Refusals about second factors."""

from kit.errors import Unauthenticated


class WrongCode(Unauthenticated):
    code, title = "wrong_code", "The code is wrong, was used before or is too old"


class PasskeyRefused(Unauthenticated):
    code, title = "passkey_refused", "The passkey was not accepted"


class SignInExpired(Unauthenticated):
    code, title = "sign_in_expired", "Signing in took too long, or the password was changed meanwhile"
