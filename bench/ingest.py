"""How many pages a second evgraph reads, and in how much memory, at 50, 500 and 5,000 invented pages.

Usage: python bench/ingest.py

The first table measures reading alone, from bytes to resolved references, in one process. The second measures the whole
command on one page for each of the 50 cells: its start, reading, and writing Turtle; with two processes too, where the
command offers them. Each line is a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.invented import generate

HERE = Path(__file__).resolve().parent
SIZES = (50, 500, 5000)
_KINDS = 50  # So many different pages are made; a larger run reads each of them several times.
_PROSE = 12  # So many plain sentences in an entry make the pages as long as real ones.
_COMMAND = [sys.executable, "-m", "evgraph", "ingest"]


def read_pages(size: int) -> dict[str, float]:
    """Read so many pages in this process; give seconds of processor time, megabytes, and the pages' mean size."""
    from evgraph.pages.cell import identify
    from evgraph.pages.layout import read_page
    from evgraph.pages.resolve import resolve
    from evgraph.pages.source import decode
    from evgraph.register import load

    register = load([HERE])
    pages = [generate(seed, prose=_PROSE) for seed in range(_KINDS)]
    start = time.process_time()
    cells = []
    for number in range(size):
        page = pages[number % _KINDS]
        cell = identify(read_page(decode(page.data, page.cell), page.given), register)
        resolve([cell], register)
        cells.append(cell)
    seconds = time.process_time() - start
    return {"seconds": seconds, "peak": _peak(resource.RUSAGE_SELF), "bytes": sum(len(p.data) for p in pages) / _KINDS}


def run_command(jobs: int) -> dict[str, float]:
    """Run the command on a page for each cell; give seconds on the clock, and megabytes of its largest process."""
    with tempfile.TemporaryDirectory() as folder:
        pages, wanted = Path(folder, "pages"), 50
        pages.mkdir()
        found: set[str] = set()
        for seed in count():
            page = generate(seed, prose=_PROSE)
            if page.cell not in found and not page.given and not page.not_understood:
                found.add(page.cell)
                Path(pages, f"{page.cell}.txt").write_bytes(page.data)
            if len(found) == wanted:
                break
        words = [*_COMMAND, str(pages), "-o", str(Path(folder, "graph")), "--quiet"]
        start = time.perf_counter()
        words += ["--jobs", str(jobs)] if jobs > 1 else []
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - our own command.
        seconds = time.perf_counter() - start
        if done.returncode not in (0, 1):
            raise SystemExit(done.stderr.decode())
        size = sum(file.stat().st_size for file in pages.iterdir()) / wanted
    return {"seconds": seconds, "peak": _peak(resource.RUSAGE_CHILDREN), "bytes": size}


def _peak(who: int) -> float:
    peak = resource.getrusage(who).ru_maxrss  # Kilobytes; on macOS bytes.
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _apart(what: str, number: int) -> dict[str, float]:
    """Measure in a process of its own."""
    words = [sys.executable, __file__, what, str(number)]
    done = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - this file.
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _line(label: str, pages: int, measured: dict[str, float]) -> str:
    rate, kilobytes = pages / measured["seconds"], measured["bytes"] / 1000
    return f"{label:34} {pages:6} {kilobytes:8.1f} {rate:8.0f} {kilobytes * rate / 1000:6.1f} {measured['peak']:8.0f}"


def main() -> None:
    """Print both tables; or, named with a number, measure one line and print it as JSON."""
    measures = {"read": read_pages, "command": run_command}
    if len(sys.argv) == 3:
        print(json.dumps(measures[sys.argv[1]](int(sys.argv[2]))))
        return
    print(f"{'':34} {'pages':>6} {'kB each':>8} {'pages/s':>8} {'MB/s':>6} {'peak MB':>8}")
    for size in SIZES:
        print(_line("read and resolve, one process", size, _apart("read", size)))
    helped = subprocess.run([*_COMMAND, "--help"], capture_output=True, check=True)  # noqa: S603 - our own command.
    for jobs in (1, 2) if b"--jobs" in helped.stdout else (1,):
        label = f"evgraph ingest, {'one process' if jobs == 1 else f'{jobs} processes'}"
        print(_line(label, 50, _apart("command", jobs)))


if __name__ == "__main__":
    main()
