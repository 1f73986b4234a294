"""The folder that ingest writes: ``cells/``, and ``documents.ttl`` and ``organisations.ttl`` with what they mention.

The documents and organisations are copied from the register. A register that people keep in the folder themselves is
read and never changed. ``curated/`` is changed by `evgraph.pages.curated_passages` only.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from evgraph.namespaces import CC0, DCTERMS, EVG, ID, RDF, SKOS, VOID, scheme
from evgraph.rdf.files import read_triples
from evgraph.rdf.turtle import turtle
from evgraph.register import REGISTER_FILES, Register
from evgraph.regular_files import open_file
from evgraph.writing import refuse_link, write_file

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

_TYPE, _REPLACED_BY = NamedNode(f"{RDF}type"), NamedNode(f"{DCTERMS}isReplacedBy")
_LABEL = NamedNode(f"{SKOS}prefLabel")
_COMMENTARY = NamedNode(f"{EVG}Commentary")
_KIND, _RESOLUTION = NamedNode(f"{EVG}referenceKind"), NamedNode(f"{EVG}resolution")
_CELL = NamedNode(scheme("reference-kind", "cell"))
_OUTSIDE, _RESOLVED = (NamedNode(scheme("resolution", notation)) for notation in ("outside", "resolved"))
_EXTRACT = "Taken from the register for the cells in this folder, and written anew each time: edit curated/ instead."
_TITLES = {
    "documents.ttl": ("documents", "Documents that the cells in this folder mention"),
    "organisations.ttl": ("organisations", "Organisations that the cells in this folder mention"),
}


class EarlierCell(NamedTuple):
    """The graph of a cell that an earlier run wrote into the folder."""

    iri: str
    triples: list[Triple]

    @property
    def has_commentary(self) -> bool:
        """Whether the cell's page showed its commentary."""
        return bool(self._subjects(_TYPE, _COMMENTARY))

    @property
    def topic_names(self) -> set[str]:
        """The labels of the hot topics that the cell's graph describes."""
        return {
            triple.object.value
            for triple in self.triples
            if triple.predicate == _LABEL and isinstance(triple.object, Literal)
        }

    def resolvable(self, cells: Mapping[str, bool]) -> tuple[set[NamedNode], set[str]]:
        """Return which references to other cells, outside until now, resolve because those cells have come in.

        A reference names its cell, so it resolves without its page. But where an entry refers to a cell with a
        commentary, only the words of the page say whether that commentary discusses the entry's document.
        So the IRIs of the cells for which this cell's page has to be read again are returned, too.

        Args:
            cells: IRI of each cell with a page → whether the page shows its commentary.

        """
        outside = self._subjects(_RESOLUTION, _OUTSIDE) & self._subjects(_KIND, _CELL)
        properties = defaultdict[NamedNode, dict[str, str]](dict)
        for subject, predicate, value in self.triples:
            if subject in outside and isinstance(subject, NamedNode) and isinstance(value, NamedNode):
                properties[subject][predicate.value] = value.value
        resolved, reread_for = set[NamedNode](), set[str]()
        for reference, values in properties.items():
            target = values.get(f"{EVG}target", "")  # A person may say "outside" and name no target.
            if cells.get(target) and values.get(f"{EVG}source", "").startswith(f"{ID}entry/"):
                reread_for.add(target)
            elif target in cells:
                resolved.add(reference)
        return resolved, reread_for

    def _subjects(self, predicate: NamedNode, value: NamedNode) -> set[object]:
        return {triple.subject for triple in self.triples if (triple.predicate, triple.object) == (predicate, value)}

    def with_resolved(self, references: set[NamedNode]) -> list[Triple]:
        """Return the triples, with some references resolved."""
        return [
            Triple(triple.subject, _RESOLUTION, _RESOLVED)
            if triple.predicate == _RESOLUTION and triple.subject in references
            else triple
            for triple in self.triples
        ]


def read_cells(folder: Path, without: Container[str] = ()) -> dict[str, EarlierCell]:
    """Return the cells that a folder holds, except those of `without`, by name: ``drug-E4`` → its graph.

    Raises:
        UnreadableError: a file is not well-formed Turtle.

    """
    return {
        path.stem: EarlierCell(f"{ID}cell/{path.stem}", list(read_triples([path])))
        for path in sorted((folder / "cells").glob("*.ttl"))
        if path.stem not in without
    }


def read_cell(folder: Path, name: str) -> list[Triple]:
    """Return the graph of a cell, ``drug-E4``; empty where the folder does not hold it.

    Raises:
        UnreadableError: its file is not well-formed Turtle.

    """
    path = folder / "cells" / f"{name}.ttl"
    return list(read_triples([path])) if path.is_file() else []


def has_own_register(folder: Path) -> bool:
    """Return whether people keep a register in a folder; files that `write` copied from another one do not count."""
    return any((folder / name).is_file() and not _is_extract(folder / name) for name in REGISTER_FILES)


def write(
    folder: Path, graphs: Mapping[str, list[Triple]], earlier: Mapping[str, EarlierCell], register: Register
) -> None:
    """Write the graphs of some cells, then renew what is copied from the register. Each file is written whole or not.

    Args:
        folder: created if missing; files of other cells stay.
        graphs: the cells to write: ``drug-E4`` → its triples.
        earlier: other cells in the folder, from `read_cells`.
        register: has the documents and organisations.

    Raises:
        UnreadableError: a file cannot be written, or one in the folder cannot be read.

    """
    refuse_link(folder / "cells")
    for name, graph in graphs.items():
        write_file(folder / "cells" / f"{name}.ttl", turtle(graph))
    known = {name: cell.triples for name, cell in earlier.items()} | dict(graphs)
    others = [path for path in (folder / "cells").glob("*.ttl") if path.stem not in known]
    others += (folder / "curated").glob("*.ttl")
    # A key that an earlier version of a page gave a document is not mentioned by replacing a newer key.
    stated = (triple for graph in known.values() for triple in graph if triple.predicate != _REPLACED_BY)
    mentioned = {
        triple.object.value for triple in chain(stated, read_triples(others)) if isinstance(triple.object, NamedNode)
    }
    for name, triples in zip(REGISTER_FILES, register.extract(mentioned), strict=True):
        path = folder / name
        if not path.is_file() or _is_extract(path):
            write_file(path, turtle([*_header(name), *triples], header=_EXTRACT))


def _header(name: str) -> list[Triple]:
    graph, title = _TITLES[name]
    subject = NamedNode(f"{ID}graph/{graph}")
    return [
        Triple(subject, _TYPE, NamedNode(f"{VOID}Dataset")),
        Triple(subject, NamedNode(f"{DCTERMS}title"), Literal(title, language="en")),
        Triple(subject, NamedNode(f"{DCTERMS}license"), NamedNode(CC0)),
    ]


def _is_extract(path: Path) -> bool:
    with open_file(path) as stream:
        return _EXTRACT.encode() in stream.readline()
