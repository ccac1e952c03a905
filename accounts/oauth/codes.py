"""Authorization codes: issued after a person's consent, exchanged once, and the end of what a code gave when it comes again.

A code that is used twice was stolen by somebody: either the first or the second who sent it. Both lose what it gave
(RFC 9700, section 4.5; RFC 6749, section 4.1.2).
"""

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import update

from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.refreshing import revoke_family
from accounts.oauth.refreshing import use_up
from accounts.oauth.service import KEEP_EXPIRED
from kit.clock import now
from kit.crypto import vault
from kit.ids import new_id
from kit.unit import control

LASTS = timedelta(seconds=60)


def issue_code(
    client: OAuthClient, *, grant: OAuthGrant, redirect_uri: str, challenge: str, jkt: str | None = None
) -> str:
    """Issue a code for a grant just given; returns its text, which is kept nowhere.

    challenge: PKCE, S256. jkt: thumbprint of the key its exchange must prove (RFC 9449, section 10); None: no key.
    """
    session, at, text = control().session, now(), secrets.token_urlsafe(32)
    is_old = AuthorizationCode.expires_at < at - KEEP_EXPIRED
    session.execute(delete(AuthorizationCode).where(AuthorizationCode.client_id == client.id, is_old))
    session.add(AuthorizationCode(
        digest=_digest(text), client_id=client.id, grant_id=grant.id, family_id=new_id("fam"), redirect_uri=redirect_uri,
        challenge=challenge, jkt=jkt, scopes=list(grant.scopes), created_at=at, expires_at=at + LASTS,
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not after the person was sent back
    return text


def find_code(client: OAuthClient, *, text: str) -> AuthorizationCode | None:
    """The client's code with this text while it can be exchanged, or None. A used one ends everything it gave."""
    code: AuthorizationCode | None = control().session.get(AuthorizationCode, _digest(text))
    if code is None or code.client_id != client.id:
        return None
    if code.used_at is not None:
        revoke_family(grant_id=code.grant_id, family_id=code.family_id)
        return None
    return code if code.expires_at > now() else None


def use_code(code: AuthorizationCode) -> bool:
    """Use a code up. False when another request was faster; then everything the code gave has ended."""
    unused = update(AuthorizationCode).where(AuthorizationCode.digest == code.digest, AuthorizationCode.used_at.is_(None))
    return use_up(unused, code)


def _digest(text: str) -> str:
    return vault.digest(f"authorization code {text}")
