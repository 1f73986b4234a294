"""One table of RDF formats for ``--format``, file suffixes and, later, ``Accept``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pyoxigraph import RdfFormat


class Format(NamedTuple):
    """An RDF syntax.

    Attributes:
        name: what ``--format`` takes.
        media_type: as registered with IANA.
        suffixes: of files, with the dot, the usual one first.
        oxigraph: the name of the ``pyoxigraph.RdfFormat`` constant.
        quads: whether it names graphs.

    """

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    oxigraph: str
    quads: bool = False

    def rdf_format(self) -> RdfFormat:
        """Give pyoxigraph's own object for this format."""
        import pyoxigraph

        found: RdfFormat = getattr(pyoxigraph.RdfFormat, self.oxigraph)
        return found


FORMATS = {
    one.name: one
    for one in (
        Format("turtle", "text/turtle", (".ttl",), "TURTLE"),
        Format("ntriples", "application/n-triples", (".nt",), "N_TRIPLES"),
        Format("nquads", "application/n-quads", (".nq",), "N_QUADS", quads=True),
        Format("trig", "application/trig", (".trig",), "TRIG", quads=True),
        Format("rdfxml", "application/rdf+xml", (".rdf", ".owl", ".xml"), "RDF_XML"),
        Format("jsonld", "application/ld+json", (".jsonld", ".json"), "JSON_LD", quads=True),
    )
}
"""Name → format."""

BY_SUFFIX = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}
"""Suffix with its dot, lower case → format."""
