"""How large pages are, and how long they take, against their own queries asked of the engine alone.

Usage: python bench/pages.py [TRIPLES ...] [--pages DIR]

The graphs are copies of the shipped one (`copies.py`); 0 is the shipped graph. While a page is written, every pattern
and query that it reads is noted; then the engine answers the same ones, each value fetched. The two take turns, and the
best run of each counts, in time of the processor. `cold` is the first run of a page after the server has warmed up.
The last table is of a running server: a page and a resource that it keeps, asked for again and again, in wall time.
"""

from __future__ import annotations

import argparse
import gzip
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.copies import lines

from evgraph.site import home, routes
from evgraph.site.page import Options, Site, compile_templates
from evgraph.store.embedded import OxigraphStore
from evgraph.store.opening import Origin, open_store

if TYPE_CHECKING:
    from collections.abc import Callable

SPAN = 1.0  # Seconds that the runs of one page take, however many.
LEAST, MOST = 3, 200  # Runs, however long they take.
REQUESTS = 300  # Of each address of the server.
PAGES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "home": ("", {}),
    "home, filtered": ("", {"marker": ("K",), "country": ("GB",)}),
    "matrix": ("matrix/drug", {}),
    "cell drug E4": ("cell/drug-E4", {}),
    "cell alcohol E4": ("cell/alcohol-E4", {}),
    "cell not read": ("cell/drug-A2", {}),
    "document": ("doc/timko-2007", {}),
    "guidance": ("doc/nice-2011-guidelines", {}),
    "documents": ("documents", {}),
    "organisation": ("org/nice", {}),
    "topics": ("topics", {}),
    "question": ("questions/guidance-citing-trials", {"trial": ("timko-2007",)}),
    "search": ("search", {"text": ("mutual aid",)}),
    "about": ("about", {}),
}
"""Name → path and parameters."""


class Noting:
    """The engine's store, which notes what it is asked."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.asked: list[Callable[[], object]] = []

    def quads_for_pattern(self, *pattern: Any) -> Any:
        """Note a pattern."""
        self.asked.append(lambda: [(quad.subject, quad.object) for quad in self.engine.quads_for_pattern(*pattern)])
        return self.engine.quads_for_pattern(*pattern)

    def query(self, *args: Any, **kwargs: Any) -> Any:
        """Note a query."""

        def ask() -> object:
            answer = self.engine.query(*args, **kwargs)
            return [tuple(row) for row in answer] if hasattr(answer, "variables") else answer

        self.asked.append(ask)
        return self.engine.query(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


def timed(call: Callable[[], object]) -> float:
    """Return the milliseconds of the processor that a call takes."""
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def best_of(*calls: Callable[[], object]) -> list[float]:
    """Call each in turn; return the least milliseconds of each."""
    best = [math.inf for _ in calls]
    start = time.perf_counter()
    for run in range(MOST):
        if run >= LEAST and time.perf_counter() - start > SPAN:
            break
        best = [min(least, timed(call)) for least, call in zip(best, calls, strict=True)]
    return best


def measure(size: int, file: Path | None, pages: str | None) -> None:
    """Print a row for each page of a graph."""
    store = open_store(Origin((file,)) if file else Origin())
    assert isinstance(store, OxigraphStore)  # noqa: S101 - a store on this machine
    site = Site(store, Options(pages=pages))
    compile_templates()
    print(f"{size:>9} warming up {timed(lambda: home.warm(site)):.0f} ms, {len(store):,} triples")
    engine = store._store
    for name, (path, parameters) in PAGES.items():

        def write(path: str = path, parameters: dict[str, tuple[str, ...]] = parameters) -> str:
            page = routes.page(site, path, parameters)
            assert page  # noqa: S101 - it is there
            return page.html

        cold = timed(write)
        noting = Noting(engine)
        store._store = noting  # type: ignore[assignment]
        html = write().encode()
        store._store = engine
        asked = noting.asked
        page, bare = best_of(write, lambda asked=asked: [ask() for ask in asked])  # type: ignore[misc]
        sizes = f"{len(html) / 1000:>8.1f} {len(gzip.compress(html)) / 1000:>8.1f}"
        times = f"{cold:>9.2f} {page:>9.2f} {bare:>9.2f} {page / bare if bare else 0:>6.1f}"
        print(f"{size:>9} {name:18} {sizes} {len(asked):>8} {times}", flush=True)


def served(file: Path | None) -> None:
    """Print how long a running server takes for what it has answered before."""
    import httpx

    command = [sys.executable, "-m", "evgraph", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(  # noqa: S603 - our own command
        [*command, *([str(file)] if file else [])], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        address = (process.stdout.readline() if process.stdout else "").split()[-1].rstrip("/")
        paths = ("/", "/cell/drug-E4.html", "/cell/drug-E4.ttl", "/doc/timko-2007.html", "/doc/timko-2007.ttl")
        with httpx.Client(headers={"accept": "text/html"}) as client:
            first = {path: _wall(client, address + path) for path in paths}
            again: dict[str, list[float]] = {path: [] for path in paths}
            for _ in range(REQUESTS):
                for path in paths:
                    again[path].append(_wall(client, address + path))
        process.terminate()
    print(f"{'address':24} {'first ms':>9} {'again ms':>9}")
    for path in paths:
        print(f"{path:24} {first[path]:>9.2f} {statistics.median(again[path]):>9.2f}")


def _wall(client: Any, address: str) -> float:
    began = time.perf_counter()
    client.get(address).raise_for_status()
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[0])
    parser.add_argument("--pages", help="the folder of the source pages, whose words are then on the page of a cell")
    options = parser.parse_args()
    heads = f"{'HTML kB':>8} {'gzip kB':>8} {'queries':>8} {'cold ms':>9} {'page ms':>9} {'bare ms':>9} {'ratio':>6}"
    print(f"{'triples':>9} {'page':18} {heads}")
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            file = Path(folder) / f"{size}.nt" if size else None
            if file:
                file.write_text("".join(lines(size)), encoding="utf-8")
            measure(size, file, options.pages)
            served(file)


if __name__ == "__main__":
    main()
