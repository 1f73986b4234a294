"""The workers of the front: forked from the loader, one query each at a time, replaced when they end.

The worker's side is `evgraph.workers.serve`: the kernel ends a worker at its deadline, or when its lifeline is closed.
This is the side of its caller, for asyncio.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from collections import Counter, deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from evgraph.errors import EvgraphError, LimitReachedError, UnreadableError
from evgraph.limits import Limits
from evgraph.web.loader import LONGEST
from evgraph.web.worker import ENDED, PATIENCE, Running, Worker
from evgraph.workers import END, ENOUGH, request

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable

_WAITING = 64  # So many queries wait for a worker; more are refused.
_WAITING_OF_ONE = 48  # So many of one client.
_PAUSE = 1.0  # Seconds before the data is loaded again where that failed.
_WARM_UP = Limits(300)
# glibc gives each size of memory only seven blocks to reuse, and its allocator can take half of a query.
# https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
_TUNABLES = "glibc.malloc.tcache_count=2000:glibc.malloc.tcache_max=4096"


class Load(NamedTuple):
    """What the workers do."""

    busy: int
    idle: int
    waiting: int  # Queries that wait for a worker.
    ended: int  # The workers that were replaced so far.


class Turn(NamedTuple):
    """A client that waits for a worker."""

    client: str
    worker: asyncio.Future[Worker]


class BusyError(LimitReachedError):
    """No worker is free, and none became free in time."""


class Pool:
    """Worker processes with the graph.

    Args:
        prepare: loads the graph in the process from which the workers are forked.
        arguments: its arguments.
        warm: is called in each new worker, without arguments, before it answers anything.
        size: so many queries of one client run at the same time; there is one worker more, for the others.
        seconds: the time limit of a query.
        megabytes: the memory of a query, beside that of the graph.
        on_problem: is called with each new reason why the data cannot be loaded again.

    Attributes:
        generation: counts how often the data was loaded.

    """

    def __init__(
        self,
        prepare: Callable[..., object],
        arguments: tuple[object, ...],
        warm: Callable[[], Iterable[object]],
        *,
        size: int,
        seconds: float,
        megabytes: int,
        on_problem: Callable[[EvgraphError], None],
    ) -> None:
        self._prepare, self._arguments, self._warm = prepare, arguments, warm
        self._size, self._seconds, self._megabytes = size, seconds, megabytes
        self.limits = Limits(seconds)
        self._control: socket.socket | None = None
        self._loader: subprocess.Popen[bytes] | None = None
        self._starting = asyncio.Lock()
        self._first: asyncio.Future[Any] | None = None  # The loader's first message, while it loads.
        self._forked: deque[asyncio.Future[int]] = deque()
        self._workers: dict[int, Worker] = {}
        self._idle: list[Worker] = []
        self._waiting: list[Turn] = []
        self._held: Counter[str] = Counter()  # By client: its workers.
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self._ended = 0
        self.generation = 0
        self._is_loaded = False
        self._on_problem, self._problem = on_problem, ""
        self._renewing: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is a worker."""
        return bool(self._workers)

    async def start(self) -> None:
        """Load the graph and start the workers; raise what loading raises."""
        for _ in range(self._size + 1):
            await self._add()

    def reload(self) -> None:
        """Load the data again; until that is done, the workers answer from what they have."""
        self._lose_loader()
        self._start_renewing()

    async def close(self) -> None:
        """End all processes."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        for worker in self._workers.values():
            worker.end()
        if ends := [worker.exit_code for worker in self._workers.values()]:
            await asyncio.wait(ends, timeout=1)
        self._lose_loader()
        if self._loader is not None:
            self._loader.kill()
            await asyncio.to_thread(self._loader.wait)

    async def run(self, client: str, function: Callable[..., Iterable[Any]], *arguments: object) -> Running:
        """Run a function in a worker, as soon as one is free; the caller releases it.

        Args:
            client: the address of the client; one client never has all workers.
            function: as `evgraph.workers.iterate` takes it.
            arguments: of the function.

        Raises:
            BusyError: too many wait already, or none became free in time.

        """
        worker = self._free_worker(client) or await self._wait_for_worker(client)

        def release(running: Running) -> None:
            self._release(client)
            if running.has_ended:
                self._give(worker)
            elif running.is_at_work:
                self._drop(worker)
            else:
                self._do(self._recover(worker))

        return Running(worker, request(function, arguments, self.limits), self.limits, release)

    def load(self) -> Load:
        """Return what the workers do now."""
        return Load(len(self._workers) - len(self._idle), len(self._idle), len(self._waiting), self._ended)

    # Workers.

    def _free_worker(self, client: str) -> Worker | None:
        while self._idle and self._held[client] < self._size:
            worker = self._idle.pop()
            if worker.is_running():
                self._held[client] += 1
                return worker
            self._drop(worker)
        return None

    async def _wait_for_worker(self, client: str) -> Worker:
        own = sum(turn.client == client for turn in self._waiting)
        if len(self._waiting) >= _WAITING or own >= _WAITING_OF_ONE:
            raise BusyError("too many queries wait already", hint="try again in a few seconds")
        loop = asyncio.get_running_loop()
        turn = Turn(client, loop.create_future())
        self._waiting.append(turn)
        timer = loop.call_later(self._seconds, self._give_up, turn)
        try:
            return await turn.worker
        except asyncio.CancelledError:
            if not turn.worker.cancelled() and not turn.worker.exception():
                self._release(client)
                self._give(turn.worker.result())
            raise
        finally:
            timer.cancel()
            with suppress(ValueError):
                self._waiting.remove(turn)

    def _give_up(self, turn: Turn) -> None:
        if not turn.worker.done():
            message = f"no worker became free within {self._seconds:g} s"
            turn.worker.set_exception(BusyError(message, hint="try again in a few seconds"))

    def _release(self, client: str) -> None:
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        if self._idle and self._waiting:  # Of this client, which had as many as it may.
            self._give(self._idle.pop())

    def _give(self, worker: Worker) -> None:
        """Hand a free worker to the next query that waits."""
        if not worker.is_alive:
            return
        if worker.exit_code.done() and self._is_loaded:  # Of an earlier loader, which ended.
            self._drop(worker)
            return
        for turn in self._waiting:
            if self._held[turn.client] < self._size and not turn.worker.done():
                self._waiting.remove(turn)
                self._held[turn.client] += 1
                turn.worker.set_result(worker)
                return
        self._idle.append(worker)

    async def _recover(self, worker: Worker) -> None:
        """Tell a worker that nobody wants more of its items."""
        try:
            kind, _ = await asyncio.wait_for(worker.ask(ENOUGH), PATIENCE)
        except (*ENDED, TimeoutError):
            self._drop(worker)
            return
        if kind == END:
            self._give(worker)
        else:
            self._drop(worker)

    def _drop(self, worker: Worker) -> None:
        """End a worker and start another."""
        worker.end()
        if self._workers.pop(worker.pid, None) and not self._is_closed:
            self._ended += 1
            with suppress(ValueError):
                self._idle.remove(worker)
            self._do(self._keep_trying(self._add))

    async def _fork(self) -> Worker:
        """Return a new worker, warm; raise what loading or warming up raises."""
        control = await self._loaded()
        ours, theirs = socket.socketpair()
        hung_up, lifeline = os.pipe()
        forked: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._forked.append(forked)
        with theirs:
            socket.send_fds(control, [b"f"], [theirs.fileno(), hung_up])
        os.close(hung_up)
        try:
            pid = await asyncio.wait_for(forked, _WARM_UP.seconds)
        except BaseException:
            os.close(lifeline)
            ours.close()
            raise
        ours.setblocking(False)
        worker = Worker(pid, ours, lifeline, self.generation)
        if control is not self._control:  # Its loader ended as soon as it had forked it.
            worker.exit_code.set_result(None)
        await worker.connect()
        self._workers[pid] = worker
        try:
            running = Running(worker, request(self._warm, (), _WARM_UP), _WARM_UP)
            while not running.has_ended:
                await running.next()
        except BaseException:
            worker.end()
            del self._workers[pid]
            raise
        return worker

    async def _add(self) -> None:
        self._give(await self._fork())

    async def _renew(self) -> None:
        """Start the loader again, and replace the workers of the earlier one as far as they are idle."""
        await self._loaded()
        idle, self._idle = self._idle, []
        for worker in idle:
            self._give(worker)

    async def _keep_trying(self, work: Callable[[], Awaitable[object]]) -> None:
        while not self._is_closed:
            try:
                await work()
            except (EvgraphError, *ENDED) as error:  # The files cannot be read just now.
                if isinstance(error, EvgraphError) and str(error) != self._problem:
                    self._problem = str(error)
                    self._on_problem(error)
                await asyncio.sleep(_PAUSE)
            else:
                return

    def _start_renewing(self) -> None:
        if not self._is_closed and (self._renewing is None or self._renewing.done()):
            self._renewing = self._do(self._keep_trying(self._renew))

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # The loader.

    async def _loaded(self) -> socket.socket:
        """Return the socket of the loader; start it, also where it ended."""
        async with self._starting:
            if self._control is None:
                if self._loader is not None:
                    self._loader.kill()
                    await asyncio.to_thread(self._loader.wait)
                loop = asyncio.get_running_loop()
                ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                self._loader = await asyncio.to_thread(self._spawn, theirs)
                ours.setblocking(False)
                self._control = ours
                self._first = loop.create_future()
                loop.add_reader(ours, self._receive)
                first = await self._first
                if isinstance(first, EvgraphError):
                    self._lose_loader()
                    raise first
                self.limits = Limits(self._seconds, first + self._megabytes)
                self.generation += 1
                self._is_loaded, self._problem = True, ""
            return self._control

    def _spawn(self, control: socket.socket) -> subprocess.Popen[bytes]:
        program = f"from evgraph.web.loader import load; load({control.fileno()})"
        environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "GLIBC_TUNABLES": _TUNABLES}
        with control:
            loader = subprocess.Popen(  # noqa: S603 - this Python
                [sys.executable, "-P", "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env=os.environ | environment,
                pass_fds=[control.fileno()],
                start_new_session=True,  # A Ctrl-C is for the front, which lets queries end.
            )
        with suppress(BrokenPipeError), loader.stdin:  # type: ignore[union-attr] # It is a pipe.
            pickle.dump((self._prepare, self._arguments), loader.stdin)  # type: ignore[arg-type]
        return loader

    def _receive(self) -> None:
        """Read a message of the loader."""
        if self._control is None:
            return
        try:
            body = self._control.recv(LONGEST)
        except BlockingIOError:
            return
        except OSError:
            body = b""
        if not body:
            self._lose_loader()
            self._start_renewing()
            return
        message = pickle.loads(body)  # noqa: S301 - of our child
        if self._first is not None and not self._first.done():
            self._first.set_result(message)
            return
        pid, exit_code = message
        if exit_code is None:
            forked = self._forked.popleft()
            if not forked.done():
                forked.set_result(pid)
        elif worker := self._workers.get(pid):
            if not worker.exit_code.done():
                worker.exit_code.set_result(exit_code)
            self._drop(worker)

    def _lose_loader(self) -> None:
        self._is_loaded = False
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
            self._control = None
        error = UnreadableError("the process that loads the graph ended unexpectedly")
        waiting = [*self._forked, *([self._first] if self._first else [])]
        self._forked.clear()
        for future in waiting:
            if not future.done():
                future.set_exception(error)
        for worker in self._workers.values():  # They work on, but nobody waits for their ends.
            if not worker.exit_code.done():
                worker.exit_code.set_result(None)
