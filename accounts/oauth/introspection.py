"""What a client may learn about a token of its own: whether it still works, what for, and until when."""

from dataclasses import dataclass
from datetime import datetime

from accounts.oauth.grants import find_live_grant
from accounts.oauth.models import AccessToken
from accounts.oauth.models import OAuthClient
from accounts.oauth.models import RefreshToken
from accounts.oauth.refreshing import known
from accounts.oauth.service import find_token
from kit.clock import now


@dataclass(frozen=True, slots=True)
class Described:
    """A token that works now. person_id: who granted it; None when the client acts for itself. jkt: the key it is bound to."""

    is_access_token: bool
    scopes: list[str]
    person_id: str | None
    created_at: datetime
    expires_at: datetime
    jkt: str | None


def describe_token(client: OAuthClient, *, text: str) -> Described | None:
    """The client's own access or refresh token if it works now, else None: nobody learns of another client's."""
    token = find_token(client, text=text) or known(client, text=text)
    if token is None or token.revoked_at is not None or _end_of(token) <= now():
        return None
    if isinstance(token, RefreshToken) and token.used_at is not None:
        return None
    if token.grant_id is None:
        return Described(True, token.scopes, None, token.created_at, token.expires_at, token.jkt)
    grant = find_live_grant(grant_id=token.grant_id)
    if grant is None:
        return None
    scopes = [scope for scope in token.scopes if scope in grant.scopes]
    is_access_token = isinstance(token, AccessToken)
    return Described(is_access_token, scopes, grant.person_id, token.created_at, _end_of(token), token.jkt)


def _end_of(token: AccessToken | RefreshToken) -> datetime:
    return min(token.expires_at, token.ends_at) if isinstance(token, RefreshToken) else token.expires_at
