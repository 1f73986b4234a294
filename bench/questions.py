"""How long every question takes once the graph is there, against the bare engine on the same SPARQL, and rdflib.

Usage: python bench/questions.py [TRIPLES ...] [--rdflib-up-to TRIPLES] [--patience SECONDS] [--store]

The graphs are copies of the shipped one (`copies.py`). Each question is asked as people first ask it: what it must be
told is its own example, what it need not be told is left out; then, if that differs, with every example. evgraph and
the bare engine take turns, and the best run of each counts, in time of the processor: what else the machine does shall
not count (on an idle one it is the time that passes). The ratio comes with what evgraph adds, in microseconds, since
a tenth of a query of 0.1 ms is nothing. With --store the graph is on disk.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.copies import lines

from evgraph.namespaces import PREFIXES
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.rdf.files import always_loaded, find
from evgraph.store.disk import build
from evgraph.store.embedded import OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows, Triples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evgraph.query.question import Question
    from evgraph.store.protocol import Store

SPAN = 2.0  # Seconds that the runs of one question take, however many.
LEAST, MOST = 5, 300  # Runs, however long they take.


def askings() -> Iterator[tuple[str, Question, dict[str, str]]]:
    """Give every question with values: label, question, parameter → value."""
    for question in Catalogue():
        if question.answered_by_evgraph:
            continue
        examples = {name: parameter.example for name, parameter in question.parameters.items()}
        chosen = [question.one_of] if question.one_of else []
        needed = {name for name, parameter in question.parameters.items() if parameter.required} | {
            names[0] for names in chosen
        }
        least = {name: value for name, value in examples.items() if name in needed}
        yield question.name, question, least
        if not question.one_of and least != examples:
            yield f"{question.name} …", question, examples


def evgraph(store: Store, question: Question, values: dict[str, str]) -> int:
    """Ask as the command does; the number of rows."""
    answer = runner.run(store, question, values)
    if isinstance(answer, Rows):
        return sum(1 for _ in answer.rows)
    assert isinstance(answer, Triples)  # noqa: S101 - no question of the catalogue is an ASK
    return sum(1 for _ in answer.triples)


def bare(store: ox.Store, sparql: str) -> int:
    """Ask the engine; the number of rows, each value fetched."""
    answer = store.query(sparql, prefixes=PREFIXES, use_default_graph_as_union=True)
    if isinstance(answer, ox.QuerySolutions):
        width = range(len(answer.variables))
        return sum(1 for solution in answer if [solution[i] for i in width])
    assert isinstance(answer, ox.QueryTriples)  # noqa: S101 - see above
    return sum(1 for _ in answer)


def in_turn(*calls: Callable[[], int]) -> tuple[list[float], set[int]]:
    """Call each in turn, the first one last the next time; the least milliseconds of each, and the results seen."""
    best = [math.inf for _ in calls]
    seen = set()
    start = time.perf_counter()
    for run in range(MOST):
        if run >= LEAST and time.perf_counter() - start > SPAN:
            break
        for place in sorted(range(len(calls)), reverse=run % 2 == 1):
            began = time.process_time()
            seen.add(calls[place]())
            best[place] = min(best[place], time.process_time() - began)
    return [seconds * 1000 for seconds in best], seen


def _rdflib(graph: Any, sparql: str, out: Any) -> None:
    began = time.perf_counter()
    count = len(list(graph.query(sparql, initNs=PREFIXES)))
    out.put((count, (time.perf_counter() - began) * 1000))


def within(patience: float, graph: Any, sparql: str) -> tuple[int, float] | None:
    """Ask rdflib in a copy of this process: rows, milliseconds; None where patience ended."""
    context = multiprocessing.get_context("fork")
    out = context.SimpleQueue()
    child = context.Process(target=_rdflib, args=(graph, sparql, out))
    child.start()
    child.join(patience)
    if child.is_alive():
        child.kill()
        child.join()
        return None
    return None if child.exitcode else out.get()


def main() -> None:
    """Print a row a question and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[0, 100_000])
    parser.add_argument("--rdflib-up-to", type=int, default=0)
    parser.add_argument("--store", action="store_true", help="keep the graph on disk")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds for each question of rdflib's")
    options = parser.parse_args()
    heads = f"{'rows':>7} {'bare ms':>9} {'evgraph':>9} {'ratio':>6} {'adds µs':>8} {'rdflib':>9}"
    print(f"{'triples':>9} {'question':36} {heads}")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "data.nt"
            file.write_text("".join(lines(size)), encoding="utf-8")
            origin = Origin((file,))
            if options.store:
                origin = Origin(directory=Path(folder) / "store")
                build(Path(folder) / "store", find([file]))
            store = open_store(origin)
            assert isinstance(store, OxigraphStore)  # noqa: S101 - both kinds of store on this machine are
            engine = store._store
            graph = None
            if size <= options.rdflib_up_to:
                import rdflib

                graph = rdflib.Graph()
                for path in [str(file), *(vocabulary.path for vocabulary in always_loaded())]:
                    graph.parse(path)
            for label, question, values in askings():
                sparql = runner.sparql_of(question, runner.bind(store, question, values))
                (slow, ours), counts = in_turn(partial(bare, engine, sparql), partial(evgraph, store, question, values))
                other = within(options.patience, graph, sparql) if graph is not None else None
                theirs = "-" if graph is None else f"{other[1]:9.1f}" if other else f"> {options.patience:.0f} s"
                assert len(counts | ({other[0]} if other else set())) == 1, (label, counts, other)  # noqa: S101
                print(
                    f"{len(store):9} {label:36} {min(counts):7} {slow:9.2f} {ours:9.2f} {ours / slow:6.2f}"
                    f" {(ours - slow) * 1000:8.0f} {theirs:>9}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
