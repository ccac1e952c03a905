"""Which proofs were used, and the nonces without which none counts (RFC 9449, sections 8 and 11.1).

What was used is kept in Redis, which may forget: it is emptied, or comes back from an older copy. A nonce therefore names the
memory it was made under, and dies with it: after a loss no proof made before counts, and clients simply make a new one.
Without Redis no proof is accepted (503).
"""

import hmac
import time
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_hex
from typing import Any

import redis

NONCE_LASTS_S = 120
AHEAD_S = 5  # clocks of two web servers differ
MAC_BYTES = 16

# KEYS[1] name of this memory, KEYS[2] a proof. ARGV: a name for a memory that has none, the memory the proof's nonce was made
# under, seconds to remember. Returns the memory's name and whether the proof is new (1), was seen (0) or is of another memory.
# The run id is part of the name, so that a server that starts from an older copy is another memory too.
SCRIPT = """
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local name = redis.call('GET', KEYS[1]) .. string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
if ARGV[2] == '' or ARGV[2] ~= redis.sha1hex(name) then return {redis.sha1hex(name), -1} end
local is_new = redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[3])
return {redis.sha1hex(name), is_new and 1 or 0}
"""


class Replays:
    """The memory of used proofs. One instance per process, configured at start."""

    def __init__(self) -> None:
        self._run: Any = None
        self._key = b""
        self._memory = ""  # the name of the memory as last seen

    def configure(self, url: str, secret_key: str) -> None:
        """Use the Redis at `url`. All web servers of an installation share it and the key nonces are made with."""
        client = redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
        self._run = client.register_script(SCRIPT)
        self._key = sha256(b"proof nonce:" + secret_key.encode()).digest()
        self._memory = ""

    def new_nonce(self) -> str:
        """What the next proof must carry. Raises redis.RedisError when the memory is away and was never seen."""
        if not self._memory:
            self._ask("", "", 1)
        head = int(time.time()).to_bytes(6, "big") + bytes.fromhex(self._memory)
        return urlsafe_b64encode(head + self._mac(head)).decode().rstrip("=")

    def take(self, nonce: str, proof: str) -> bool | None:
        """Use a proof up: True the first time, False afterwards; None when its nonce is not ours, too old, or of a memory lost.

        proof: what tells it from every other, any length. Raises redis.RedisError when the memory is away.
        """
        memory = self._memory_of(nonce)
        if not memory:
            return None
        found = self._ask(memory, sha256(proof.encode()).hexdigest(), NONCE_LASTS_S + AHEAD_S)
        return None if found < 0 else found == 1

    def _memory_of(self, nonce: str) -> str:
        """The memory a nonce of ours was made under while it lasts, or nothing."""
        try:
            raw = urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
        except ValueError:
            return ""
        head, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(head)):
            return ""
        age = time.time() - int.from_bytes(head[:6], "big")
        return head[6:].hex() if -AHEAD_S <= age <= NONCE_LASTS_S else ""

    def _mac(self, head: bytes) -> bytes:
        return hmac.digest(self._key, head, "sha256")[:MAC_BYTES]

    def _ask(self, memory: str, proof: str, lasts_s: int) -> int:
        name, found = self._run(keys=["tp:{dpop}:memory", f"tp:{{dpop}}:{proof}"], args=[token_hex(8), memory, lasts_s])
        self._memory = name.decode()
        return int(found)


replays = Replays()
