"""The examples of the documentation, run as a reader runs them: own process, own folder, a live platform, a fresh sandbox."""

import os
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest

from portal.docs.examples import examples
from tests.contract.live import shared_stack

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "examples"
WITHIN_S = 120
Run = Callable[..., str]


@pytest.fixture
def api(pytestconfig: pytest.Config) -> Iterator[httpx.Client]:
    """A client of the demo partner, whose sandbox was just rebuilt."""
    stack = shared_stack(pytestconfig)
    headers = stack.demo["credentials"]["tm.full"]["headers"]
    with httpx.Client(base_url=stack.url, headers=headers, timeout=30) as client:
        client.post("/sandbox/v1/reset", json={"profile": "minimal", "seed": 7}).raise_for_status()
        yield client


@pytest.fixture
def run(api: httpx.Client, tmp_path: Path, pytestconfig: pytest.Config) -> Run:
    """Runs an example by name with exactly the scopes it names and returns what it printed; its exit code must be 0."""
    client = shared_stack(pytestconfig).demo["credentials"]["client"]
    scopes = {f"{example.name}.py": example.scopes for example in examples()}

    @cache  # the platform gives an address few tokens a minute
    def token(name: str) -> str:
        asked = {"grant_type": "client_credentials", "scope": " ".join(scopes[name]), **client}
        answer = httpx.post(api.base_url.join("/oauth/token"), data=asked)
        return str(answer.raise_for_status().json()["access_token"])

    def example(name: str, *arguments: str) -> str:
        environ = {"PATH": os.environ["PATH"], "TABLEPORT_URL": str(api.base_url), "TABLEPORT_KEY": token(name)}
        done = subprocess.run(
            [sys.executable, str(FOLDER / name), *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True,
            timeout=WITHIN_S, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return example
