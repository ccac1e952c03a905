"""Every setting of the platform, typed, documented and checked in one place.

Owns the reading of the process environment: no other module reads TABLEPORT_* names. `load()` refuses unknown names,
malformed values and, in production mode, anything that is only safe on a developer's machine. docs/settings.md is
generated from the fields below (`make docs`).
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from email.headerregistry import Address
from email.headerregistry import HeaderRegistry
from hashlib import sha256
from ipaddress import ip_network
from json import dumps
from json import loads
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

PREFIX = "TABLEPORT_"
CLIENT_PREFIX = "TABLEPORT_CLI_"  # the command-line client's own; a shell may have them when it starts the platform
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
PLANE_NAMES = ("control", "sandbox", "production")


class SettingsError(Exception):
    """A setting is unknown, malformed or unsafe for this mode. The message is one line for the person starting us."""


def _setting(default: Any, doc: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"doc": doc, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings. Field `web_workers` is read from TABLEPORT_WEB_WORKERS, and so on."""

    # ruff: noqa: RUF009 - _setting is dataclasses.field with our metadata, made once
    home: Path = _setting(Path("var"), "Folder for databases, sockets, secrets and demo.json of the embedded services")
    mode: str = _setting("development", "`development` or `production`; production refuses unsafe values")
    host: str = _setting("127.0.0.1", "Address the web server binds")
    port: int = _setting(8000, "Port the web server binds")
    base_url: str = _setting("", "Public URL of this installation; empty means http://host:port")
    web_workers: int = _setting(2, "Web server processes")
    web_threads: int = _setting(4, "Threads in each web server process; one that waits for a slow body is not serving")
    pump_workers: int = _setting(1, "Delivery worker processes")
    machines: int = _setting(1, "Number of machines this installation runs on; more than one needs PostgreSQL and Redis")
    control_url: str = _setting("", "Control plane database; empty means SQLite in home", secret=True)
    sandbox_url: str = _setting("", "Sandbox plane database, role `app`; empty means SQLite in home", secret=True)
    production_url: str = _setting("", "Production plane database, role `app`; empty means SQLite in home", secret=True)
    control_owner_url: str = _setting("", "Control plane, role that runs migrations (PostgreSQL)", secret=True)
    sandbox_owner_url: str = _setting("", "Sandbox plane, role that runs migrations (PostgreSQL)", secret=True)
    production_owner_url: str = _setting("", "Production plane, role that runs migrations (PostgreSQL)", secret=True)
    sandbox_ops_url: str = _setting("", "Sandbox plane, role `ops` of pump, sweep and log writer", secret=True)
    production_ops_url: str = _setting("", "Production plane, role `ops` of pump, sweep and log writer", secret=True)
    redis_url: str = _setting("", "Redis server; empty means a private one on a socket in home", secret=True)
    secret_key: str = _setting("", "Signs portal sessions and cursors; generated in home when empty", secret=True)
    pepper: str = _setting("", "Keys the digests of API keys and tokens; generated in home when empty", secret=True)
    master_key: str = _setting("", "Wraps recoverable secrets (AES-256, hex); generated in home when empty", secret=True)
    master_key_id: str = _setting("k1", "Name of the master key; give a new key a new name")
    old_master_keys: str = _setting("", "Former master keys, `name=key`, comma separated: they open what "
                                        "`python -m worker.rewrap` has not moved to the current one yet", secret=True)
    smtp_url: str = _setting("", "Mail server: `smtp://user:password@host:587` or `smtps://…`, both percent-encoded; "
                                 "empty means none: mails become files in the folder `mail` of home", secret=True)
    mail_from: str = _setting("", "Sender of mails, `Name <address>` or an address; needed with a mail server")
    trusted_proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded-* headers are believed")
    egress_allow: tuple[str, ...] = _setting((), "Networks (CIDR, comma separated) webhooks may reach besides the "
                                                 "public internet; refused in production mode")
    log_level: str = _setting("INFO", "Lowest level written to the structured log on stderr")
    max_body_bytes: int = _setting(1_048_576, "Largest request body accepted by the API, in bytes")

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def public_url(self) -> str:
        """Base URL without a trailing slash."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def mail_sender(self) -> Address:
        """Who mails come from. Without a mail server any sender will do."""
        return _sender(self.mail_from) or Address("Tableport", "tableport", "localhost")

    @property
    def former_keys(self) -> dict[str, str]:
        """Former master keys by their names."""
        return {name: key for name, _, key in (pair.strip().partition("=") for pair in self.old_master_keys.split(",")) if name}

    def plane_url(self, plane: str, role: str = "app") -> str:
        """Database URL of one plane for role app, owner or ops. One SQLite file serves all three roles."""
        url: str = getattr(self, f"{plane}_url")
        if not url:
            return f"sqlite:///{self.home.resolve()}/{plane}.sqlite3"
        return url if role == "app" else getattr(self, f"{plane}_{role}_url", "") or url

    def redis_database_url(self, database: int) -> str:
        """URL of one logical Redis database in redis-py's spelling: 0 queues, 1 limits and short-lived state."""
        if not self.redis_url:
            return f"unix://{redis_socket(self.home)}?db={database}"
        if self.redis_url.startswith("unix://"):
            return f"{self.redis_url.split('?')[0]}?db={database}"
        head, _, tail = self.redis_url.partition("://")
        return f"{head}://{tail.split('/')[0]}/{database}"


