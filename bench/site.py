"""Measure how long the site of fifty invented cells takes, compared with writing the same files from memory.

Usage: python -m bench.site [PROCESSES…]
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.invented import generate

_PROSE = 18  # Plain sentences per entry that make the pages as long as the real ones.


def make_cells(folder: Path) -> None:
    """Write an invented page for each of the fifty cells."""
    folder.mkdir()
    cells: set[str] = set()
    seed = 0
    while len(cells) < 50:
        page = generate(seed, prose=_PROSE)
        seed += 1
        if not (page.cell_option or page.not_understood or page.kind or page.cell in cells):
            cells.add(page.cell)
            (folder / f"{page.cell}.txt").write_bytes(page.data)


def _run(*args: str | Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evgraph", *args], capture_output=True, check=False)  # noqa: S603
    return time.perf_counter() - start


def main() -> None:
    """Print a row for each number of processes."""
    work = Path(tempfile.mkdtemp())
    make_cells(work / "pages")
    _run("ingest", work / "pages", "-o", work / "graph")
    print("processes  seconds  processor  files  MB  peak MB  ratio to writing")
    for processes in sys.argv[1:] or ["1", "2"]:
        site = work / f"site-{processes}"
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = _run("export", "--data", work / "graph", "--site", site, "--processes", processes)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime
        contents = [path.read_bytes() for path in site.rglob("*") if path.is_file()]
        start = time.perf_counter()
        (work / "plain").mkdir()
        for number, content in enumerate(contents):
            (work / "plain" / str(number)).write_bytes(content)
        ratio = seconds / (time.perf_counter() - start)
        shutil.rmtree(work / "plain")
        size = sum(map(len, contents)) >> 20
        peak = usage.ru_maxrss >> 10
        print(f"{processes:>9}  {seconds:7.1f}  {used:9.1f}  {len(contents):5}  {size:2}  {peak:7}  {ratio:.0f}")
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
