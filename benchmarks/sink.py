"""A receiver that answers 200 to every POST as cheaply as Python can: `python -m benchmarks.sink PORT [delay_s]`.

It reads whole requests and looks at nothing but their length, so that what is measured is the sender.
"""

import asyncio
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok"
LENGTH = b"content-length:"


class Sink(asyncio.Protocol):
    """One connection: counts requests by their Content-Length and answers each."""

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            length = int(head[head.find(LENGTH) + len(LENGTH) :].split(b"\r\n", 1)[0])
            if len(self._received) < end + 4 + length:
                return
            self._received = self._received[end + 4 + length :]
            if self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._transport.write, ANSWER)
            else:
                self._transport.write(ANSWER)


async def serve(port: int, delay_s: float = 0) -> None:
    """Serve until cancelled."""
    server = await asyncio.get_running_loop().create_server(lambda: Sink(delay_s), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0))
