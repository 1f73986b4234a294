"""What workers answer about a resource: its document, and terms of the ontology with their shapes and an example."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from pyoxigraph import Literal, NamedNode, Quad

from evgraph.formats import FORMATS
from evgraph.namespaces import CC0, DCTERMS, RDF, XSD, curie
from evgraph.query.names import labels
from evgraph.query.notes import alike
from evgraph.site import citing, resource, routes
from evgraph.site.addresses import ONTOLOGY, address_of, iri_of
from evgraph.store.embedded import OxigraphStore
from evgraph.web.answers import Head, origin, pieces, site, store
from evgraph.web.problems import HttpError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.site.page import Parameters
    from evgraph.web.answers import Pieces

_TYPE = f"{RDF}type"
_DATES = {f"{DCTERMS}date", f"{DCTERMS}modified"}
_DAYS = {f"{XSD}date", f"{XSD}dateTime"}
_MAX_TYPES = 5


def document(path: str, format_name: str) -> Pieces:
    """Write the document about a resource as `evgraph.export.export.export` does, and the labels of what it names.

    Args:
        path: that of the document, without its first slash and its suffix.
        format_name: one of `FORMATS`; those that are negotiated get triples, N-Quads and TriG the names of graphs.

    Raises:
        HttpError: nothing is known about it (404), or another resource has replaced it (410).

    """
    iri = iri_of(path)
    quads = resource.statements(store(), iri, origin())
    if not iri.startswith(ONTOLOGY):
        _check_replaced(iri, quads)
    if not quads:
        raise _unknown(iri)
    kind = FORMATS[format_name]
    return pieces(Head(kind.media_type, (*_links(iri, quads), *_last_modified(quads))), resource.written(quads, kind))


def page(path: str, parameters: Parameters) -> Pieces:
    """Write the page at a path for people.

    Args:
        path: without its first slash.
        parameters: of the address.

    Raises:
        HttpError: as `document` does.

    """
    if not isinstance(store(), OxigraphStore) and not citing.is_file(path):
        message = (
            "each page for people looks up hundreds of statements, which takes too long on the SPARQL server that has"
            " the data; the operator can export the graph from there, and serve that file with all pages"
        )
        raise HttpError(message, status=406, links=_instead(path, parameters))
    iri = iri_of(path)
    _check_replaced(iri, store().matches(NamedNode(iri)))
    written = routes.page(site(), path, parameters)
    if written is None:
        raise _unknown(iri)
    return pieces(Head(written.media_type, written.headers, written.status), [written.html])


def _instead(path: str, parameters: Parameters) -> dict[str, str]:
    """Return what there is without pages: address → what it is."""
    links = {"/questions?format=json": "the questions, as JSON", "/openapi.json": "how to ask them: OpenAPI"}
    if path.startswith("questions/") or (path == "sparql" and "query" in parameters):
        query = urlencode([*((name, text) for name, texts in parameters.items() for text in texts), ("format", "csv")])
        return {f"/{quote(path)}?{query}": "the rows, as CSV", **links}
    if not path or path in routes.ONLY_PAGES | {"questions", "sparql"}:
        return links
    return {f"/{quote(path)}{FORMATS['turtle'].suffixes[0]}": "the same, in Turtle", **links}


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
    others = resource.replacing(iri, quads)
    if others:
        known = labels(store(), others)
        names = ", ".join(f"{curie(other)} ({known[other]})" if other in known else curie(other) for other in others)
        links = {address: known.get(other, curie(other)) for other in others if (address := address_of(other))}
        raise HttpError(f"{curie(iri)} is replaced by {names}", status=410, links=links)


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
