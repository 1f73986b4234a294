"""That other people's shapes find what pySHACL finds, in data made by chance of their own words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.shacl.engines import short

from evgraph.formats import FORMATS
from evgraph.namespaces import RDF, SH
from evgraph.rdf.files import DataFile, find
from evgraph.shacl.paths import Compound
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.validation.validate import validate_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evgraph.shacl.paths import Path as PropertyPath

pytestmark = pytest.mark.slow

SHAPES = Path(__file__).parent / "foreign"
NODES = [*(f"<http://example.org/{n}>" for n in range(7)), "_:a", "_:b"]
XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = (
    '"x"', '"x"@en', '"X"@EN', '"ein"@de', '"nothing"@en', '"longer text"@en-GB', '"ja"@nl', '""', '"1.0"', '"1.0"@en',
    *(f'"{form}"^^<{XSD}{name}>' for form, name in (
        ("1", "integer"), ("01", "integer"), ("-3", "integer"), ("7", "nonNegativeInteger"), ("x", "integer"),
        ("2000000", "nonNegativeInteger"), ("2020-01-05", "date"), ("2021-12-31", "date"), ("2020-02-31", "date"),
        ("2020-01-05T00:00:00Z", "dateTime"), ("true", "boolean"), ("1.50", "decimal"),
    )),
)  # fmt: skip
# What else pySHACL compares, it compares as it likes; and rdflib takes an empty text for nothing.
SUITABLE = {
    "isVersionOf": [*NODES, *(literal for literal in LITERALS if literal != '""')],
    "byteSize": [literal for literal in LITERALS if "nteger" in literal and '"x"' not in literal],
    "issued": [literal for literal in LITERALS if literal.endswith("#date>") and "02-31" not in literal],
}
SUITABLE["modified"] = SUITABLE["issued"]


def properties(shapes: ShapesGraph) -> set[str]:
    """Collect the properties that shapes speak of."""

    def of(path: PropertyPath) -> Iterator[str]:
        if isinstance(path, Compound):
            for part in path.parts:
                yield from of(part)
        else:
            yield str(path)

    paths = (shapes.path_of(shape) for shape in shapes.subjects(f"{SH}path"))
    pairs = ("equals", "disjoint", "lessThan", "lessThanOrEquals", "targetSubjectsOf", "targetObjectsOf")
    return {
        *(property_ for path in paths if path is not None for property_ in of(path)),
        *(str(property_) for name in pairs for property_ in shapes.objects(SH + name)),
    }


def data(shapes: ShapesGraph, seed: int) -> str:
    """Make N-Triples by chance, rich in what the shapes speak of."""
    random = Random(seed)  # noqa: S311 - not for secrets
    classes = sorted(str(class_) for name in ("targetClass", "class") for class_ in shapes.objects(SH + name))
    classes += sorted(str(class_) for class_ in shapes.implicit)
    listed = [str(value) for head in shapes.objects(f"{SH}in") for value in shapes.items(head)]
    listed += sorted(str(value) for value in shapes.objects(f"{SH}hasValue"))
    listed = listed or NODES
    classes = classes or ["<http://example.org/Any>"]
    known = sorted(properties(shapes))
    lines = []
    for node in NODES:
        lines += [f"{node} <{RDF}type> {random.choice(classes)} ." for _ in range(random.randrange(3))]
        for property_ in random.sample(known, random.randrange(len(known) or 1)):
            for _ in range(random.choice((1, 1, 1, 2, 4))):
                value = random.choice((random.choice(NODES), random.choice(LITERALS), random.choice(listed)))
                value = random.choice(
                    SUITABLE.get(property_.strip("<>").rpartition("#")[2].rpartition("/")[2], [value])
                )
                lines.append(f"{node} {property_} {value} .")
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["catalogue", "thesaurus"])
@pytest.mark.parametrize("block", range(2))
def test_foreign_shapes_find_the_same(name: str, block: int) -> None:
    files = find([SHAPES / f"{name}.ttl"])
    graph = ShapesGraph(files)
    fired: Counter[str] = Counter()
    for seed in range(block * 4, block * 4 + 4):
        text = data(graph, seed)
        file = DataFile("data.nt", FORMATS["ntriples"], "http://example.org/g", text.encode())
        ours, theirs = validate_files([file], files), validate_files([file], files, engine="pyshacl")
        assert not [notice for notice in ours.notices if notice.kind == "validated-by-pyshacl"]
        assert short(list(ours.findings)) == short(list(theirs.findings)), f"seed {seed}"
        fired.update(finding.component for finding in ours.findings)
    assert len(fired) > 10, "the data is too good"
