"""What every dialect makes of a delivery: one HTTP request."""

from dataclasses import dataclass
from typing import Protocol

from api.dialects import Told
from kit.documents import Document
from worker.claims import Claimed


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it is sent, without the headers its endpoint's owner adds."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class Dialect(Protocol):
    """A way of telling events. Its modules implement this."""

    def request(self, claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
        """Make the request of an attempt. secrets: the current one first. Raises for what the dialect cannot tell."""
        ...


def told(claimed: Claimed, kind: str, document: Document) -> Told:
    """An object of a delivery's event as its endpoint may see it."""
    return Told(
        claimed.event, kind, document, claimed.target.api_version, claimed.target.scopes, claimed.target.dialect_options,
    )  # fmt: skip
