"""Idempotency keys: the same request sent twice happens once and is answered twice the same.

A claim row is committed before the work (it must survive a rollback) and carries a lease, so a killed process leaves
nothing stuck. The answer of a success is written in the business transaction itself. Retention 24 h of real time; 429 and
5xx are not kept. Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from kit.clock import now_us
from kit.crypto import vault
from kit.documents import TENANT
from kit.documents import registered_read
from kit.documents import registered_write
from kit.errors import BadRequest
from kit.errors import IdempotencyInProgress
from kit.errors import IdempotencyKeyReused
from kit.scope import Scope
from kit.scope import TenantOwned
from kit.unit import side_transaction

LEASE_US = 60_000_000
RETENTION_US = 24 * 3600 * 1_000_000
SECRET = b"whsec_"  # an answer that shows a signing secret is kept, but sealed
SEALED = "sealed:"


class IdempotencyRecord(TenantOwned):
    """One claimed key. id is a digest of credential, method, path with query, and key."""

    __tablename__ = "idempotency_records"

    fingerprint: Mapped[str] = mapped_column(String(64))
    lease_until_us: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[int | None]  # empty while the first request is running
    headers: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    created_us: Mapped[int] = mapped_column(BigInteger, index=True)


_T: Any = IdempotencyRecord.__table__
_OWN = (_T.c.tenant_id == TENANT, _T.c.id == bindparam("record_id"))


def _claim_statement() -> Any:
    values: dict[str, Any] = {name: bindparam(name) for name in ("id", "fingerprint", "lease_until_us", "created_us")}
    statement = insert(_T).values(tenant_id=TENANT, **values)
    # A dead claim (lease over, never answered) or an outlived record may be taken over; a live one may not.
    stale = (_T.c.status.is_(None) & (_T.c.lease_until_us < bindparam("now_us"))) | (
        _T.c.created_us < bindparam("oldest_us")
    )
    fresh = {name: statement.excluded[name] for name in ("fingerprint", "lease_until_us", "created_us")}
    return statement.on_conflict_do_update(
        index_elements=["tenant_id", "id"], set_={**fresh, "status": None, "headers": None, "body": None}, where=stale
    ).returning(_T.c.id)


_claim = registered_write("idempotency.claim", _claim_statement)
_read = registered_read(
    "idempotency.read", lambda: select(_T.c.fingerprint, _T.c.status, _T.c.headers, _T.c.body).where(*_OWN)
)
# Whoever overstayed the lease finds another request's there and may neither answer for it nor give its key back.
_HELD = (*_OWN, _T.c.status.is_(None), _T.c.lease_until_us == bindparam("held_until_us"))
_finish = registered_write(
    "idempotency.finish",
    lambda: (
        update(_T)
        .where(*_HELD)
        .values(status=bindparam("new_status"), headers=bindparam("new_headers"), body=bindparam("new_body"))
        .returning(_T.c.id)
    ),
)
_drop = registered_write("idempotency.drop", lambda: delete(_T).where(*_HELD))


@dataclass(frozen=True, slots=True)
class Answer:
    """A stored answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a request's work once."""

    scope: Scope
    record_id: str
    lease_until_us: int

    def store(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Write the answer in the open transaction of the scope.

        Raises IdempotencyInProgress (409) when the lease ended and another request took the claim over: what this one did
        must be rolled back.
        """
        if not self._write(status, headers, body):
            raise IdempotencyInProgress("This took so long that another request with the same Idempotency-Key went ahead.")

    def store_aside(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Write the answer of a refused request, whose own transaction was rolled back."""
        with side_transaction(self.scope):
            self._write(status, headers, body)

    def release(self) -> None:
        """Give the key back: the request failed in a way that a retry may mend."""
        with side_transaction(self.scope):
            _drop.rows(self.scope, record_id=self.record_id, held_until_us=self.lease_until_us)

    def _write(self, status: int, headers: dict[str, str], body: bytes) -> bool:
        text = body.decode()
        written = _finish.rows(
            self.scope,
            record_id=self.record_id,
            held_until_us=self.lease_until_us,
            new_status=status,
            new_headers=orjson.dumps(headers).decode(),
            new_body=SEALED + vault.box.seal(text, *_place(self.scope, self.record_id)) if SECRET in body else text,
        )
        return bool(written)


def claim(scope: Scope, *, key: str, credential_id: str, method: str, target: str, raw: bytes) -> Claim | Answer:
    """Claim an idempotency key, or return the stored answer of its first use.

    target: concrete path with query. raw: the body; it is compared as canonical JSON.
    Raises BadRequest for a malformed key, IdempotencyInProgress (409), IdempotencyKeyReused (422).
    """
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise BadRequest("Idempotency-Key must be 1 to 255 printable ASCII characters.", parameter="Idempotency-Key")
    record_id = hashlib.sha256("\n".join((credential_id, method, target, key)).encode()).hexdigest()
    fingerprint = _fingerprint(raw)
    now = now_us()
    lease_until_us = now + LEASE_US
    with side_transaction(scope):
        claimed = _claim.rows(
            scope, id=record_id, fingerprint=fingerprint, lease_until_us=lease_until_us,
            created_us=now, now_us=now, oldest_us=now - RETENTION_US,
        )  # fmt: skip
        row = None if claimed else _read.row(scope, record_id=record_id)
    if row is None:
        return Claim(scope, record_id, lease_until_us)
    stored_fingerprint, status, headers, body = row
    if stored_fingerprint != fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was first used with a different body; use a new key.")
    if status is None:
        raise IdempotencyInProgress("The first request with this Idempotency-Key has not finished yet; retry shortly.")
    if body.startswith(SEALED):
        body = vault.box.open(body.removeprefix(SEALED), *_place(scope, record_id))
    return Answer(status, orjson.loads(headers), body.encode())


def _place(scope: Scope, record_id: str) -> tuple[str, ...]:
    return scope.environment, scope.tenant_id, "idempotency_records", record_id, "body"


def _fingerprint(raw: bytes) -> str:
    try:
        canonical = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # not JSON, or nested too deep to be written again
        canonical = raw
    return hashlib.sha256(canonical).hexdigest()
