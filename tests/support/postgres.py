"""A throw-away PostgreSQL cluster: three databases, three roles each, gone with the process. Tests want no durability."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

NOT_DURABLE = "fsync=off synchronous_commit=off full_page_writes=off autovacuum=off"
ENCODING = ("-E", "UTF8", "--lc-collate=C")  # as docs/operations.md asks for
PLANES = ("control", "sandbox", "production")
SUPERUSER = "superuser_of_tests"
ROLES = ("owner", "app", "ops")


def find_binaries() -> Path | None:
    """Folder that holds initdb and pg_ctl, newest version first, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    homebrew = sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*([Path(on_path).resolve().parent] if on_path else []), *debian, *homebrew]:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    return None


class Cluster:
    """One server on a unix socket. PostgreSQL refuses to run as root, so as root it runs as another user."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._settings = "" if is_durable else " ".join(f"-c {setting}" for setting in NOT_DURABLE.split())
        binaries = find_binaries()
        if binaries is None:
            raise RuntimeError("PostgreSQL is not installed: install the package `postgresql`")
        self._binaries = binaries
        self._prefix = ["runuser", "-u", _other_user(), "--"] if os.geteuid() == 0 else []
        self.folder = Path(tempfile.mkdtemp(prefix="tp-pg-", dir="/tmp"))

    def start(self) -> None:
        """Create the cluster, start it, and make every database and role."""
        if self._prefix:
            shutil.chown(self.folder, self._prefix[2])
        self._run("initdb", "-D", f"{self.folder}/data", "-U", SUPERUSER, "-A", "trust", "--no-sync", *ENCODING)
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=200 {self._settings}"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            for plane in PLANES:
                for statement in _statements(plane):
                    connection.execute(statement)

    def create_database(self, name: str) -> None:
        """An empty database of the superuser's, for something that brings its own tables."""
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")

    def restart(self) -> None:
        """End the server at once, as a crash would, and start it again: it recovers from its log."""
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-m", "immediate", "-w", "restart")

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, plane: str, role: str) -> str:
        return f"postgresql+psycopg://{plane}_{role}@/{plane}?host={self.folder}"

    def environ(self) -> dict[str, str]:
        """The TABLEPORT_* settings that point all three planes here."""
        names = {f"TABLEPORT_{plane.upper()}_URL": self.url(plane, "app") for plane in PLANES}
        names |= {f"TABLEPORT_{plane.upper()}_OWNER_URL": self.url(plane, "owner") for plane in PLANES}
        return names | {f"TABLEPORT_{plane.upper()}_OPS_URL": self.url(plane, "ops") for plane in PLANES[1:]}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._prefix, str(self._binaries / program), *arguments],
            cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")


def _statements(plane: str) -> list[str]:
    return [
        *(f"CREATE ROLE {plane}_{role} LOGIN NOBYPASSRLS" for role in ROLES),
        f"CREATE DATABASE {plane} OWNER {plane}_owner TEMPLATE template0",
        f"REVOKE ALL ON DATABASE {plane} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {plane} TO {plane}_app, {plane}_ops",
    ]


def _other_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
