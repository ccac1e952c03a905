"""The answer of an endpoint on its way out: complete bodies, entity tags, and what an idempotency key keeps of it."""

from typing import Any

from flask import Response
from flask import request

from api.idempotency import Answer


class ApiResponse(Response):
    """An answer whose body is complete: skips the header copying and guessing werkzeug does for streams and redirects."""

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        body = self.get_data()
        is_bare = self.status_code in (204, 304)
        if is_bare:
            for name in ("Content-Type", "Content-Length"):  # nothing is there to have a type or a length
                self.headers.pop(name, None)
        else:
            self.headers["Content-Length"] = str(len(body))
        start_response(self.status, self.headers.to_wsgi_list())
        return [] if is_bare or environ["REQUEST_METHOD"] == "HEAD" else [body]


def add_etag(response: Response, document: Any) -> None:
    """Give a single versioned object its ETag, and answer 304 when the caller already has it."""
    version = document.get("version") if isinstance(document, dict) else None
    if version is None or response.status_code >= 300:
        return
    etag = f'"{version}"'
    response.headers["ETag"] = etag
    known = request.environ.get("HTTP_IF_NONE_MATCH")
    if known is None or request.method not in ("GET", "HEAD"):
        return
    if {etag, "*"} & {tag.strip().removeprefix("W/") for tag in known.split(",")}:
        response.status_code = 304
        response.set_data(b"")


def kept_headers(response: Response) -> dict[str, str]:
    """The headers of an answer that belong to what it says."""
    return {name: response.headers[name] for name in ("Content-Type", "ETag", "Location") if name in response.headers}


def replayed(answer: Answer) -> Response:
    """The answer a key was given before, marked as such."""
    response = Response(answer.body, status=answer.status)
    response.headers.update(answer.headers)
    response.headers["Idempotent-Replayed"] = "true"
    return response
