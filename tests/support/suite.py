"""`make test`: what the tests need, then lint, then the whole suite on each database. Exit code 1 if anything failed."""

import os
import shutil
import subprocess
import sys

from tests.support.chromium import find_chromium
from tests.support.postgres import find_binaries

CONSEQUENCES = {
    "postgresql": "the suite runs on SQLite only",
    "chromium": "browser tests are left out",
}


def main() -> int:
    """Run everything; the last line printed is pytest's summary."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing())
    absent = missing()
    for package in absent:
        say(f"the package `{package}` is not installed: {CONSEQUENCES[package]}")
    if absent and os.environ.get("CI") == "true":
        say(f"with CI=true nothing may be left out; install {' '.join(absent)}")
        return 1
    databases = ["sqlite"] if "postgresql" in absent else ["sqlite", "postgresql"]
    results = [subprocess.call(["make", "--no-print-directory", "lint"])]
    results += [suite(database) for database in databases]
    return 1 if any(results) else 0


def missing() -> list[str]:
    """Names of the system packages the tests need and this machine lacks."""
    found = {"postgresql": find_binaries(), "chromium": find_chromium()}
    return [package for package, path in found.items() if path is None]


def install(packages: list[str]) -> None:
    """Install system packages with apt. A failure is reported by what is still missing afterwards."""
    say(f"installing {' '.join(packages)}")
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call(["apt-get", "update", "-qq"], env=environ)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.call(command, env=environ, stdout=subprocess.DEVNULL)


def suite(database: str) -> int:
    """Run every test on one database, in two processes."""
    return subprocess.call([sys.executable, "-m", "pytest", f"--database={database}", "-n", "2", "--dist", "worksteal"])


def say(line: str) -> None:
    print(f"tableport: {line}", flush=True)  # noqa: T201 - for the person at the terminal


if __name__ == "__main__":
    sys.exit(main())
