"""Liveness and readiness, for load balancers and the supervisor."""

import logging
from typing import Any

import orjson
import redis
from flask import Blueprint
from flask import Response
from sqlalchemy.exc import SQLAlchemyError

from kit.planes import ping
from kit.settings import PLANE_NAMES
from kit.settings import Settings

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)
_redis: dict[str, Any] = {}


def configure(settings: Settings) -> None:
    """Use the installation's Redis."""
    _redis["client"] = redis.Redis.from_url(
        settings.redis_database_url(1), socket_timeout=0.5, socket_connect_timeout=0.5
    )


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return Response(b'{"status":"ok"}', content_type="application/json")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Every part an API call needs answers: three databases, Redis, a live worker. 503 names the ones that do not."""
    checks = {f"database.{plane}": _database(plane) for plane in PLANE_NAMES}
    checks |= {"redis": _redis_answers(), "worker": _heartbeat("worker"), "scheduler": _heartbeat("scheduler")}
    ready = all(checks.values())
    body = {"status": "ready" if ready else "unavailable", "checks": {k: "ok" if v else "down" for k, v in checks.items()}}
    return Response(orjson.dumps(body), status=200 if ready else 503, content_type="application/json")


def _database(plane: str) -> bool:
    try:
        ping(plane)
    except SQLAlchemyError:
        log.warning("plane %s does not answer", plane, exc_info=True)
        return False
    return True


def _redis_answers() -> bool:
    try:
        return bool(_redis["client"].ping())
    except redis.RedisError:
        return False


def _heartbeat(name: str) -> bool:
    try:
        return bool(_redis["client"].exists(f"tp:heartbeat:{name}"))
    except redis.RedisError:
        return False
