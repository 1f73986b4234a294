"""How many pages a second evgraph reads, and in how much memory, at 50, 500 and 5,000 invented pages.

Usage: python bench/ingest.py [SIZE…] [--pages DIR]

Each invented page is another one, about as long as the real ones; with ``--pages``, pages of your own are read instead,
in turn and over and over. The first lines measure reading alone, from bytes to resolved references, in one process; the
next the whole work on a page, from its file to Turtle, in one process and in two; the last the command over a folder of
so many pages in versions of the 50 cells: it reads them all, takes the first of each cell, and names the others.

Each line is a process of its own, so that its peak of memory is its own; with two processes, it is that of the largest.
What a process spends before its second page (imports, formulas that are compiled, the register, caches that are still
empty) is the same for fifty pages and for five thousand: `pages/s` counts it in, `once warm` leaves it out. Both go by
the clock, but reading's by the processor.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.invented import generate

HERE = Path(__file__).resolve().parent
SIZES = (50, 500, 5000)
LOOP = 1000  # So many pages are read of a folder that holds fewer.
_PROSE = 18  # So many plain sentences in an entry make the pages as long as the real ones, 18 kB.


class Timed(NamedTuple):
    """How many pages a line read, in how many seconds, and how many went by before it was warm, if that is known."""

    pages: int
    seconds: float
    start: float | None


def make(folder: Path, size: int) -> None:
    """Write so many pages that name their cell."""
    seed = 0
    for number in range(size):
        while (page := generate(seed, prose=_PROSE)).given or page.not_understood:
            seed += 1
        seed += 1
        Path(folder, f"{number:05}.txt").write_bytes(page.data)


def read_pages(folder: Path, count: int, _jobs: int) -> Timed:
    """Read pages in this process; the seconds are of the processor."""
    start = time.process_time()
    from evgraph.pages.decoding import decode
    from evgraph.pages.ingest import pages_at, understand
    from evgraph.pages.layout import read_page
    from evgraph.register import load

    paths, register = pages_at([folder]), load([HERE])

    def read(path: Path) -> float:
        data, begin = path.read_bytes(), time.process_time()
        understand(read_page(decode(data, str(path))), register)
        return time.process_time() - begin

    read(paths[0])
    start = time.process_time() - start
    return Timed(count, sum(map(read, islice(cycle(paths), count))), start)


def write_pages(folder: Path, count: int, jobs: int) -> Timed:
    """Do the whole work on each page but the writing of its file; the seconds are on the clock."""
    start = time.perf_counter()
    from evgraph.pages.driver import Understander, Wanted
    from evgraph.pages.ingest import pages_at
    from evgraph.pages.pool import spread
    from evgraph.register import load

    paths, work = pages_at([folder]), Understander(Wanted(), load([HERE]), {})
    work(paths[0])
    warm = time.perf_counter()
    done = sum(isinstance(result, tuple) for _, result in spread(work, list(islice(cycle(paths), count)), jobs))
    return Timed(done, time.perf_counter() - warm, warm - start)


def run_command(folder: Path, count: int, jobs: int) -> Timed:
    """Run the command on the folder; the seconds are on the clock."""
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, "-m", "evgraph", "ingest", folder, "-o", out, "--quiet", "--jobs", str(jobs)]
        start = time.perf_counter()
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - our own command.
        if done.returncode not in (0, 1, 3):
            raise SystemExit(done.stderr.decode())
        return Timed(count, time.perf_counter() - start, None)


MEASURES = {"read": read_pages, "write": write_pages, "command": run_command}
ROWS = (
    ("read and resolve, one process", "read", 1),
    ("read, resolve, Turtle, one process", "write", 1),
    ("read, resolve, Turtle, two processes", "write", 2),
    ("evgraph ingest, one process", "command", 1),
    ("evgraph ingest, two processes", "command", 2),
)


def _used() -> float:
    """Give the seconds of processor time that this process and those that it started took, their start included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak() -> float:
    """Give the most memory that this process or one that it started had, in megabytes."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)  # Kilobytes; on macOS bytes.


def _line(label: str, what: str, jobs: int, folder: Path, count: int) -> str:
    """Measure in a process of its own."""
    words = [sys.executable, __file__, what, str(folder), str(count), str(jobs)]
    done = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - this file.
    pages, seconds, start, used, peak = json.loads(done.stdout)
    sizes = [file.stat().st_size for file in folder.iterdir()]
    warm = f"{pages / seconds:9.0f}" if start is not None else f"{'':9}"
    return (
        f"{label:38} {pages:6} {sum(sizes) / len(sizes) / 1000:8.1f} {pages / (seconds + (start or 0)):8.0f} {warm}"
        f" {used / pages * 1000:12.2f} {peak:8.0f}"
    )


def main() -> None:
    """Print the table; or, given a measure, a folder, a number of pages and one of processes, measure that one."""
    if sys.argv[1:2] and sys.argv[1] in MEASURES:
        what, folder, count, jobs = sys.argv[1:]
        print(json.dumps([*MEASURES[what](Path(folder), int(count), int(jobs)), _used(), _peak()]))
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", metavar="SIZE", type=int, nargs="*", help="so many invented pages: 50 500 5000")
    parser.add_argument("--pages", metavar="DIR", type=Path, help=f"pages of your own, {LOOP} in turn")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folders: list[tuple[Path, int]] = [(given.pages, LOOP)] if given.pages else []
        for size in given.sizes or (() if given.pages else SIZES):
            folders.append((Path(place, str(size)), size))
            folders[-1][0].mkdir()
            make(*folders[-1])
        print(f"{'':38} {'pages':>6} {'kB each':>8} {'pages/s':>8} {'once warm':>9} {'CPU ms/page':>12} {'peak MB':>8}")
        for label, what, jobs in ROWS:
            for folder, count in folders:
                if what != "command" or folder != given.pages:  # The command reads each page once.
                    print(_line(label, what, jobs, folder, count), flush=True)


if __name__ == "__main__":
    main()
