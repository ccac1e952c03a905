"""What is secret leaves no trace: a walk that mints one of each kind, and a search of everything the platform wrote meanwhile."""

import logging
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pyotp import TOTP
from redis import Redis
from sqlalchemy import bindparam
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy import text

from accounts.mail.models import Mail
from accounts.mail.service import read_secret
from api.requestlog import request_log
from kit.ids import new_id
from kit.log import JsonFormatter
from kit.planes import owner_engine
from kit.settings import PLANE_NAMES
from kit.settings import Settings
from kit.unit import control
from kit.unit import control_unit
from tests.portal.browsing import Visitor
from tests.portal.test_doors import MEMBER

SHOWN = re.compile(r"tp_(?:test|live)_(?:sk|rk|cs|at|rt)_[0-9A-Za-z]{57}|whsec_[A-Za-z0-9+/=]{44}")


@dataclass
class Walk:
    """Who walks, what was minted on the way, and the log lines written meanwhile."""

    visitor: Visitor
    lines: StringIO
    minted: dict[str, str] = field(default_factory=dict)

    def take(self, kind: str, page: str) -> str:
        """The one secret a page or answer shows, which it may show this once."""
        [found] = set(SHOWN.findall(page)) - set(self.minted.values())
        self.minted[kind] = found
        return str(found)

    @property
    def secret_parts(self) -> dict[str, bytes]:
        """Of each credential what nobody may see: all but its recognisable head and the checksum."""
        return {kind: (one[19:60] if one.startswith("tp_") else one.removeprefix("whsec_")).encode()
                for kind, one in self.minted.items()}  # fmt: skip


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What the server logs, as it writes it, from the lowest level on."""
    written, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(written), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def walk(app: Flask, visitor: Visitor, lines: StringIO) -> Walk:
    """Signs up, makes and rolls a key, registers a client, gets a token, makes endpoints twice, sets up an authenticator."""
    made = Walk(visitor, lines)
    password = f"harbour-{new_id('x')[-12:].lower()}-tram"
    visitor.get("/signup")
    email = f"{new_id('p').lower()}@example.com"
    page = visitor.submit("/signup", email=email, password=password, company="Tills")
    key = made.take("first key", page.text)
    made.minted |= {"password": password, "mailed link": link_in_mail(email)}
    with visitor.client.session_transaction() as session:
        made.minted["session"] = session["_user_id"]
    visitor.submit("/start/call", call="order")
    visitor.get("/sandbox/keys")
    made.take("key", visitor.submit("/sandbox/keys", name="Till", scopes=["orders:read", "webhooks:write"], allowed_ips="").text)
    visitor.get(visitor.links("/sandbox/keys/key_")[0])
    made.take("rolled key", visitor.submit("/roll", grace_s="3600").text)
    visitor.get("/sandbox/clients")
    form = {"name": "Till", "kind": "confidential", "grant_types": "client_credentials", "redirect_uris": ""}
    page = visitor.submit("/sandbox/clients", **form, scopes="orders:read")
    secret, client_id = made.take("client secret", page.text), re.findall(r"cli_[0-9A-Z]{26}", page.text)[0]
    outside = app.test_client()
    asked = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    made.take("access token", outside.post("/oauth/token", data=asked, environ_base={"REMOTE_ADDR": visitor.address}).text)
    visitor.get("/sandbox/webhooks")
    page = visitor.submit("/sandbox/webhooks", url="https://example.com/a", description="", takes="all")
    made.take("signing secret", page.text)
    visitor.get(visitor.links(r"/sandbox/webhooks/we_")[0].split("?")[0])
    made.take("rotated secret", visitor.submit("/rotate").text)
    hook = {"url": "https://example.com/b", "events": ["order.created"], "headers": {"Authorization": "Bearer of-the-receiver"}}
    sent = {"Authorization": f"Bearer {key}", "Idempotency-Key": new_id("idm")}
    made.take("secret by API", outside.post("/v1/webhooks", json=hook, headers=sent).text)
    made.minted["header value"] = "Bearer of-the-receiver"
    visitor.get("/security")
    shown = re.findall(r'id="seed"[^>]*>([A-Z2-7 ]+)<', visitor.submit("/security/app").text)[0]
    made.minted["seed"] = shown.replace(" ", "")
    visitor.submit("/security/app/finish", code=TOTP(made.minted["seed"]).now())
    fail(outside, made)
    request_log.flush()
    return made


def link_in_mail(email: str) -> str:
    """What makes the link of the mail to a newcomer work."""
    with control_unit(writes=False):
        mail = control().session.scalars(select(Mail).where(Mail.to_address == email)).one()
        return re.findall(r"/confirm/(\S+)", read_secret(mail) or "")[0]


def fail(outside: Any, made: Walk) -> None:
    """Use secrets where they do not belong, so that refusals are written too."""
    token, secret = made.minted["access token"], made.minted["client secret"]
    outside.get("/v1/orders", headers={"Authorization": f"Bearer {secret}"})
    outside.post("/oauth/token", data={"grant_type": "client_credentials", "client_id": "cli_x", "client_secret": secret})
    outside.post("/v1/orders", json={"location_id": made.minted["key"]}, headers={"Authorization": f"Bearer {token}"})
    outside.post("/v1/orders", data=made.minted["password"], headers={"Authorization": f"Bearer {made.minted['password']}"})
    outside.get(f"/v1/orders?token={made.minted['rolled key']}", headers={"Authorization": f"Bearer {token}"})
    outside.get(f"/nothing-here?key={made.minted['key']}")


def traces(walk: Walk, written: bytes) -> list[str]:
    """The kinds of secrets a text holds."""
    return [kind for kind, part in walk.secret_parts.items() if part in written]


def test_secrets_leave_no_trace(walk: Walk, settings: Settings) -> None:
    assert set(walk.minted) == {
        "first key", "password", "mailed link", "session", "key", "rolled key", "client secret", "access token", "signing secret",
        "rotated secret", "secret by API", "header value", "seed",
    }  # fmt: skip
    assert traces(walk, walk.lines.getvalue().encode()) == []
    assert [name for database in (0, 1) for name in traces(walk, kept_in_redis(settings, database))] == []
    assert {plane: found for plane in PLANE_NAMES if (found := kept_in_database(walk, settings, plane))} == {}
    assert {path: found for path in pages_of(walk) if (found := traces(walk, walk.visitor.get(path).data))} == {}


def test_search_finds_what_is_there(walk: Walk, settings: Settings) -> None:
    walk.minted = {"a mail address": "zz" * 10 + "@", "the name of the company": "whsec_Tills"}
    assert traces(walk, b"Tills") == ["the name of the company"]
    assert kept_in_database(walk, settings, "control") == ["the name of the company"]


def pages_of(walk: Walk) -> list[str]:
    """Every page of a partner, and those of each key, client, endpoint, call and mail they lead to."""
    found = list(MEMBER)
    for path in ("/sandbox/keys", "/sandbox/clients", "/sandbox/webhooks", "/sandbox/logs"):
        walk.visitor.get(path)
        found += walk.visitor.links(rf"{path}/\w+_")
    return found


def kept_in_redis(settings: Settings, database: int) -> bytes:
    """Everything one Redis database holds; jobs are kept compressed."""
    client = Redis.from_url(settings.redis_database_url(database))
    read = {
        b"string": lambda key: [client.get(key)], b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers, b"zset": lambda key: client.zrange(key, 0, -1), b"stream": client.xrange,
        b"hash": lambda key: [part for pair in client.hgetall(key).items() for part in pair],
        b"none": lambda _: [],  # it ended while we looked
    }  # fmt: skip
    parts = [part for key in client.scan_iter(count=1000) for part in (key, *read[client.type(key)](key))]
    client.close()
    return b"\n".join(unpacked(part) for part in parts)


def unpacked(part: Any) -> bytes:
    """A value as bytes; what is compressed, decompressed."""
    if not isinstance(part, bytes):
        return str(part).encode()
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


def kept_in_database(walk: Walk, settings: Settings, plane: str) -> list[str]:
    """The kinds of secrets that stand in clear in any column of a plane.

    SQLite's files are searched as they lie on the disk, with what was deleted and not yet overwritten.
    """
    url = settings.plane_url(plane)
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return traces(walk, b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*")))
    engine = owner_engine(settings, plane)
    wanted = {kind: f"%{part.decode()}%" for kind, part in walk.secret_parts.items()}
    found: set[str] = set()
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = text(f'SELECT 1 FROM "{table}" AS kept WHERE kept::text LIKE ANY (:parts) LIMIT 1')
            if connection.execute(rows.bindparams(bindparam("parts", list(wanted.values())))).first():
                one = text(f'SELECT 1 FROM "{table}" AS kept WHERE kept::text LIKE :part LIMIT 1')
                found |= {kind for kind, part in wanted.items() if connection.execute(one, {"part": part}).first()}
    engine.dispose()
    return sorted(found)
