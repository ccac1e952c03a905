"""Structured logs: one JSON object per line on stderr, with the request's context and without secrets."""

import json
import logging
import sys
from contextvars import ContextVar
from typing import Any

from kit.clock import iso
from kit.clock import now_us
from kit.crypto import redact

context: ContextVar[dict[str, Any]] = ContextVar("log_context", default={})  # noqa: B039 - replaced, never mutated
_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """Renders a record with its `extra=` fields, the current context and a redacted traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": iso(now_us()), "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        line |= context.get()
        line |= {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=str, ensure_ascii=False))


def configure(level: str) -> None:
    """Send every logger to stderr as JSON. Authlib's debug records print token values, so it never goes below INFO;
    httpx and Alembic report routine at INFO, which is noise here.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("authlib").setLevel(max(logging.INFO, root.level))
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
