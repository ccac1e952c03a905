"""Passwords that people type into forms: counted, then checked or hashed, while no transaction is open."""

from flask import request

from accounts.people import service as people
from accounts.people.errors import WrongCredentials
from accounts.people.service import PreparedPassword
from accounts.people.service import Proof
from portal import forms
from portal.browsers import member_of_request
from portal.guesses import address
from portal.guesses import guesses
from portal.pages import looked_up


def proof_of(email: str, password: str) -> Proof:
    """Count a try for an account, then check it. Raises TooManyRequests (429), WrongCredentials (401)."""
    known = looked_up(people.find_password, email=email, ip=address())
    guesses().take(email, ip=address(), is_familiar=known.is_familiar)
    return people.check_password(known, password)


def own_proof(field: str) -> Proof:
    """Check the password that the signed-in person typed into a field. Raises like proof_of, Invalid (422) for a wrong one."""
    member = member_of_request()
    if member is None:
        raise WrongCredentials
    try:
        proof = proof_of(member.email, request.form.get(field, ""))
    except WrongCredentials as error:
        raise forms.refuse(field, "This is not your password.", error.code) from error
    guesses().forget(member.email, ip=address())
    return proof


def prepared(email: str, field: str = "password") -> PreparedPassword:
    """Hash the new password of an account. Raises Invalid (422)."""
    return people.prepare_password(email=email, password=request.form.get(field, ""))
