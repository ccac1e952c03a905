"""Reading the event feed as a consumer does: what happened since the last look."""

from typing import Any
from typing import ClassVar

from tests.api.callers import Caller

Event = dict[str, Any]


class Feed:
    """The events of a tenant from the moment this was made."""

    seen: ClassVar[set[str]] = set()  # the types all feeds of a test have read

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._sequence = 0
        self.read()
        self.seen.clear()

    def read(self, about: str = "") -> list[Event]:
        """The events since the last look, in order; `about` keeps those whose type begins so."""
        found: list[Event] = []
        while True:
            page = self._caller.get(f"/v1/events?limit=100&after_sequence={self._sequence}").json
            found += page["data"]
            if page["data"]:
                self._sequence = page["data"][-1]["sequence"]
            if not page["has_more"]:
                self.seen.update(event["type"] for event in found)
                return [event for event in found if event["type"].startswith(about)]

    def types(self) -> list[str]:
        """The types of the events since the last look."""
        return [event["type"] for event in self.read()]

    def told(self) -> list[tuple[str, Any]]:
        """(type, previous) of each event since the last look."""
        return [(event["type"], event["data"].get("previous")) for event in self.read()]
