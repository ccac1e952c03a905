"""Calls to the platform: one credential, refusals as failures with the platform's own words."""

import time
from typing import Any

import httpx

from tableport.failures import Failure
from tableport.failures import NotLoggedIn
from tableport.failures import Unreachable

TIMEOUT_S = 15.0
PATIENT_TRIES = 3  # of a call that is told to slow down
LONGEST_WAIT_S = 60


class Platform:
    """One installation, as one credential sees it."""

    def __init__(self, base_url: str, api_key: str | None = None) -> None:
        self.base_url = base_url
        headers = {"User-Agent": "tableport-cli/1", "Accept": "application/json"}
        if api_key is not None:
            headers["Authorization"] = f"Bearer {api_key}"
        self._http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT_S)

    def get(self, path: str, **query: Any) -> Any:
        """GET and return the JSON answer."""
        return self.call("GET", path, params={name: value for name, value in query.items() if value is not None})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """POST JSON and return the JSON answer."""
        return self.call("POST", path, json=body)

    def delete(self, path: str) -> None:
        """DELETE."""
        self.call("DELETE", path)

    def call(self, method: str, path: str, **parts: Any) -> Any:
        """One call; waits when it is told to slow down. Raises NotLoggedIn, Unreachable and Failure."""
        for _ in range(PATIENT_TRIES):
            response = self._sent(method, path, parts)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            time.sleep(min(LONGEST_WAIT_S, _seconds(response.headers.get("retry-after"))))
        if response.is_success:
            return _json(response) if response.content else None
        raise _failure(response)

    def _sent(self, method: str, path: str, parts: dict[str, Any]) -> httpx.Response:
        try:
            return self._http.request(method, path, **parts)
        except httpx.HTTPError as error:
            why = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error) or type(error).__name__
            raise Unreachable(f"cannot reach {self.base_url}: {why}", code="unreachable") from error


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise Unreachable(f"{response.url.host} does not speak like a Tableport installation", code="unreachable") from error


def _failure(response: httpx.Response) -> Failure:
    """A refusal in one line: what the platform says, and the first field it is about."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "code" not in problem:
        return Unreachable(f"{response.url.copy_with(query=None)} answered {response.status_code}", code="unreachable")
    message = str(problem.get("detail") or problem.get("title") or problem["code"])
    errors = problem.get("errors") or []
    if errors and str(errors[0].get("message", "")) not in message:
        message = f"{message} ({errors[0].get('field')}: {errors[0].get('message')})"
    kind = NotLoggedIn if response.status_code == httpx.codes.UNAUTHORIZED else Failure
    if kind is NotLoggedIn:
        message += " Run `tableport login`."
    return kind(message, code=str(problem["code"]), status=response.status_code)


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isascii() and text.isdigit() else 1.0
