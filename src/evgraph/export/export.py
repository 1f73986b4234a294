"""Read data and select what to export, as quads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, Triple

from evgraph import __version__, shipped_files
from evgraph.errors import UsageError
from evgraph.export.cell import Cells
from evgraph.export.describe import DATASET, DESCRIPTION, About, describe, provenance
from evgraph.export.dumps import dumps
from evgraph.export.near import quads_near
from evgraph.namespaces import DCAT, DCTERMS, curie
from evgraph.query import parameters
from evgraph.query.notes import alike
from evgraph.query.question import Parameter
from evgraph.rdf.blank_nodes import relabel
from evgraph.rdf.files import DataFile, always_loaded, find, report_all_broken
from evgraph.rdf.lexical_forms import marked, unmarked
from evgraph.rdf.statements import Statements
from evgraph.sparql.rewriting import bind
from evgraph.store.embedded import EmbeddedStore, OxigraphStore
from evgraph.store.opening import SHIPPED, Origin, open_store
from evgraph.store.protocol import Triples, select, select_for
from evgraph.store.transfer import marks, pull, pullable
from evgraph.terms import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from evgraph.store.endpoint import Endpoint
    from evgraph.store.protocol import Store, Term

_CELLS = Parameter("cells", "cell", "", "", required=False)
_RESOURCES = Parameter("resources", "iri", "", "", required=False)
_DATASET_NODE = NamedNode(DATASET)
_DATASET = f"SELECT DISTINCT ?property ?value WHERE {{ <{DATASET}> ?property ?value }}"
_FACTS = {  # Property of a dataset → field of `About`.
    f"{DCTERMS}title": "title",
    f"{DCTERMS}description": "description",
    f"{DCAT}version": "version",
    f"{DCTERMS}issued": "issued",
    f"{DCTERMS}modified": "modified",
    f"{DCTERMS}license": "licence",
}
_GRAPHS = """
    SELECT DISTINCT ?graph ?subject ?property ?value
    WHERE { VALUES ?subject {} GRAPH ?graph { ?subject ?property ?value } }
"""


def export(
    origin: Origin = SHIPPED,
    *,
    cells: Sequence[str] = (),
    resources: Sequence[str] = (),
    with_ontology: bool = False,
    notes: list[str] | None = None,
) -> Statements:
    """Return the quads of a dataset, or of some cells and resources of it.

    Literals keep the lexical forms of the files; a store on disk and a server have normalised some. The ontology, the
    schemes and the matrices, which are loaded beside any data, are not part of it, but records and cells draw on them.

    Args:
        origin: the data.
        cells: each as people type it, `evgraph.query.parameters.read`; ``E4`` is that square of both matrices; see
            `Cells.cell`.
        resources: each as people type it; see `record`.
        with_ontology: add the ontology, the schemes and the matrices.
        notes: gets a note on each resource that was found by a name that is not in its IRI, and one if the labels of
            blank nodes depend on the order of the data.

    Raises:
        UsageError: a cell or a resource is not in the data, or its name may mean several things.
        UnreadableError: a file is missing or not well-formed.

    """
    squares = [parameters.cells(_CELLS, name) for name in cells]
    if not cells and not resources:
        return _data(origin, with_ontology=with_ontology, notes=notes)
    selected = set(_read(always_loaded())) if with_ontology else set()
    is_files = origin.directory is None and origin.endpoint is None
    quads = _data(origin, with_ontology=False, notes=notes) if squares or is_files else Statements()
    if squares:
        dataset = _cells_of(quads)
        known = dataset.iris()
        for iris in squares:
            present = [iri for iri in iris if iri in known]
            if not present:
                raise _no_such_cell(iris, known)
            selected.update(*map(dataset.cell, present))
    if resources:
        store = _with_lexical_forms([*quads, *_read(always_loaded())]) if is_files else open_store(origin)
        for name in resources:
            (thing,) = parameters.read(_RESOURCES, name, store, notes)
            quads_of_record = record(store, thing.value)
            if not quads_of_record:
                raise _no_such_resource(thing.value, store)
            selected.update(_with_literal(unmarked, quad) for quad in quads_of_record)
    selected.update(_in_description(provenance(_about(quads))) if quads else provenance_of(open_store(origin)))
    return Statements(selected)


def record(store: Store, iri: str) -> set[Quad]:
    """Return the record of a thing, each triple with the graphs that hold it; empty if nothing is said about it.

    The triples are those of ``queries/find/describe.rq``.
    """
    if isinstance(store, OxigraphStore):
        return quads_near(store, iri)
    question = (shipped_files.queries() / "find" / "describe.rq").read_text(encoding="utf-8")
    answer = store.query(bind(question, {"__iri_iri": (str(NamedNode(iri)),)}))
    triples = set(answer.triples) if isinstance(answer, Triples) else set()
    subjects = {triple.subject for triple in triples}
    graphs: dict[tuple[Term, ...], set[NamedNode]] = {}
    for graph, *triple in select_for(store, _GRAPHS, subjects):
        if isinstance(graph, NamedNode):
            graphs.setdefault(tuple(triple), set()).add(graph)
    quads = {
        Quad(triple.subject, triple.predicate, triple.object, graph)
        for triple in triples
        for graph in graphs.get((triple.subject, triple.predicate, triple.object), ())
    }
    unnamed = triples - {quad.triple for quad in quads}
    return quads | {Quad(triple.subject, triple.predicate, triple.object) for triple in unnamed}


def provenance_of(store: Store) -> set[Quad]:
    """Say of which dataset what a store holds is a part, as `export` does: its title, licence and version."""

    def look_up() -> set[Quad]:
        return _in_description(provenance(_with_facts(select(store, _DATASET))))

    return store.recall("provenance", look_up) if isinstance(store, OxigraphStore) else look_up()


def _with_lexical_forms(quads: Iterable[Quad]) -> EmbeddedStore:
    """Return a store whose literals keep their lexical forms; `unmarked` restores their datatypes."""
    store = EmbeddedStore()
    store.extend(_with_literal(marked, quad) for quad in quads)
    return store


def _with_literal(change: Callable[[Literal], Literal], quad: Quad) -> Quad:
    if not isinstance(quad.object, Literal):
        return quad
    return Quad(quad.subject, quad.predicate, change(quad.object), quad.graph_name)


def description(origin: Origin = SHIPPED, *, with_ontology: bool = False) -> set[Quad]:
    """Return a description of what `export` gives for the same data, in a graph of its own; see `describe`."""
    quads = _data(origin, with_ontology=with_ontology)
    about = About(version=__version__) if origin == SHIPPED else About()
    return _in_description(describe(quads, about))


def dump(origin: Origin, base: str, **facts: str | None) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a dump of the data, name and content; see `evgraph.export.dumps.dumps`.

    Args:
        origin: the data.
        base: the address of the folder in which the files will be, which ends in a slash.
        facts: of `About`, where they differ from those in the data's own description.

    Raises:
        UnreadableError: a file is missing or not well-formed.
        UsageError: RDF/XML cannot express a predicate.

    """
    quads = _data(origin, with_ontology=False)
    about = _about(quads)._replace(**{name: value for name, value in facts.items() if value})
    return dumps(quads, _cells_of(quads), about, base, _in_description(provenance(about)))


