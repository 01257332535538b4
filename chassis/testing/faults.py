"""A line to a server that can be cut, or go silent: what networks do, and stopping a server does not."""

import asyncio
import contextlib
import socket
import struct
from typing import Self


class TcpProxy:
    """A proxy on a port of its own in front of a server of this machine."""

    def __init__(self, port: int) -> None:
        self._target, self._open = port, set[asyncio.StreamWriter]()
        self._flows = asyncio.Event()
        self._flows.set()
        self._last_word: bytes | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1")
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.release()
        self.cut()

    def hold(self) -> None:
        """Keep what the server says to oneself; connections stay up."""
        self._flows.clear()

    def hold_after(self, word: bytes) -> None:
        """Keep to oneself what the server says to this, and to everything after it."""
        self._last_word = word

    def release(self) -> None:
        """Let pass what was held."""
        self._last_word = None
        self._flows.set()

    def cut(self) -> None:
        """Reset all connections; new ones can be made."""
        for writer in list(self._open):
            with contextlib.suppress(OSError):
                end: socket.socket = writer.get_extra_info("socket")
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.close()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, to_server}
        await asyncio.gather(self._carry(reader, to_server, held=False), self._carry(from_server, writer, held=True))
        self._open -= {writer, to_server}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, held: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                if held:
                    await self._flows.wait()
                elif self._last_word and self._last_word in chunk:
                    self.hold()
                writer.write(chunk)
                await writer.drain()
        writer.close()
