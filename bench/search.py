"""Measure the full-text search: how long its index takes to build, and how long searches take.

Usage: python bench/search.py [TRIPLES ...] [--store]

The graphs are copies of the shipped one (`copies.py`), so each of its words is in hundreds of things. "bare" is the
least that an index can take: one SELECT of the same properties, whose rows go into one FTS5 table by `executemany`.
Both are built in turn, and the best of TURNS counts. A search is warm; "hits" is how many there are without its limit.
Times are of the processor. With --store the graph is on disk, and the time to open its index is shown too.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.copies import lines

from evgraph.query.search import search
from evgraph.query.search_index import ROLES, build_index, open_index
from evgraph.rdf.files import find
from evgraph.store.disk import DiskStore, build
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import select
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from evgraph.store.protocol import Store

TURNS, RUNS = 3, 30
SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("timko", {}),
    ("mutual aid", {}),
    ('"mutual aid"', {}),
    ("study", {}),
    ("residential care", {}),
    ("detox", {}),
    ("aftrcare", {}),
    ("mutual aid", {"kinds": ["trial"], "years": ["2000-2010"]}),
    ("mutual aid", {"cells": ["drug:E4"]}),
)


def bare(store: Store) -> None:
    """Put the texts into a table of their own."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE texts USING fts5(thing UNINDEXED, property UNINDEXED, text)")
    properties = " ".join(f"<{iri}>" for names in ROLES.values() for iri in names)
    rows = select(store, f"SELECT ?s ?p ?o WHERE {{ VALUES ?p {{ {properties} }} ?s ?p ?o }}")
    connection.executemany("INSERT INTO texts VALUES (?, ?, ?)", (tuple(map(value_of, row)) for row in rows))
    connection.close()


def seconds(call: Callable[[], object]) -> float:
    """Return the processor time of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--store", action="store_true", help="keep the graph on disk")
    arguments = parser.parse_args()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            file, directory = Path(folder) / "data.nt", Path(folder) / "store"
            file.write_text("".join(lines(size)), encoding="utf-8")
            if arguments.store:
                build(directory, find([file]))
            store = open_store(Origin(directory=directory) if arguments.store else Origin((file,)))
            turns = [
                (seconds(lambda: bare(store)), seconds(lambda: build_index(store).close()))  # noqa: B023 - called here
                for _ in range(TURNS)
            ]
            least, ours = map(min, zip(*turns, strict=True))
            print(f"{size:,} triples: bare {least:.2f} s, index {ours:.2f} s, ratio {ours / least:.2f}")
            index = open_index(store)
            ((things,),) = index.fetch("SELECT count(*) FROM texts")
            print(f"{things:,} things")
            if arguments.store:
                store = DiskStore(directory)  # Its searches read the kept index, not the one in memory.
                opening = seconds(lambda: open_index(store))  # noqa: B023
                print(f"to open the kept index: {opening * 1000:.1f} ms")
            for words, filters in SEARCHES:
                hits = len(search(store, words, limit=None, **filters)[0])
                took = min(seconds(lambda: search(store, words, **filters)) for _ in range(RUNS))  # noqa: B023
                print(f"{took * 1000:7.1f} ms {hits:7,} hits  {words} {filters or ''}", flush=True)


if __name__ == "__main__":
    main()
