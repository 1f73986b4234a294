"""Runs a command until it begins to write; copies of the process go on from there, and are killed while they write.

Usage: python killed_copies.py FOLDER SEED MOMENTS WORD …, in a folder with what the command reads

Each copy works in a copy of that folder. ``FOLDER/whole`` is of one that nothing kills; it shows how many things the
command does to files, and for how long. Half of the others end before one of these, half at an instant, both by chance:
``FOLDER/killed-N``. ``FOLDER/next-N`` is that folder after one more copy has worked in it to its end. Prints how many
copies were killed, and the number of things done to files.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "fcntl.flock"}
"""https://docs.python.org/3/library/audit_events.html"""


class Copies:
    """The copies of this process; `on_event` is its audit hook."""

    def __init__(self, folder: Path, seed: str, moments: int) -> None:
        self._folder, self._chance, self._moments = folder, random.Random(seed), moments  # noqa: S311
        self._begun = False
        self._start, self._seconds = 0.0, 0.0  # When a copy begins, and how long it takes to the last thing.
        self._events, self._last = 0, 0  # What a copy has done to files, and before which of these it ends.
        self._answer = os.dup(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # For what the command prints.

    def on_event(self, name: str, details: tuple[object, ...]) -> None:
        """Begin the copies before the first thing is done to files; in a copy, count them."""
        if name not in _CHANGES and not (name == "open" and _is_for_writing(details[2])):
            return
        if not self._begun:
            self._begun = True
            if self._run_all():
                os._exit(0)
        self._events, self._seconds = self._events + 1, time.perf_counter() - self._start
        if self._events == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _run_all(self) -> bool:
        """Run all copies; return whether this process is not one of them."""
        origin, killed = Path.cwd(), 0
        shutil.copytree(origin, self._folder / "whole")
        if (whole := self._go_on("whole")) is None:
            return False
        events, seconds = whole
        for moment in range(self._moments):
            shutil.copytree(origin, self._folder / f"killed-{moment}")
            chance = self._chance.random()
            last, instant = (1 + int(chance * events), 0.0) if moment % 2 else (0, max(1e-6, seconds * chance))
            if (outcome := self._go_on(f"killed-{moment}", last, instant)) is None:
                return False
            killed += not outcome[0]
            shutil.copytree(self._folder / f"killed-{moment}", self._folder / f"next-{moment}")
            if self._go_on(f"next-{moment}") is None:
                return False
        os.write(self._answer, f"{killed} {events}\n".encode())
        return True

    def _go_on(self, name: str, last: int = 0, seconds: float = 0.0) -> tuple[int, float] | None:
        """Start a copy; return the number of things done to files, 0 if it was killed, and the seconds; None in it."""
        reading, writing = os.pipe()
        if not os.fork():
            os.chdir(self._folder / name)
            self._answer, self._events, self._last, self._start = writing, 0, last, time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, seconds)  # Its signal ends the process.
            return None
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            events, taken = (answer.read() or b"0 0").split()
        os.wait()
        return int(events), float(taken)

    def end(self) -> None:
        """End a copy."""
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        os.write(self._answer, f"{self._events} {self._seconds}".encode())
        os._exit(0)


def _is_for_writing(flags: object) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def main() -> None:
    """Run the command of the command line."""
    from evgraph.cli.main import main as evgraph

    copies = Copies(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    sys.addaudithook(copies.on_event)
    try:
        evgraph(sys.argv[4:])
    except SystemExit:
        copies.end()


if __name__ == "__main__":
    main()
