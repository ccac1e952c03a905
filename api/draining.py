"""Reads what a refused request left of its body, after its answer was sent.

The server keeps a kept-alive connection unread for as long as a body was not read to its end, so without this the next
request on the connection of an early refusal (401, 404, 413, …) would wait for ever.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

SLICE = 65_536
MOST = 8 * 1024 * 1024
IS_READ = "tableport.body_is_read"  # set in the WSGI environ by whoever read the body to its end
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Draining:
    """An answer that reads on after it was sent."""

    def __init__(self, answer: Iterable[bytes], stream: Any) -> None:
        self._answer = answer
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """Called by the server once the answer is out."""
        if hasattr(self._answer, "close"):
            self._answer.close()
        left = MOST
        while left > 0 and (part := self._stream.read(SLICE)):
            left -= len(part)


def draining(application: Application) -> Application:
    """Wrap a WSGI application so that no request leaves a body unread."""

    def run(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = application(environ, start_response)
        has_body = environ.get("HTTP_TRANSFER_ENCODING") or environ.get("CONTENT_LENGTH") not in (None, "", "0")
        return Draining(answer, environ["wsgi.input"]) if has_body and IS_READ not in environ else answer

    return run
