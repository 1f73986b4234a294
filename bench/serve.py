"""``evgraph serve`` compared with ``oxigraph serve`` and rdflib-endpoint on the same SPARQL, and on cached answers.

Usage: python -m bench.serve [TRIPLES ...] [--seconds S] [--pairs N] [--clients N ...] [--rdflib] [--memory | --disk]

The graphs are copies of the shipped one (`copies.py`); 0 is the shipped graph itself. The clients are processes of
their own, each with one connection. Each asks for the contents of a cell, another cell and another text each time, so
that no cache answers; answers from evgraph's cache have rows of their own. The servers take turns: ``ratio`` is
the median of the ratios of a pair of runs, and ``best`` compares the best run of each. On a busy machine, many short
runs are better than a few long ones. With --rdflib, rdflib-endpoint (``pip install rdflib-endpoint``) is measured, too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.copies import lines
from bench.load import SERIAL, Load, Request, free_port, get, measured, post
from pyoxigraph import RdfFormat
from tests.web.conftest import serving

from evgraph import shipped_files
from evgraph.rdf.files import find
from evgraph.store.disk import build
from evgraph.store.embedded import OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.store.protocol import Store

OXIGRAPH = str(Path(sys.executable).with_name("oxigraph"))
_HEADS = f"{'triples':>9} {'where':6} {'asked':22} {'clients':>7} {'server':15}"
_COLUMNS = f"{'requests/s':>10} {'p50 ms':>7} {'p99 ms':>7} {'CPU ms':>7} {'ratio':>6} {'best':>6}"


def queries(store: Store) -> list[str]:
    """Return the question `cell-contents` as a program sends it, once for each cell."""
    text = (shipped_files.queries() / "cells" / "cell-contents.rq").read_text(encoding="utf-8")
    query = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#+")).strip()
    cells = sorted({str(cell) for (cell,) in select(store, "SELECT DISTINCT ?c { ?e evg:inCell ?c }")})
    return [query.replace("?_cell_iri", cell) for cell in cells]


@contextmanager
def oxigraph(quads: Path, folder: Path, *, on_disk: bool) -> Iterator[tuple[int, int]]:
    """Run ``oxigraph serve`` with a file of N-Quads; give its process and its port."""
    port = free_port()
    where = ["-b", f"127.0.0.1:{port}", "--union-default-graph"]
    if on_disk:
        location = str(folder / "oxigraph")
        subprocess.run([OXIGRAPH, "load", "-l", location, "-f", quads], check=True, capture_output=True)  # noqa: S603
        command = [OXIGRAPH, "serve-read-only", "-l", location, *where]
    else:
        command = [OXIGRAPH, "serve", *where]
    with _process(command) as pid:
        if not on_disk:
            address = f"http://127.0.0.1:{port}/store"
            _until_there(address)
            body = quads.read_bytes()
            request = urllib.request.Request(address, body, {"Content-Type": "application/n-quads"})
            urllib.request.urlopen(request).close()  # noqa: S310
        _until_there(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D")
        yield pid, port


@contextmanager
def rdflib_endpoint(quads: Path) -> Iterator[tuple[int, int]]:
    """Run rdflib-endpoint on uvicorn with a file of N-Quads; give its process and its port."""
    port = free_port()
    program = (
        "import uvicorn; from rdflib import Dataset; from rdflib_endpoint import SparqlEndpoint;"
        f" graph = Dataset(default_union=True); graph.parse({str(quads)!r}, format='nquads');"
        f" uvicorn.run(SparqlEndpoint(graph=graph, path='/query'), port={port}, log_level='critical')"
    )
    with _process([sys.executable, "-W", "ignore", "-c", program]) as pid:
        _until_there(f"http://127.0.0.1:{port}/query?query=ASK%7B%7D")
        yield pid, port


@contextmanager
def _process(command: list[str]) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def _until_there(address: str) -> None:
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(address).close()  # noqa: S310
        except (urllib.error.HTTPError, ConnectionResetError):
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


def compare(
    cells: tuple[str, str, str],
    servers: dict[str, tuple[int, int, list[Request]]],
    clients: int,
    *,
    seconds: float,
    pairs: int,
) -> None:
    """Let servers take turns, and print a row for each; the first one is what the others are compared with."""
    runs: dict[str, list[Load]] = {name: [] for name in servers}
    for pair in range(pairs):
        for name in sorted(servers, reverse=pair % 2 == 1):
            pid, port, requests = servers[name]
            runs[name].append(measured(pid, port, requests, clients, seconds))
    first = next(iter(servers))
    for name, loads in runs.items():
        ratio = median(load.rate / first_load.rate for load, first_load in zip(loads, runs[first], strict=True))
        best = max(load.rate for load in loads) / max(load.rate for load in runs[first])
        middle = Load(*(median(values) for values in zip(*loads, strict=True)))
        print(
            f"{cells[0]:>9} {cells[1]:6} {cells[2]:22} {clients:7} {name:15} {middle.rate:10.0f} {middle.p50:7.2f}"
            f" {middle.p99:7.2f} {middle.processor:7.2f} {ratio:6.2f} {best:6.2f}",
            flush=True,
        )


def run(size: int, *, on_disk: bool, clients: list[int], seconds: float, pairs: int, with_rdflib: bool) -> None:
    """Measure one graph in one place."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        origin = Origin()
        if size:
            (folder / "data.nt").write_text("".join(lines(size)), encoding="utf-8")
            origin = Origin((folder / "data.nt",))
        store = open_store(origin)
        assert isinstance(store, OxigraphStore)  # noqa: S101 - it is in memory
        quads = folder / "data.nq"
        store._store.dump(str(quads), format=RdfFormat.N_QUADS)
        texts = queries(store)
        count = f"{len(store):,}"
        del store
        args: list[str | Path] = [*origin.paths]
        if on_disk:
            build(folder / "store", find(origin.paths or [shipped_files.data()]))
            args = ["--store", folder / "store"]
        ours = stack.enter_context(serving(*args))
        own_port = int(ours.url.rpartition(":")[2])
        pid, port = stack.enter_context(oxigraph(quads, folder, on_disk=on_disk))
        many = [f"{text}\n# {SERIAL}" for text in texts[:20_000]]
        own = [post("/sparql", text) for text in many]
        theirs = [post("/query", text) for text in many]
        servers = {"oxigraph": (pid, port, theirs), "evgraph": (ours.process.pid, own_port, own)}
        if with_rdflib:
            other = stack.enter_context(rdflib_endpoint(quads))
            servers["rdflib-endpoint"] = (*other, theirs)
        where = "disk" if on_disk else "memory"
        for number in clients:
            compare((count, where, "a cell, SPARQL"), servers, number, seconds=seconds, pairs=pairs)
        cached = {
            "cached, SPARQL": [post("/sparql", texts[0])],
            "cached, resource": [get("/cell/drug-E4.ttl")],
        }
        for name, requests in cached.items():
            pair = {"oxigraph": servers["oxigraph"], "evgraph": (ours.process.pid, own_port, requests)}
            for number in clients:
                compare((count, where, name), pair, number, seconds=seconds, pairs=pairs)


def main() -> None:
    """Print a row for each server, graph, place and number of clients."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[0, 1_000_000])
    parser.add_argument("--clients", nargs="*", type=int, default=[1, 4])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--rdflib", action="store_true", help="measure rdflib-endpoint, too, in memory")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--memory", action="store_true", help="only in memory")
    place.add_argument("--disk", action="store_true", help="only on disk")
    options = parser.parse_args()
    print(f"{_HEADS} {_COLUMNS}")
    for size in options.sizes:
        for on_disk in (False, True):
            if not (options.memory if on_disk else options.disk):
                run(
                    size,
                    on_disk=on_disk,
                    clients=options.clients,
                    seconds=options.seconds,
                    pairs=options.pairs,
                    with_rdflib=options.rdflib,
                )


if __name__ == "__main__":
    main()
