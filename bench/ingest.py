"""How many pages a second evgraph reads, and in how much memory, at 50, 500 and 5,000 invented pages.

Usage: python bench/ingest.py [SIZE…]

Each page is another one, about as long as the real ones. The first lines measure reading alone, from bytes to resolved
references, in one process; the next the whole work on a page, from its file to Turtle, in one process and in two; the
last the command over a folder of so many pages in versions of the 50 cells: it reads them all, takes the first of each
cell, and names the others. Each line is a process of its own, so that its peak of memory is its own; with two
processes, it is that of the largest. Pages a second go by the clock, but reading's by the processor.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.invented import generate

HERE = Path(__file__).resolve().parent
SIZES = (50, 500, 5000)
_PROSE = 18  # So many plain sentences in an entry make the pages as long as the real ones, 18 kB.


def make(folder: Path, size: int) -> None:
    """Write so many pages that name their cell."""
    seed = 0
    for number in range(size):
        while (page := generate(seed, prose=_PROSE)).given or page.not_understood:
            seed += 1
        seed += 1
        Path(folder, f"{number:05}.txt").write_bytes(page.data)


def read_pages(folder: Path, _jobs: int) -> tuple[float, int]:
    """Read the pages in this process; give seconds of processor time, and how many pages there were."""
    from evgraph.pages.ingest import understand
    from evgraph.pages.layout import read_page
    from evgraph.pages.source import decode
    from evgraph.register import load

    register, seconds, count = load([HERE]), 0.0, 0
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        start = time.process_time()
        understand(read_page(decode(data, str(path))), register)
        seconds += time.process_time() - start
        count += 1
    return seconds, count


def write_pages(folder: Path, jobs: int) -> tuple[float, int]:
    """Do the whole work on each page but the writing of its file; give seconds on the clock."""
    from evgraph.pages.pool import spread
    from evgraph.publish.ingest import Understander, Wanted
    from evgraph.register import load

    paths, work = sorted(folder.iterdir()), Understander(Wanted(), load([HERE]), {})
    start = time.perf_counter()
    count = sum(isinstance(result, tuple) for _, result in spread(work, paths, jobs))
    return time.perf_counter() - start, count


def run_command(folder: Path, jobs: int) -> tuple[float, int]:
    """Run the command on the folder; give seconds on the clock."""
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, "-m", "evgraph", "ingest", folder, "-o", out, "--quiet", "--jobs", str(jobs)]
        start = time.perf_counter()
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - our own command.
        if done.returncode not in (0, 1, 3):
            raise SystemExit(done.stderr.decode())
        return time.perf_counter() - start, len(list(folder.iterdir()))


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


def _line(label: str, what: str, jobs: int, folder: Path) -> str:
    """Measure in a process of its own."""
    words = [sys.executable, __file__, what, str(jobs), str(folder)]
    done = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - this file.
    seconds, count, used, peak = json.loads(done.stdout)
    size = sum(file.stat().st_size for file in folder.iterdir()) / count / 1000
    return f"{label:38} {count:6} {size:8.1f} {count / seconds:8.0f} {used / count * 1000:12.2f} {peak:8.0f}"


def main() -> None:
    """Print the table; or, given a measure, a number of processes and a folder, measure that one and print JSON."""
    if sys.argv[1:2] and sys.argv[1] in MEASURES:
        seconds, count = MEASURES[sys.argv[1]](Path(sys.argv[3]), int(sys.argv[2]))
        print(json.dumps([seconds, count, _used(), _peak()]))
        return
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    with tempfile.TemporaryDirectory() as place:
        for size in sizes:
            Path(place, str(size)).mkdir()
            make(Path(place, str(size)), size)
        print(f"{'':38} {'pages':>6} {'kB each':>8} {'pages/s':>8} {'CPU ms/page':>12} {'peak MB':>8}")
        for label, what, jobs in ROWS:
            for size in sizes:
                print(_line(label, what, jobs, Path(place, str(size))), flush=True)


if __name__ == "__main__":
    main()