def _about(quads: Iterable[Quad]) -> About:
    """Return what the data says about itself, or what holds for any graph of the matrices."""
    return _with_facts((quad.predicate, quad.object) for quad in quads if quad.subject == _DATASET_NODE)


def _with_facts(statements: Iterable[tuple[Term, ...]]) -> About:
    """Return `About` with the values of properties of the dataset."""
    facts = {_FACTS[value_of(name)]: value_of(value) for name, value in statements if value_of(name) in _FACTS}
    return About()._replace(**facts)


def _in_description(triples: Iterable[Triple]) -> set[Quad]:
    graph = NamedNode(DESCRIPTION)
    return {Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples}


def _cells_of(quads: Iterable[Quad]) -> Cells:
    matrices = [file for file in always_loaded() if file.path.endswith("matrices.ttl")]
    return Cells([*quads, *_read(matrices)])


def _data(origin: Origin, *, with_ontology: bool, notes: list[str] | None = None) -> Statements:
    """Read the data; the ontology, the schemes and the matrices only if asked for."""
    if origin.directory is not None:
        from evgraph.store.disk import DiskStore

        store = DiskStore(origin.directory)
        quads = Statements()
        data = (quad for quad in store.quads() if getattr(quad.graph_name, "value", "") not in store.beside)
        quads.add(data, numbered=True)
        relabel(quads, notes)
    elif origin.endpoint is not None:
        quads = Statements(_pulled(origin.endpoint))
    else:
        files = find(origin.paths or [shipped_files.data()])
        if with_ontology:
            paths = {file.path for file in files}
            files += [file for file in always_loaded() if file.path not in paths]
        with report_all_broken(files):
            return _read(files, notes)
    if with_ontology:
        quads.add(_read(always_loaded()))
    return quads


def _pulled(endpoint: Endpoint) -> Iterator[Quad]:
    """Fetch the graphs that evgraph loaded and those under evgraph's IRIs, but not those loaded beside the data."""
    from evgraph.store.endpoint import EndpointStore

    store = EndpointStore(endpoint)
    loaded = marks(store)
    data = pullable(store) - ({file.graph for file in always_loaded()} - loaded.keys())
    data -= {graph for graph, mark in loaded.items() if mark.beside}
    for graph in sorted(data):
        for triple in pull(store, graph):
            yield Quad(triple.subject, triple.predicate, triple.object, NamedNode(graph))


def _read(files: Iterable[DataFile], notes: list[str] | None = None) -> Statements:
    """Read files; blank nodes of different files stay distinct, and their labels follow from the content."""
    quads = Statements()
    for file in files:
        quads.add_file(file)
    relabel(quads, notes)
    return quads


def _no_such_cell(iris: Sequence[str], known: Sequence[str]) -> UsageError:
    cell, *cells = (iri.rpartition("/")[2].replace("-", ":") for iri in (iris[0], *known))
    name = cell if len(iris) == 1 else cell.rpartition(":")[2]
    return UsageError(
        f"cell {name} is not in the data: no page of it was read",
        hint=f"the data has these cells: {', '.join(cells)}" if cells else "the data has no cell",
    )


def _no_such_resource(iri: str, store: Store) -> UsageError:
    near = ", ".join(map(curie, alike(store, iri, 3)))
    return UsageError(
        f"the data says nothing about {curie(iri)}", hint=f"did you mean {near}?" if near else "check the name"
    )
