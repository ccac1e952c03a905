"""The keys this machine was given, one for each installation, readable by their owner alone."""

import json
import os
import socket
from contextlib import suppress
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tableport.failures import Misused
from tableport.failures import NotLoggedIn

KEY_VARIABLE = "TABLEPORT_CLI_KEY"  # for machines where nobody can log in
URL_VARIABLE = "TABLEPORT_CLI_BASE_URL"
BASE_URL = "http://127.0.0.1:8000"
LONGEST_NAME = 64


@dataclass(frozen=True)
class Credential:
    """A sandbox API key of one installation."""

    api_key: str
    application: str = ""
    machine: str = ""
    is_kept: bool = True  # False: it comes from the environment


def usual_base_url() -> str:
    """The installation a command without --base-url means: as the environment says, else that of the last login."""
    if named := os.environ.get(URL_VARIABLE, "").strip():
        return named
    kept = [] if os.environ.get(KEY_VARIABLE) else list(_read())
    return kept[-1] if kept else BASE_URL


def machine_name(given: str | None = None) -> str:
    """What this machine is called: as told, else by its host name."""
    name = (given or socket.gethostname() or "this machine").strip()
    return "".join(char for char in name if char.isprintable())[:LONGEST_NAME] or "this machine"


def find(base_url: str) -> Credential:
    """The credential for an installation. Raises NotLoggedIn when there is none."""
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        return Credential(key, is_kept=False)
    kept = _read().get(base_url)
    if kept is None:
        raise NotLoggedIn(f"not logged in to {base_url}: run `tableport login` or set {KEY_VARIABLE}", code="not_logged_in")
    return Credential(kept["api_key"], kept.get("application", ""), kept.get("machine", ""))


def keep(base_url: str, credential: Credential) -> Path:
    """Keep a credential, in place of the one before, and return the file."""
    others = {url: entry for url, entry in _read().items() if url != base_url}
    entry = {name: value for name, value in asdict(credential).items() if name != "is_kept"}
    return _write({**others, base_url: entry})  # the last one is the usual one


def forget(base_url: str) -> None:
    """Remove the credential of an installation."""
    kept = _read()
    if kept.pop(base_url, None) is not None:
        _write(kept)


def place() -> Path:
    """Where credentials are kept."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "tableport" / "credentials.json"


def _read() -> dict[str, Any]:
    path = place()
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Misused(f"cannot read {path}: {error}; remove it and log in again") from error
    return kept if isinstance(kept, dict) else {}


def _write(kept: dict[str, Any]) -> Path:
    """Write beside the file and move it there, so that no other mode and no half of it is ever seen."""
    path = place()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(kept, file, indent=2)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise Misused(f"cannot write {path}: {error.strerror}") from error
    return path
