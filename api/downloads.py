"""Files as answers: streamed from the disk, never held in memory, and not kept in the request log."""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from flask import Response
from flask import request
from werkzeug.wsgi import wrap_file

SLICE = 65_536


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A complete file to send: where it lies, what it is, what the receiver should call it, and its digest in hex."""

    path: Path
    content_type: str
    name: str
    sha256: str


class FileResponse(Response):
    """An answer read from the disk while it is sent."""

    def get_data(self, as_text: bool = False) -> bytes:  # type: ignore[override]
        """What the request log and idempotency keep of it: nothing."""
        return b""


def file_response(answer: FileAnswer) -> Response:
    """Open the file and answer with it. Raises FileNotFoundError when it is gone.

    Once open it is sent to its end, whatever happens to its name meanwhile. Digest as in RFC 9530.
    """
    file = answer.path.open("rb")
    response = FileResponse(wrap_file(request.environ, file, SLICE), content_type=answer.content_type, direct_passthrough=True)
    response.content_length = answer.path.stat().st_size
    response.headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
    response.headers["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(answer.sha256)).decode()}:"
    response.headers["Cache-Control"] = "private, no-store"
    return response
