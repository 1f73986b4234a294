"""Try other people's shapes: ``python -m bench.shape_sets FOLDER``.

``shape_sets.tsv`` lists the sets: the name, a tab, its shape files, and perhaps a tab and data files, as paths that
start with the owner and name of a repository on GitHub (``BrickSchema+Brick/…``). The repositories are cloned into
FOLDER where they are not there; nothing of them is part of evgraph. For each set it prints what evgraph compiles,
what it leaves to pySHACL and what it refuses, and whether its findings are those of pySHACL: in the data files, and
in data made by chance of the words of the shapes. Only shapes that evgraph checks are compared.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.shacl.engines import short
from tests.shacl.test_foreign_shapes import data as by_chance

from evgraph.errors import EvgraphError
from evgraph.formats import FORMATS
from evgraph.rdf.files import DataFile, find
from evgraph.shacl.compile import compile_shapes
from evgraph.shacl.pyshacl_adapter import findings_of
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.validate import load, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEEDS = 2
_LIST = Path(__file__).with_suffix(".tsv")


def clone(folder: Path, file: str) -> None:
    """Clone the repository of a file, unless it is there."""
    repository = file.partition("/")[0]
    if not (folder / repository).exists():
        address = f"https://github.com/{repository.replace('+', '/')}"
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder / repository], check=True)  # noqa: S603, S607


def main(folder: Path) -> None:
    """Print a table of the sets."""
    warnings.simplefilter("ignore")
    print("| set | shapes | compiled | pySHACL | refused | data | findings | the same as pySHACL |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for line in _LIST.read_text(encoding="utf-8").splitlines():
        name, shapes, *data = line.split("\t")
        for file in " ".join([shapes, *data]).split():
            clone(folder, file)
        try:
            for row in rows(folder, shapes.split(), " ".join(data).split()):
                print(f"| {name} | {' | '.join(row)} |", flush=True)
        except EvgraphError as error:
            print(f"| {name} | {' '.join(error.message.split())[:200]} |", flush=True)


def rows(folder: Path, shapes: Sequence[str], data: Sequence[str]) -> Iterator[list[str]]:
    """Yield a row for each data file of a set, and for data by chance."""
    files = find([path for pattern in shapes for path in sorted(folder.glob(pattern))])
    graph = ShapesGraph(files)
    compiled = compile_shapes(graph, lambda cls: [cls], has_targets=True)
    left, refused = Counter(compiled.not_compiled.values()), Counter(compiled.refused.values())
    count = len(graph.roots) - len(compiled.not_compiled) - len(compiled.refused)
    head = [str(len(graph.roots)), str(count), _counted(left), _counted(refused)]
    checked = [root for root in graph.roots if root not in compiled.refused]
    examples = [(path.name, find([path])) for pattern in data for path in sorted(folder.glob(pattern))]
    for seed in range(_SEEDS):
        body = by_chance(graph, seed).encode()
        examples.append((f"by chance {seed}", [DataFile("data.nt", FORMATS["ntriples"], "http://example.org/g", body)]))
    for name, example in examples:
        started = time.monotonic()
        try:
            source = load(example, files)
            report = validate(source, files)
        except EvgraphError as error:
            yield [*head, name, " ".join(error.message.split())[:200], ""]
            continue
        taken = time.monotonic() - started
        ours = short(list(report.findings))
        try:
            found = findings_of(source.files, source.other_files, files, graph, checked)
            theirs = short([finding for finding in found if finding.focus not in source.background])
        except EvgraphError as error:
            yield [*head, name, f"{len(ours)} in {taken:.1f} s", f"pySHACL fails: {str(error).splitlines()[0][-80:]}"]
            continue
        sides = (("+", ours - theirs), ("-", theirs - ours))
        differing = Counter(f"{sign} {finding[4]}" for sign, side in sides for finding in side)
        unchecked = f"{len(report.not_checked)} not checked and reported: " if report.not_checked else ""
        verdict = unchecked + _counted(differing) if differing else "yes"
        yield [*head, name, f"{len(ours)} in {taken:.1f} s", verdict]


def _counted(numbers: Counter[str]) -> str:
    words = (f"{count} {' '.join(what.replace('|', '/').split())[:90]}" for what, count in numbers.most_common(4))
    return "; ".join(words) or "0"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
