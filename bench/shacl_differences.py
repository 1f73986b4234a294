"""Compare SHACL engines on data and shapes made by chance: ``python -m bench.shacl_differences 0 10000``.

evgraph, pySHACL and pyshacl-turbo (``pip install pyshacl-turbo``) are compared with an evaluator written from the
standard (``tests/shacl/specification.py``). evgraph must give its results exactly, and report what it does not check;
each difference of the other engines is explained by causes (``shacl_causes.py``). The exit code is 1 if one is not.

With a file as a third argument, the answers of the other engines are kept there, and read if it exists.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyshacl
from bench.shacl_causes import causes_of
from bench.shacl_engines import VALIDATORS
from tests.shacl.differential import difference_of_evgraph, expected_of, results_of
from tests.shacl.engines import referred
from tests.shacl.random_extremes import ExtremeChance

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar

    from tests.shacl.specification import Result

    _Item = TypeVar("_Item")

PROCESSES = 2
_BLOCK = 20


class Answer(NamedTuple):
    """What an engine gave for a case: results, or why it failed."""

    seed: int
    engine: str
    failure: str
    results: list[Result]


class Difference(NamedTuple):
    """How an engine differs from the standard in a case, and the causes."""

    seed: int
    engine: str
    difference: str
    causes: Sequence[str]


def answers(seeds: range) -> list[Answer]:
    """Return the answers of the other engines to some cases."""
    return [answer for seed in seeds for name in VALIDATORS if (answer := _answer(seed, name))]


def _answer(seed: int, engine: str) -> Answer | None:
    data, shapes = ExtremeChance(seed).case()
    expected, _ = expected_of(data, shapes)
    roots = expected.roots - expected.undefined
    if not roots:
        return None
    own, pyshacl.validate = pyshacl.validate, VALIDATORS[engine]
    try:
        return Answer(seed, engine, "", sorted(results_of(referred(data, shapes, roots))))
    except (UnreadableError, RuntimeError, ValueError) as error:
        return Answer(seed, engine, str(error).splitlines()[0].rpartition(": ")[2], [])
    finally:
        pyshacl.validate = own


def differences(collected: Sequence[Answer]) -> list[Difference]:
    """Return the differences between answers and the standard."""
    return [difference for answer in collected if (difference := _difference(answer))]


def _difference(answer: Answer) -> Difference | None:
    data, shapes = ExtremeChance(answer.seed).case()
    expected, counted = expected_of(data, shapes)
    results, found = (
        set(counted),
        {(result[0], result[1], result[2], result[3], result[4]) for result in answer.results},
    )
    if expected.is_failure:
        cause = "it does not refuse sh:entailment, which it does not support"
        return Difference(answer.seed, answer.engine, "no failure", [cause])
    if answer.failure:
        causes = causes_of(answer.engine, data, shapes, failure=answer.failure)
        return Difference(answer.seed, answer.engine, f"fails: {answer.failure}", causes)
    if results == found:
        return None
    words = [f"misses {result}" for result in sorted(results - found)] + [
        f"adds {result}" for result in sorted(found - results)
    ]
    causes = causes_of(answer.engine, data, shapes, found=found, roots=expected.roots - expected.undefined)
    return Difference(answer.seed, answer.engine, "; ".join(words), causes)


def own_differences(seeds: range) -> list[Difference]:
    """Return the differences between evgraph and the standard."""
    cases = ((seed, difference_of_evgraph(seed, *ExtremeChance(seed).case())) for seed in seeds)
    return [Difference(seed, "evgraph", words, []) for seed, words in cases if words]


def report(cases: int, found: Sequence[Difference]) -> int:
    """Print the differences by engine and cause; return how many are not explained."""
    collected: dict[str, list[Difference]] = defaultdict(list)
    for difference in found:
        collected[difference.engine].append(difference)
    agree = cases - len({difference.seed for difference in found})
    print(f"{cases} cases: all agree in {agree}; evgraph differs from the standard in {len(collected['evgraph'])}")
    for engine in VALIDATORS:
        counts = Counter(cause for difference in collected[engine] for cause in difference.causes)
        print(f"\n{engine} differs in {len(collected[engine])}, each for one cause or several:\n")
        print("| cases | cause |\n| ---: | --- |")
        for cause, count in counts.most_common():
            print(f"| {count} | {cause} |")
    unexplained = [difference for difference in found if not difference.causes]
    print(f"\nunexplained: {len(unexplained)}")
    for difference in unexplained[:40]:
        print(f"  {difference.engine}, case {difference.seed}: {difference.difference[:300]}")
    return len(unexplained)


def _quietly() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)


def main(start: int, end: int, kept: Path | None = None, processes: int = PROCESSES) -> None:
    """Compare the engines on the cases of some seeds."""
    collected: list[Answer] = []
    if kept is not None and kept.exists():
        lines = (json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines())
        collected = [answer for line in lines if start <= (answer := Answer(*line)).seed < end]
    blocks = [range(first, min(first + _BLOCK, end)) for first in range(start, end, _BLOCK)]
    with ProcessPoolExecutor(processes, initializer=_quietly) as pool:

        def over(function: Callable[[_Item], list[Any]], items: Sequence[_Item], what: str) -> Iterator[Any]:
            began = time.monotonic()
            for number, found in enumerate(pool.map(function, items), 1):
                done = f"{what}: {number} of {len(items)} blocks, {time.monotonic() - began:.0f} s"
                print(done, end="\r" if number < len(items) else "\n", file=sys.stderr, flush=True)
                yield from found

        if not collected:
            for answer in over(answers, blocks, "answers"):
                collected.append(answer)
                if kept is not None:
                    with kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(answer) + "\n")
        parts = [collected[first : first + _BLOCK] for first in range(0, len(collected), _BLOCK)]
        found = [*over(own_differences, blocks, "evgraph"), *over(differences, parts, "causes")]
    sys.exit(1 if report(end - start, found) else 0)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if sys.argv[3:] else None)
