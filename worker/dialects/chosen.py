"""The dialects by name."""

from worker.claims import Claimed
from worker.dialects import channel
from worker.dialects import core
from worker.dialects import pos
from worker.dialects import sync
from worker.dialects.request import Dialect
from worker.dialects.request import Request

DIALECTS: dict[str, Dialect] = {"core": core, "pos": pos, "channel": channel, "sync": sync}


def request_of(claimed: Claimed, secrets: tuple[str, ...], timestamp_s: int) -> Request:
    """The request of an attempt in its endpoint's dialect."""
    return DIALECTS[claimed.target.dialect].request(claimed, secrets, timestamp_s)
