"""Measure how many pages per second evgraph reads, and in how much memory, at 50, 500 and 5,000 invented pages.

Usage: python bench/ingest.py [SIZE…] [--pages DIR]

The invented pages differ, and are about as long as the real ones; with ``--pages``, pages of your own are read instead,
over and over. The rows measure reading (from bytes to resolved references), reading and building Turtle, and the
command over a folder with that many versions of the 50 cells: it reads all of them, writes the first of each cell and
reports the others.

Each row is a process of its own, with its own peak of memory. What a process spends before its second page (imports,
patterns, the register, empty caches) does not depend on the number of pages: `pages/s` includes it, `once warm` does
not. Reading is measured in processor time, the rest in wall-clock time.
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
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.invented import generate

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
SIZES = (50, 500, 5000)
_REPEATED_PAGES = 1000  # The number of readings of a folder that has fewer pages.
_PROSE = 18  # Plain sentences per entry that make the pages as long as the real ones, 18 kB.


class Timing(NamedTuple):
    """The number of pages read, the seconds they took, and the seconds before the second page, if known."""

    pages: int
    seconds: float
    start: float | None


def make_pages(folder: Path, size: int) -> None:
    """Write a number of pages that name their cell, of the usual kinds."""
    seed = 0
    for number in range(size):
        while (page := generate(seed, prose=_PROSE)).cell_option or page.not_understood or page.kind:
            seed += 1
        seed += 1
        Path(folder, f"{number:05}.txt").write_bytes(page.data)


def _measure(folder: Path, count: int, clock: Callable[[], float], *, build: bool) -> Timing:
    start = clock()
    from evgraph.pages.cell import identify
    from evgraph.pages.decoding import decode, find_pages
    from evgraph.pages.layout import read_page
    from evgraph.pages.resolve import resolve
    from evgraph.pages.triples import triples
    from evgraph.rdf.turtle import turtle
    from evgraph.register import load

    paths, register = find_pages([folder]), load([HERE])

    def seconds(path: Path) -> float:
        data, begin = path.read_bytes(), clock()
        cell = identify(read_page(decode(data, str(path))), register)
        resolve(cell, register)
        if build:
            turtle(triples(cell, register))
        return clock() - begin

    seconds(paths[0])
    start = clock() - start
    return Timing(count, sum(map(seconds, islice(cycle(paths), count))), start)


def read_pages(folder: Path, count: int) -> Timing:
    """Read pages and resolve their references; the seconds are of the processor."""
    return _measure(folder, count, time.process_time, build=False)


def write_pages(folder: Path, count: int) -> Timing:
    """Do the whole work on each page except writing its file; the seconds are on the clock."""
    return _measure(folder, count, time.perf_counter, build=True)


def run_command(folder: Path, count: int) -> Timing:
    """Run the command on the folder; the seconds are on the clock."""
    with tempfile.TemporaryDirectory() as out:
        words = [sys.executable, "-m", "evgraph", "ingest", str(folder), "-o", out, "--quiet"]
        start = time.perf_counter()
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - our own command.
        if done.returncode not in (0, 1, 3):
            raise SystemExit(done.stderr.decode())
        return Timing(count, time.perf_counter() - start, None)


ROWS = {
    "read and resolve": read_pages,
    "read, resolve, Turtle": write_pages,
    "evgraph ingest": run_command,
}


def _processor_seconds() -> float:
    """Return the processor time of this process and those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _peak_megabytes() -> float:
    """Return the largest memory of this process or one that it started."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)  # Kilobytes; on macOS bytes.


def _row(label: str, folder: Path, count: int) -> str:
    """Measure in a process of its own."""
    words = [sys.executable, __file__, label, str(folder), str(count)]
    done = subprocess.run(words, capture_output=True, check=True)  # noqa: S603 - this file.
    pages, seconds, start, used, peak = json.loads(done.stdout)
    sizes = [file.stat().st_size for file in folder.iterdir()]
    warm = f"{pages / seconds:9.0f}" if start is not None else f"{'':9}"
    return (
        f"{label:24} {pages:6} {sum(sizes) / len(sizes) / 1000:8.1f} {pages / (seconds + (start or 0)):8.0f} {warm}"
        f" {used / pages * 1000:12.2f} {peak:8.0f}"
    )


def main() -> None:
    """Print the table; given a row's label, a folder and a number of pages, measure that row."""
    if sys.argv[1:2] and sys.argv[1] in ROWS:
        label, folder, count = sys.argv[1:]
        print(json.dumps([*ROWS[label](Path(folder), int(count)), _processor_seconds(), _peak_megabytes()]))
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sizes", metavar="SIZE", type=int, nargs="*", help="numbers of invented pages: 50 500 5000")
    parser.add_argument("--pages", metavar="DIR", type=Path, help=f"pages of your own, {_REPEATED_PAGES} in turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as parent:
        folders: list[tuple[Path, int]] = [(options.pages, _REPEATED_PAGES)] if options.pages else []
        for size in options.sizes or (() if options.pages else SIZES):
            folders.append((Path(parent, str(size)), size))
            folders[-1][0].mkdir()
            make_pages(*folders[-1])
        print(f"{'':24} {'pages':>6} {'kB each':>8} {'pages/s':>8} {'once warm':>9} {'CPU ms/page':>12} {'peak MB':>8}")
        for label, measure in ROWS.items():
            for path, size in folders:
                if measure is not run_command or path != options.pages:  # The command reads each page once.
                    print(_row(label, path, size), flush=True)


if __name__ == "__main__":
    main()
