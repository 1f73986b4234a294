"""The process that loads the graph once, and forks the workers that share its memory.

The front asks for a worker with one byte and two file descriptors, the worker's socket and its lifeline (see
`evgraph.workers.serve`). The loader answers with the worker's process number, and reports the exit code of each worker
that ended. It ends when the front closes its socket, or is gone.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
import sys
from pathlib import Path

from evgraph import workers
from evgraph.errors import EvgraphError

LONGEST = 1 << 16
"""In bytes: no message of the loader is longer."""


def load(number: int) -> None:
    """Run the function that comes on standard input, with its arguments, then fork until the socket closes.

    The first message is the memory that this process then has, in megabytes of address space, or an `EvgraphError` of
    the function; every other one is a pair: the number of a process, with its exit code where it ended.
    """
    with socket.socket(fileno=number) as control:
        function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our parent
        try:
            function(*arguments)
        except EvgraphError as error:
            control.send(pickle.dumps(error))
            return
        gc.collect()
        gc.freeze()  # A collection would write to all objects, and so copy the memory that is shared.
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
        control.send(pickle.dumps(pages * os.sysconf("SC_PAGESIZE") >> 20))
        _fork_on_request(control)


def _fork_on_request(control: socket.socket) -> None:
    woken, wakes = os.pipe()
    for pipe in (woken, wakes):
        os.set_blocking(pipe, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, LONGEST)
            _report_ended(control)
        if control.fileno() in ready:
            message, numbers, _, _ = socket.recv_fds(control, 1, 2)
            if not message:
                return
            pid = os.fork()
            if not pid:
                control.close()  # Else the front would not see the end of the loader.
                workers.serve(numbers[0], *numbers)
            for each in numbers:
                os.close(each)
            control.send(pickle.dumps((pid, None)))


def _report_ended(control: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        control.send(pickle.dumps((pid, os.waitstatus_to_exitcode(status))))
