"""Data on its way out: read, whole or in part, as quads ready to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad

from evgraph import __version__, shipped_files
from evgraph.errors import UsageError
from evgraph.export.describe import DESCRIPTION, About, describe
from evgraph.export.record import Parts
from evgraph.namespaces import ID, MATRICES, cell_name, curie, expand
from evgraph.rdf.files import DataFile, always_loaded, find, report_all_broken
from evgraph.store.embedded import EmbeddedStore
from evgraph.store.opening import SHIPPED, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evgraph.store.endpoint import Endpoint


def export(
    origin: Origin = SHIPPED,
    *,
    cells: Sequence[str] = (),
    resources: Sequence[str] = (),
    with_ontology: bool = False,
) -> set[Quad]:
    """Read data and take out what was asked for; literals keep the lexical form that the files give them.

    Without cells and resources that is the data, whole. The ontology, the schemes and the matrices that stand beside
    any data are not part of it; what a cell or a resource needs of them comes along (`Parts.cell`, `Parts.resource`).

    Args:
        origin: where the data is; a store on disk has literals as Oxigraph normalises them.
        cells: each as ``drug:E4``, ``cell:drug-E4``, its IRI, or ``E4`` for that square of both matrices.
        resources: each as a CURIE or an IRI.
        with_ontology: add the ontology, the schemes and the matrices, whole.

    Raises:
        UsageError: a cell or a resource is not in the data, or is not named in one of these ways.
        UnreadableError: a file is missing or not well-formed.

    """
    squares = [_cell_iris(name) for name in cells]
    names = [(name, expand(name)) for name in resources]
    beside = always_loaded()
    if not squares and not names:
        return set(_data(origin, with_ontology=with_ontology))

    quads = _data(origin, with_ontology=with_ontology)
    taken: set[Quad] = set(_read(beside)) if with_ontology else set()
    if squares:
        parts = Parts([*quads, *_read([file for file in beside if file.path.endswith("matrices.ttl")])])
        known = parts.cells()
        for name, iris in zip(cells, squares, strict=True):
            present = [iri for iri in iris if iri in known]
            if not present:
                raise _no_such_cell(name, known)
            for iri in present:
                taken |= parts.cell(iri)
    if names:
        parts = Parts([*quads, *_read(beside)])
        for name, named in names:
            record = parts.resource(named) if named else set()
            if not record:
                raise _no_such_resource(name, parts.subjects())
            taken |= record
    return taken


def description(origin: Origin = SHIPPED, *, with_ontology: bool = False) -> set[Quad]:
    """Describe what `export` writes of the same data, in a graph of its own (`evgraph.export.describe`).

    Raises:
        UnreadableError: a file is missing or not well-formed.

    """
    store = EmbeddedStore()
    store.extend(_data(origin, with_ontology=with_ontology))
    about = About(version=__version__) if origin == SHIPPED else About()
    graph = NamedNode(DESCRIPTION)
    return {Quad(one.subject, one.predicate, one.object, graph) for one in describe(store, about)}


def _data(origin: Origin, *, with_ontology: bool) -> list[Quad]:
    """Read the data, without what always stands beside it unless that is wanted."""
    if origin.directory is not None:
        from evgraph.store.disk import DiskStore

        store = DiskStore(origin.directory)
        quads = [quad for quad in store.quads() if getattr(quad.graph_name, "value", "") not in store.beside]
        return [*quads, *_read(always_loaded())] if with_ontology else quads
    if origin.endpoint is not None:
        quads = _pulled(origin.endpoint)
        return [*quads, *_read(always_loaded())] if with_ontology else quads
    files = find(origin.paths or [shipped_files.data()])
    if with_ontology:
        files += [file for file in always_loaded() if file.path not in {one.path for one in files}]
    with report_all_broken(files):
        return _read(files)


def _pulled(endpoint: Endpoint) -> list[Quad]:
    """Fetch the graphs that evgraph has loaded there, and those below our IRIs, but for what stands beside data."""
    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.transfer import marks, pull, pullable

    store = EndpointStore(endpoint)
    loaded = marks(store)
    data = pullable(store) - ({file.graph for file in always_loaded()} - loaded.keys())
    data -= {graph for graph, mark in loaded.items() if mark.beside}
    return [
        Quad(one.subject, one.predicate, one.object, NamedNode(graph))
        for graph in sorted(data)
        for one in pull(store, graph)
    ]


def _read(files: Iterable[DataFile]) -> list[Quad]:
    """Read files together; blank nodes of different files stay apart, and their labels follow from the content."""
    quads: list[Quad] = []
    labels: set[str] = set()
    for file in files:
        here: dict[BlankNode, BlankNode] = {}
        for quad in file.quads():
            blanks = [term for term in (quad.subject, quad.object, quad.graph_name) if isinstance(term, BlankNode)]
            for blank in blanks:
                here.setdefault(blank, BlankNode() if blank.value in labels else blank)
            quads.append(_renamed(quad, here) if blanks else quad)
        labels.update(blank.value for blank in here)
    if not labels:
        return quads
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _renamed(quad: Quad, labels: dict[BlankNode, BlankNode]) -> Quad:
    subject, target, graph = (
        labels[term] if isinstance(term, BlankNode) else term for term in (quad.subject, quad.object, quad.graph_name)
    )
    return Quad(subject, quad.predicate, target, graph)  # type: ignore[arg-type] # Each kind of term stays in its place.


def _cell_iris(name: str) -> list[str]:
    iri = expand(name) or ""
    found = cell_name(iri.removeprefix(f"{ID}cell/") if iri.startswith(f"{ID}cell/") else name)
    if not found:
        raise UsageError(
            f"'{name}' is not a cell", hint="write drug:E4, or E4 for both matrices: a letter A to E, a digit 1 to 5"
        )
    matrix, square = found
    return [f"{ID}cell/{one}-{square}" for one in ([matrix] if matrix else MATRICES)]


def _no_such_cell(name: str, known: Sequence[str]) -> UsageError:
    cells = ", ".join(iri.rpartition("/")[2].replace("-", ":") for iri in known)
    return UsageError(
        f"cell {name} is not in the data: no page of it was read",
        hint=f"the cells in it: {cells}" if cells else "no cell is in it",
    )


def _no_such_resource(name: str, subjects: Iterable[str]) -> UsageError:
    import difflib

    known = {curie(iri): iri for iri in subjects}
    near = difflib.get_close_matches(curie(expand(name) or name), known, n=3)
    if not near:  # A bare slug is near to the slugs, not to the whole CURIEs.
        slugs = {short.rpartition("/")[2].rpartition(":")[2]: short for short in known}
        near = [slugs[slug] for slug in difflib.get_close_matches(name, slugs, n=3)]
    return UsageError(
        f"the data does not describe {name}" if expand(name) else f"'{name}' is neither a CURIE nor an IRI",
        hint=f"near to it: {', '.join(near)}" if near else "write it as a CURIE (doc:timko-2007) or an IRI",
    )
