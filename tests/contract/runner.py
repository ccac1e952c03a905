"""Executes contract vectors over HTTP against a running platform.

A vector runs on a fresh `minimal` reset of the demo tenant after everything its `given` names, and is compared with what it
expects: status, body and the events its own request committed, in order.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any
from typing import Self

import httpx

from tests.contract.operators import Answers
from tests.contract.operators import differences
from tests.contract.operators import find
from tests.support import promises

SEED = 7
PRODUCTS = {"x": "tm"}  # whose full credential a vector without `auth` uses, when it is not its own product's
READER = "tm.full"  # reads the feed of the demo tenant, whichever product's credential made the change
REFERENCE = re.compile(r"\{([A-Z]+-\d+)\.([\w.]+)\}")
WAIT = re.compile(r"clock \+(\d+) (s|min)")
CALLS = re.compile(r"(\d+) (GET|POST)s in the last 60 s")
WITH_KEY = re.compile(r"([A-Z]+-\d+) with Idempotency-Key (\S+)")
WITH_INBOX = re.compile(r"([A-Z]+-\d+) with url=inbox")


@dataclass(frozen=True)
class Vector:
    """One line of vectors.jsonl."""

    id: str
    product: str
    method: str
    path: str
    status: int
    auth: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    given: tuple[str, ...] = ()
    expected_body: Mapping[str, Any] = field(default_factory=dict)
    expected_events: tuple[str, ...] | None = None

    @classmethod
    def from_line(cls, line: str) -> Self:
        raw = json.loads(line)
        request, expected = raw["req"], raw["expect"]
        product = PRODUCTS.get(raw["p"], raw["p"])
        auth = request.get("auth", f"{product}.full").replace("x.full", "tm.full")
        return cls(
            raw["id"], product, request["m"], request["path"], expected["status"], auth, request.get("headers", {}),
            request.get("json"), tuple(raw.get("given", ())), expected.get("json", {}),
            tuple(expected["events"]) if "events" in expected else None,
        )  # fmt: skip


def load_vectors(path: Path) -> dict[str, Vector]:
    """Every vector by its id, in file order."""
    vectors = [Vector.from_line(line) for line in path.read_text().splitlines() if line.strip()]
    return {vector.id: vector for vector in vectors}


class Runner:
    """Runs vectors one after the other with the credentials of demo.json."""

    def __init__(self, base_url: str, demo: Mapping[str, Any], vectors: Mapping[str, Vector]) -> None:
        self._client = httpx.Client(base_url=base_url, timeout=30, event_hooks={"response": [promises.judge_live]})
        self._credentials: Mapping[str, Any] = demo["credentials"]
        self._vectors = vectors
        self._answers: Answers = {}

    def close(self) -> None:
        self._client.close()

    def run(self, vector: Vector) -> list[str]:
        """Reset, prepare, execute. Returns what is wrong, one line each, [] when the vector holds."""
        self._answers = {}
        self._reset("minimal")
        for condition in vector.given:
            self._prepare(condition, vector)
        return self._execute(vector)

    def _prepare(self, condition: str, vector: Vector) -> None:
        """Bring one `given` about. Raises ValueError for a kind this runner does not know."""
        if condition in self._vectors:
            self._must_hold(self._vectors[condition])
        elif match := WITH_KEY.fullmatch(condition):
            base = self._vectors[match[1]]
            self._must_hold(replace(base, headers={**base.headers, "Idempotency-Key": match[2]}))
        elif match := WITH_INBOX.fullmatch(condition):
            base = self._vectors[match[1]]
            self._must_hold(replace(base, body={**base.body, "url": self._control("POST", "/inbox", {})["url"]}))
        elif match := CALLS.fullmatch(condition):
            for _ in range(int(match[1])):
                self._send(replace(vector, method=match[2]))
        elif match := WAIT.fullmatch(condition):
            seconds = int(match[1]) * (60 if match[2] == "min" else 1)
            self._control("POST", "/clock", {"advance_seconds": seconds})
        elif condition.startswith("profile "):
            self._reset(condition.removeprefix("profile "))
        else:
            raise ValueError(f"{vector.id}: unknown given {condition!r}")

    def _must_hold(self, vector: Vector) -> None:
        for condition in vector.given:
            self._prepare(condition, vector)
        if wrong := self._execute(vector):
            raise AssertionError(f"given {vector.id} does not hold: {wrong}")

    def _execute(self, vector: Vector) -> list[str]:
        before = self._last_sequence() if vector.expected_events is not None else 0
        response = self._send(vector)
        body = response.json() if response.content else None
        self._answers[vector.id] = body
        wrong = [] if response.status_code == vector.status else [
            f"status: expected {vector.status}, got {response.status_code}: {response.text[:500]}"
        ]  # fmt: skip
        wrong += differences(dict(vector.expected_body), body, self._answers)
        if vector.expected_events is not None:
            committed = self._events_of(response.headers["X-Request-Id"], before)
            if committed != vector.expected_events:
                wrong.append(f"events: expected {list(vector.expected_events)}, got {list(committed)}")
        return wrong

    def _send(self, vector: Vector) -> httpx.Response:
        credential = self._credentials[vector.auth]
        auth = httpx.BasicAuth(credential["client_id"], credential["client_secret"]) if "client_id" in credential else None
        headers = {**credential.get("headers", {}), **self._filled(vector.headers)}
        path = self._filled(vector.path)
        if vector.body is None:
            return self._client.request(vector.method, path, headers=headers, auth=auth)
        return self._client.request(vector.method, path, headers=headers, auth=auth, json=self._filled(vector.body))

    def _filled(self, value: Any) -> Any:
        """Insert earlier answers for `{TS-02.data.id}`, at any depth."""
        if isinstance(value, str):
            return REFERENCE.sub(lambda match: str(find(self._answers[match[1]], match[2])), value)
        if isinstance(value, Mapping):
            return {key: self._filled(child) for key, child in value.items()}
        return [self._filled(child) for child in value] if isinstance(value, list) else value

    def _reset(self, profile: str) -> None:
        self._control("POST", "/reset", {"profile": profile, "seed": SEED})

    def _last_sequence(self) -> int:
        """Number of the demo tenant's newest event, 0 when there is none."""
        return max((event["sequence"] for event in self._feed(0)), default=0)

    def _events_of(self, request_id: str, after_sequence: int) -> tuple[str, ...]:
        """Types of the events a request's own transaction committed; what jobs add later has no request."""
        return tuple(event["type"] for event in self._feed(after_sequence) if event["request_id"] == request_id)

    def _feed(self, after_sequence: int) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        more = True
        while more:
            at = events[-1]["sequence"] if events else after_sequence
            page = self._read(f"/v1/events?after_sequence={at}&limit=100")
            events += page["data"]
            more = page["has_more"]
        return events

    def _read(self, path: str) -> Any:
        return self._checked(self._client.get(path, headers=self._credentials[READER]["headers"]))

    def _control(self, method: str, path: str, body: dict[str, Any]) -> Any:
        headers = self._credentials[READER]["headers"]
        answer = self._client.request(method, f"/sandbox/v1{path}", headers=headers, json=body)
        if answer.status_code == 429:  # the example before this one was about limits
            time.sleep(int(answer.headers["Retry-After"]))
            answer = self._client.request(method, f"/sandbox/v1{path}", headers=headers, json=body)
        return self._checked(answer)

    @staticmethod
    def _checked(response: httpx.Response) -> Any:
        if not response.is_success:
            raise AssertionError(f"{response.request.method} {response.request.url}: {response.status_code} {response.text}")
        return response.json()
