"""The network between people and the server: a TCP proxy that breaks on request. One thread, one event loop."""

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any

POST = re.compile(rb"POST /api/(?:widget/messages|messages/send) ")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
NO_LINGER = struct.pack("ii", 1, 0)  # close() then sends RST
CHUNK = 65536


class Link:
    """One connection of a client, and its counterpart to the server."""

    def __init__(self, client: asyncio.StreamWriter):
        self.client = client
        self.server: asyncio.StreamWriter | None = None
        self.lost_something = False
        self.swallows_answers = False

    def reset(self) -> None:
        for end in self._ends():
            wire = end.get_extra_info("socket")
            with suppress(OSError, AttributeError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            end.transport.abort()

    def close(self) -> None:
        for end in self._ends():
            end.close()

    def _ends(self) -> list[asyncio.StreamWriter]:
        return [end for end in (self.client, self.server) if end is not None]


class Network:
    """`with Network(port, random) as network:` then use `network.url`. Its methods may be called from any thread."""

    def __init__(self, server_port: int, random: Random):
        self.server_port = server_port
        self.random = random
        self.links: set[Link] = set()
        self.deaf: set[str] = set()  # "up", "down"
        self.lose_answers = self.repeat = self.delay = 0  # so many of the next requests that send a message
        self.done: dict[str, int] = {"answers lost": 0, "requests repeated": 0, "requests delayed": 0}
        self.tasks: set[asyncio.Task[None]] = set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self) -> "Network":
        self.thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    # ---- what may be asked for

    def cut(self, share: float, how: str) -> None:
        """End a share of the connections: "reset" or "close"."""
        self._call(self._cut(share, how))

    def go_deaf(self, direction: str) -> None:
        """Swallow what goes "up" or "down" from now on, until `heal()`."""
        self.loop.call_soon_threadsafe(self.deaf.add, direction)

    def heal(self) -> None:
        """Nothing is swallowed any more. A connection that lost something ends: TCP knows no holes."""
        self._call(self._heal())

    def wait_for_late_requests(self) -> None:
        """Return when every request that was repeated or delayed has arrived."""
        self._call(self._wait())

    # ---- the loop's side

    def _call(self, doing: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(doing, self.loop).result(60)

    async def _listen(self) -> None:
        self.listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self.listener.sockets[0].getsockname()[1]}"

    async def _end(self) -> None:
        self.listener.close()
        for link in list(self.links):
            link.reset()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.sleep(0.1)

    async def _cut(self, share: float, how: str) -> None:
        for link in list(self.links):
            if self.random.random() < share:
                link.reset() if how == "reset" else link.close()

    async def _heal(self) -> None:
        self.deaf.clear()
        for link in [link for link in self.links if link.lost_something]:
            link.reset()

    async def _wait(self) -> None:
        while self.tasks:
            await asyncio.wait(self.tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(writer)
        self.links.add(link)
        try:
            answers, link.server = await asyncio.open_connection("127.0.0.1", self.server_port)
            await asyncio.gather(
                self._pump(link, reader, link.server, "up", self._sent),
                self._pump(link, answers, writer, "down", self._answered),
            )
        except OSError:
            link.reset()  # nobody listens there
        finally:
            self.links.discard(link)
            link.close()

    async def _pump(
        self,
        link: Link,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        direction: str,
        handle: Callable[[Link, bytes], bool],
    ) -> None:
        held = b""
        try:
            while chunk := await source.read(CHUNK):
                held += chunk
                if direction == "up" and _is_incomplete(held):
                    continue
                chunk, held = held, b""
                if direction in self.deaf or link.lost_something:
                    link.lost_something = True
                elif handle(link, chunk):
                    target.write(chunk)
                    await target.drain()
            target.close()
        except OSError:
            link.reset()

    def _sent(self, link: Link, chunk: bytes) -> bool:
        """Whether to hand it on."""
        if not POST.match(chunk):
            return True
        if self.delay:
            self.delay -= 1
            self.done["requests delayed"] += 1
            self._later(chunk)
            link.reset()
            return False
        if self.repeat:
            self.repeat -= 1
            self.done["requests repeated"] += 1
            self._later(chunk)
        if self.lose_answers:
            self.lose_answers -= 1
            self.done["answers lost"] += 1
            link.swallows_answers = True
        return True

    def _answered(self, link: Link, chunk: bytes) -> bool:
        if link.swallows_answers:
            link.reset()
            return False
        return True

    def _later(self, request: bytes) -> None:
        task = self.loop.create_task(self._arrive_late(request, self.random.uniform(0.0, 4.0)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _arrive_late(self, request: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        with suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.server_port)
            writer.write(request)
            await asyncio.wait_for(reader.read(CHUNK), 15)
            writer.close()


def _is_incomplete(data: bytes) -> bool:
    """Whether this is the beginning of a request that sends a message: it is handed on in one piece."""
    if not POST.match(data):
        return False
    head, end, body = data.partition(b"\r\n\r\n")
    length = LENGTH.search(head)
    return not end or (length is not None and len(body) < int(length[1]))
