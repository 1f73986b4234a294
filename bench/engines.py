"""Every question on every engine: how many rows, how many milliseconds, and whether the rows are the same.

Usage: python bench/engines.py [ENGINE ...] [--data shipped|cases|faults] [--graphs 1|2]

The engines are those of the tests (`tests/query/engines.py`), started for the while; Virtuoso must be installed
(Debian: virtuoso-opensource-7). Each question is asked once to warm up and then three times; the fastest counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests import servers
from tests.query import engines
from tests.query.question_cases import CASES

if TYPE_CHECKING:
    from evgraph.query.question import Question
    from evgraph.store.protocol import Store

ENGINES = ("embedded", "on-disk", "rdflib", *engines.SERVERS)
RUNS = 3


def opened(engine: str, graphs: engines.Graphs, stack: ExitStack) -> Store:
    """Start an engine and fill it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    if engine not in engines.SERVERS:
        return engines.in_process(engine, graphs, folder)
    server = stack.enter_context(servers.running(engine, folder))
    os.environ.update(server.environment)
    return stack.enter_context(server.holding(*graphs))


def timed(store: Store, question: Question, values: dict[str, str]) -> tuple[list[tuple[str, ...]], float]:
    """Ask; the rows, and the fewest milliseconds."""
    rows = engines.outcome(store, question, values)
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        engines.outcome(store, question, values)
        taken.append(time.perf_counter() - began)
    return rows, min(taken) * 1000


def main() -> None:
    """Print a row a question, a column an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", help=", ".join(ENGINES))
    parser.add_argument("--data", choices=["shipped", "cases", "faults"], default="shipped")
    parser.add_argument("--graphs", type=int, choices=[1, 2], default=2)
    options = parser.parse_args()
    chosen = options.engines or ENGINES
    graphs = engines.in_graphs(getattr(engines, options.data)(), options.graphs)
    reference = engines.in_process("embedded", engines.in_graphs(getattr(engines, options.data)(), 1))
    with ExitStack() as stack:
        stores = {engine: opened(engine, graphs, stack) for engine in chosen}
        print(
            f"{'milliseconds':60} {'rows':>5} " + " ".join(f"{engine.replace('_server', ''):>15}" for engine in chosen)
        )
        for words, question, values in engines.askings(CASES):
            expected = engines.outcome(reference, question, values)
            if not expected:
                continue
            cells = []
            for store in stores.values():
                rows, milliseconds = timed(store, question, values)
                cells.append(f"{milliseconds:10.1f} {'same' if rows == expected else 'WRONG'}")
            print(f"{words[:60]:60} {len(expected):5} " + " ".join(f"{cell:>15}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
