"""A folder of dumps: the graph, whole and by cell, in every format, also compressed, with a description for harvesters.

The description is DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), as DCAT-AP wants it
(https://semiceu.github.io/DCAT-AP/releases/3.0.0/), and VoID (https://www.w3.org/TR/void/).
"""

from __future__ import annotations

import gzip
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad

from evgraph.export.describe import DESCRIPTION, File, catalogue, describe, describe_part
from evgraph.formats import FORMATS
from evgraph.namespaces import ID
from evgraph.rdf.statements import statements
from evgraph.rdf.write import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Triple

    from evgraph.export.cell import Cells
    from evgraph.export.describe import About

DESCRIPTION_NAME = "dcat"
"""The name of the description's files, without their suffixes."""
_COMPRESSED = ".gz"


def dumps(
    quads: Iterable[Quad], cells: Cells, about: About, base: str, provenance: Iterable[Quad] = ()
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a dump, name and content, the description last; the same data gives the same bytes.

    Args:
        quads: the whole graph.
        cells: its cells; see `evgraph.export.export.cells_of`.
        about: title, publisher, version and so on of the graph.
        base: the address of the folder, which ends in a slash.
        provenance: what is added to the files of the cells; see `evgraph.export.describe.provenance`.

    """
    everything = statements(quads)
    whole: list[File] = []
    for name, content, file in _files("evgraph", everything, base):
        whole.append(file)
        yield name, content
    triples: list[Triple] = []
    names: list[str] = []
    for iri in cells.iris():
        local = iri.removeprefix(f"{ID}cell/")
        of_cell: list[File] = []
        for name, content, file in _files(f"cells/{local}", {*cells.cell(iri), *provenance}, base):
            of_cell.append(file)
            yield name, content
        matrix, _, square = local.partition("-")
        title = f"Cell {square} of the {matrix} matrix"
        names.append(f"cell/{local}")
        triples += describe_part(names[-1], title, about, of_cell)
    triples = [*describe(everything, about, whole), *catalogue(about, names), *triples]
    graph = NamedNode(DESCRIPTION)
    described = {Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples}
    for kind in FORMATS.values():
        yield f"{DESCRIPTION_NAME}{kind.suffixes[0]}", write(described, kind)


def _files(name: str, quads: Iterable[Quad], base: str) -> Iterator[tuple[str, bytes, File]]:
    for kind in FORMATS.values():
        plain = write(quads, kind)
        for suffix, content in (("", plain), (_COMPRESSED, gzip.compress(plain, mtime=0))):
            path = f"{name}{kind.suffixes[0]}{suffix}"
            digest = sha256(content).hexdigest()
            yield path, content, File(base + quote(path), kind, len(content), digest, suffix == _COMPRESSED)
