"""Refresh tokens: each is exchanged once for its successor, and one that comes again ends its whole family.

A family is everything that comes from one authorization code or device code. Who sends a used token again is a thief or was
robbed, and nobody can tell which (RFC 9700, section 4.14.2). There is no grace for an answer that was lost:
docs/adr/0019-authorization.md.
"""

from collections.abc import Iterable
from datetime import datetime
from datetime import timedelta

from sqlalchemy import Update
from sqlalchemy import delete
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy import update

from accounts.applications.revocations import revocations
from accounts.oauth.models import AccessToken
from accounts.oauth.models import AuthorizationCode
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import OAuthGrant
from accounts.oauth.models import RefreshToken
from accounts.oauth.service import KEEP_EXPIRED
from accounts.oauth.service import mode_of
from accounts.oauth.service import own_token
from kit.clock import now
from kit.crypto import mint
from kit.crypto import vault
from kit.unit import control

IDLE = timedelta(days=30)
LASTS = timedelta(days=90)


def begin(
    client: OAuthClient, *, scopes: Iterable[str], grant_id: str, family_id: str, jkt: str | None = None
) -> str:
    """Issue the first refresh token of a family; returns its text, which is kept nowhere.

    jkt: the key the client has proved. It binds the family of a public client; a confidential one proves itself
    (RFC 9449, section 5).
    """
    session, at = control().session, now()
    is_old = RefreshToken.ends_at < at - KEEP_EXPIRED
    session.execute(delete(RefreshToken).where(RefreshToken.client_id == client.id, is_old))
    bound = jkt if client.kind == "public" else None
    return _issue(client, scopes=scopes, grant_id=grant_id, family_id=family_id, jkt=bound, ends_at=at + LASTS)


def succeed(client: OAuthClient, used: RefreshToken) -> str:
    """Issue the successor of a token just used; returns its text. It holds what its family was granted at first."""
    return _issue(
        client, scopes=used.scopes, grant_id=used.grant_id, family_id=used.family_id, jkt=used.jkt, ends_at=used.ends_at
    )


def find(client: OAuthClient, *, text: str) -> RefreshToken | None:
    """The client's refresh token with this text while it can be exchanged, or None. A used one ends its family."""
    token = known(client, text=text)
    if token is None:
        return None
    if token.used_at is not None:
        revoke_family(grant_id=token.grant_id, family_id=token.family_id)
        return None
    return token if token.revoked_at is None and min(token.expires_at, token.ends_at) > now() else None


def known(client: OAuthClient, *, text: str) -> RefreshToken | None:
    """The client's own refresh token with this text, ended or not: another client's does not exist for it."""
    return own_token(RefreshToken, client, text=text)


def use(token: RefreshToken) -> bool:
    """Use a token up. False when another request was faster; then the family has ended."""
    statement = update(RefreshToken).where(RefreshToken.kid == token.kid, RefreshToken.revoked_at.is_(None))
    return use_up(statement.where(RefreshToken.used_at.is_(None)), token)


def use_up(unused: Update, one: RefreshToken | AuthorizationCode) -> bool:
    """Use a token or code up. False when another request was faster; then everything of its family has ended.

    unused: an update of its row that finds it only as long as it was not used.
    """
    hold_grant(one.grant_id)
    if control().session.execute(unused.values(used_at=now()).returning(literal(1))).first() is not None:
        return True
    # The faster one has committed by now: its lock was waited for, so its tokens are seen here.
    revoke_family(grant_id=one.grant_id, family_id=one.family_id)
    return False


def revoke_family(*, grant_id: str, family_id: str) -> None:
    """End every token that comes from one code."""
    hold_grant(grant_id)
    for table in (RefreshToken, AccessToken):
        statement = update(table).where(table.family_id == family_id, table.revoked_at.is_(None)).values(revoked_at=now())
        control().session.execute(statement)
    revocations.announce()


def revoke(client: OAuthClient, *, text: str) -> bool:
    """End the family of one of the client's own refresh tokens, access tokens included. False when it is not one of its."""
    token = known(client, text=text)
    if token is None:
        return False
    revoke_family(grant_id=token.grant_id, family_id=token.family_id)
    return True


def hold_grant(grant_id: str) -> None:
    """Let one request at a time change what belongs to a grant: several that lock its rows one by one would block each other."""
    control().session.execute(select(OAuthGrant.id).where(OAuthGrant.id == grant_id).with_for_update(key_share=True))


def _issue(
    client: OAuthClient, *, scopes: Iterable[str], grant_id: str, family_id: str, jkt: str | None, ends_at: datetime
) -> str:
    session, at = control().session, now()
    token = mint(f"tp_{mode_of(client.environment)}_rt_")
    session.add(RefreshToken(
        kid=token.kid, digest=vault.digest(token.text), client_id=client.id, grant_id=grant_id, family_id=family_id,
        jkt=jkt, scopes=list(scopes), created_at=at, expires_at=min(at + IDLE, ends_at), ends_at=ends_at,
    ))  # fmt: skip
    session.flush()  # so that a failure shows here and not after the answer is built
    return token.text
