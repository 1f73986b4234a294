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
    from evgraph.limits import Limits

PATIENCE = 5.0
"""The seconds in which the loader reports the end of a worker."""
ENDED = asyncio.IncompleteReadError, OSError
"""What asking a worker raises when it ended."""

_TASK = "the query"


class Worker:
    """A process that works for us; `lifeline` is a pipe whose closing ends it."""

    def __init__(
        self,
        pid: int,
        channel: socket.socket,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        lifeline: int,
        generation: int,
    ) -> None:
        self.pid, self._channel, self._lifeline = pid, channel, lifeline
        self._reader, self._writer = streams
        self.is_alive = True
        self.generation = generation  # Of the data that it has.
        self.exit_code: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    def is_running(self) -> bool:
        """Return whether an idle worker is still there."""
        try:
            return bool(self._channel.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:  # It has sent nothing, and not closed its end.
            return True
        except OSError:
            return False

    async def ask(self, message: object) -> tuple[int, Any]:
        """Send a message and return the reply; raise one of `ENDED` if the worker ended."""
        self._writer.write(framed(message))
        (size,) = SIZE.unpack(await self._reader.readexactly(SIZE.size))
        reply: tuple[int, Any] = pickle.loads(await self._reader.readexactly(size))  # noqa: S301 - of our worker
        return reply

    def end(self) -> None:
        """End the process, whatever it does."""
        if self.is_alive:
            self.is_alive = False
            os.close(self._lifeline)
            self._writer.close()


class Running:
    """A function that runs in a worker; its items come one by one."""

    def __init__(self, worker: Worker, message: object, limits: Limits) -> None:
        self._worker, self._message, self._limits = worker, message, limits
        self._start = time.monotonic()
        self.generation = worker.generation
        self.has_ended = False  # All items came.
        self.is_at_work = False  # The worker computes an item.

    async def next(self) -> Any:
        """Return the next item, or None at the end.

        Raises:
            EvgraphError: as the function does.
            LimitReachedError: the worker reached a limit and was ended.
            UnreadableError: the worker ended for another reason.

        """
        self.is_at_work = True
        try:
            kind, value = await self._worker.ask(self._message)
        except ENDED:
            raise failure(await self._exit_code(), self._limits, _TASK) from None
        self.is_at_work = False
        self._message = MORE
        if kind == ITEM:
            return value
        self.has_ended = True
        if kind == ERROR:
            raise value
        return None

    async def _exit_code(self) -> int:
        with suppress(TimeoutError):
            exit_code = await asyncio.wait_for(asyncio.shield(self._worker.exit_code), PATIENCE)
            if exit_code is not None:
                return exit_code
        is_late = self._limits.seconds is not None and time.monotonic() >= self._start + self._limits.seconds
        return -signal.SIGALRM if is_late else 1  # Nobody could see it: the loader has ended, too.
