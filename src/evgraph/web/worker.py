"""A worker process as the front sees it, and the function that runs in it."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from evgraph.workers import ERROR, ITEM, MORE, SIZE, failure, framed

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.limits import Limits

PATIENCE = 5.0
"""The seconds in which the loader reports the end of a worker."""
ENDED = EOFError, OSError
"""What asking a worker raises when it ended."""

_TASK = "the query"
_PEEK = socket.MSG_PEEK | socket.MSG_DONTWAIT


class Worker(asyncio.Protocol):
    """A process that works for us; `lifeline` is a pipe whose closing ends it."""

    def __init__(self, pid: int, channel: socket.socket, lifeline: int, generation: int) -> None:
        self.pid, self._channel, self._lifeline = pid, channel, lifeline
        self.is_alive = True
        self.generation = generation  # Of the data that it has.
        self._loop = asyncio.get_running_loop()
        self.exit_code: asyncio.Future[int | None] = self._loop.create_future()
        self._reply: asyncio.Future[tuple[int, Any]] | None = None
        self._received = bytearray()
        self._has_hung_up = False

    async def connect(self) -> None:
        """Begin to listen to the process."""
        self._transport, _ = await self._loop.create_connection(lambda: self, sock=self._channel)

    def data_received(self, data: bytes) -> None:
        """Hand over a reply when it is complete; there is never more than one."""
        self._received += data
        if len(self._received) >= SIZE.size:
            end = SIZE.size + SIZE.unpack_from(self._received)[0]
            if len(self._received) >= end and self._reply and not self._reply.done():
                self._reply.set_result(pickle.loads(self._received[SIZE.size :]))  # noqa: S301 - of our worker
                self._received.clear()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell who waits for a reply that there will be none."""
        self._has_hung_up = True
        if self._reply and not self._reply.done():
            self._reply.set_exception(EOFError())

    def is_running(self) -> bool:
        """Return whether an idle worker is still there."""
        try:
            return bool(self._channel.recv(1, _PEEK))
        except BlockingIOError:  # It has sent nothing, and not closed its end.
            return True
        except OSError:
            return False

    async def ask(self, message: object) -> tuple[int, Any]:
        """Send a message and return the reply; raise one of `ENDED` if the worker ended."""
        if self._has_hung_up:
            raise EOFError
        self._reply = self._loop.create_future()
        self._transport.write(framed(message))
        return await self._reply

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.is_alive:
            self.is_alive = False
            os.close(self._lifeline)
            self._transport.close()


class Running:
    """A function that runs in a worker; its items come one by one.

    Args:
        worker: where it runs.
        message: that asks for it.
        limits: of the function.
        on_release: is called with this at the end, once.

    """

    def __init__(
        self, worker: Worker, message: object, limits: Limits, on_release: Callable[[Running], None] | None = None
    ) -> None:
        self.worker, self._message, self._limits = worker, message, limits
        self._on_release = on_release
        self._start = time.monotonic()
        self.generation = worker.generation
        self.has_ended = False  # All items came, or an error.
        self.is_at_work = False  # The worker computes an item.

    async def next(self) -> Any:
        """Return the next item; `has_ended` says whether it is the last one.

        Raises:
            EvgraphError: as the function does.
            LimitReachedError: the worker reached a limit and was ended.
            UnreadableError: the worker ended for another reason.

        """
        self.is_at_work = True
        try:
            kind, value = await self.worker.ask(self._message)
        except ENDED:
            raise failure(await self._exit_code(), self._limits, _TASK) from None
        self.is_at_work = False
        self._message = MORE
        self.has_ended = kind != ITEM
        if kind == ERROR:
            raise value
        return value

    def release(self) -> None:
        """Give the worker back; end what has not ended."""
        if self._on_release:
            on_release, self._on_release = self._on_release, None
            on_release(self)

    async def _exit_code(self) -> int:
        with suppress(TimeoutError):
            exit_code = await asyncio.wait_for(asyncio.shield(self.worker.exit_code), PATIENCE)
            if exit_code is not None:
                return exit_code
        is_late = self._limits.seconds is not None and time.monotonic() >= self._start + self._limits.seconds
        return -signal.SIGALRM if is_late else 1  # Nobody could see it: the loader has ended, too.
