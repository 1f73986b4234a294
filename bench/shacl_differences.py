"""Compare SHACL engines on data and shapes made by chance: ``python -m bench.shacl_differences 0 10000``.

The results of evgraph, of pySHACL and, where it is installed, of pyshacl-turbo are compared with those of an evaluator
written from the standard (``tests/shacl/specification.py``). For each engine it prints how many cases differ, and by
which constraint components, with the first seeds.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections import Counter, defaultdict
from importlib import import_module
from typing import TYPE_CHECKING

import pyshacl
from tests.shacl.engines import compiled, referred
from tests.shacl.random_standard import StandardChance
from tests.shacl.test_standard import results_of, results_of_the_standard

from evgraph.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.shacl.specification import Result


class Differences:
    """The cases in which an engine differs from the standard."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.same = 0
        self.failures: Counter[str] = Counter()
        self.seeds: dict[str, list[int]] = defaultdict(list)

    def compare(self, seed: int, run: Callable[[], Counter[Result]], expected: Counter[Result]) -> None:
        """Compare the results of one case."""
        try:
            results = run()
        except (UnreadableError, RuntimeError, ValueError) as error:
            self.failures[str(error).splitlines()[0].rpartition(": ")[2][:60]] += 1
            return
        missing, extra = expected.keys() - results.keys(), results.keys() - expected.keys()
        self.same += not missing and not extra
        for word, found in (("misses", missing), ("adds", extra)):
            for component in sorted({component for *_, component in found}):
                self.seeds[f"{word} {component.removesuffix('ConstraintComponent')}"].append(seed)

    def report(self, cases: int) -> None:
        """Print the differences."""
        print(f"{self.name}: {self.same} of {cases} cases the same, {self.failures.total()} failures")
        for kind, seeds in sorted(self.seeds.items(), key=lambda item: -len(item[1])):
            print(f"  {len(seeds):5}  {kind}  (seeds {', '.join(map(str, seeds[:4]))})")
        for message, count in self.failures.most_common(12):
            print(f"  {count:5}  fails: {message}")


def main(start: int, end: int, names: Sequence[str]) -> None:
    """Compare the engines on the cases of some seeds."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    own = pyshacl.validate
    validators = {"pySHACL": own}
    try:
        validators["pyshacl-turbo"] = import_module("pyshacl_turbo").validate
    except ImportError:
        print("pyshacl-turbo is not installed", file=sys.stderr)
    engines = {name: Differences(name) for name in ("evgraph", *validators) if not names or name in names}
    refused, started = 0, time.monotonic()
    for seed in range(start, end):
        data, shapes = StandardChance(seed).case()
        expected = results_of_the_standard(data, shapes)
        rules, findings = compiled(data, shapes)
        refused += bool(rules.refused or rules.not_compiled)
        for name, differences in engines.items():
            if name == "evgraph":
                differences.compare(seed, lambda found=findings: results_of(found), expected)  # type: ignore[misc]
                continue
            pyshacl.validate = validators[name]
            differences.compare(seed, lambda: results_of(referred(data, shapes)), expected)  # noqa: B023 - runs at once
    pyshacl.validate = own
    print(f"{end - start} cases in {time.monotonic() - started:.0f} s; evgraph compiled not all of {refused}")
    for differences in engines.values():
        differences.report(end - start)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
