"""What programs get about a resource: its statements, a term of the ontology with its shapes and an example."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Quad

from evgraph import shipped_files
from evgraph.export.describe import DATASET
from evgraph.export.export import description, provenance_of, record
from evgraph.formats import FORMATS
from evgraph.namespaces import DCTERMS, ID, LABEL_PROPERTIES, OWL, PREFIXES, RDF, SH
from evgraph.query.names import has_triple
from evgraph.rdf.files import find
from evgraph.rdf.statements import Statements
from evgraph.rdf.statements import statements as as_text
from evgraph.site.addresses import ONTOLOGY
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import construct, select, select_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.formats import Format
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import LookupStore
    from evgraph.terms import Term

_TYPE = f"{RDF}type"
_REPLACED_BY = f"{DCTERMS}isReplacedBy"
_VOCABULARIES = (f"{ID}scheme/", *(namespace for namespace in PREFIXES.values() if not namespace.startswith(ID)))
_LABELS = (
    "SELECT DISTINCT ?thing ?property ?label WHERE { VALUES ?thing {}"
    f" VALUES ?property {{ {' '.join(f'<{name}>' for name in LABEL_PROPERTIES)} }} ?thing ?property ?label }}"
)


def statements(graph: LookupStore, iri: str, origin: Origin) -> set[Quad]:
    """Return what the document about a resource holds; nothing where nothing is known about it.

    This is its `evgraph.export.export.record`, or the definition of a term, and the labels of what they name.
    """
    if iri.startswith(ONTOLOGY):
        quads = _ontology(graph) if iri == ONTOLOGY else _term(graph, iri)
    else:
        quads = record(graph, iri)
        if iri == DATASET:
            quads = quads or description(origin)
        elif quads:
            quads |= provenance_of(graph)
    return quads | _labels(graph, quads)


def written(quads: Iterable[Quad], kind: Format) -> Iterable[bytes]:
    """Write a document; JSON-LD does without the names of graphs."""
    chunks: Iterable[bytes] = kind.write(_without_graphs(as_text(quads)) if kind.name == "jsonld" else quads)
    return chunks


def in_each_format(quads: set[Quad]) -> Iterator[tuple[Format, bytes]]:
    """Yield a document in each format."""
    text = Statements(quads)
    plain = _without_graphs(text)
    for kind in FORMATS.values():
        yield kind, b"".join(kind.write(text if kind.quads and kind.name != "jsonld" else plain))


def _without_graphs(statements: Statements) -> Statements:
    plain = Statements()
    plain.graphs[""] = dict.fromkeys(statements.triples())
    return plain


def replacing(iri: str, quads: Iterable[Quad]) -> list[str]:
    """Return the IRIs of what has replaced a resource."""
    if iri.startswith(f"{ID}org/"):  # An organisation with a successor is what it was.
        return []
    thing = NamedNode(iri)
    return sorted(
        quad.object.value
        for quad in quads
        if quad.subject == thing and quad.predicate.value == _REPLACED_BY and isinstance(quad.object, NamedNode)
    )


def _labels(graph: LookupStore, quads: Iterable[Quad]) -> set[Quad]:
    """Return the labels of the things that quads name."""
    named = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object)}
    if not isinstance(graph, OxigraphStore):
        rows = select_for(graph, _LABELS, (term for term in named if isinstance(term, NamedNode)))
        return {Quad(*row) for row in rows}  # type: ignore[arg-type] # Of the kinds that a triple has.
    known: dict[NamedNode, list[Quad]] = graph.recall("labels of terms", dict)  # They are in every document.
    found: set[Quad] = set()
    for term in named:
        if not isinstance(term, NamedNode):
            continue
        if term in known:
            found.update(known[term])
            continue
        labels = [label for name in LABEL_PROPERTIES for label in graph.matches(term, name)]
        found.update(labels)
        if term.value.startswith(_VOCABULARIES):
            known[term] = labels
    return found


def _ontology(graph: LookupStore) -> set[Quad]:
    """Return the statements about the ontology and its terms."""
    query = f"SELECT DISTINCT ?graph {{ GRAPH ?graph {{ <{ONTOLOGY}> a <{OWL}Ontology> }} }}"
    names = [name for (name,) in select(graph, query) if isinstance(name, NamedNode)]
    return {
        Quad(triple.subject, triple.predicate, triple.object, name)
        for name in names
        for triple in construct(graph, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}")
    }


def _term(graph: LookupStore, iri: str) -> set[Quad]:
    """Return the definition of a term of the ontology, the shapes about it, and what has it as class or property."""
    term = NamedNode(iri)
    definition = set(graph.matches(term))
    if not definition:
        return set()
    examples = set(islice(_instances(graph, term), 1))
    return definition | _shapes(iri) | {quad for instance in examples for quad in graph.matches(instance)}


def _instances(graph: LookupStore, term: NamedNode) -> Iterator[NamedNode]:
    """Return the things of a class, or with a property, the first one by its IRI."""
    is_class = has_triple(graph, None, _TYPE, term)
    quads = graph.matches(None, _TYPE, term) if is_class else graph.matches(None, term.value)
    subjects = (quad.subject for quad in islice(quads, 1000) if isinstance(quad.subject, NamedNode))
    yield from sorted(
        (subject for subject in subjects if subject.value.startswith(ID)), key=lambda subject: subject.value
    )


@cache
def _shape_quads() -> dict[NamedNode | BlankNode, list[Quad]]:
    """Return the statements of the shapes by subject; blank nodes get the same labels each time."""
    known: dict[Term, BlankNode] = {}

    def stable(term: Term) -> Term:
        return known.setdefault(term, BlankNode(f"b{len(known)}")) if isinstance(term, BlankNode) else term

    by_subject: dict[NamedNode | BlankNode, list[Quad]] = {}
    for file in find([shipped_files.ontology() / "shapes"]):
        for quad in file.quads():
            subject = stable(quad.subject)
            if isinstance(subject, NamedNode | BlankNode):
                renamed = Quad(subject, quad.predicate, stable(quad.object), quad.graph_name)
                by_subject.setdefault(subject, []).append(renamed)
    return by_subject


def _shapes(iri: str) -> set[Quad]:
    """Return the shapes whose target or path is a term, with the property shapes of the former."""
    by_subject = _shape_quads()
    about = {f"{SH}{name}" for name in ("targetClass", "path", "targetSubjectsOf", "targetObjectsOf")}
    ahead = [
        subject
        for subject, quads in by_subject.items()
        if any(quad.predicate.value in about and quad.object == NamedNode(iri) for quad in quads)
    ]
    found: set[Quad] = set()
    seen = set(ahead)
    while ahead:
        for quad in by_subject.get(ahead.pop(), ()):
            found.add(quad)
            is_part = isinstance(quad.object, BlankNode) or quad.predicate.value == f"{SH}property"
            if is_part and isinstance(quad.object, NamedNode | BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                ahead.append(quad.object)
    return found
