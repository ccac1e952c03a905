"""Calls made from the OpenAPI document, against the running platform: `python -m tests.openapi.fuzz [examples] [options]`.

Every check schemathesis has: no server error, no undocumented status, type or body, wrong input refused, right input taken.
First the products, then in a world of its own the sandbox's controls, which change the plan, the clock and the data.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import orjson

from benchmarks.stack import Stack
from benchmarks.world import World
from benchmarks.world import enterprise_world
from kit.settings import load
from worker.process import open_process

HERE = Path(__file__).parent
KEYS = 60  # 72,000 reads and 36,000 writes a minute: more than one machine makes
PARTS = ("^/v1/", "^/sandbox/v1/")
URL = "FUZZ_URL"  # of a platform that runs already; its TABLEPORT_* settings stand in the environment too


def run(url: str, *, examples: int, options: tuple[str, ...] = ()) -> int:
    """Run each part against a platform this process is connected to, and print what is found; 0 means nothing."""
    worst = 0
    for part in PARTS:
        done = _run_part(url, part, ("--max-examples", str(examples), *options))
        print(done.stdout[-60_000:], done.stderr[-2_000:], flush=True)  # noqa: T201 - what a person asked to see
        worst = max(worst, done.returncode)
    return worst


def _run_part(url: str, paths: str, options: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    world = enterprise_world(KEYS)
    environ = os.environ | {
        "FUZZ_KEYS": ",".join(world.keys), "FUZZ_IDS": orjson.dumps(_known_ids(url, world)).decode(),
        "SCHEMATHESIS_HOOKS": "tests.openapi.hooks",
    }  # fmt: skip
    command = [
        str(Path(sys.prefix) / "bin/schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run",
        f"{url}/openapi.json", "--include-path-regex", paths, "--checks", "all", "--continue-on-failure", "--workers", "1",
        "--seed", "7", "--warnings", "off", "--no-color", *options,
    ]  # fmt: skip
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def _known_ids(url: str, world: World) -> dict[str, list[str]]:
    """Ids of the world's objects by the name of the path parameter that takes them."""
    headers = next(world.headers())
    known: dict[str, list[str]] = {}
    document = httpx.get(f"{url}/openapi.json", timeout=30).json()
    for path, verbs in document["paths"].items():
        head, _, rest = path.rpartition("/{")
        if not path.endswith("}") or "{" in head or "get" not in verbs or head not in document["paths"]:
            continue
        answer = httpx.get(f"{url}{head}?limit=20", headers=headers, timeout=30)
        if answer.is_success and isinstance(answer.json().get("data"), list):
            known[rest.rstrip("}")] = [row["id"] for row in answer.json()["data"] if "id" in row]
    return known


def main() -> int:
    """Run with the number of examples an operation given as the first argument (100)."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    options = tuple(sys.argv[2:])
    if URL in os.environ:
        open_process(load())
        return run(os.environ[URL], examples=examples, options=options)
    with Stack() as stack:
        open_process(stack.settings)
        return run(stack.url, examples=examples, options=options)


if __name__ == "__main__":
    sys.exit(main())
