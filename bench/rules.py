"""Measure evgraph's own shapes and checks on many copies of the shipped graph, against the engine alone.

Usage: python bench/rules.py [TRIPLES] [--turns N] [--slowest N]

Each turn is a process from its start to its end: `evgraph validate DATA --format json -o REPORT`, or a program that
loads the data and runs the same SELECTs, of which it counts the rows. They alternate, and the best turn of each counts.
Then the slowest rules, each alone on the loaded data. All in CPU seconds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.copies import lines

from evgraph import shipped_files
from evgraph.namespaces import PREFIXES
from evgraph.rdf import lexical_forms
from evgraph.rdf.files import find
from evgraph.shacl.compile import compile_shapes
from evgraph.shacl.shapes_graph import read_shapes
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.protocol import select_rows
from evgraph.validation.checks import our_checks
from evgraph.validation.validate import load, our_shapes

if TYPE_CHECKING:
    from evgraph.store.protocol import Answer

BARE = """
import json, sys
import pyoxigraph as ox

store = ox.Store()
store.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES)
for name, select in json.load(open(sys.argv[2])):
    sum(1 for _ in store.query(select, prefixes=json.load(open(sys.argv[3]))))
"""


class Recording(EmbeddedStore):
    """An empty store that keeps the queries that it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def query(self, sparql: str) -> Answer:
        """Keep a query, and answer it."""
        self.asked.append(sparql)
        return super().query(sparql)


def selects() -> list[tuple[str, str]]:
    """Return the SELECTs of the shapes and checks, each with the name of its rule."""
    source, shapes = load(find([shipped_files.data()]), our_shapes()), read_shapes(our_shapes())
    named = [
        (
            shapes.rule(query.shape),
            query.select.replace(lexical_forms.WRITTEN, "").replace(lexical_forms.ILL_FORMED, ""),
        )
        for query in compile_shapes(shapes, source.subclasses).queries
    ]
    for check in our_checks(present=datetime.datetime.now(datetime.UTC).year):
        recording = Recording()
        list(check.rows(recording))
        named += [(check.name, text) for text in recording.asked]
    return named


def processor_seconds(command: list[str]) -> float:
    """Return the CPU seconds of a command, which may exit with code 1."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in {0, 1}:
        raise SystemExit(done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print a row for each program, then for each of the slowest rules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("triples", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--slowest", type=int, default=10, help="rules to list")
    options = parser.parse_args()
    named = selects()
    with tempfile.TemporaryDirectory() as folder:
        data, program, asked, prefixes, report = (
            Path(folder) / name for name in ("data.nt", "bare.py", "selects.json", "prefixes.json", "report.json")
        )
        data.write_text("".join(lines(options.triples)), encoding="utf-8")
        program.write_text(BARE, encoding="utf-8")
        asked.write_text(json.dumps(named), encoding="utf-8")
        prefixes.write_text(json.dumps(dict(PREFIXES)), encoding="utf-8")
        commands = {
            "engine alone": [sys.executable, *map(str, (program, data, asked, prefixes))],
            "evgraph": [sys.executable, "-m", "evgraph", "validate", str(data), "--format", "json", "-o", str(report)],
        }
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.turns):
            for name, command in commands.items():
                seconds[name].append(processor_seconds(command))
        for name, turns in seconds.items():
            print(f"{name:32} {min(turns):8.2f} s {min(turns) / min(seconds['engine alone']):6.2f}", flush=True)
        store = EmbeddedStore()
        store.load(*find([data]), named=False)
    by_rule: dict[str, float] = {}
    for name, select in named:
        start = time.process_time()
        list(select_rows(store, select).rows)
        by_rule[name] = by_rule.get(name, 0.0) + time.process_time() - start
    for name in sorted(by_rule, key=by_rule.__getitem__, reverse=True)[: options.slowest]:
        print(f"{name:32} {by_rule[name]:8.2f} s")


if __name__ == "__main__":
    main()