def redis_socket(home: Path) -> Path:
    """Socket path of the embedded Redis. Unix sockets end at 108 bytes, so a deep home falls back to /tmp."""
    path = home.resolve() / "redis.sock"
    if len(str(path).encode()) < 100:
        return path
    return Path(gettempdir()) / f"tableport-{sha256(str(path).encode()).hexdigest()[:16]}.sock"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings, filling absent secrets from `home/secrets.json` (created with mode 0600).

    Raises SettingsError with one line that names the setting and what is expected.
    """
    environ = os.environ if environ is None else environ
    known = {PREFIX + f.name.upper(): f for f in fields(Settings)}
    ours = (name for name in environ if name.startswith(PREFIX) and not name.startswith(CLIENT_PREFIX))
    unknown = sorted(name for name in ours if name not in known)
    if unknown:
        raise SettingsError(f"{unknown[0]} is not a setting; docs/settings.md lists all of them")
    values = {known[name].name: _parse(known[name], name, raw) for name, raw in environ.items() if name in known}
    _check(Settings(**values), given=values)
    if values.get("mode") != "production":
        values |= _generated_secrets(Path(values.get("home", "var")), missing=[n for n in GENERATED if not values.get(n)])
    return Settings(**values)


GENERATED = ("secret_key", "pepper", "master_key")


def _parse(setting: Any, name: str, raw: str) -> Any:
    default = None if setting.default is MISSING else setting.default
    try:
        if isinstance(default, int):
            return int(raw)
        if isinstance(default, Path):
            return Path(raw).expanduser()
        if isinstance(default, tuple):
            return tuple(str(ip_network(part.strip())) for part in raw.split(",") if part.strip())
    except ValueError as error:
        raise SettingsError(f"{name}={raw!r} is not a valid value: {setting.metadata['doc']}") from error
    return raw


def _check(settings: Settings, given: Mapping[str, Any]) -> None:
    if settings.mode not in ("development", "production"):
        raise SettingsError(f"TABLEPORT_MODE={settings.mode!r}: expected development or production")
    if not 1 <= settings.port <= 65535:
        raise SettingsError(f"TABLEPORT_PORT={settings.port}: expected 1 to 65535")
    _check_mail(settings)
    _check_keys(settings)
    shared = all(str(given.get(f"{plane}_url", "")).startswith("postgresql") for plane in PLANE_NAMES)
    if settings.machines > 1 and not (settings.redis_url and shared):
        raise SettingsError("TABLEPORT_MACHINES above 1 needs PostgreSQL for every plane and TABLEPORT_REDIS_URL")
    if not settings.is_production:
        return
    for name in GENERATED:
        if len(getattr(settings, name)) < 32:
            raise SettingsError(f"{PREFIX}{name.upper()} must be set to at least 32 random characters in production mode")
    if settings.egress_allow:
        raise SettingsError("TABLEPORT_EGRESS_ALLOW opens private networks to webhooks and is refused in production mode")
    if not settings.public_url.startswith("https://"):
        raise SettingsError("TABLEPORT_BASE_URL must be an https:// URL in production mode")


def _check_keys(settings: Settings) -> None:
    names = (settings.master_key_id, *settings.former_keys)
    if not all(KEY_ID.fullmatch(name) for name in names) or not all(settings.former_keys.values()):
        raise SettingsError("TABLEPORT_OLD_MASTER_KEYS: expected name=key pairs, separated by commas; a name, like "
                            "TABLEPORT_MASTER_KEY_ID, has 1 to 20 letters, digits, - and _")  # fmt: skip
    if settings.master_key_id in settings.former_keys:
        raise SettingsError("TABLEPORT_MASTER_KEY_ID names a former key: a new master key needs a new name")


def _check_mail(settings: Settings) -> None:
    if settings.mail_from and _sender(settings.mail_from) is None:
        raise SettingsError(f"TABLEPORT_MAIL_FROM={settings.mail_from!r}: expected name@example.com or Name <name@example.com>")
    if not settings.smtp_url:
        return
    form = "TABLEPORT_SMTP_URL: expected smtp://host:25, smtp://user:password@host:587 or smtps://user:password@host:465"
    try:
        url = urlsplit(settings.smtp_url)
        is_right = url.scheme in ("smtp", "smtps") and url.hostname and (url.port is None or url.port > 0)
    except ValueError:
        raise SettingsError(form) from None  # the reason could hold the password
    if not is_right or url.path.strip("/") or url.query or url.fragment or bool(url.username) != bool(url.password):
        raise SettingsError(form)
    if not settings.mail_from:
        raise SettingsError("TABLEPORT_MAIL_FROM must be set when TABLEPORT_SMTP_URL is")


def _sender(text: str) -> Address | None:
    """The one address a From header of this text would hold, or None."""
    try:
        found = HeaderRegistry()("from", text) if text.isprintable() else None
    except (ValueError, IndexError):  # what the parser raises for some garbled addresses
        return None
    addresses: tuple[Address, ...] = getattr(found, "addresses", ())
    is_one = len(addresses) == 1 and addresses[0].username and addresses[0].domain and not getattr(found, "defects", ())
    return addresses[0] if is_one else None


def _generated_secrets(home: Path, missing: list[str]) -> dict[str, str]:
    if not missing:
        return {}
    path = home / "secrets.json"
    try:
        home.mkdir(parents=True, exist_ok=True)
        stored: dict[str, str] = loads(path.read_text()) if path.exists() else {}
        absent = [name for name in GENERATED if name not in stored]
        if absent:
            stored |= {name: secrets.token_hex(32) for name in absent}
            _write_private(path, dumps(stored, indent=1))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot use {path} for generated secrets: {error}") from error
    return {name: stored[name] for name in missing}


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    os.replace(temporary, path)


def documentation() -> str:
    """The settings as a Markdown table, for docs/settings.md."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for setting in fields(Settings):
        default = ",".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)
        rows.append(f"| `{PREFIX}{setting.name.upper()}` | {f'`{default}`' if default else ''} | {setting.metadata['doc']} |")
    rule = f"An unknown `{PREFIX}*` name is an error; `{CLIENT_PREFIX}*` is the command-line client's own."
    head = f"# Settings\n\nRead from the environment at start. {rule}\n\n"
    return head + "\n".join(rows) + "\n"
