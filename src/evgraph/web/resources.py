"""What workers answer about a resource: its document, and terms of the ontology with their shapes and an example."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from evgraph import shipped_files
from evgraph.export.describe import DATASET
from evgraph.export.export import description, provenance_of, record
from evgraph.formats import FORMATS
from evgraph.namespaces import CC0, DCTERMS, ID, LABEL_PROPERTIES, OWL, RDF, SH, XSD, curie
from evgraph.query.names import has_triple, labels
from evgraph.query.notes import alike
from evgraph.rdf.files import find
from evgraph.site import citing, routes
from evgraph.site.addresses import ONTOLOGY, address_of, iri_of
from evgraph.store.embedded import OxigraphStore
from evgraph.store.protocol import construct, select, select_for
from evgraph.web.answers import Head, origin, pieces, site, store
from evgraph.web.problems import HttpError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.site.page import Parameters
    from evgraph.terms import Term
    from evgraph.web.answers import Pieces

_TYPE = f"{RDF}type"
_REPLACED_BY = f"{DCTERMS}isReplacedBy"
_DATES = {f"{DCTERMS}date", f"{DCTERMS}modified"}
_DAYS = {f"{XSD}date", f"{XSD}dateTime"}
_MAX_TYPES = 5
_LABELS = (
    "SELECT DISTINCT ?thing ?property ?label WHERE { VALUES ?thing {}"
    f" VALUES ?property {{ {' '.join(f'<{name}>' for name in LABEL_PROPERTIES)} }} ?thing ?property ?label }}"
)


def document(path: str, format_name: str) -> Pieces:
    """Write the document about a resource as `evgraph.export.export.export` does, and the labels of what it names.

    Args:
        path: that of the document, without its first slash and its suffix.
        format_name: one of `FORMATS`; those that are negotiated get triples, N-Quads and TriG the names of graphs.

    Raises:
        HttpError: nothing is known about it (404), or another resource has replaced it (410).

    """
    iri = iri_of(path)
    if iri.startswith(ONTOLOGY):
        quads = _ontology() if iri == ONTOLOGY else _term(iri)
    else:
        quads = record(store(), iri)
        _check_replaced(iri, quads)
        if iri == DATASET:
            quads = quads or description(origin())
        elif quads:
            quads |= provenance_of(store())
    if not quads:
        raise _unknown(iri)
    quads |= _labels(quads)
    kind = FORMATS[format_name]
    if format_name == "jsonld":
        quads = {Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) for quad in quads}
    return pieces(Head(kind.media_type, (*_links(iri, quads), *_last_modified(quads))), kind.write(quads))


def page(path: str, parameters: Parameters) -> Pieces:
    """Write the page at a path for people.

    Args:
        path: without its first slash.
        parameters: of the address.

    Raises:
        HttpError: as `document` does.

    """
    if not isinstance(store(), OxigraphStore) and not citing.is_file(path):
        suffix = FORMATS["turtle"].suffixes[0]
        links = {f"/{quote(path)}{suffix}": "the same in Turtle"} if path else {"/questions": "the questions"}
        raise HttpError("pages for people need the data in evgraph itself", status=406, links=links)
    iri = iri_of(path)
    _check_replaced(iri, store().matches(NamedNode(iri)))
    written = routes.page(site(), path, parameters)
    if written is None:
        raise _unknown(iri)
    return pieces(Head(written.media_type, written.headers, written.status), [written.html])


def _unknown(iri: str) -> HttpError:
    near = alike(store(), iri, 3)
    known = labels(store(), near)
    links = {address: known.get(other, curie(other)) for other in near if (address := address_of(other))}
    return HttpError(
        f"the graph has nothing about {curie(iri)}",
        status=404,
        hint="these have similar names:" if links else "/questions/search?text=WORDS finds things by their words",
        links=links,
    )


def _check_replaced(iri: str, quads: Iterable[Quad]) -> None:
    thing = NamedNode(iri)
    others = sorted(
        quad.object.value
        for quad in quads
        if quad.subject == thing and quad.predicate.value == _REPLACED_BY and isinstance(quad.object, NamedNode)
    )
    if others and not iri.startswith(f"{ID}org/"):  # An organisation with a successor is what it was.
        known = labels(store(), others)
        names = ", ".join(f"{curie(other)} ({known[other]})" if other in known else curie(other) for other in others)
        links = {address: "the resource that replaces it" for other in others if (address := address_of(other))}
        raise HttpError(f"{curie(iri)} is replaced by {names}", status=410, links=links)


def _labels(quads: Iterable[Quad]) -> set[Quad]:
    """Return the labels of the things that quads name."""
    named = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object)}
    graph = store()
    if not isinstance(graph, OxigraphStore):
        rows = select_for(graph, _LABELS, (term for term in named if isinstance(term, NamedNode)))
        return {Quad(*row) for row in rows}  # type: ignore[arg-type] # Of the kinds that a triple has.
    return {
        label
        for term in named
        if isinstance(term, NamedNode)
        for property_ in LABEL_PROPERTIES
        for label in graph.matches(term, property_)
    }


def _links(iri: str, quads: Iterable[Quad]) -> Iterator[tuple[str, str]]:
    thing = NamedNode(iri)
    types = sorted(
        quad.object.value
        for quad in quads
        if quad.subject == thing
        and quad.predicate.value == _TYPE
        and isinstance(quad.object, NamedNode)
        and quad.object.value.startswith(("http://", "https://"))
    )
    yield "Link", f'<{quote(iri, safe="/:#?&=%+,;@~")}>; rel="cite-as"'
    yield "Link", f'<{CC0}>; rel="license"'
    yield "Link", '</dataset>; rel="describedby"'
    for name in dict.fromkeys(types[:_MAX_TYPES]):
        yield "Link", f'<{quote(name, safe="/:#?&=%+,;@~")}>; rel="type"'


def _last_modified(quads: Iterable[Quad]) -> Iterator[tuple[str, str]]:
    """Return the newest date in a document as a header: of a page's capture, or of a person's decision.

    Other statements may be newer, so caches ask each time whether the document, by its ETag, is still the same.
    """
    texts = [
        quad.object.value
        for quad in quads
        if quad.predicate.value in _DATES and isinstance(quad.object, Literal) and quad.object.datatype.value in _DAYS
    ]
    with suppress(ValueError):  # There is none, or one is no date.
        newest = max(map(datetime.fromisoformat, texts)).replace(tzinfo=UTC)
        if newest <= datetime.now(UTC):
            yield "Last-Modified", format_datetime(newest, usegmt=True)
            yield "Cache-Control", "no-cache"


def _ontology() -> set[Quad]:
    """Return the statements about the ontology and its terms."""
    graph = store()
    query = f"SELECT DISTINCT ?graph {{ GRAPH ?graph {{ <{ONTOLOGY}> a <{OWL}Ontology> }} }}"
    names = [name for (name,) in select(graph, query) if isinstance(name, NamedNode)]
    return {
        Quad(triple.subject, triple.predicate, triple.object, name)
        for name in names
        for triple in construct(graph, f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}")
    }


def _term(iri: str) -> set[Quad]:
    """Return the definition of a term of the ontology, the shapes about it, and what has it as class or property."""
    term = NamedNode(iri)
    definition = set(store().matches(term))
    if not definition:
        return set()
    example = set(islice(_instances(term), 1))
    return definition | _shapes(iri) | {quad for one in example for quad in store().matches(one)}


def _instances(term: NamedNode) -> Iterator[NamedNode]:
    """Return the things of a class, or with a property, the first one by its IRI."""
    is_class = has_triple(store(), None, _TYPE, term)
    quads = store().matches(None, _TYPE, term) if is_class else store().matches(None, term.value)
    subjects = (quad.subject for quad in islice(quads, 1000) if isinstance(quad.subject, NamedNode))
    yield from sorted((one for one in subjects if one.value.startswith(ID)), key=lambda one: one.value)


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
