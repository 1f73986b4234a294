"""Measure `evgraph export` and `evgraph load --store` on many copies of the shipped graph, against the engine alone.

Usage: python -m bench.export [TRIPLES] [--turns N] [--format NAME ...]

Each turn is a process from its start to its end: the command, or a program that loads the data into a store of Oxigraph
and writes its dump, or bulk-loads a store on disk. They alternate, and the best turn of each counts. In CPU seconds,
with the peak memory in megabytes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.copies import lines

from evgraph.formats import FORMATS

DUMP = """
import sys
import pyoxigraph as ox

store, graph = ox.Store(), ox.NamedNode("urn:g")
store.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
kind = getattr(ox.RdfFormat, sys.argv[2])
store.dump(output=sys.argv[3], format=kind, **({} if kind.supports_datasets else {"from_graph": graph}))
"""
LOAD = """
import sys
import pyoxigraph as ox

store = ox.Store(sys.argv[3])
store.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode("urn:g"))
store.optimize()
store.flush()
"""
_MEASURED = """
import resource, subprocess, sys

code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)
sys.exit(code)
"""


def measured(command: list[str]) -> tuple[float, float]:
    """Return the CPU seconds of a command and its peak memory in megabytes."""
    words = [sys.executable, "-c", _MEASURED, sys.executable, *command]
    seconds, megabytes = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    return float(seconds), float(megabytes)


def main() -> None:
    """Print a row for each format, and one for the store on disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("triples", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--format", nargs="+", choices=[*FORMATS, "store"], default=[*FORMATS, "store"])
    options = parser.parse_args()
    print(f"{'':10} {'engine':>16} {'evgraph':>16} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as name:
        data, output = str(Path(name) / "data.nt"), str(Path(name) / "output")
        Path(data).write_text("".join(lines(options.triples)), encoding="utf-8")
        for kind in options.format:
            if kind == "store":
                bare, own = ["-c", LOAD, data, "", output], ["-m", "evgraph", "load", data, "--store", output]
            else:
                bare = ["-c", DUMP, data, FORMATS[kind].reader, output]
                own = ["-m", "evgraph", "export", "--data", data, "--format", kind, "-o", output]
            turns: list[list[tuple[float, float]]] = [[], []]
            for _ in range(options.turns):
                for command, taken in zip((bare, own), turns, strict=True):
                    taken.append(measured(command))
                    shutil.rmtree(output, ignore_errors=True)
                    Path(output).unlink(missing_ok=True)
            best = [min(taken) for taken in turns]
            texts = [f"{seconds:6.2f} s {megabytes:5.0f} MB" for seconds, megabytes in best]
            print(f"{kind:10} {texts[0]:>16} {texts[1]:>16} {best[1][0] / best[0][0]:6.2f}", flush=True)


if __name__ == "__main__":
    main()
